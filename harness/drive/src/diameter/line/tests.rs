//! A line towards a server that is strict about its connections. Every wait has a bound.

use gbaspec_case::case::Closing;
use gbaspec_case::protocol::Protocol;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::super::base_request;
use super::*;

/// Far more than anything on loopback takes.
const LONG: Duration = Duration::from_secs(20);

fn identity(host: &str) -> DiameterIdentity {
    DiameterIdentity::asking(Element::Bsf, host).expect("a BSF asks")
}

async fn said(stream: &mut DiameterStream) -> Packet {
    match timeout(LONG, stream.read()).await.expect("in time") {
        Framed::Packet(_, packet) => packet,
        other => panic!("no message: {other:?}"),
    }
}

async fn accepted(listener: &TcpListener) -> DiameterStream {
    let (tcp, _) = timeout(LONG, listener.accept())
        .await
        .expect("in time")
        .expect("a connection");
    DiameterStream::new(tcp).expect("a stream")
}

/// Answers what is about the connection until another message comes.
async fn next_of_application(stream: &mut DiameterStream) -> Packet {
    loop {
        let packet = said(stream).await;
        let answer = identity("hss.home1.net").base_answer(&packet, stream.local());
        match answer {
            Some(answer) => stream.write(&answer.to_bytes()).await.expect("written"),
            None => return packet,
        }
    }
}

fn outgoing(route: Route) -> Outgoing {
    Outgoing {
        from: Element::Bsf,
        to: Element::Hss,
        protocol: Protocol::Diameter,
        route,
        bytes: Packet::request(303, dictionary::ZH).to_bytes(),
        closing: Closing::Open,
    }
}

async fn line_to<F>(serve: impl FnOnce(TcpListener) -> F) -> (DiameterLine, JoinHandle<()>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let served = tokio::spawn(serve(listener));
    let line = DiameterLine::new(Element::Bsf, identity("bsf.home1.net"), Way::plain(address));
    (line, served)
}

#[tokio::test]
async fn says_goodbye_and_waits_before_the_next_connection() {
    let (mut line, served) = line_to(async |listener: TcpListener| {
        let mut first = accepted(&listener).await;
        next_of_application(&mut first).await;
        let goodbye = said(&mut first).await;
        assert_eq!(goodbye.command, dictionary::DISCONNECT_PEER);
        let answer = identity("hss.home1.net").base_answer(&goodbye, first.local());
        let answer = answer.expect("an answer to a goodbye").to_bytes();
        first.write(&answer).await.expect("written");
        assert!(matches!(first.read().await, Framed::End));
        let early = timeout(Duration::ZERO, listener.accept()).await;
        assert!(early.is_err(), "there is a second connection");
        drop(first);
        let mut second = accepted(&listener).await;
        next_of_application(&mut second).await;
    })
    .await;
    line.send(outgoing(Route::New), LONG).await;
    line.send(outgoing(Route::New), LONG).await;
    timeout(LONG, served).await.expect("in time").expect("well");
}

#[tokio::test]
async fn answers_the_watchdogs_of_a_peer_before_the_first_request() {
    let (mut line, served) = line_to(async |listener: TcpListener| {
        let mut stream = accepted(&listener).await;
        let me = identity("hss.home1.net");
        let mut watchdogs = 0;
        loop {
            let packet = said(&mut stream).await;
            if let Some(answer) = me.base_answer(&packet, stream.local())
                && packet.is_request()
            {
                stream.write(&answer.to_bytes()).await.expect("written");
            }
            if packet.command == 303 {
                break;
            }
            let is_over = packet.command == dictionary::DEVICE_WATCHDOG && packet.is_request();
            if watchdogs < 3 && !is_over {
                watchdogs += 1;
                let request = base_request(dictionary::DEVICE_WATCHDOG).to_bytes();
                stream.write(&request).await.expect("written");
            }
        }
        assert_eq!(watchdogs, 3);
    })
    .await;
    line.send(outgoing(Route::New), LONG).await;
    timeout(LONG, served).await.expect("in time").expect("well");
}

#[tokio::test]
async fn shows_life_on_the_connection_that_there_is_and_keeps_an_early_answer() {
    let (mut line, served) = line_to(async |listener: TcpListener| {
        let mut stream = accepted(&listener).await;
        let request = next_of_application(&mut stream).await;
        stream
            .write(&request.answer().to_bytes())
            .await
            .expect("written");
        let watchdog = said(&mut stream).await;
        assert_eq!(watchdog.command, dictionary::DEVICE_WATCHDOG);
        let answer = identity("hss.home1.net").base_answer(&watchdog, stream.local());
        let answer = answer.expect("an answer to a watchdog").to_bytes();
        stream.write(&answer).await.expect("written");
    })
    .await;
    line.send(outgoing(Route::New), LONG).await;
    let alive = line.control(LONG).await;
    assert!(matches!(alive, Occurrence::Control { answered: true }));
    assert!(matches!(
        line.wait(LONG).await,
        Occurrence::Introduced { .. }
    ));
    assert!(matches!(line.wait(LONG).await, Occurrence::Received { .. }));
    timeout(LONG, served).await.expect("in time").expect("well");
}
