//! Forms and queries: as a tree, and field by field, as the endpoints of OAuth read them.
#![no_main]

use mote_api::body::form::Pairs;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(pairs) = Pairs::parse(bytes) else { return };
    for name in
        ["token", "token_type_hint", "client_id", "client_secret", "grant_type", "code_verifier", "scope"]
    {
        let _ = pairs.get(name);
    }
    let _ = pairs.into_object();
});
