//! Where a request goes on to when the answer is a redirect, and what of it goes along.

use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{Method, StatusCode};
use url::Url;

use crate::{Failure, Request};

/// What is sent to the place that a redirect names; none where the answer is no redirect.
///
/// To another host no header goes along but those that tell the form of the request, and no body: any of them may be a
/// credential of the host that was meant.
pub(crate) fn followed(
    request: &Request,
    status: StatusCode,
    location: Option<&str>,
) -> Result<Option<Request>, Failure> {
    let redirects = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    let Some(location) = location.filter(|_| redirects) else { return Ok(None) };
    let refuse = |why| Failure::Redirect { host: request.host().to_owned(), why };
    let url = request.url.join(location).map_err(|_| refuse("to what is no address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(refuse("to an address that is not of http or https"));
    }
    let mut next = Request { url, ..request.clone() };
    // RFC 9110 section 15.4: 303 always becomes a GET, and a POST with 301 or 302 does by custom.
    let becomes_get = status == StatusCode::SEE_OTHER
        || (request.method == Method::POST && matches!(status.as_u16(), 301 | 302));
    if becomes_get {
        next.method = Method::GET;
        next.body.clear();
        next.headers.remove(CONTENT_TYPE);
    }
    if !same_host(&request.url, &next.url) {
        if !next.body.is_empty() {
            return Err(refuse(
                "to another host, where the request's body does not go: name that host itself",
            ));
        }
        let kept = |name| request.headers.get(&name).cloned().map(|value| (name, value));
        next.headers = [ACCEPT, USER_AGENT].into_iter().filter_map(kept).collect();
    }
    Ok(Some(next))
}

/// Whether who is at `next` is who was at `first`: the same host and port, and no step from TLS to none. From a scheme's usual
/// port one may step up to TLS.
fn same_host(first: &Url, next: &Url) -> bool {
    let stepped_up = first.scheme() == "http"
        && next.scheme() == "https"
        && first.port_or_known_default() == Some(80)
        && next.port_or_known_default() == Some(443);
    let same_place =
        first.scheme() == next.scheme() && first.port_or_known_default() == next.port_or_known_default();
    first.host() == next.host() && (stepped_up || same_place)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn request(method: Method, url: &str, body: &'static str) -> Request {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("authorization", "Bearer x"), ("x-key", "k"), ("accept", "*/*"), ("content-type", "text/plain")]
        {
            headers.insert(name, value.parse().unwrap());
        }
        Request { method, url: url.parse().unwrap(), headers, body: body.into(), verify: true }
    }

    fn next(request: &Request, status: u16, location: &str) -> Result<Option<Request>, Failure> {
        followed(request, StatusCode::from_u16(status).unwrap(), Some(location))
    }

    #[test]
    fn credentials_stay_with_their_host() {
        let get = request(Method::GET, "https://one.example/a?b", "");
        let same = next(&get, 302, "/c").unwrap().unwrap();
        assert_eq!((same.url.as_str(), same.headers.len()), ("https://one.example/c", 4));
        for elsewhere in [
            "https://two.example/",
            "https://one.example:8443/",
            "http://one.example/",
            "//sub.one.example/x",
        ] {
            let other = next(&get, 302, elsewhere).unwrap().unwrap();
            assert_eq!(other.headers.keys().collect::<Vec<_>>(), ["accept"], "{elsewhere}");
        }
        let plain = request(Method::GET, "http://one.example/", "");
        assert_eq!(next(&plain, 301, "https://one.example/").unwrap().unwrap().headers.len(), 4);
    }

    #[test]
    fn bodies_go_along_where_the_status_says_so_and_never_to_another_host() {
        let post = request(Method::POST, "https://one.example/a", "secret");
        let get = next(&post, 303, "https://two.example/").unwrap().unwrap();
        assert_eq!((get.method, get.body.len()), (Method::GET, 0));
        assert_eq!(next(&post, 302, "/b").unwrap().unwrap().method, Method::GET);
        let again = next(&post, 307, "/b").unwrap().unwrap();
        assert_eq!((again.method, &again.body[..]), (Method::POST, &b"secret"[..]));
        let put = request(Method::PUT, "https://one.example/a", "secret");
        assert_eq!(next(&put, 302, "/b").unwrap().unwrap().method, Method::PUT);
        assert!(matches!(next(&post, 308, "https://two.example/"), Err(Failure::Redirect { .. })));
    }

    #[test]
    fn only_http_is_followed() {
        let get = request(Method::GET, "https://one.example/", "");
        for bad in ["file:///etc/passwd", "ftp://one.example/", "javascript:1", "http://[::1", "data:,x"] {
            assert!(matches!(next(&get, 302, bad), Err(Failure::Redirect { .. })), "{bad}");
        }
        assert!(next(&get, 200, "/x").unwrap().is_none());
        assert!(next(&get, 304, "/x").unwrap().is_none());
        assert!(followed(&get, StatusCode::FOUND, None).unwrap().is_none());
    }
}
