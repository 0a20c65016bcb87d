//! Both ends of HTTP/2 against each other, and against peers that break it, over loopback. Every wait
//! has a bound of its own.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gbaspec_case::case::Closing;
use gbaspec_case::element::Element;
use gbaspec_case::player::{Occurrence, Outgoing, Route};
use gbaspec_case::protocol::Protocol;
use gbaspec_roles::faults::Tamper;
use gbaspec_roles::{After, Input, Moment, Output, Role, Unanswered, Upstream};
use gbaspec_wire::http::Message;
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Http2Line;
use crate::host::{Host, Upstreams};
use crate::listen::{ANY_PORT, Arrival, Listeners, Reply};

/// Far more than anything on loopback takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// For what is meant to run into its deadline.
const SHORT: Duration = Duration::from_millis(50);

const REQUEST: &str =
    "POST /a?b HTTP/2\r\nhost: bsf.home1.net\r\ncontent-type: application/json\r\n\r\n{\"c\":1}";
const ANSWER: &str = "HTTP/2 200\r\ncontent-type: application/json\r\n\r\n{}";

fn outgoing(bytes: &str, route: Route) -> Outgoing {
    Outgoing {
        from: Element::Naf,
        to: Element::Bsf,
        protocol: Protocol::Http2,
        route,
        bytes: bytes.as_bytes().to_vec(),
        closing: Closing::Open,
    }
}

async fn sent(line: &mut Http2Line, bytes: &str) -> u32 {
    match line.send(outgoing(bytes, Route::Current), PATIENCE).await {
        Occurrence::Sent { connection, .. } => connection,
        other => panic!("{other:?}"),
    }
}

/// The text of the next answer and its number.
async fn received(line: &mut Http2Line) -> (u32, String) {
    match line.wait(PATIENCE).await {
        Occurrence::Received {
            connection,
            at: Element::Naf,
            bytes,
        } => (connection, String::from_utf8(bytes).expect("text")),
        other => panic!("{other:?}"),
    }
}

/// A line to a listener of the harness itself.
async fn line_and_door() -> (Http2Line, Listeners) {
    let mut door = Listeners::bind(&[], &BTreeMap::new(), Vec::new())
        .await
        .expect("nothing to bind");
    let opened = door.speak_http2_at(Element::Hss, ANY_PORT).await;
    opened.expect("a free port");
    let address = door.http2_addresses[&Element::Hss];
    (Http2Line::new(address.to_string()), door)
}

async fn arrived(door: &mut Listeners) -> (u32, String) {
    loop {
        match timeout(PATIENCE, door.next()).await.expect("in time") {
            Some(Arrival::Request {
                connection,
                at: Element::Hss,
                message,
            }) => {
                let text = String::from_utf8(message.to_bytes());
                return (connection, text.expect("text"));
            }
            Some(Arrival::Ended { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn reply(text: &str) -> Reply {
    Reply::Bytes(text.as_bytes().to_vec())
}

#[tokio::test]
async fn both_ends_carry_a_message_as_it_is() {
    let (mut line, mut door) = line_and_door().await;
    assert_eq!(sent(&mut line, REQUEST).await, 1);
    assert!(line.is_asking());
    let (number, request) = arrived(&mut door).await;
    assert_eq!((number, request.as_str()), (1, REQUEST));
    assert!(door.reply(number, reply(ANSWER)).await);
    assert_eq!(received(&mut line).await, (1, ANSWER.to_owned()));
    assert!(!line.is_asking());
}

#[rstest]
#[case::no_host("GET /a HTTP/2\r\n\r\n", "GET /a HTTP/2\r\nhost: {address}\r\n\r\n")]
#[case::fields_of_http_1(
    "POST / HTTP/2\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nX-Y: z\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "POST / HTTP/2\r\nhost: a\r\nx-y: z\r\n\r\nab"
)]
#[case::repeated(
    "GET / HTTP/2\r\nhost: a\r\nb: 1\r\nb: 2\r\n\r\n",
    "GET / HTTP/2\r\nhost: a\r\nb: 1\r\nb: 2\r\n\r\n"
)]
#[tokio::test]
async fn line_makes_a_request_fit(#[case] said: &str, #[case] heard: &str) {
    let (mut line, mut door) = line_and_door().await;
    sent(&mut line, said).await;
    let address = door.http2_addresses[&Element::Hss].to_string();
    let (_, request) = arrived(&mut door).await;
    assert_eq!(request, heard.replace("{address}", &address));
}

#[rstest]
#[case::version(
    "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
    "HTTP/2 404\r\ncontent-length: 1\r\n\r\nx"
)]
#[case::bare("HTTP/2 204\r\n\r\n", "HTTP/2 204\r\n\r\n")]
#[tokio::test]
async fn door_makes_an_answer_fit(#[case] said: &str, #[case] heard: &str) {
    let (mut line, mut door) = line_and_door().await;
    let number = sent(&mut line, REQUEST).await;
    arrived(&mut door).await;
    assert!(door.reply(number, reply(said)).await);
    assert_eq!(received(&mut line).await.1, heard);
}

