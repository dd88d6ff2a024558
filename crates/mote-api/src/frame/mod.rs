//! What is around every handler: request IDs, limits, CORS, compression, metrics, and a net under panics.
//!
//! One piece of code instead of a stack of layers: each layer of the usual kind costs a box and a few clones per request,
//! and together more than the handler.

mod compress;
mod guard;
mod health;
mod metrics;
mod node_metrics;
mod pace;
mod peer;

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use mote_core::Clock;
use tower::Service;

use crate::body::form::Pairs;
use crate::{ApiError, body};
use guard::Guard;
use pace::Pace;

pub use guard::{Guess, Rates, turn_to_upload};
pub use health::health_routes;
pub use metrics::Metrics;
pub use peer::{CallerAddress, Peer, client_ip};

/// Bytes of a path with its query at most.
const LONGEST_URI: usize = 8 * 1024;
/// Bytes of a body that nobody reads, announced at most: the largest that an endpoint takes is a file of 10 MiB.
const LARGEST_BODY: u64 = 16 * 1024 * 1024;

/// Limits of the frame.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a request may take, body and all.
    pub time: Duration,
    /// Requests at work at a time; beyond, callers are told to come again.
    pub at_once: usize,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// How much one network address may ask.
    pub rates: Rates,
    /// What time it is there.
    pub clock: Clock,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(30),
            at_once: 4096,
            trusted_proxies: Vec::new(),
            rates: Rates::default(),
            clock: Clock::System,
        }
    }
}

/// A router in its frame. Clones share it.
#[derive(Clone, Debug)]
pub struct Frame {
    router: Router,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limits: Limits,
    /// Requests at work; one that waits for more of its body is none.
    at_work: Arc<AtomicUsize>,
    guard: Guard,
    metrics: Metrics,
}

/// Drawn once, so that the IDs of two runs differ.
static RUN: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    u32::try_from(random >> 32).unwrap_or(0)
});
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// An ID that no other request or fault of this or another run has: for the log, and for people to quote.
fn next_id() -> [u8; 17] {
    let mut id = [b'-'; 17];
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    write_hex(&mut id[..8], u64::from(*RUN));
    write_hex(&mut id[9..], number);
    id
}

fn write_hex(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 15) as usize];
        number >>= 4;
    }
}

/// The ID of a fault, as text: for the log, and for people to quote.
#[must_use]
pub fn fault_id() -> String {
    String::from_utf8_lossy(&next_id()).into_owned()
}

/// Counts a request in, and out again whatever becomes of it.
struct AtWork<'a>(&'a AtomicUsize);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Frame {
    /// Puts a router into its frame.
    #[must_use]
    pub fn new(router: Router, limits: Limits, metrics: Metrics) -> Self {
        let guard = Guard::new(limits.rates.clone(), limits.clock.clone());
        Self { router, shared: Arc::new(Shared { limits, at_work: Arc::default(), guard, metrics }) }
    }

