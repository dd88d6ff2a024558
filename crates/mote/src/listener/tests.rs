//! The door, from outside: over real sockets, with bounds short enough to be waited for.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::{Request, Response};
use mote_api::frame::Peer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::activity::Activity;
use super::connection::Connection;
use super::{Arriving, CutOff, Limits, Listener, Stage, Tls};

const SOON: Duration = Duration::from_millis(30);
const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: mote\r\n\r\n";
const LAST: &[u8] = b"GET / HTTP/1.1\r\nhost: mote\r\nconnection: close\r\n\r\n";

/// A listener that runs, and what makes it stop.
struct Door {
    address: SocketAddr,
    stop: mpsc::UnboundedSender<()>,
    served: JoinHandle<Result<(), CutOff>>,
}

impl Door {
    /// Answers with the caller's port; `/endless` without end, `/wait` once notified.
    async fn open(limits: Limits, tls: Option<Tls>) -> (Self, Arc<Notify>, Arc<Notify>) {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (stop, mut stopped) = mpsc::unbounded_channel();
        let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (arrivals, gone) = (Arc::clone(&arrived), Arc::clone(&go));
        let service = move |request: Request<Arriving>| {
            let (arrived, go) = (Arc::clone(&arrivals), Arc::clone(&gone));
            async move {
                match request.uri().path() {
                    "/endless" => {
                        let piece = Bytes::from(vec![b'x'; 64 * 1024]);
                        Response::new(Body::from_stream(futures_util::stream::repeat_with(move || {
                            Ok::<_, std::io::Error>(piece.clone())
                        })))
                    }
                    "/drops" => {
                        let pause = || tokio::time::sleep(SOON / 2);
                        let drops = futures_util::stream::unfold(0, move |sent| async move {
                            pause().await;
                            (sent < 20).then_some((Ok::<_, std::io::Error>("drop\n"), sent + 1))
                        });
                        Response::new(Body::from_stream(drops))
                    }
                    "/read" => {
                        let whole = axum::body::to_bytes(Body::new(request.into_body()), 100).await;
                        Response::new(Body::from(format!("read {}", whole.map_or(0, |whole| whole.len()))))
                    }
                    "/wait" => {
                        arrived.notify_one();
                        go.notified().await;
                        Response::new(Body::from("waited"))
                    }
                    _ => {
                        let Peer(peer) = request.extensions().get().unwrap();
                        Response::new(Body::from(peer.port().to_string()))
                    }
                }
            }
        };
        let listener = Listener::new(socket, tls, limits);
        let stops = futures_util::stream::poll_fn(move |cx| stopped.poll_recv(cx));
        let served = tokio::spawn(listener.serve(service, stops));
        (Self { address, stop, served }, arrived, go)
    }