#[tokio::test]
async fn several_exchanges_of_one_connection_are_told_apart() {
    let (mut line, mut door) = line_and_door().await;
    let paths = ["/1", "/2", "/3"];
    for path in paths {
        sent(&mut line, &format!("GET {path} HTTP/2\r\n\r\n")).await;
    }
    let mut asked = VecDeque::new();
    for _ in paths {
        let (number, text) = arrived(&mut door).await;
        let path = text.split(' ').nth(1).expect("a path").to_owned();
        asked.push_front((number, path));
    }
    let mut heard = BTreeMap::new();
    for (number, path) in asked {
        let text = format!("HTTP/2 200\r\n\r\n{path}");
        assert!(door.reply(number, reply(&text)).await);
        let (number, text) = received(&mut line).await;
        heard.insert(number, text);
    }
    let expected = [
        (1, "HTTP/2 200\r\n\r\n/1".to_owned()),
        (2, "HTTP/2 200\r\n\r\n/2".to_owned()),
        (3, "HTTP/2 200\r\n\r\n/3".to_owned()),
    ];
    assert_eq!(heard, BTreeMap::from(expected));
}

#[tokio::test]
async fn silence_ends_with_the_deadline() {
    let (mut line, mut door) = line_and_door().await;
    sent(&mut line, REQUEST).await;
    arrived(&mut door).await;
    let silence = line.wait(SHORT).await;
    assert_eq!(silence, Occurrence::TimedOut { after_millis: 50 });
}

#[tokio::test]
async fn play_begins_anew() {
    let (mut line, mut door) = line_and_door().await;
    sent(&mut line, REQUEST).await;
    arrived(&mut door).await;
    line.reset();
    assert!(!line.is_asking());
    let silence = line.wait(SHORT).await;
    assert_eq!(silence, Occurrence::TimedOut { after_millis: 50 });
}

#[tokio::test]
async fn refused_exchange_has_no_answer() {
    let (mut line, mut door) = line_and_door().await;
    let first = sent(&mut line, REQUEST).await;
    arrived(&mut door).await;
    assert!(door.reply(first, Reply::Close).await);
    assert_eq!(
        line.wait(PATIENCE).await,
        Occurrence::Closed { connection: 1 }
    );
    let second = sent(&mut line, REQUEST).await;
    assert_eq!(arrived(&mut door).await.0, second);
}

#[tokio::test]
async fn nobody_is_there() {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    drop(listener);
    let mut line = Http2Line::new(address.to_string());
    let told = line.send(outgoing(REQUEST, Route::New), PATIENCE).await;
    assert!(matches!(told, Occurrence::Unreachable { .. }), "{told:?}");
}

/// Only a request whose connection ended goes out again.
#[tokio::test]
async fn refused_exchange_of_a_kept_connection_is_not_repeated() {
    let (mut line, mut door) = line_and_door().await;
    let first = sent(&mut line, REQUEST).await;
    arrived(&mut door).await;
    assert!(door.reply(first, reply(ANSWER)).await);
    received(&mut line).await;
    let second = sent(&mut line, REQUEST).await;
    arrived(&mut door).await;
    assert!(door.reply(second, Reply::Close).await);
    assert_eq!(
        line.wait(PATIENCE).await,
        Occurrence::Closed { connection: 2 }
    );
}

