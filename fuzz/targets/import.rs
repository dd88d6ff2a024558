//! Files that `mote export` wrote, or somebody else.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    mote_core::transfer::fuzz_import(bytes);
});
