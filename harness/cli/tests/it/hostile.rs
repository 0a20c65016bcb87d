//! Targets that mean harm: each run ends soon, with an exit code and reports that hold.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rstest::rstest;

use crate::process::{Gbaspec, Served, clock, json_file, profile};

/// No hostile target may hold a run for longer.
const MOST: Duration = Duration::from_secs(10);

/// What a target does instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Malice {
    ClosesAtOnce,
    ResetsAfterTheRequest,
    OneOctetASecond,
    EndlessHeaders,
    EndlessHeaderLine,
    NulOctets,
    TerminalEscapes,
    InvalidUtf8,
    ChunkedBomb,
    EndlessBody,
    NegativeLength,
    MarkupForReports,
}

/// From the first octet on, and after the sanity case of both subscribers has passed.
#[rstest]
fn ends_soon_and_well(
    #[values(
        Malice::ClosesAtOnce,
        Malice::ResetsAfterTheRequest,
        Malice::OneOctetASecond,
        Malice::EndlessHeaders,
        Malice::EndlessHeaderLine,
        Malice::NulOctets,
        Malice::TerminalEscapes,
        Malice::InvalidUtf8,
        Malice::ChunkedBomb,
        Malice::EndlessBody,
        Malice::NegativeLength,
        Malice::MarkupForReports
    )]
    malice: Malice,
    // The sanity case takes one connection a subscriber, and the second opinion one more.
    #[values(0, 3)] honest_connections: usize,
) {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let served = Served::new(&gbaspec, &["bsf"]);
    let address = hostile(malice, &served.address, honest_connections);
    gbaspec.write("target.yaml", &profile("bsf", &address.to_string()));
    let line = "run -t target.yaml -v --run-dir evidence --json run.json --junit run.xml";
    let ended = gbaspec.line(line);
    assert!(ended.took < MOST, "{malice:?}: {:?}", ended.took);
    assert!(
        matches!(ended.code, Some(1 | 3 | 6)),
        "{malice:?}: {ended:?}"
    );
    let is_plain = |octet: &u8| *octet == b'\n' || (b' '..=b'~').contains(octet);
    let odd = ended.raw.iter().find(|octet| !is_plain(octet));
    assert_eq!(odd, None, "{malice:?}: {}", ended.stdout);
    let run = json_file(&gbaspec.path("run.json"));
    assert_eq!(
        run["summary"]["exit_code"].as_i64(),
        ended.code.map(i64::from)
    );
    if honest_connections > 0 {
        assert_eq!(
            run["probes"][0]["result"], "sane",
            "{malice:?}: {}",
            ended.stdout
        );
        assert!(
            run["summary"]["ran"].as_u64() > Some(0),
            "{malice:?}: {}",
            ended.stdout
        );
    }
    json_file(&gbaspec.path("evidence/result.json"));
    let xml = std::fs::read_to_string(gbaspec.path("run.xml")).expect("the report is there");
    roxmltree::Document::parse(&xml).expect("the report is XML");
    gbaspec.line("recheck evidence").expect_code(0);
}

/// A server that passes its first connections on to a right one.
fn hostile(malice: Malice, honest: &str, honest_connections: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let honest = honest.to_owned();
    let seen = Arc::new(AtomicUsize::new(0));
    // The threads end with their connections, and all of them with this process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if seen.fetch_add(1, Ordering::Relaxed) < honest_connections {
                let Ok(server) = TcpStream::connect(&honest) else {
                    return;
                };
                pass_on(stream, server);
            } else {
                thread::spawn(move || harm(malice, stream));
            }
        }
    });
    address
}

