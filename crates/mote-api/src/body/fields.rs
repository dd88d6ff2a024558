//! Fields as the type that an endpoint works with, and what is said of one that does not fit.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::ApiError;

/// Characters of a field's path that a refusal repeats at most.
const LONGEST_PATH: usize = 80;
/// Fields that are tried, one by one, whether it is they that do not fit.
const MOST_TRIED: usize = 32;
/// Values in all of them, within one another too: each is looked at as often.
const MOST_VALUES: usize = 256;

/// Reads fields that are called so (`what`). The refusal names the one that does not fit, and what was expected.
pub(super) fn read<T: DeserializeOwned>(what: &str, fields: &Map<String, Value>) -> Result<T, ApiError> {
    typed(what, fields).map_err(ApiError::bad_request)
}

/// The same with the refusal's words alone.
fn typed<T: DeserializeOwned>(what: &str, fields: &Map<String, Value>) -> Result<T, String> {
    serde_path_to_error::deserialize(fields).map_err(|error| {
        // With strings it would repeat the value, so it is cut before.
        let why = without_types(&without_values(&error.inner().to_string()));
        let path = match error.path().to_string() {
            // What is missing is named by the reason; and serde loses the way to what is flattened into something else.
            path if matches!(path.as_str(), "." | "?") => misfit::<T>(fields).cloned(),
            path => Some(path),
        };
        if let Some((name, _)) = why.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
            let within = error.path().to_string();
            let within =
                if matches!(within.as_str(), "." | "?") { String::new() } else { format!("{within}.") };
            let path: String = within.chars().chain(name.chars()).take(LONGEST_PATH).collect();
            return format!("The {what} {path} is needed");
        }
        match path {
            Some(path) => {
                let path: String = path.chars().take(LONGEST_PATH).collect();
                format!("The {what} {path} does not fit: {why}")
            }
            None => format!("A {what} does not fit: {why}"),
        }
    })
}

/// The field without which the others fit.
fn misfit<T: DeserializeOwned>(fields: &Map<String, Value>) -> Option<&String> {
    if fields.values().map(values_in).sum::<usize>() > MOST_VALUES {
        return None;
    }
    fields.keys().take(MOST_TRIED).find(|name| {
        let others = fields.iter().filter(|(other, _)| other != name);
        let others: Map<String, Value> = others.map(|(name, value)| (name.clone(), value.clone())).collect();
        T::deserialize(others).is_ok()
    })
}

fn values_in(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(values_in).sum(),
        Value::Object(fields) => fields.values().map(values_in).sum(),
        _ => 0,
    }
}

/// Serde names wrong values in quotes and backquotes: `invalid type: string "hunter2", expected a boolean`.
fn without_values(message: &str) -> String {
    match message.split_once('"') {
        Some((before, after)) => {
            let rest = after.rsplit_once('"').map_or("", |(_, rest)| rest);
            format!("{}{rest}", before.trim_end())
        }
        None => message.to_owned(),
    }
}

/// Serde names types of ours, `expected struct Fields`, which say nothing to others.
fn without_types(message: &str) -> String {
    match message.split_once("expected struct ") {
        Some((before, name)) => {
            let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
            format!("{before}expected an object{rest}")
        }
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[serde(rename = "number")]
        _number: Option<u8>,
        #[serde(rename = "flag")]
        _flag: Option<bool>,
    }

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[serde(rename = "name")]
        _name: String,
        #[serde(rename = "inner")]
        _nested: Option<Inner>,
        #[serde(flatten)]
        _flat: Inner,
    }

    fn refused(fields: &Value) -> String {
        typed::<Outer>("field", fields.as_object().unwrap()).unwrap_err()
    }

    #[test]
    fn the_field_is_named_wherever_it_stands() {
        let named = |fields, name| {
            let why = refused(&fields);
            assert!(why.starts_with(&format!("The field {name} does not fit: ")), "{why}");
        };
        named(json!({"name": 1}), "name");
        named(json!({"name": "", "number": 256}), "number");
        named(json!({"name": "", "inner": {"flag": "hunter2"}}), "inner.flag");
        assert_eq!(refused(&json!({"number": 1})), "The field name is needed");
        let text = refused(&json!({"name": "", "inner": "x"}));
        assert_eq!(text, "The field inner does not fit: invalid type: string, expected an object");
        let many = json!({"name": "", "number": 256, "others": vec![0; 1000]});
        assert!(refused(&many).contains("A field does not fit: "), "it is not looked for in so many");
        // Of several none alone is to blame.
        assert!(refused(&json!({"name": "", "number": 256, "flag": 1})).contains("A field does not fit: "));
    }

    #[test]
    fn messages_do_not_repeat_values() {
        let message = "invalid type: string \"hunter2\", expected a boolean";
        assert_eq!(without_values(message), "invalid type: string, expected a boolean");
    }
}