/// A server that answers whatever comes with these octets, and then hangs up or stays silent.
async fn stranger(says: Vec<u8>, then: Then) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let task = tokio::spawn(async move {
        loop {
            let Ok((mut tcp, _)) = listener.accept().await else {
                return;
            };
            let mut heard = vec![0; 4096];
            drop(tcp.read(&mut heard).await);
            drop(tcp.write_all(&says).await);
            if then == Then::Lingers {
                std::future::pending::<()>().await;
            }
        }
    });
    (address, task)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    HangsUp,
    Lingers,
}

/// An empty SETTINGS frame.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
/// A GOAWAY frame: no stream was worked on, and the code.
fn go_away(code: u8) -> Vec<u8> {
    [
        SETTINGS,
        &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, code],
    ]
    .concat()
}
/// `RST_STREAM` of the first stream: `REFUSED_STREAM`.
fn reset() -> Vec<u8> {
    [SETTINGS, &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7]].concat()
}
/// HEADERS of a stream that was never opened.
fn other_stream() -> Vec<u8> {
    [SETTINGS, &[0, 0, 1, 1, 5, 0, 0, 0, 7, 0x88]].concat()
}

#[rstest]
#[case::hangs_up(Vec::new(), Then::HangsUp)]
#[case::hangs_up_politely(SETTINGS.to_vec(), Then::HangsUp)]
#[case::goes_away(go_away(0), Then::Lingers)]
#[case::goes_away_with_an_error(go_away(2), Then::Lingers)]
#[case::resets(reset(), Then::Lingers)]
#[tokio::test]
async fn server_that_leaves_is_told(#[case] says: Vec<u8>, #[case] then: Then) {
    let (address, task) = stranger(says, then).await;
    let mut line = Http2Line::new(address.to_string());
    sent(&mut line, REQUEST).await;
    assert_eq!(
        line.wait(PATIENCE).await,
        Occurrence::Closed { connection: 1 }
    );
    task.abort();
}

#[rstest]
#[case::older(
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec(),
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "an answer of HTTP/1 came instead of HTTP/2"
)]
#[case::text(b"220 mail.home1.net ESMTP\r\n".to_vec(), b"220 mail.home1.net ESMTP\r\n", "something else came instead of HTTP/2")]
#[case::alert(vec![21, 3, 3, 0, 2, 2, 70], &[21, 3, 3, 0, 2, 2, 70], "something else came instead of HTTP/2")]
#[case::other_stream(other_stream(), b"", "the rules of HTTP/2 are broken")]
#[tokio::test]
async fn server_that_speaks_otherwise_is_told(
    #[case] says: Vec<u8>,
    #[case] shown: &[u8],
    #[case] reason: &str,
) {
    let (address, task) = stranger(says, Then::HangsUp).await;
    let mut line = Http2Line::new(address.to_string());
    sent(&mut line, REQUEST).await;
    let told = line.wait(PATIENCE).await;
    let Occurrence::Unreadable {
        connection: 1,
        at: Element::Naf,
        bytes,
        why,
    } = told
    else {
        panic!("{told:?}");
    };
    assert_eq!(bytes, shown);
    assert!(why.starts_with(reason), "{why}");
    task.abort();
}

#[tokio::test]
async fn server_that_says_nothing_is_waited_for_till_the_deadline() {
    let (address, task) = stranger(Vec::new(), Then::Lingers).await;
    let mut line = Http2Line::new(address.to_string());
    sent(&mut line, REQUEST).await;
    let silence = line.wait(SHORT).await;
    assert_eq!(silence, Occurrence::TimedOut { after_millis: 50 });
    assert_eq!(
        line.control(SHORT).await,
        Occurrence::Control { answered: false }
    );
    task.abort();
}

