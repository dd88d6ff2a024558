//! Where a request came from.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{Extensions, HeaderMap};

/// The other end of the connection; the listener puts it into each request's extensions. Behind the frame it is the caller:
/// the frame puts his address in the place of a trusted proxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

impl Peer {
    /// Puts the caller's address in its place: nothing is allocated for what few requests ask for.
    pub(super) fn replace(extensions: &mut Extensions, caller: Option<IpAddr>) {
        if let (Some(Self(peer)), Some(caller)) = (extensions.get_mut(), caller) {
            peer.set_ip(caller);
        }
    }
}

/// The caller's address, as the frame found it; none where a request came over no network. A handler takes it as an
/// argument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallerAddress(pub Option<IpAddr>);

impl CallerAddress {
    /// What the frame has found.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        Self(extensions.get().map(|Peer(peer)| peer.ip()))
    }
}

impl<S: Sync> FromRequestParts<S> for CallerAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// The caller's address: the other end of the connection, or, where that is a trusted proxy, the last hop in
/// `X-Forwarded-For` that is none.
pub fn client_ip(
    extensions: &Extensions,
    headers: &HeaderMap,
    trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let mut address = extensions.get::<Peer>()?.0.ip().to_canonical();
    if !trusted(address) {
        return Some(address);
    }
    let hops = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let hops: Vec<_> = hops.collect();
    for hop in hops.into_iter().rev() {
        if !trusted(address) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(before) => address = before.to_canonical(),
            Err(_) => break,
        }
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let mut extensions = Extensions::new();
        let mut headers = HeaderMap::new();
        let local = |address: IpAddr| address.is_loopback();
        assert_eq!(client_ip(&extensions, &headers, local), None);
        extensions.insert(Peer("127.0.0.1:1".parse().unwrap()));
        headers.insert("x-forwarded-for", "6.6.6.6, 203.0.113.7, 127.0.0.1".parse().unwrap());
        assert_eq!(client_ip(&extensions, &headers, local), Some("203.0.113.7".parse().unwrap()));
        assert_eq!(client_ip(&extensions, &headers, |_| false), Some("127.0.0.1".parse().unwrap()));
        assert_eq!(CallerAddress::of(&extensions), CallerAddress(Some("127.0.0.1".parse().unwrap())));
        let caller = client_ip(&extensions, &headers, local);
        Peer::replace(&mut extensions, caller);
        assert_eq!(CallerAddress::of(&extensions), CallerAddress(Some("203.0.113.7".parse().unwrap())));
        assert_eq!(CallerAddress::of(&Extensions::new()), CallerAddress(None));
    }
}
