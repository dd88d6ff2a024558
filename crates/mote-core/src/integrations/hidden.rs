//! The values of settings that are not shown to who only looks: passwords, keys, and what an `Authorization` header says.

use serde_json::{Map, Value};

use super::Kind;

/// Where a value is that is not shown.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) field: &'static str,
    /// Its name within the field, where that has several.
    pub(super) key: Option<String>,
}

impl Place {
    /// What stands there.
    pub(super) fn of<'a>(&self, settings: &'a mut Map<String, Value>) -> Option<&'a mut Value> {
        let field = settings.get_mut(self.field)?;
        match &self.key {
            Some(key) => field.as_object_mut()?.get_mut(key),
            None => Some(field),
        }
    }
}

/// Where these settings have values that are not shown. One with a template in it shows the secret's place, not the secret.
pub(super) fn places(kind: Kind, settings: &Map<String, Value>) -> Vec<Place> {
    let within = |field: &'static str, is_secret: fn(&str) -> bool| {
        let pairs = settings.get(field).and_then(Value::as_object).into_iter().flatten();
        let plain = |value: &Value| !value.as_str().is_some_and(|text| text.contains("{{"));
        let secret = pairs.filter(move |(key, value)| is_secret(key) && plain(value));
        secret.map(move |(key, _)| Place { field, key: Some(key.clone()) })
    };
    match kind {
        Kind::Webhook => {
            within("auth", |key| key == "password").chain(within("headers", is_secret_header)).collect()
        }
        Kind::AzureIotHub => vec![Place { field: "policy_key", key: None }],
        Kind::GoogleMaps => vec![Place { field: "api_key", key: None }],
    }
}

/// Whether what this header says is a credential.
pub(super) fn is_secret_header(name: &str) -> bool {
    ["authorization", "proxy-authorization", "cookie"].iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Settings;
    use super::*;

    #[test]
    fn a_key_is_hidden_whatever_it_looks_like() {
        let maps = Settings(serde_json::from_value(json!({"api_key": "{{123abc"})).unwrap());
        assert_eq!(maps.masked(Kind::GoogleMaps)["api_key"], "[[SENSITIVE]]", "there are no templates in it");
    }
}
