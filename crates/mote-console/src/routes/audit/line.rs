//! Entries of a trail in words.

use mote_core::audit::{Action, AuditEntry};
use serde_json::Value;

use crate::page::{Shown, shown};

/// An entry.
pub(super) struct Line {
    pub(super) at: Shown,
    /// The name of who did it.
    pub(super) who: String,
    /// What he came with,
    pub(super) with: String,
    /// and its ID; never itself.
    pub(super) token: Option<i64>,
    pub(super) what: String,
    /// The action's word, as filters take it.
    pub(super) word: String,
    /// The name of what it was done to; its ID where it has none.
    pub(super) target: String,
    /// Its ID, where that is not its name.
    pub(super) target_id: Option<String>,
    pub(super) details: Vec<(String, String)>,
    pub(super) address: Option<String>,
}

impl From<AuditEntry> for Line {
    fn from(entry: AuditEntry) -> Self {
        let with = credential(&entry.actor_kind, entry.token_id.is_some());
        let has_name = !entry.target_name.is_empty() && entry.target_name != entry.target_id;
        // An action that a later version knows is shown by its word.
        let what = Action::of_word(&entry.action)
            .map_or_else(|| entry.action.clone(), |action| action.sentence().to_owned());
        Self {
            at: shown(entry.at),
            who: entry.actor_name,
            with,
            token: entry.token_id,
            what,
            word: entry.action,
            target: if has_name { entry.target_name } else { entry.target_id.clone() },
            target_id: has_name.then_some(entry.target_id),
            details: details(entry.details),
            address: entry.address,
        }
    }
}

/// What somebody came with, by the kind of caller that the entry names.
fn credential(kind: &str, with_token: bool) -> String {
    match (kind, with_token) {
        ("user", true) => "access token",
        ("user", false) => "account",
        ("console", _) => "console session",
        ("product", _) => "product’s token",
        ("customer", true) => "customer’s token",
        ("api_user", _) => "API user’s token",
        ("operator", _) => "operator of the server",
        ("bearer", _) => "whoever had the token",
        (other, _) => return other.replace('_', " "),
    }
    .to_owned()
}

/// What a thing of this kind is called.
pub(super) fn kind_name(kind: &str) -> String {
    let name = match kind {
        "token" => "Access token",
        "oauth_client" => "OAuth client",
        "api_user" => "API user",
        "mfa" => "Second factor",
        "sim" => "SIM card",
        other => {
            let mut name = other.replace('_', " ");
            if let Some(first) = name.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            return name;
        }
    };
    name.to_owned()
}

/// Things of a list that are shown.
const MOST_SHOWN: usize = 10;

/// Names and values of what more is known.
fn details(details: Value) -> Vec<(String, String)> {
    match details {
        Value::Object(fields) => {
            let present = fields.iter().filter(|(_, value)| !value.is_null());
            present.map(|(name, value)| (name.replace('_', " "), in_words(value))).collect()
        }
        // What was tampered with is shown as it is.
        other => vec![("details".to_owned(), in_words(&other))],
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        // Of a deed that was done to hundreds, the API has all.
        Value::Array(values) if values.len() > MOST_SHOWN => {
            let first = values.iter().take(MOST_SHOWN).map(in_words).collect::<Vec<_>>().join(", ");
            format!("{first}, and {} more", values.len() - MOST_SHOWN)
        }
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn details_are_told_by_name() {
        let told = details(
            json!({"role_before": "Support", "ids": ["a", "b"], "settings": {"x": true}, "scope": null}),
        );
        let expected = [("ids", "a, b"), ("role before", "Support"), ("settings", "{\"x\":true}")];
        let mut told: Vec<_> = told.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        told.sort_unstable();
        assert_eq!(told, expected);
        let many: Vec<_> = (0..12).collect();
        let shown = "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 2 more".to_owned();
        assert_eq!(details(json!({"ids": many})), [("ids".to_owned(), shown)]);
        assert_eq!(details(json!({})), []);
        assert_eq!(details(json!("not JSON")), [("details".to_owned(), "not JSON".to_owned())]);
    }

    #[test]
    fn every_kind_of_thing_has_a_name() {
        for action in Action::ALL {
            let name = kind_name(action.target_kind());
            assert!(name.starts_with(char::is_uppercase) && !name.contains('_'), "{name}");
        }
    }
}
