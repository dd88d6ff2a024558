//! The address and the head of a request, a line each: where it came from, what answer it wants, its credentials.
#![no_main]

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use mote_api::access::Basic;
use mote_api::frame::Peer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let uri = lines.next().and_then(|line| http::Uri::try_from(line).ok()).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in lines.take(100) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) =
            (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(&line[colon + 1..]));
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    mote_api::frame::fuzz(&uri, &headers);
    let _ = mote_api::body::media_type(&headers);
    let _ = Basic::of(&headers);
    let peer = "127.0.0.1:1".parse().expect("it is an address");
    let mut extensions = Extensions::new();
    extensions.insert(Peer(peer));
    let found = mote_api::frame::client_ip(&extensions, &headers, |address| address.is_loopback());
    assert!(found.is_some());
    let nobody_is_believed = mote_api::frame::client_ip(&extensions, &headers, |_| false);
    assert_eq!(nobody_is_believed, Some(peer.ip()));
});
