//! What is around every handler: request IDs, limits, CORS, compression, metrics, and a net under panics.
//!
//! One piece of code instead of a stack of layers: each layer of the usual kind costs a box and a few clones per request,
//! and together more than the handler.

mod answers;
mod asker;
mod compress;
mod guard;
mod health;
mod limits;
mod metrics;
mod node_metrics;
mod pace;
mod peer;
mod request_id;
mod tidy;

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Method, Request, StatusCode, header};
use tower::Service;

use crate::body::form::Pairs;
use crate::body::{Begun, LargeForm};
use crate::{ApiError, body};
use answers::{finish, overloaded, preflight, too_slow};
use asker::{Asker, is_asked_by_clients};
use guard::Guard;
use pace::Pace;
use request_id::next_id;
use tidy::tidy;

pub use asker::Pages;
pub use guard::{Guess, Rates, turn_to_upload};
pub use health::health_routes;
pub use limits::Limits;
pub use metrics::Metrics;
pub use peer::{CallerAddress, Peer, client_ip};
pub use request_id::fault_id;

/// Bytes of a path with its query at most.
const LONGEST_URI: usize = 8 * 1024;
/// Bytes of a body that nobody reads, announced at most: the largest that an endpoint takes is a file of 10 MiB.
const LARGEST_BODY: u64 = 16 * 1024 * 1024;

/// A router in its frame. Clones share it.
#[derive(Clone, Debug)]
pub struct Frame {
    router: Router,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limits: Limits,
    pages: Option<Pages>,
    /// Requests at work; one that waits for more of its body is none.
    at_work: Arc<AtomicUsize>,
    guard: Guard,
    metrics: Metrics,
}

/// Counts a request in, and out again whatever becomes of it.
struct AtWork<'a>(&'a AtomicUsize);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Frame {
    /// Puts a router into its frame. Where it has pages for people, these say what shows them a refusal.
    #[must_use]
    pub fn new(router: Router, pages: Option<Pages>, limits: Limits, metrics: Metrics) -> Self {
        let guard = Guard::new(limits.rates.clone(), limits.clock.clone());
        Self { router, shared: Arc::new(Shared { limits, pages, at_work: Arc::default(), guard, metrics }) }
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
        let asker = Asker::of(request.uri().path(), request.headers(), self.shared.pages);
        let to_script = request.headers().contains_key(header::ORIGIN);
        let accepts_gzip = compress::is_accepted(request.headers());
        let at_work = self.shared.at_work.fetch_add(1, Ordering::Relaxed);
        let _at_work = AtWork(&self.shared.at_work);
        let mut response = if let Err(refusal) = admitted {
            self.shared.metrics.count_refusal(refusal.limit);
            asker.tell(refusal.answer())
        } else if at_work >= self.shared.limits.at_once {
            asker.tell(overloaded())
        } else if method == Method::OPTIONS {
            preflight()
        } else {
            let mut request = request.map(Body::new);
            Peer::replace(request.extensions_mut(), address);
            self.route_at_its_pace(request, asker).await
        };
        if let Some(caller) = caller {
            self.shared.guard.learn(caller, &response);
        }
        if compress::is_worth_it(&response) {
            response = Box::pin(compress::answer(response, accepts_gzip)).await;
        }
        finish(response.headers_mut(), id, to_script);
        let took = began.elapsed();
        self.shared.metrics.count(area, response.status(), took);
        tracing::debug!(
            target: "mote::http",
            id = %String::from_utf8_lossy(&id), client = address.map(tracing::field::display), %method, area = area.name(), status = response.status().as_u16(), ?took, "answered"
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
    async fn route_at_its_pace(&self, request: Request<Body>, asker: Asker) -> Response {
        if http_body::Body::is_end_stream(request.body()) {
            return self.route(request, asker).await;
        }
        let (parts, body) = request.into_parts();
        let (body, pace) = Pace::of(body, &self.shared.at_work);
        // Elsewhere than in what a connection keeps for all its life.
        let answer = Box::pin(self.route(Request::from_parts(parts, body), asker)).await;
        pace.refusal().map_or(answer, |refusal| asker.tell(refusal))
    }

    /// The router's answer, in time, or what is said instead.
    async fn route(&self, mut request: Request<Body>, asker: Asker) -> Response {
        let mut router = self.router.clone();
        let mut handled = pin!(async move {
            match admit(&mut request).await {
                Ok(()) => match router.call(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                },
                Err(refusal) => asker.tell(refusal),
            }
        });
        let mut guarded = pin!(std::future::poll_fn(|context| {
            match catch_unwind(AssertUnwindSafe(|| handled.as_mut().poll(context))) {
                Ok(poll) => poll,
                // What a panic says is in the log by the panic's own hook, beside the fault's ID.
                Err(_) => Poll::Ready(asker.tell(ApiError::fault(&"a handler panicked"))),
            }
        }));
        // Most requests are answered at the first poll, and need no timer.
        let first = std::future::poll_fn(|context| Poll::Ready(guarded.as_mut().poll(context))).await;
        match first {
            Poll::Ready(response) => response,
            Poll::Pending => match tokio::time::timeout(self.shared.limits.time, guarded).await {
                Ok(response) => response,
                Err(_) => asker.tell(too_slow()),
            },
        }
    }
}

/// Looks at a request before it is routed: bounds, and the form that may hold a token.
async fn admit(request: &mut Request<Body>) -> Result<(), ApiError> {
    let uri = request.uri();
    let length = uri.path_and_query().map_or(0, |all| all.as_str().len());
    if length > LONGEST_URI {
        let text = format_args!("The address is too long: {LONGEST_URI} bytes at most");
        return Err(ApiError::new(StatusCode::URI_TOO_LONG, "uri_too_long", text));
    }
    // A search for one byte is cheap, and few paths have it.
    if uri.path().as_bytes().contains(&b'%') && uri.path().contains("%00") {
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
        return Ok(());
    }
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        // RFC 9110 section 15.5.16.
        let text = "A body is taken as it is: send it without Content-Encoding";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", text)
            .with_header(header::ACCEPT_ENCODING, "identity"));
    }
    if body::media_type(request.headers()).as_deref() == Some(body::FORM) {
        read_form(request).await?;
    }
    Ok(())
}

