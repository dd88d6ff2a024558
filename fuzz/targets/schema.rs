//! JSON Schemas of configurations: the first line is the values, the rest the schema.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (values, schema) = text.split_once('\n').unwrap_or(("{}", text));
    let Ok(schema) = serde_json::from_str(schema) else { return };
    let values = serde_json::from_str(values).unwrap_or_default();
    mote_core::configurations::fuzz(&schema, &values);
});
