//! A file with a device ID a line.
#![no_main]

use mote_api::body::lines;
use mote_core::names::DeviceId;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(lines) = lines(bytes, "device ID") else { return };
    for line in lines {
        if let Some(id) = DeviceId::parse(&line) {
            assert_eq!(DeviceId::parse(id.as_str()).as_ref(), Some(&id), "what is kept is read again");
        }
    }
});