/// A server may close a connection that it has answered on; the request goes out again.
#[tokio::test]
async fn closed_connection_is_opened_again_once() {
    // Status 200 as an indexed field, at the end of the stream and of the headers.
    let answer = [SETTINGS, &[0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88]].concat();
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let task = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut tcp, _) = listener.accept().await.expect("it is asked");
            let mut heard = vec![0; 4096];
            drop(tcp.read(&mut heard).await);
            drop(tcp.write_all(&answer).await);
            // The settings of the other end are confirmed, and then the second request comes.
            for _ in 0..2 {
                drop(tcp.read(&mut heard).await);
            }
        }
        std::future::pending::<()>().await;
    });
    let mut line = Http2Line::new(address.to_string());
    for number in [1, 2] {
        assert_eq!(sent(&mut line, "GET / HTTP/2\r\n\r\n").await, number);
        let answered = received(&mut line).await;
        assert_eq!(answered, (number, "HTTP/2 200\r\n\r\n".to_owned()));
    }
    task.abort();
}

#[tokio::test]
async fn body_without_measure_is_told() {
    let (mut line, mut door) = line_and_door().await;
    let long = "x".repeat(1024 * 1024 + 1);
    let number = sent(&mut line, "GET / HTTP/2\r\n\r\n").await;
    arrived(&mut door).await;
    let text = format!("HTTP/2 200\r\n\r\n{long}");
    assert!(door.reply(number, reply(&text)).await);
    let told = line.wait(PATIENCE).await;
    let Occurrence::Unreadable { bytes, why, .. } = told else {
        panic!("{told:?}");
    };
    assert_eq!(bytes, b"HTTP/2 200\r\n\r\n");
    assert_eq!(why, "the body is too long");

    sent(
        &mut line,
        &format!("POST / HTTP/2\r\nhost: a\r\n\r\n{long}"),
    )
    .await;
    let told = loop {
        match timeout(PATIENCE, door.next()).await.expect("in time") {
            Some(Arrival::Ended { .. }) => {}
            other => break other,
        }
    };
    let Some(Arrival::Unreadable { bytes, why, .. }) = told else {
        panic!("{told:?}");
    };
    assert_eq!(bytes, b"POST / HTTP/2\r\nhost: a\r\n\r\n");
    assert_eq!(why, "the body is too long");
    assert_eq!(
        line.wait(PATIENCE).await,
        Occurrence::Closed { connection: 2 }
    );
}

#[rstest]
// As much is read as the preface of HTTP/2 has octets.
#[case::older(b"GET /path HTTP/1.1\r\nHost")]
#[case::hello(&[22, 3, 1, 0, 5, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])]
#[tokio::test]
async fn door_tells_of_a_client_that_speaks_otherwise(#[case] says: &[u8]) {
    let (_, mut door) = line_and_door().await;
    let address = door.http2_addresses[&Element::Hss];
    let mut tcp = TcpStream::connect(address).await.expect("open");
    tcp.write_all(says).await.expect("written");
    let told = timeout(PATIENCE, door.next()).await.expect("in time");
    let Some(Arrival::Unreadable {
        connection: 1,
        at: Element::Hss,
        bytes,
        why,
    }) = told
    else {
        panic!("{told:?}");
    };
    assert_eq!(bytes, says);
    assert_eq!(why, "something else came instead of HTTP/2");
}

