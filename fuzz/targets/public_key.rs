//! Public keys of devices in PEM.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = mote_core::device_keys::DevicePublicKey::parse(text, None);
});
