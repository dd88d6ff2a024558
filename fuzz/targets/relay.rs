//! What comes from other nodes: messages with events, a line each, and notices.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    mote_core::events::fuzz(text);
    mote_core::notices::fuzz(text);
});
