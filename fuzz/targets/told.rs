//! What devices tell in the data of their events: vitals, and where they are.
#![no_main]

use mote_core::Moment;

libfuzzer_sys::fuzz_target!(|data: &str| {
    mote_core::diagnostics::fuzz(data);
    mote_core::locations::fuzz(data, Moment(1_592_486_570_123));
});
