//! The contract's shapes: for each entry of the documented API an answer of ours is compared with the documented example, key
//! by key and type by type. `api.json` is a copy of the contract. What differs on purpose stands beside the check, with its
//! reason.

mod authentication;
mod configurations;
mod customers;
mod devices;
mod diagnostics;
mod events;
mod firmware;
mod fleet_health;
mod groups;
mod integrations;
mod ledgers;
mod locations;
mod locks;
mod oauth;
mod organizations;
mod products;
mod quarantine;
mod search;
mod secrets;
mod sims;
mod teams;
mod users;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::cloud::Answer;

/// What the contract says of one endpoint.
#[derive(Deserialize)]
struct Entry {
    id: String,
    group: String,
    method: String,
    returns: Returns,
}

#[derive(Deserialize)]
struct Returns {
    /// Null where the source does not say.
    status: Option<u16>,
    example: Value,
}

static ENTRIES: LazyLock<Vec<Entry>> =
    LazyLock::new(|| serde_json::from_str(include_str!("api.json")).expect("the contract is JSON"));

/// A way in which an answer differs from its example on purpose: the place, as a JSON pointer in which `*` is any element of
/// a list, and why.
type Exception = (&'static str, &'static str);

/// The checks of one group of entries; at the end, every one of them must have been checked or left with a reason.
pub(super) struct Group {
    name: &'static str,
    done: BTreeSet<String>,
}

impl Group {
    pub(super) fn begin(name: &'static str) -> Self {
        Self { name, done: BTreeSet::new() }
    }

    /// Compares an answer with an entry's example and status.
    pub(super) fn check(&mut self, id: &str, answer: &Answer) {
        self.check_with(id, answer, &[]);
    }

    /// The same, but for these differences, each of which must be there.
    pub(super) fn check_with(&mut self, id: &str, answer: &Answer, exceptions: &[Exception]) {
        let entry = self.entry(id);
        if let Some(status) = entry.returns.status {
            assert_eq!(answer.status.as_u16(), status, "{id}: {}", answer.body);
        }
        let mut found = BTreeSet::new();
        compare(&entry.returns.example, &answer.body, "", &mut found);
        let expected = exceptions.iter().map(|(place, _)| (*place).to_owned()).collect();
        assert_eq!(
            found, expected,
            "{id}: places where the answer differs from the example: {}",
            answer.body
        );
        self.done.insert(id.to_owned());
    }

    /// The same for an event of a stream, as Server-Sent Events have it.
    pub(super) fn check_event(&mut self, id: &str, event: &str, exceptions: &[Exception]) {
        let entry = self.entry(id);
        let example = entry.returns.example.as_str().and_then(|text| text.strip_prefix(":ok\n\n"));
        let mut found = BTreeSet::new();
        compare(&as_json(example.expect("the example is a stream")), &as_json(event), "", &mut found);
        let expected = exceptions.iter().map(|(place, _)| (*place).to_owned()).collect();
        assert_eq!(found, expected, "{id}: places where the event differs from the example: {event}");
        self.done.insert(id.to_owned());
    }

    /// Leaves entries aside, for a reason.
    pub(super) fn leave(&mut self, reason: &str, ids: &[&str]) {
        assert!(!reason.is_empty());
        for id in ids {
            self.entry(id);
            assert!(self.done.insert((*id).to_owned()), "{id} is both checked and left");
        }
    }

    /// Every entry of the group was dealt with.
    pub(super) fn end(self) {
        let all: BTreeSet<String> = ENTRIES
            .iter()
            .filter(|entry| entry.group == self.name && entry.method != "PUBLISH")
            .map(|entry| entry.id.clone())
            .collect();
        assert!(!all.is_empty(), "there is no group {}", self.name);
        let missing: Vec<_> = all.difference(&self.done).collect();
        assert!(missing.is_empty(), "{}: nobody checks {missing:?}", self.name);
    }

    fn entry(&self, id: &str) -> &'static Entry {
        let entry = ENTRIES.iter().find(|entry| entry.id == id).unwrap_or_else(|| panic!("no entry {id}"));
        assert_eq!(entry.group, self.name, "{id} is of another group");
        entry
    }
}

/// An event's lines as an object.
fn as_json(event: &str) -> Value {
    let (name, data) = event.trim_end().split_once('\n').expect("two lines");
    let data = data.strip_prefix("data: ").expect("its data");
    let name = name.strip_prefix("event: ").expect("its name");
    serde_json::json!({"event": name, "data": serde_json::from_str::<Value>(data).expect("JSON")})
}

/// Collects the places where `answer` has not the shape of `example`: a key too few or too many, or another type. An example
/// without a body, and a null in one, say nothing. Every element of a list has the shape of one of the example's.
fn compare(example: &Value, answer: &Value, place: &str, found: &mut BTreeSet<String>) {
    match (example, answer) {
        (Value::Null, _) => {}
        (Value::Object(example), Value::Object(answer)) => {
            for (key, value) in example {
                match answer.get(key) {
                    Some(answer) => compare(value, answer, &format!("{place}/{key}"), found),
                    None => {
                        found.insert(format!("{place}/{key}"));
                    }
                }
            }
            found.extend(
                answer.keys().filter(|key| !example.contains_key(*key)).map(|key| format!("{place}/{key}")),
            );
        }
        (Value::Array(examples), Value::Array(answers)) => {
            if answers.is_empty() && !examples.is_empty() {
                found.insert(format!("{place}/*"));
            }
            for answer in answers.iter().filter(|_| !examples.is_empty()) {
                let differences = examples.iter().map(|example| {
                    let mut found = BTreeSet::new();
                    compare(example, answer, &format!("{place}/*"), &mut found);
                    found
                });
                found.extend(differences.min_by_key(BTreeSet::len).unwrap_or_default());
            }
        }
        _ if std::mem::discriminant(example) == std::mem::discriminant(answer) => {}
        _ => {
            found.insert(place.to_owned());
        }
    }
}

#[test]
fn differences_are_found() {
    use serde_json::json;
    let places = |example: Value, answer: Value| {
        let mut found = BTreeSet::new();
        compare(&example, &answer, "", &mut found);
        found.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(places(json!({"a": 1, "b": [{"c": "x"}]}), json!({"a": 2, "b": [{"c": "y"}]})), [""; 0]);
    assert_eq!(places(json!({"a": 1}), json!({"b": 1})), ["/a", "/b"]);
    assert_eq!(places(json!({"a": "1"}), json!({"a": null})), ["/a"]);
    assert_eq!(places(json!({"a": [{"b": 1}]}), json!({"a": []})), ["/a/*"]);
    assert_eq!(places(json!([{"b": 1}, {"c": 1}]), json!([{"c": 2}, {"b": "x"}])), ["/*/b"]);
    assert_eq!(places(json!(true), json!("true")), [""]);
}
