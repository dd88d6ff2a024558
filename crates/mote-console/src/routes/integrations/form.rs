//! The form of a webhook, and the settings that it stands for.

use mote_api::body::is_too_much;
use mote_core::Error;
use mote_core::integrations::{Integration, MASK};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::form::pretty;

/// The settings that the form has; what else a webhook was given over the API stays when the form is sent.
const OF_THE_FORM: [&str; 14] = [
    "url",
    "requestType",
    "json",
    "form",
    "body",
    "query",
    "headers",
    "auth",
    "noDefaults",
    "rejectUnauthorized",
    "responseTopic",
    "errorResponseTopic",
    "responseTemplate",
    "secrets",
];

/// What a webhook can send.
pub(super) const PAYLOADS: [(&str, &str); 4] = [
    ("defaults", "Nothing more than the default fields"),
    ("json", "JSON"),
    ("form", "A form"),
    ("body", "Any text"),
];

/// A webhook as its form has it. A box that is not ticked is not sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct HookForm {
    /// The one that is changed; empty for a new one.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) event: String,
    pub(super) device: String,
    pub(super) url: String,
    pub(super) request_type: String,
    /// Which of `json`, `form` and `body` the payload is.
    pub(super) payload_kind: String,
    pub(super) payload: String,
    pub(super) query: String,
    pub(super) headers: String,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) secrets: String,
    pub(super) response_topic: String,
    pub(super) error_topic: String,
    pub(super) response_template: String,
    pub(super) no_defaults: Option<String>,
    pub(super) any_certificate: Option<String>,
    /// Data of the event that the preview shows.
    pub(super) sample: String,
}

impl HookForm {
    /// Whether the payload is of this kind.
    pub(super) fn sends(&self, kind: &str) -> bool {
        self.payload_kind == kind
    }

    /// Whether the mask stands in the place of the password, which then stays.
    pub(super) fn keeps_password(&self) -> bool {
        self.password == MASK
    }

    /// Whether it stands in the place of anything.
    pub(super) fn keeps_any(&self) -> bool {
        self.keeps_password() || self.headers.contains(MASK)
    }

    /// An empty one.
    pub(super) fn new() -> Self {
        Self { request_type: "POST".into(), payload_kind: "json".into(), ..Self::default() }
    }

    /// A webhook's, without its passwords.
    pub(super) fn of(hook: &Integration) -> Self {
        let settings = hook.settings.masked(hook.kind);
        let text = |name: &str| settings.get(name).map(as_text).unwrap_or_default();
        let flag = |name: &str| settings.get(name).and_then(Value::as_bool);
        let lines = |name: &str| settings.get(name).and_then(Value::as_object).map(as_lines);
        let auth = |name: &str| settings.get("auth").and_then(|auth| auth.get(name)).map(as_text);
        let payload_kind = ["json", "form", "body"].into_iter().find(|kind| settings.contains_key(*kind));
        let payload_kind = payload_kind.unwrap_or("defaults");
        let names = settings.get("secrets").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
        Self {
            id: hook.id.to_hex(),
            name: hook.name.clone(),
            event: hook.event.clone(),
            device: hook.device.as_ref().map(ToString::to_string).unwrap_or_default(),
            url: text("url"),
            request_type: text("requestType"),
            payload_kind: payload_kind.into(),
            payload: if payload_kind == "form" {
                lines("form").unwrap_or_default()
            } else {
                text(payload_kind)
            },
            query: lines("query").unwrap_or_default(),
            headers: lines("headers").unwrap_or_default(),
            username: auth("username").unwrap_or_default(),
            password: auth("password").unwrap_or_default(),
            secrets: names.join(" "),
            response_topic: text("responseTopic"),
            error_topic: text("errorResponseTopic"),
            response_template: text("responseTemplate"),
            no_defaults: flag("noDefaults").filter(|on| *on).map(|_| "on".into()),
            any_certificate: flag("rejectUnauthorized").filter(|on| !*on).map(|_| "on".into()),
            sample: String::new(),
        }
    }

