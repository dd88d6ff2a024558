//! The values of settings that are not shown to who only looks: passwords, keys, and what an `Authorization` header says.

use serde_json::{Map, Value};

use super::{Kind, Settings};

/// Bytes of a value that is taken out of what receivers say, at least: a shorter one stands there by chance.
const SHORTEST: usize = 6;
/// The same of one cookie of several, of which most are no credentials: `lang=english`.
const SHORTEST_COOKIE: usize = 12;
/// Cookies that are taken out of what receivers say, each by itself.
const MOST_COOKIES: usize = 32;

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

impl Settings {
    /// What nobody may see of them where a receiver repeats it: whoever changes what is sent to one has it repeat that, without
    /// having seen it.
    pub(super) fn hidden(&self, kind: Kind) -> Vec<String> {
        let mut settings = self.0.clone();
        let values = places(kind, &self.0)
            .into_iter()
            .filter_map(|place| place.of(&mut settings).and_then(|value| value.as_str().map(str::to_owned)));
        values.flat_map(|value| forms_of(&value)).collect()
    }
}

/// A credential as a receiver may repeat it: as it is, without its scheme, and each of several cookies.
pub(super) fn forms_of(credential: &str) -> Vec<String> {
    let bare = credential.split_once(' ').map(|(_, bare)| bare);
    let whole = [credential].into_iter().chain(bare).map(str::trim).filter(|form| form.len() >= SHORTEST);
    let cookies = credential.split(';').filter_map(|pair| Some(pair.split_once('=')?.1.trim()));
    let cookies = cookies.filter(|cookie| cookie.len() >= SHORTEST_COOKIE).take(MOST_COOKIES);
    whole.chain(cookies).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_credential_is_known_in_the_forms_that_receivers_repeat() {
        assert_eq!(forms_of("Bearer s3cret-1"), ["Bearer s3cret-1", "s3cret-1"]);
        assert_eq!(
            forms_of("lang=english; b=hunter2hunter2"),
            ["lang=english; b=hunter2hunter2", "b=hunter2hunter2", "hunter2hunter2"]
        );
        assert_eq!(forms_of(&"a=hunter2hunter2;".repeat(1000)).len(), 1 + MOST_COOKIES);
        assert!(forms_of("x").is_empty(), "it stands in every answer");
    }

    #[test]
    fn what_is_not_shown_is_hidden_where_it_is_repeated() {
        let webhook = json!({
            "url": "https://h.example/", "auth": {"username": "me-myself", "password": "hunter2"},
            "headers": {"Cookie": "{{{COOKIE}}}", "AUTHORIZATION": "Bearer s3cret", "X-Of": "something"}
        });
        let settings = Settings(serde_json::from_value(webhook).unwrap());
        assert_eq!(settings.hidden(Kind::Webhook), ["hunter2", "Bearer s3cret", "s3cret"]);
        let maps = Settings(serde_json::from_value(json!({"api_key": "{{123abc"})).unwrap());
        assert_eq!(maps.hidden(Kind::GoogleMaps), ["{{123abc"], "there are no templates in it");
        assert_eq!(maps.masked(Kind::GoogleMaps)["api_key"], "[[SENSITIVE]]");
    }
}