    /// Answers a request.
    pub async fn answer<B>(&self, mut request: Request<B>) -> Response
    where
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let began = Instant::now();
        let id = next_id();
        // First of all, so that limits hold for an address in whichever way it is written.
        if let Some(tidied) = tidy(request.uri()) {
            *request.uri_mut() = tidied;
        }
        let area = metrics::Area::of(request.uri().path());
        let method = request.method().clone();
        let address = self.address(&request);
        let caller = self.shared.guard.caller(address);
        let admitted =
            caller.map_or(Ok(()), |caller| self.shared.guard.admit(caller, &method, request.uri().path()));
        let accepts_gzip = compress::is_accepted(request.headers());
        let at_work = self.shared.at_work.fetch_add(1, Ordering::Relaxed);
        let _at_work = AtWork(&self.shared.at_work);
        let mut response = if let Err(refusal) = admitted {
            self.shared.metrics.count_refusal(refusal.limit);
            refusal.answer().into_response()
        } else if at_work >= self.shared.limits.at_once {
            overloaded().into_response()
        } else if method == Method::OPTIONS {
            preflight()
        } else {
            let mut request = request.map(Body::new);
            Peer::replace(request.extensions_mut(), address);
            self.route_at_its_pace(request).await
        };
        if let Some(caller) = caller {
            self.shared.guard.learn(caller, &response);
        }
        if accepts_gzip && compress::is_worth_it(&response) {
            response = Box::pin(compress::gzip(response)).await;
        }
        finish(response.headers_mut(), id);
        let took = began.elapsed();
        self.shared.metrics.count(area, response.status(), took);
        tracing::debug!(
            target: "mote::http",
            id = %String::from_utf8_lossy(&id), client = ?address, %method, area = area.name(), status = response.status().as_u16(), ?took, "answered"
        );
        response
    }

    /// Lets an address that was locked for its guesses guess again; whether it was locked.
    #[must_use]
    pub fn unlock(&self, address: IpAddr) -> bool {
        self.shared.guard.unlock(address)
    }

    /// The caller's address; none in a request that came over no network.
    fn address<B>(&self, request: &Request<B>) -> Option<IpAddr> {
        let trusted =
            |address| self.shared.limits.trusted_proxies.iter().any(|network| network.contains(&address));
        client_ip(request.extensions(), request.headers(), trusted)
    }

    /// The router's answer, unless the body was given up.
    async fn route_at_its_pace(&self, request: Request<Body>) -> Response {
        if http_body::Body::is_end_stream(request.body()) {
            return self.route(request).await;
        }
        let (parts, body) = request.into_parts();
        let (body, pace) = Pace::of(body, &self.shared.at_work);
        // Elsewhere than in what a connection keeps for all its life.
        let answer = Box::pin(self.route(Request::from_parts(parts, body))).await;
        pace.refusal().map_or(answer, IntoResponse::into_response)
    }

    /// The router's answer, in time, or what is said instead.
    async fn route(&self, request: Request<Body>) -> Response {
        let mut router = self.router.clone();
        let of_client = is_asked_by_clients(request.uri().path());
        let mut handled = pin!(async move {
            match admit(request).await {
                Ok(request) => match router.call(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                },
                Err(refusal) if of_client => refusal.for_token_endpoint().into_response(),
                Err(refusal) => refusal.into_response(),
            }
        });
        let mut guarded = pin!(std::future::poll_fn(|context| {
            match catch_unwind(AssertUnwindSafe(|| handled.as_mut().poll(context))) {
                Ok(poll) => poll,
                // What a panic says is in the log by the panic's own hook, beside the fault's ID.
                Err(_) => Poll::Ready(ApiError::fault(&"a handler panicked").into_response()),
            }
        }));
        // Most requests are answered at the first poll, and need no timer.
        let first = std::future::poll_fn(|context| Poll::Ready(guarded.as_mut().poll(context))).await;
        match first {
            Poll::Ready(response) => response,
            Poll::Pending => match tokio::time::timeout(self.shared.limits.time, guarded).await {
                Ok(response) => response,
                Err(_) => too_slow().into_response(),
            },
        }
    }
}

/// The endpoints of OAuth that clients ask: whatever is wrong with a request is told there in the form of RFC 6749 section 5.2
/// (RFC 7009 section 2.2.1, RFC 7662 section 2.3).
fn is_asked_by_clients(path: &str) -> bool {
    matches!(path, "/oauth/token" | "/oauth/introspect" | "/oauth/revoke")
}

/// Looks at a request before it is routed: bounds, and the form that may hold a token.
async fn admit(mut request: Request<Body>) -> Result<Request<Body>, ApiError> {
    let uri = request.uri();
    let length = uri.path_and_query().map_or(0, |all| all.as_str().len());
    if length > LONGEST_URI {
        let text = format_args!("The address is too long: {LONGEST_URI} bytes at most");
        return Err(ApiError::new(StatusCode::URI_TOO_LONG, "uri_too_long", text));
    }
    if uri.path().contains("%00") {
        let text = "There is nothing at this address: none has a NUL character in it";
        return Err(ApiError::new(StatusCode::NOT_FOUND, "not_found", text));
    }
    if request.headers().get(header::CONTENT_LENGTH).is_some_and(|value| {
        value
            .to_str()
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
            .is_none_or(|length| length > LARGEST_BODY)
    }) {
        let text = format_args!("The body is too large: {LARGEST_BODY} bytes at most");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", text));
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(request);
    }
    if body::media_type(request.headers()).as_deref() == Some("application/x-www-form-urlencoded") {
        let (mut parts, whole) = request.into_parts();
        let whole = body::read(whole, body::MOST_BYTES).await?;
        if whole.trim_ascii_start().starts_with(b"{") {
            // `curl --data @definition.json`, as the contract's examples have it: curl calls all that it sends a form.
            parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            return Ok(Request::from_parts(parts, Body::from(whole)));
        }
        request = Request::from_parts(parts, Body::empty());
        request.extensions_mut().insert(Pairs::parse(&whole)?);
    }
    Ok(request)
}

