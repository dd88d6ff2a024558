//! What an instance holds: a JSON object within bounds.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::Error;

/// What an instance holds, as the JSON that it is kept as: taken apart it would take several times the room, of which a page of
/// instances has megabytes.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct InstanceData(Box<RawValue>);

impl InstanceData {
    pub(super) fn kept(text: String) -> Result<Self, Error> {
        RawValue::from_string(text).map(Self).map_err(|e| not_kept(&e))
    }

    /// Its fields.
    ///
    /// # Errors
    /// [`Error::Internal`] where it is no object: nothing else is written.
    pub fn fields(&self) -> Result<Map<String, Value>, Error> {
        from_json(self.0.get())
    }
}

/// How new data meets what was there (contract: Ledger-PutV1LedgersLedgernameInstancesScopevalue).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetMode {
    /// It takes its place.
    #[default]
    Replace,
    /// Its fields come to those that were there, or take the place of those of the same name. Whole fields: what is within
    /// one is not merged (the vendor's documentation, Logic: setting a ledger value).
    Merge,
}

impl SetMode {
    /// Reads the parameter `set_mode`.
    pub fn parse(text: Option<&str>) -> Result<Self, Error> {
        match text {
            None | Some("Replace") => Ok(Self::Replace),
            Some("Merge") => Ok(Self::Merge),
            Some(_) => Err(Error::invalid("set_mode", "is Replace or Merge")),
        }
    }

    /// What `new` makes of `old`.
    #[must_use]
    pub fn apply(self, old: Map<String, Value>, new: Map<String, Value>) -> Map<String, Value> {
        match self {
            Self::Replace => new,
            Self::Merge => {
                let mut merged = old;
                merged.extend(new);
                merged
            }
        }
    }
}

/// The JSON of an object, if it has `most` bytes or fewer.
pub(super) fn to_json(data: &Map<String, Value>, most: usize) -> Result<String, Error> {
    let text = serde_json::to_string(data).map_err(|e| Error::Internal(format!("a JSON object: {e}")))?;
    if text.len() <= most {
        Ok(text)
    } else {
        let size = text.len();
        Err(Error::invalid(
            "data",
            format!("is {size} bytes of JSON, and {most} is the most for this ledger"),
        ))
    }
}

pub(super) fn from_json(text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(text).map_err(|e| not_kept(&e))
}

fn not_kept(e: &serde_json::Error) -> Error {
    Error::Internal(format!("the data of a ledger is no object: {e}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn merging_goes_by_whole_fields() {
        let old = object(&json!({"a": 123, "b": {"c": 1}, "d": null}));
        let new = object(&json!({"b": {"e": 2}, "f": null}));
        assert_eq!(
            Value::Object(SetMode::Merge.apply(old.clone(), new.clone())),
            json!({"a": 123, "b": {"e": 2}, "d": null, "f": null})
        );
        assert_eq!(SetMode::Replace.apply(old, new.clone()), new);
    }

    #[test]
    fn size_has_an_end() {
        assert_eq!(to_json(&object(&json!({"a": 1})), 7).unwrap(), r#"{"a":1}"#);
        assert!(to_json(&object(&json!({"a": 1})), 6).is_err());
    }

    fn objects() -> impl Strategy<Value = Map<String, Value>> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            ".{0,5}".prop_map(Value::from)
        ];
        let value = leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-d]", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        });
        prop::collection::btree_map("[a-f]", value, 0..6).prop_map(|map| map.into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_merge_has_each_new_field_and_each_old_one_that_is_not_new(old in objects(), new in objects()) {
            let merged = SetMode::Merge.apply(old.clone(), new.clone());
            for key in merged.keys() {
                prop_assert_eq!(&merged[key], new.get(key).or(old.get(key)).unwrap());
            }
            prop_assert!(old.keys().chain(new.keys()).all(|key| merged.contains_key(key)));
            // Once more changes nothing, and an empty one never does.
            prop_assert_eq!(&SetMode::Merge.apply(merged.clone(), new.clone()), &merged);
            prop_assert_eq!(&SetMode::Merge.apply(old.clone(), Map::new()), &old);
            let text = to_json(&merged, usize::MAX).unwrap();
            prop_assert_eq!(from_json(&text).unwrap(), merged);
        }
    }
}