fn pass_on(client: TcpStream, server: TcpStream) {
    let (Ok(mut to_server), Ok(mut to_client)) = (server.try_clone(), client.try_clone()) else {
        return;
    };
    let (mut client, mut server) = (client, server);
    thread::spawn(move || {
        drop(std::io::copy(&mut client, &mut to_server));
        drop(to_server.shutdown(std::net::Shutdown::Both));
    });
    thread::spawn(move || {
        drop(std::io::copy(&mut server, &mut to_client));
        drop(to_client.shutdown(std::net::Shutdown::Both));
    });
}

fn harm(malice: Malice, mut stream: TcpStream) {
    if malice == Malice::ClosesAtOnce {
        return;
    }
    let mut request = [0; 16 * 1024];
    // Whatever was asked, the answer is the same.
    while matches!(stream.read(&mut request), Ok(1..)) {
        if answer(malice, &mut stream).is_err() || malice == Malice::ResetsAfterTheRequest {
            return;
        }
    }
}

fn answer(malice: Malice, stream: &mut TcpStream) -> std::io::Result<()> {
    const HEAD: &[u8] = b"HTTP/1.1 401 Unauthorized\r\n";
    match malice {
        Malice::ClosesAtOnce | Malice::ResetsAfterTheRequest => Ok(()),
        Malice::OneOctetASecond => {
            for octet in HEAD {
                stream.write_all(&[*octet])?;
                thread::sleep(Duration::from_secs(1));
            }
            Ok(())
        }
        Malice::EndlessHeaders => {
            stream.write_all(HEAD)?;
            let fields = b"X-Padding: ".to_vec();
            let fields = [fields, vec![b'a'; 1000], b"\r\n".to_vec()].concat().repeat(100);
            for _ in 0..1000 {
                stream.write_all(&fields)?;
            }
            stream.write_all(b"\r\n")
        }
        Malice::EndlessHeaderLine => {
            stream.write_all(HEAD)?;
            stream.write_all(b"X-Padding: ")?;
            for _ in 0..1000 {
                stream.write_all(&vec![b'a'; 100_000])?;
            }
            stream.write_all(b"\r\n\r\n")
        }
        Malice::NulOctets => stream.write_all(
            b"HTTP/1.1 401 Un\0authorized\r\nWWW-Authenticate: Digest realm=\"\0\", nonce=\"\0\0\"\r\nContent-Length: 3\r\n\r\n\0\0\0",
        ),
        Malice::TerminalEscapes => stream.write_all(
            b"HTTP/1.1 401 \x1b[2J\x1b]0;owned\x07\r\nWWW-Authenticate: Digest realm=\"\x1b[31mred\x9b31m\", nonce=\"\x1b]52;c;aGk=\x07\", algorithm=\x1b[1m, qop=\"\x08\x08\"\r\nContent-Length: 4\r\n\r\n\x1b[2J",
        ),
        Malice::InvalidUtf8 => stream.write_all(
            b"HTTP/1.1 401 \xff\xfe\r\nWWW-Authenticate: Digest realm=\"\xc3\x28\xed\xa0\x80\", nonce=\"\xf8\x88\x80\x80\"\r\nContent-Length: 2\r\n\r\n\xc0\xaf",
        ),
        Malice::ChunkedBomb => {
            stream.write_all(HEAD)?;
            stream.write_all(b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFF\r\n")?;
            for _ in 0..1000 {
                stream.write_all(&vec![0; 100_000])?;
            }
            Ok(())
        }
        Malice::EndlessBody => {
            stream.write_all(HEAD)?;
            stream.write_all(b"Content-Length: 18446744073709551615\r\n\r\n")?;
            for _ in 0..1000 {
                stream.write_all(&vec![b'x'; 100_000])?;
            }
            Ok(())
        }
        Malice::NegativeLength => {
            stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: -1\r\n\r\n")
        }
        Malice::MarkupForReports => stream.write_all(
            b"HTTP/1.1 401 ]]><script>\r\nWWW-Authenticate: Digest realm=\"]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;\", nonce=\"\xe2\x80\xae<b>\"\r\nContent-Length: 0\r\n\r\n",
        ),
    }
}
