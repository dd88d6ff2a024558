//! Sending a request, and reading the answer.

use std::error::Error as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use url::Url;

use crate::connector::Connector;
use crate::redirect::followed;
use crate::{Failure, Guard, tls};

/// Redirects that are followed one after another at most.
pub const MOST_REDIRECTS: usize = 5;
/// How long a connection may wait for the next request.
const IDLE: Duration = Duration::from_secs(30);
/// Connections to one host that may wait.
const MOST_IDLE: usize = 8;
/// Bytes of an answer's head at most.
const LARGEST_HEAD: usize = 64 * 1024;

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Where to; `http` or `https`.
    pub url: Url,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; empty for none.
    pub body: Bytes,
    /// Whether the host must show a certificate that is to be trusted.
    pub verify: bool,
}

impl Request {
    /// The host, for messages.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, as far as it was read.
    pub body: Bytes,
    /// Whether there was more of it.
    pub cut: bool,
}

type HyperClient = Client<Connector, Full<Bytes>>;

/// Sends requests to the outside. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Outbound {
    guard: Guard,
    clients: Arc<Clients>,
}

/// Made when the first request is sent: most servers never send any, and roots of trust take room.
#[derive(Debug, Default)]
struct Clients {
    verifying: OnceLock<HyperClient>,
    /// Of its own, so that no connection to an unknown host serves a request that wants to know it.
    trusting: OnceLock<HyperClient>,
}

impl Outbound {
    /// With this guard.
    #[must_use]
    pub fn new(guard: Guard) -> Self {
        Self { guard, clients: Arc::default() }
    }

    fn client(&self, verify: bool) -> &HyperClient {
        let client = if verify { &self.clients.verifying } else { &self.clients.trusting };
        client.get_or_init(|| {
            let connector = Connector { guard: self.guard.clone(), tls: tls::connector(verify) };
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(MOST_IDLE)
                .http1_max_buf_size(LARGEST_HEAD)
                .build(connector)
        })
    }

    /// The guard.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a request and follows redirects, all within `time`; of the answer's body at most `most` bytes are read.
    pub async fn send(&self, request: Request, time: Duration, most: usize) -> Result<Answer, Failure> {
        let host = request.host().to_owned();
        tokio::time::timeout(time, self.follow(request, most))
            .await
            .unwrap_or_else(|_| Err(Failure::TimedOut { host, seconds: time.as_secs() }))
    }

    async fn follow(&self, mut request: Request, most: usize) -> Result<Answer, Failure> {
        for _ in 0..=MOST_REDIRECTS {
            let (head, body) = self.once(&request).await?.into_parts();
            let location = head.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            if let Some(next) = followed(&request, head.status, location)? {
                request = next;
                continue;
            }
            let (body, cut) = read(body, most).await.map_err(|error| broken(&request, &error.to_string()))?;
            return Ok(Answer { status: head.status, headers: head.headers, body, cut });
        }
        Err(Failure::TooManyRedirects { host: request.host().to_owned() })
    }

    async fn once(&self, request: &Request) -> Result<http::Response<Incoming>, Failure> {
        let mut built = http::Request::builder().method(&request.method).uri(without_user(&request.url));
        if let Some(headers) = built.headers_mut() {
            headers.extend(request.headers.clone());
        }
        let built = built
            .body(Full::new(request.body.clone()))
            .map_err(|_| broken(request, "the address is not one of HTTP"))?;
        self.client(request.verify).request(built).await.map_err(|error| explain(request, &error))
    }
}

/// The address as it is asked for: no fragment, and no name or password, which have no place in it.
fn without_user(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    // These fail for addresses without a host only, which cannot be asked anyway.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

fn broken(request: &Request, cause: &str) -> Failure {
    Failure::Broken { host: request.host().to_owned(), cause: cause.to_owned() }
}

/// The connector's own words where it was the connector, or else hyper's.
fn explain(request: &Request, error: &ClientError) -> Failure {
    let mut cause = error.source();
    let mut last = error.to_string();
    while let Some(inner) = cause {
        if let Some(failure) = inner.downcast_ref::<Failure>() {
            return failure.clone();
        }
        last = inner.to_string();
        cause = inner.source();
    }
    broken(request, &last)
}

/// At most `most` bytes of a body, and whether there were more.
async fn read(mut body: Incoming, most: usize) -> Result<(Bytes, bool), hyper::Error> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let room = most - whole.len();
        if data.len() > room {
            whole.extend_from_slice(&data[..room]);
            return Ok((whole.into(), true));
        }
        whole.extend_from_slice(&data);
    }
    Ok((whole.into(), false))
}
