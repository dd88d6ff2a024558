//! Public keys of clients: in PEM, or as a JWK.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    mote_core::clients::fuzz_public_key(text);
});