    /// The fields of the API that it stands for, with what else `before` has.
    pub(super) fn fields(&self, before: Option<&Integration>) -> Result<Map<String, Value>, Error> {
        let known = before.map(|hook| hook.settings.masked(hook.kind)).unwrap_or_default();
        let mut fields = known.clone();
        fields.retain(|name, _| !OF_THE_FORM.contains(&name.as_str()));
        let mut put = |name: &str, value: Value| {
            if value != "" {
                fields.insert(name.to_owned(), value);
            }
        };
        put("integration_type", "Webhook".into());
        put("name", self.name.as_str().into());
        put("deviceID", self.device.trim().into());
        put("requestType", self.request_type.as_str().into());
        put("responseTopic", self.response_topic.as_str().into());
        put("errorResponseTopic", self.error_topic.as_str().into());
        put("responseTemplate", shaped(&self.response_template, known.get("responseTemplate")));
        match self.payload_kind.as_str() {
            _ if self.payload.trim().is_empty() => {}
            "json" => put("json", shaped(&self.payload, known.get("json"))),
            "form" => put("form", Value::Object(pairs("form", &self.payload)?)),
            "body" => put("body", unix_lines(&self.payload).into()),
            _ => {}
        }
        for (name, text) in [("query", &self.query), ("headers", &self.headers)] {
            let pairs = pairs(name, text)?;
            if !pairs.is_empty() {
                put(name, Value::Object(pairs));
            }
        }
        if !self.username.is_empty() || !self.password.is_empty() {
            let auth = [("username", &self.username), ("password", &self.password)];
            let auth = auth.into_iter().map(|(name, text)| (name.to_owned(), Value::from(text.as_str())));
            put("auth", Value::Object(auth.collect()));
        }
        let names: Vec<&str> = self.secrets.split([' ', ',']).filter(|name| !name.is_empty()).collect();
        if !names.is_empty() {
            put("secrets", names.into());
        }
        put("noDefaults", self.no_defaults.is_some().into());
        put("rejectUnauthorized", self.any_certificate.is_none().into());
        put("disabled", before.is_some_and(|hook| hook.disabled).into());
        // Whatever they are, they are not taken over from before.
        fields.insert("event".into(), self.event.as_str().into());
        fields.insert("url".into(), self.url.as_str().into());
        Ok(fields)
    }
}

/// A setting as a field of text has it.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => pretty(other),
    }
}

/// JSON with templates in its texts, where the text is JSON and was not known as text; else a template that makes some.
fn shaped(text: &str, before: Option<&Value>) -> Value {
    match json(text) {
        Some(value @ (Value::Object(_) | Value::Array(_))) if !before.is_some_and(Value::is_string) => value,
        _ => unix_lines(text).into(),
    }
}

/// What a text says as JSON, unless there is so much in it that no settings can have it.
fn json(text: &str) -> Option<Value> {
    if is_too_much(text.as_bytes()) { None } else { serde_json::from_str(text).ok() }
}

/// Browsers end lines as HTTP does.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Pairs, one a line; as JSON where lines cannot hold them.
fn as_lines(pairs: &Map<String, Value>) -> String {
    let lines: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}: {}", as_text(value))).collect();
    let lines = lines.join("\n");
    let is_same = self::pairs("", &lines).is_ok_and(|read| read == *pairs);
    if is_same { lines } else { pretty(pairs) }
}

/// Reads what [`as_lines`] writes.
fn pairs(field: &'static str, text: &str) -> Result<Map<String, Value>, Error> {
    if let Some(Value::Object(object)) = json(text) {
        return Ok(object);
    }
    let wrong = || Error::invalid(field, "have a name and a value on each line, as in name: value");
    let mut pairs = Map::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(wrong());
        }
        if pairs.insert(name.to_owned(), value.into()).is_some() {
            return Err(Error::invalid(field, "have a name twice"));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pairs_are_lines_or_json_and_come_back() {
        let object = |value: Value| value.as_object().unwrap().clone();
        for (text, expected) in [
            ("", json!({})),
            (
                "Accept: text/plain\r\n\r\n X-Url : https://a/b \r\n",
                json!({"Accept": "text/plain", "X-Url": "https://a/b"}),
            ),
            ("{{name}}: {{{value}}}", json!({"{{name}}": "{{{value}}}"})),
            ("{\"a:b\": \"c\"}", json!({"a:b": "c"})),
        ] {
            assert_eq!(pairs("query", text).unwrap(), object(expected), "{text}");
        }
        for text in ["Accept", ": x", "a: 1\na: 2"] {
            assert!(pairs("query", text).is_err(), "{text}");
        }
        for known in
            [json!({"a": "b: c", "d": ""}), json!({"a:b": "c"}), json!({"a": "two\nlines"}), json!({})]
        {
            let known = object(known);
            assert_eq!(pairs("query", &as_lines(&known)).unwrap(), known);
        }
    }

    #[test]
    fn json_is_a_tree_unless_it_was_text() {
        assert_eq!(shaped("{\"a\": \"{{{b}}}\"}", None), json!({"a": "{{{b}}}"}));
        let before = json!("{}");
        assert_eq!(shaped("{\"a\": 1}", Some(&before)), json!("{\"a\": 1}"));
        assert_eq!(shaped("{\"a\": {{{b}}}}\r\n", None), json!("{\"a\": {{{b}}}}\n"));
    }
}
