//! Templates of integrations: the first line is the data in JSON, the rest the template.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (data, template) = text.split_once('\n').unwrap_or(("{}", text));
    let data = serde_json::from_str(data).unwrap_or_default();
    mote_core::integrations::fuzz_template(template, &data);
});