/// What a role behind which another server stands is told of that one.
#[rstest]
#[case::answers(
    Behind::Says(ANSWER),
    Ok("HTTP/2 200\r\ncontent-type: application/json\r\n\r\n{}")
)]
#[case::refuses(Behind::Refuses, Err(Unanswered::Broken))]
#[case::says_nothing(Behind::SaysNothing, Err(Unanswered::TooLate))]
#[case::nobody(Behind::Nobody, Err(Unanswered::Broken))]
#[tokio::test]
async fn role_is_told_what_came_of_a_forwarded_request(
    #[case] behind: Behind,
    #[case] expected: Result<&str, Unanswered>,
) {
    let (_, mut door) = line_and_door().await;
    let mut upstreams = Upstreams {
        patience: match behind {
            Behind::SaysNothing => SHORT,
            _ => PATIENCE,
        },
        ..Upstreams::default()
    };
    if !matches!(behind, Behind::Nobody) {
        let address = door.http2_addresses[&Element::Hss].to_string();
        upstreams.sbi.insert(Upstream::Hss, address);
    }
    let told = Told::default();
    let role = Box::new(Forwarding(Arc::clone(&told)));
    let host = Host::start_before(role, Tamper::default(), ANY_PORT, None, upstreams).await;
    let mut host = host.expect("a free port");
    host.serve_http2(ANY_PORT).await.expect("a free port");
    let address = host.http2_address.expect("it listens");
    let mut line = Http2Line::new(address.to_string());
    sent(&mut line, REQUEST).await;
    if !matches!(behind, Behind::Nobody) {
        let (number, request) = arrived(&mut door).await;
        assert_eq!(request, REQUEST);
        match behind {
            Behind::Says(text) => assert!(door.reply(number, reply(text)).await),
            Behind::Refuses => assert!(door.reply(number, Reply::Close).await),
            Behind::SaysNothing | Behind::Nobody => {}
        }
    }
    assert_eq!(received(&mut line).await.1, "HTTP/2 204\r\n\r\n");
    let told = told.lock().expect("nobody panics").take();
    assert_eq!(told, Some(expected.map(str::to_owned)));
}

#[tokio::test]
async fn role_answers_one_request_after_the_other() {
    let role = Box::new(Forwarding(Told::default()));
    let host = Host::start(role, Tamper::default(), ANY_PORT, None).await;
    let mut host = host.expect("a free port");
    host.serve_http2(ANY_PORT).await.expect("a free port");
    let address = host.http2_address.expect("it listens");
    let mut line = Http2Line::new(address.to_string());
    for number in [1, 2, 3] {
        sent(&mut line, REQUEST).await;
        let answered = received(&mut line).await;
        assert_eq!(answered, (number, "HTTP/2 204\r\n\r\n".to_owned()));
    }
    assert_eq!(
        line.control(PATIENCE).await,
        Occurrence::Control { answered: true }
    );
}

#[tokio::test]
async fn role_that_drops_a_request_refuses_it() {
    let role = Box::new(Dropping);
    let mut host = Host::start(role, Tamper::default(), ANY_PORT, None)
        .await
        .expect("a free port");
    host.serve_http2(ANY_PORT).await.expect("a free port");
    let address = host.http2_address.expect("it listens");
    let mut line = Http2Line::new(address.to_string());
    sent(&mut line, REQUEST).await;
    assert_eq!(
        line.wait(PATIENCE).await,
        Occurrence::Closed { connection: 1 }
    );
    assert_eq!(
        line.control(PATIENCE).await,
        Occurrence::Control { answered: false }
    );
}

#[derive(Clone, Copy)]
enum Behind {
    Says(&'static str),
    Refuses,
    SaysNothing,
    Nobody,
}

type Told = Arc<Mutex<Option<Result<String, Unanswered>>>>;

/// A role that asks another server about every request.
struct Forwarding(Told);

impl Role for Forwarding {
    fn handle(&mut self, _now: Moment, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Message {
                connection,
                message,
            } => vec![Output::Forward {
                connection,
                to: Upstream::Hss,
                message: message.clone(),
            }],
            Input::Forwarded { connection, answer } => {
                let text = |answer: &Message| String::from_utf8(answer.to_bytes()).expect("text");
                *self.0.lock().expect("nobody panics") = Some(answer.map(text));
                vec![Output::Respond {
                    connection,
                    message: Message::from_bytes(b"HTTP/2 204\r\n\r\n").expect("a message"),
                    after: After::Close,
                }]
            }
            _ => Vec::new(),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}

/// A role that answers nothing.
struct Dropping;

impl Role for Dropping {
    fn handle(&mut self, _now: Moment, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Message { connection, .. } => vec![Output::Drop { connection }],
            _ => Vec::new(),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}
