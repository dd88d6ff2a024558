//! Settings of integrations: the first line is an event's data, and what a receiver answers; the rest the settings in JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (data, settings) = text.split_once('\n').unwrap_or(("", text));
    let Ok(settings) = serde_json::from_str(settings) else { return };
    mote_core::integrations::fuzz_integration(settings, data);
});
