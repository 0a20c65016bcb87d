//! Several interfaces at once, over loopback. Every wait has a bound of its own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use gbaspec_case::case::Closing;
use gbaspec_roles::faults::Tamper;
use gbaspec_roles::{After, Input, Moment, Output, Role, Unanswered, Upstream};
use gbaspec_wire::http::Message;
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::*;
use crate::host::{Host, Upstreams};
use crate::listen::ANY_PORT;
use crate::stream::{Incoming, Stream, Way};

/// Far more than anything on loopback takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// For what is meant to run into its deadline.
const SHORT: Duration = Duration::from_millis(50);

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: as1.home1.net\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn way(address: SocketAddr) -> Way {
    Way {
        address: address.to_string(),
        connector: None,
    }
}

fn outgoing(from: Element, route: Route) -> Outgoing {
    Outgoing {
        from,
        to: Element::Proxy,
        protocol: Protocol::Http,
        route,
        bytes: REQUEST.to_vec(),
        closing: Closing::Open,
    }
}

/// A line as this element, to one listener of the harness itself.
async fn lines_and_listeners() -> (Server, Listeners) {
    let free = BTreeMap::new();
    let others = Listeners::bind(&[Element::Bsf, Element::Naf], &free, Vec::new()).await;
    let others = others.expect("free ports");
    let line = |speaker, element| {
        let key = LineKey {
            surroundings: Surroundings::Provisioned,
            speaker,
            protocol: Protocol::Http,
        };
        let link = ServerLink::new(way(others.addresses[&element]), None);
        (key, Line::Http(Box::new(link)))
    };
    let lines = BTreeMap::from([
        line(Element::Ue, Element::Bsf),
        line(Element::Naf, Element::Naf),
    ]);
    let behind = Listeners::bind(&[Element::As], &free, Vec::new()).await;
    (Server::new(lines, behind.expect("a free port")), others)
}

#[tokio::test]
async fn server_hears_on_each_line_and_at_each_listener() {
    let (mut server, mut others) = lines_and_listeners().await;
    server.reset(Transport::Tcp, Surroundings::Provisioned);
    let address = server.behind.addresses[&Element::As];
    let play = async {
        let mut seen = Vec::new();
        for (from, route) in [(Element::Ue, Route::Current), (Element::Naf, Route::New)] {
            let asked = server.send(outgoing(from, route), PATIENCE).await;
            let Occurrence::Sent { connection, .. } = asked else {
                panic!("{asked:?}");
            };
            seen.push((from, connection));
        }
        let mut stranger = Stream::connect(&way(address), PATIENCE)
            .await
            .expect("open");
        stranger.write(REQUEST).await.expect("written");
        let arrived = server.wait(PATIENCE).await;
        let Occurrence::Received { connection, at, .. } = arrived else {
            panic!("{arrived:?}");
        };
        seen.push((at, connection));
        let mut answer = outgoing(at, Route::Reply(connection));
        answer.bytes = ANSWER.to_vec();
        server.send(answer, PATIENCE).await;
        assert!(matches!(stranger.read().await, Incoming::Message(_)));
        for _ in 0..2 {
            let Some(Arrival::Request { connection, .. }) = others.next().await else {
                panic!("no request");
            };
            assert!(
                others
                    .reply(connection, Reply::Bytes(ANSWER.to_vec()))
                    .await
            );
            let answered = server.wait(PATIENCE).await;
            let Occurrence::Received { connection, at, .. } = answered else {
                panic!("{answered:?}");
            };
            seen.push((at, connection));
        }
        seen[3..].sort_unstable();
        assert_eq!(
            seen,
            [
                (Element::Ue, 1),
                (Element::Naf, 2),
                (Element::As, 3),
                (Element::Ue, 1),
                (Element::Naf, 2)
            ]
        );
        let silence = server.wait(SHORT).await;
        assert!(
            matches!(silence, Occurrence::TimedOut { .. }),
            "{silence:?}"
        );
        server.reset(Transport::Tcp, Surroundings::Provisioned);
        let again = server
            .send(outgoing(Element::Ue, Route::Current), PATIENCE)
            .await;
        assert!(
            matches!(again, Occurrence::Sent { connection: 1, .. }),
            "{again:?}"
        );
    };
    timeout(PATIENCE, play).await.expect("in time");
}

/// What a role behind which another server stands is told of that one.
#[rstest]
#[case::answers(
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    Ok(200)
)]
#[case::hangs_up("", Err(Unanswered::Broken))]
#[case::hangs_up_half_way(
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    Err(Unanswered::Broken)
)]
#[case::names_no_length(
    "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    Err(Unanswered::Broken)
)]
#[tokio::test]
async fn role_is_told_what_came_of_a_forwarded_request(
    #[case] said: &'static str,
    #[case] expected: Result<u16, Unanswered>,
) {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let behind = listener.local_addr().expect("it has an address");
    let told = forwarded(Some(behind.to_string()), async move {
        let (mut tcp, _) = listener.accept().await.expect("it is asked");
        let mut request = vec![0; 1024];
        let read = tcp.read(&mut request).await;
        assert!(read.expect("readable") > 0);
        tcp.write_all(said.as_bytes()).await.expect("written");
    });
    assert_eq!(told.await, expected);
}

#[tokio::test]
async fn role_is_told_that_nobody_is_there() {
    let told = forwarded(None, async {}).await;
    assert_eq!(told, Err(Unanswered::Broken));
}

#[tokio::test]
async fn role_is_told_that_an_answer_is_late() {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let behind = listener.local_addr().expect("it has an address");
    let told = forwarded(Some(behind.to_string()), async move {
        let open = listener.accept().await;
        std::future::pending::<()>().await;
        drop(open);
    });
    assert_eq!(told.await, Err(Unanswered::TooLate));
}

/// Asks a role that forwards everything, while the other server does this.
async fn forwarded(
    behind: Option<String>,
    other: impl Future<Output = ()>,
) -> Result<u16, Unanswered> {
    let told = Told::default();
    let upstreams = Upstreams {
        addresses: behind
            .into_iter()
            .map(|address| (Upstream::As, address))
            .collect(),
        patience: SHORT,
        ..Upstreams::default()
    };
    let role = Box::new(Forwarding(Arc::clone(&told)));
    let host = Host::start_before(role, Tamper::default(), ANY_PORT, None, upstreams).await;
    let host = host.expect("a free port");
    let asking = async {
        let mut stream = Stream::connect(&way(host.address.expect("it listens")), PATIENCE)
            .await
            .expect("open");
        stream.write(REQUEST).await.expect("written");
        assert!(matches!(stream.read().await, Incoming::Message(_)));
    };
    let both = async {
        tokio::select! {
            () = asking => {}
            () = async { other.await; std::future::pending().await } => {}
        }
    };
    timeout(PATIENCE, both).await.expect("in time");
    let told = told.lock().expect("nobody panics").take();
    told.expect("the role was told")
}

type Told = Arc<Mutex<Option<Result<u16, Unanswered>>>>;

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
                to: Upstream::As,
                message: message.clone(),
            }],
            Input::Forwarded { connection, answer } => {
                let told = answer.map(|answer| answer.status().expect("a status"));
                *self.0.lock().expect("nobody panics") = Some(told);
                vec![Output::Respond {
                    connection,
                    message: Message::from_bytes(ANSWER).expect("a message"),
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