    async fn call(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Sends bytes, and reads until the other end closes; a connection that is reset counts as closed.
async fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> String {
    stream.write_all(bytes).await.unwrap();
    rest(stream).await
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_connection_carries_many_requests_of_one_caller() {
    let (door, ..) = Door::open(Limits::default(), None).await;
    let mut stream = door.call().await;
    let port = stream.local_addr().unwrap().port().to_string();
    let answers = exchange(&mut stream, &[GET, GET, LAST].concat()).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
    assert_eq!(answers.matches(&format!("\r\n\r\n{port}")).count(), 3, "{answers}");
}

#[tokio::test]
async fn slow_heads_and_idle_callers_are_cut() {
    let (door, ..) = Door::open(Limits { head: SOON, ..Limits::default() }, None).await;
    for head in [&b""[..], b"GET / HT"] {
        assert_eq!(exchange(&mut door.call().await, head).await, "");
    }
    let (door, ..) = Door::open(Limits { idle: SOON, head: SOON, ..Limits::default() }, None).await;
    assert!(exchange(&mut door.call().await, GET).await.starts_with("HTTP/1.1 200 OK"));
    // A head that begins after a quiet time has its own time.
    let (door, ..) = Door::open(Limits { head: SOON, ..Limits::default() }, None).await;
    let mut stream = door.call().await;
    stream.write_all(GET).await.unwrap();
    stream.read_exact(&mut [0; 15]).await.unwrap();
    assert!(!exchange(&mut stream, b"GET /").await.contains("HTTP/1.1"));
}

#[tokio::test]
async fn heads_have_bounds() {
    let (door, ..) = Door::open(Limits::default(), None).await;
    let long = format!("GET / HTTP/1.1\r\nhost: mote\r\nx: {}\r\n\r\n", "x".repeat(200_000));
    let many = format!("GET / HTTP/1.1\r\nhost: mote\r\n{}\r\n", "x: y\r\n".repeat(101));
    let target = format!("GET /{} HTTP/1.1\r\nhost: mote\r\n\r\n", "x".repeat(66_000));
    for (head, status) in [(long, "431"), (many, "431"), (target, "414"), ("NONSENSE\r\n\r\n".into(), "400")]
    {
        let mut stream = door.call().await;
        // It may be refused before all of it is written.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"), "{} bytes", head.len());
    }
}

#[tokio::test]
async fn a_caller_who_takes_nothing_gives_up_its_place() {
    let limits = Limits { connections: 1, stalled: SOON, head: SOON, ..Limits::default() };
    let (door, ..) = Door::open(limits, None).await;
    let mut greedy = door.call().await;
    greedy.write_all(b"GET /endless HTTP/1.1\r\nhost: mote\r\n\r\n").await.unwrap();
    // There is one place: this one is served when the first is cut.
    assert!(exchange(&mut door.call().await, LAST).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn whoever_says_nothing_makes_room() {
    let limits = Limits { connections: 4, ..Limits::default() };
    let (door, arrived, go) = Door::open(limits, None).await;
    let mut running = door.call().await;
    running.write_all(b"GET /wait HTTP/1.1\r\nhost: mote\r\n\r\n").await.unwrap();
    arrived.notified().await;
    // One says nothing, one has been answered, one has begun to say something: each may for a while, and none for ever.
    let (mut silent, mut idle, mut slow) = (door.call().await, door.call().await, door.call().await);
    idle.write_all(GET).await.unwrap();
    idle.read_exact(&mut [0; 15]).await.unwrap();
    slow.write_all(b"GET / HT").await.unwrap();
    let began = std::time::Instant::now();
    let mut kept = Vec::new();
    for _ in 0..3 {
        let mut next = door.call().await;
        next.write_all(GET).await.unwrap();
        let mut answer = [0; 15];
        next.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        kept.push(next);
    }
    assert!(began.elapsed() < Limits::default().head, "the time of a head had to be waited for");
    for mut gone in [silent.split().0, idle.split().0, slow.split().0] {
        let mut rest = Vec::new();
        let _ = gone.read_to_end(&mut rest).await;
    }
    go.notify_one();
    running.shutdown().await.unwrap();
    assert!(rest(&mut running).await.ends_with("waited"), "whoever is at work is let be");
}

#[tokio::test]
async fn a_body_that_does_not_come_makes_room() {
    let (door, ..) = Door::open(Limits { connections: 1, ..Limits::default() }, None).await;
    let mut slow = door.call().await;
    slow.write_all(b"POST /read HTTP/1.1\r\nhost: mote\r\ncontent-length: 10\r\n\r\nx").await.unwrap();
    assert!(exchange(&mut door.call().await, LAST).await.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(rest(&mut slow).await, "");
    // A body that comes in pieces is read to its end where nobody needs the place.
    let mut whole = door.call().await;
    for piece in
        [&b"POST /read HTTP/1.1\r\nhost: mote\r\nconnection: close\r\ncontent-length: 4\r\n\r\na"[..], b"bc"]
    {
        whole.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(exchange(&mut whole, b"d").await.ends_with("read 4"));
}

#[tokio::test]
async fn an_answer_that_comes_in_drops_may_take_its_time() {
    let limits = Limits { idle: SOON, stalled: SOON, head: SOON, ..Limits::default() };
    let (door, ..) = Door::open(limits, None).await;
    let answer = exchange(&mut door.call().await, b"GET /drops HTTP/1.1\r\nhost: mote\r\n\r\n").await;
    assert_eq!(answer.matches("drop\n").count(), 20, "{answer}");
}

#[tokio::test]
async fn a_running_request_is_finished_and_an_idle_caller_let_go() {
    let (door, arrived, go) = Door::open(Limits::default(), None).await;
    let (mut idle, mut running) = (door.call().await, door.call().await);
    idle.write_all(GET).await.unwrap();
    idle.read_exact(&mut [0; 15]).await.unwrap();
    running.write_all(b"GET /wait HTTP/1.1\r\nhost: mote\r\n\r\n").await.unwrap();
    arrived.notified().await;
    door.stop.send(()).unwrap();
    rest(&mut idle).await;
    assert!(TcpStream::connect(door.address).await.is_err());
    go.notify_one();
    assert!(rest(&mut running).await.ends_with("waited"));
    door.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_does_not_finish_is_cut_off() {
    let (door, arrived, _go) = Door::open(Limits { farewell: SOON, ..Limits::default() }, None).await;
    let mut running = door.call().await;
    running.write_all(b"GET /wait HTTP/1.1\r\nhost: mote\r\n\r\n").await.unwrap();
    arrived.notified().await;
    door.stop.send(()).unwrap();
    door.served.await.unwrap().unwrap();
    assert_eq!(rest(&mut running).await, "");
}

#[tokio::test]
async fn who_is_told_to_stop_twice_waits_for_nobody() {
    let (door, arrived, _go) = Door::open(Limits::default(), None).await;
    let mut running = door.call().await;
    running.write_all(b"GET /wait HTTP/1.1\r\nhost: mote\r\n\r\n").await.unwrap();
    arrived.notified().await;
    door.stop.send(()).unwrap();
    door.stop.send(()).unwrap();
    let began = std::time::Instant::now();
    assert_eq!(door.served.await.unwrap(), Err(CutOff { connections: 1 }));
    assert!(began.elapsed() < Limits::default().farewell);
    assert_eq!(rest(&mut running).await, "");
}

/// A certificate for `mote.test`, its key, and both as files.
fn certificate(folder: &tempfile::TempDir) -> (CertificateDer<'static>, Tls) {
    let made = rcgen::generate_simple_self_signed(["mote.test".to_owned()]).unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (made.cert.der().clone(), Tls::load(&cert, &key).unwrap())
}

#[tokio::test]
async fn a_connection_that_waits_takes_little() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _caller = TcpStream::connect(socket.local_addr().unwrap()).await.unwrap();
    let (stream, peer) = socket.accept().await.unwrap();
    let (_, stage) = watch::channel(Stage::Serving);
    let connection = Connection { peer, activity: Activity::new(), limits: Limits::default(), stage };
    let served = connection.run(stream, None, |_| std::future::pending::<Response<Body>>());
    let size = size_of_val(&served);
    assert!(
        size <= 3 * 1024,
        "{size} bytes in each of thousands: what is rare belongs into a box of its own"
    );
}

#[tokio::test]
async fn the_same_by_https() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, tls) = certificate(&folder);
    let (door, ..) = Door::open(Limits { handshake: SOON * 20, ..Limits::default() }, Some(tls)).await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("mote.test").unwrap();
    let mut stream = connector.connect(name, door.call().await).await.unwrap();
    stream.write_all(LAST).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    // Whoever says nothing, or does not speak TLS, is let go.
    assert_eq!(rest(&mut door.call().await).await, "");
    let mut plain = door.call().await;
    plain.write_all(GET).await.unwrap();
    let mut alert = Vec::new();
    let _ = plain.read_to_end(&mut alert).await;
    assert!(!alert.starts_with(b"HTTP"));
}

#[test]
fn what_is_wrong_with_a_certificate_is_said_without_its_key() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    certificate(&one);
    certificate(&other);
    let (cert, key) = (one.path().join("cert.pem"), other.path().join("key.pem"));
    let refused = |cert: &Path, key: &Path| Tls::load(cert, key).unwrap_err().to_string();
    assert!(refused(&cert, &key).contains("do not work together"));
    assert!(refused(&key, &key).contains("--tls-cert: "));
    assert!(refused(&cert, &cert).contains("holds no private key in PEM"));
    assert!(refused(&cert, &one.path().join("absent")).contains("--tls-key: cannot read"));
    std::fs::write(&key, "-----BEGIN PRIVATE KEY-----\nhush hush\n-----END PRIVATE KEY-----\n").unwrap();
    assert!(!refused(&cert, &key).contains("hush"));
}