/// The address without what old clients put into it: `//v1/…`, a slash at the end, and `/user` for `/v1/user`.
fn tidy(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let doubled = path.starts_with("//");
    // The end of an event's prefix is what the caller means.
    let is_prefix = path.split_once("/events/").is_some_and(|(_, prefix)| !prefix.is_empty());
    let trailing = path.len() > 1 && path.ends_with('/') && !is_prefix;
    let unversioned = path == "/user" || path.starts_with("/user/");
    if !(doubled || trailing || unversioned) || path.starts_with("/docs") {
        return None;
    }
    let inner = if is_prefix { path.trim_start_matches('/') } else { path.trim_matches('/') };
    let prefix = if unversioned { "/v1/" } else { "/" };
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    format!("{prefix}{inner}{query}").parse().ok()
}

/// What every answer carries.
fn finish(headers: &mut HeaderMap, id: [u8; 17]) {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    if let Ok(id) = HeaderValue::from_bytes(&id) {
        headers.insert(REQUEST_ID, id);
    }
    // Pages say what may be loaded with them; they are no business of scripts elsewhere.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, const { HeaderValue::from_static("*") });
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, const { HeaderValue::from_static("nosniff") });
    // An answer to one caller is no business of a cache between.
    headers.entry(header::CACHE_CONTROL).or_insert(const { HeaderValue::from_static("private, no-cache") });
}

/// The answer to a browser that asks what it may send (Fetch standard, CORS preflight). Tokens travel in a header that the
/// page itself sets, never in cookies, so any page may.
fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, accept, x-particle-tool, x-particle-project",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

fn overloaded() -> ApiError {
    let text = "The server is busy; try again in a few seconds";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", text)
        .with_header(header::RETRY_AFTER, "2")
}

fn too_slow() -> ApiError {
    let text =
        "The request took too long and was given up; what it was to change may or may not have been changed";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "timed_out", text).with_header(header::RETRY_AFTER, "2")
}

/// Tidies an address, and reads what a head says of the answer that is wanted: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(uri: &Uri, headers: &HeaderMap) {
    if let Some(tidied) = tidy(uri) {
        assert!(!tidied.path().starts_with("//") && tidied.query() == uri.query(), "{uri} became {tidied}");
    }
    let _ = (compress::is_accepted(headers), crate::csv::is_preferred(headers));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_old_clients_are_understood() {
        let tidied = |uri: &str| tidy(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(tidied("/v1/webhooks/").as_deref(), Some("/v1/webhooks"));
        assert_eq!(tidied("//v1/user?a=1").as_deref(), Some("/v1/user?a=1"));
        assert_eq!(tidied("/user/password-reset").as_deref(), Some("/v1/user/password-reset"));
        assert_eq!(tidied("/v1/devices/events/").as_deref(), Some("/v1/devices/events"));
        assert_eq!(tidied("//v1/events/hook-sent/").as_deref(), Some("/v1/events/hook-sent/"));
        for whole in ["/v1/devices", "/v1/events/hook-sent/", "/v1/events/hook-sent"] {
            assert_eq!(tidied(whole), None);
        }
        assert_eq!(tidied("/"), None);
    }

    #[test]
    fn what_a_connection_keeps_of_an_answer_is_small() {
        let frame = Frame::new(Router::new(), Limits::default(), Metrics::default());
        // As long as the connection lives, the place of the last answer's future is kept for the next.
        let size = size_of_val(&frame.answer(Request::new(Body::empty())));
        assert!(size <= 4096, "{size} bytes: what is rare belongs into a box of its own");
    }

    #[test]
    fn ids_are_seventeen_characters_and_differ() {
        let (one, other) = (fault_id(), fault_id());
        assert_eq!((one.len(), one.as_bytes()[8]), (17, b'-'));
        assert_ne!(one, other);
    }
}