/// Reads a form, for the token that may be in it, and leaves its pairs with the request; its body, where it turns out to be JSON.
async fn read_form(request: &mut Request<Body>) -> Result<(), ApiError> {
    let whole = match body::begin(std::mem::take(request.body_mut())).await? {
        Begun::Whole(whole) => whole,
        Begun::Large(_) if is_asked_by_clients(request.uri().path()) => {
            return Err(body::too_large_for_client());
        }
        // Whoever reads it has to know first who sends it.
        Begun::Large(body) => {
            *request.body_mut() = body;
            request.extensions_mut().insert(LargeForm);
            return Ok(());
        }
    };
    if whole.trim_ascii_start().starts_with(b"{") {
        // `curl --data @definition.json`, as the contract's examples have it: curl calls all that it sends a form.
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Body::from(whole);
    } else {
        request.extensions_mut().insert(Pairs::parse(&whole)?);
    }
    Ok(())
}

/// Tidies an address, and reads what a head says of the answer that is wanted: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(uri: &http::Uri, headers: &http::HeaderMap) {
    if let Some(tidied) = tidy(uri) {
        assert!(!tidied.path().starts_with("//") && tidied.query() == uri.query(), "{uri} became {tidied}");
    }
    let _ = (compress::is_accepted(headers), crate::csv::is_preferred(headers));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_connection_keeps_of_an_answer_is_small() {
        let frame = Frame::new(Router::new(), None, Limits::default(), Metrics::default());
        // As long as the connection lives, the place of the last answer's future is kept for the next.
        let size = size_of_val(&frame.answer(Request::new(Body::empty())));
        assert!(size <= 4096, "{size} bytes: what is rare belongs into a box of its own");
    }
}
