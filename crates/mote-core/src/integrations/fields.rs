//! Reading the settings of an integration, field by field, from JSON or from what a form made of it.

use serde_json::{Map, Value};

use super::settings::LARGEST;
use super::template::text_of;
use crate::Error;

/// Pairs of a map at most.
const MOST_PAIRS: usize = 100;
/// Lists and objects in one another at most.
const DEEPEST: usize = 32;

/// The fields that are not read yet. What is null is as good as absent.
#[derive(Debug)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn new(mut fields: Map<String, Value>) -> Self {
        fields.retain(|_, value| !value.is_null());
        Self(fields)
    }

    /// A field of any form, not too deep.
    pub(super) fn any(&mut self, name: &'static str) -> Result<Option<Value>, Error> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        if depth_fits(&value, DEEPEST) {
            Ok(Some(value))
        } else {
            Err(Error::invalid(name, format!("has lists and objects in one another, {DEEPEST} deep at most")))
        }
    }

    /// Leaves a field aside.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.0.remove(*name);
        }
    }

    /// Text of `most` bytes at most.
    pub(super) fn text(&mut self, name: &'static str, most: usize) -> Result<Option<String>, Error> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() <= most => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(Error::invalid(name, format!("is text of {most} bytes at most"))),
        }
    }

    /// The same, not empty.
    pub(super) fn some_text(&mut self, name: &'static str, most: usize) -> Result<Option<String>, Error> {
        match self.text(name, most)? {
            Some(text) if text.trim().is_empty() => Err(Error::invalid(name, "is empty")),
            text => Ok(text),
        }
    }

    /// True or false, also as text.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Error> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(Value::String(text)) if matches!(text.as_str(), "true" | "1") => Ok(Some(true)),
            Some(Value::String(text)) if matches!(text.as_str(), "false" | "0" | "") => Ok(Some(false)),
            Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(Some(true)),
            Some(Value::Number(number)) if number.as_i64() == Some(0) => Ok(Some(false)),
            Some(_) => Err(Error::invalid(name, "is true or false")),
        }
    }

    /// Keys with texts, also as the JSON of an object, which is how a plain form can bring them.
    pub(super) fn pairs(&mut self, name: &'static str) -> Result<Option<Map<String, Value>>, Error> {
        let wrong = |why: &str| Error::invalid(name, why);
        let object = match self.0.remove(name) {
            None => return Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
            // What is longer fits nowhere, and would take much more room once it is read.
            Some(Value::String(text)) if text.len() <= LARGEST => serde_json::from_str(&text).ok(),
            Some(Value::String(_)) => None,
            Some(value) => Some(value),
        };
        let Some(Value::Object(object)) = object else {
            return Err(wrong("is an object of keys with texts"));
        };
        if object.len() > MOST_PAIRS {
            return Err(Error::invalid(name, format!("has {MOST_PAIRS} keys at most")));
        }
        let mut pairs = Map::new();
        for (key, value) in object {
            match value {
                Value::Null => {}
                Value::Array(_) | Value::Object(_) => {
                    return Err(wrong("is an object of keys with texts: no lists or objects within"));
                }
                value => {
                    pairs.insert(key, text_of(&value).into_owned().into());
                }
            }
        }
        Ok(Some(pairs))
    }

    /// Refuses what was not read.
    pub(super) fn end(self, known: &[&str]) -> Result<(), Error> {
        let Some(name) = self.0.keys().next() else { return Ok(()) };
        let name: String = name.chars().filter(char::is_ascii_graphic).take(40).collect();
        let known = known.join(", ");
        Err(Error::invalid("integration", format!("has no setting {name}; this type has: {known}")))
    }
}

fn depth_fits(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(list) => left > 0 && list.iter().all(|inner| depth_fits(inner, left - 1)),
        Value::Object(object) => left > 0 && object.values().all(|inner| depth_fits(inner, left - 1)),
        _ => true,
    }
}
