//! What a library says of itself, in its `library.properties`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    mote_core::libraries::fuzz_properties(text);
});
