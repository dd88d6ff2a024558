//! Values as clients in the field send them: numbers and booleans also as text, since forms have nothing else.

use mote_core::devices::MOST_IMPORTED;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

/// A boolean, also as `"true"`, `"false"`, `"1"`, `"0"`, 1 or 0.
pub fn bool<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    match Option::<Value>::deserialize(from)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(flag)),
        Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(Some(true)),
        Some(Value::Number(number)) if number.as_i64() == Some(0) => Ok(Some(false)),
        Some(Value::String(text)) if matches!(text.as_str(), "true" | "1") => Ok(Some(true)),
        Some(Value::String(text)) if matches!(text.as_str(), "false" | "0") => Ok(Some(false)),
        Some(_) => Err(D::Error::custom("expected true or false")),
    }
}

/// A whole number, also as text.
pub fn integer<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match Option::<Value>::deserialize(from)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) if number.is_i64() => Ok(number.as_i64()),
        Some(Value::String(text)) => {
            text.trim().parse().map(Some).map_err(|_| D::Error::custom("expected a whole number"))
        }
        Some(_) => Err(D::Error::custom("expected a whole number")),
    }
}

/// A whole number, also as text, or the express wish for none: `null`, `"null"` or empty text. To be used with
/// `#[serde(default)]`, so that a field that is left out says nothing.
pub fn integer_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<i64>>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(Some(None)),
        Value::String(text) if matches!(text.as_str(), "" | "null") => Ok(Some(None)),
        value => integer(value).map(Some).map_err(D::Error::custom),
    }
}

/// Text, also as a number (`otp`, `expires_in`).
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Option::<Value>::deserialize(from)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(D::Error::custom("expected text")),
    }
}

/// Text; anything else in JSON is taken as its own text, as event data that somebody sent as an object instead of a string.
pub fn any_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<Value>::deserialize(from)? {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(other) => Some(other.to_string()),
    })
}

/// A list of texts, also as one text, or several with commas between: one more than any endpoint takes at most.
pub fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    some_texts(from).map(Option::unwrap_or_default)
}

/// The same, where an empty list is something else than none.
pub fn some_texts<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    let expected = || D::Error::custom("expected a list of texts");
    let list: Result<Vec<String>, D::Error> = match Option::<Value>::deserialize(from)? {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => {
            let parts = text.split(',').filter(|one| !one.is_empty());
            Ok(parts.take(MOST_IMPORTED + 1).map(str::to_owned).collect())
        }
        Some(Value::Array(list)) => list
            .into_iter()
            .map(|one| if let Value::String(text) = one { Ok(text) } else { Err(expected()) })
            .collect(),
        // `groups[0]=…`, as some clients write lists in a query.
        Some(Value::Object(tree)) => tree
            .into_values()
            .map(|one| if let Value::String(text) = one { Ok(text) } else { Err(expected()) })
            .collect(),
        Some(_) => Err(expected()),
    };
    list.map(Some)
}
