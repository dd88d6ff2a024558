//! The header of HTTP Basic.
#![no_main]

use http::{HeaderMap, HeaderValue, header};
use mote_api::access::Basic;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
    if let Ok(Some(basic)) = Basic::of(&headers) {
        assert!(!basic.user.contains(':'));
    }
});
