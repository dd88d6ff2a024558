//! What stays where the mask comes back in its place: a password or key that whoever sends the mask may never have seen. So it
//! stays in the place that it had, and is sent nowhere else than before.

use serde_json::{Map, Value};
use url::{Origin, Url};

use super::hidden::places;
use super::settings::{MASK, known_of};
use super::{Integration, Kind, NewIntegration, Settings};
use crate::Error;

/// The settings of `new`, with what is kept of `before` in the place of the mask; refused where nothing is kept in that place,
/// or what is would be sent elsewhere.
pub(super) fn filled(new: &NewIntegration, before: Option<&Integration>) -> Result<Settings, Error> {
    let mut settings = new.settings.0.clone();
    if let Some(before) = before {
        let (mut kept, elsewhere) = (before.settings.0.clone(), elsewhere(new, before));
        for place in places(before.kind, &before.settings.0) {
            let (Some(value), Some(kept)) = (place.of(&mut settings), place.of(&mut kept)) else { continue };
            if *value != MASK {
                continue;
            }
            if let Some(why) = elsewhere {
                let what = match &place.key {
                    Some(key) => format!("has {MASK} for {key}"),
                    None => format!("is {MASK} or left out"),
                };
                let text = format!("{what}, but what is kept goes nowhere else: {why}; give the value anew");
                return Err(Error::invalid(place.field, text));
            }
            *value = kept.clone();
        }
    }
    for field in known_of(new.kind) {
        let was = before.and_then(|before| before.settings.0.get(*field));
        let is_masked = |value: &&Value| value.to_string().contains(MASK);
        if settings.get(*field).filter(is_masked).is_some_and(|value| was != Some(value)) {
            let text = format!("has {MASK} where nothing is kept under that name: give the value");
            return Err(Error::invalid(field, text));
        }
    }
    Ok(Settings(settings))
}

/// What makes `new` send its credentials elsewhere than `before`, or where others can read them; none where nothing does.
fn elsewhere(new: &NewIntegration, before: &Integration) -> Option<&'static str> {
    let (now, then) = (&new.settings.0, &before.settings.0);
    match before.kind {
        Kind::Webhook => {
            let (url, was) = (text(now, "url"), text(then, "url"));
            match (origin(url), origin(was)) {
                (Some(origin), Some(was)) if origin == was => {}
                (None, None) if url == was => {
                    let same = ["parameters", "secrets"].iter().all(|name| now.get(*name) == then.get(*name))
                        && (&new.event, &new.device) == (&before.event, &before.device);
                    if !same {
                        return Some("what the host of the URL is filled in with has changed");
                    }
                }
                _ => return Some("the URL has another scheme, host or port"),
            }
            let any_certificate =
                |of: &Map<String, Value>| of.get("rejectUnauthorized") == Some(&false.into());
            (any_certificate(now) && !any_certificate(then)).then_some("any certificate would be taken")
        }
        Kind::AzureIotHub => {
            let same = text(now, "hub_name").eq_ignore_ascii_case(text(then, "hub_name"));
            (!same).then_some("hub_name is another one")
        }
        // It goes to Google, whatever the settings are.
        Kind::GoogleMaps => None,
    }
}

fn text<'a>(settings: &'a Map<String, Value>, name: &str) -> &'a str {
    settings.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Scheme, host and port of an address, where they are the same whatever is filled in.
fn origin(url: &str) -> Option<Origin> {
    let url = url.trim();
    let Some(tag) = url.find("{{") else { return Url::parse(url).ok().map(|url| url.origin()) };
    let plain = &url[..tag];
    let (scheme, rest) = plain.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    // Slashes before the host are passed over, however many; the next one, of either kind, ends it.
    let end = rest.find(['/', '\\', '?', '#']).filter(|end| *end > 0)?;
    let address = &plain[..plain.len() - rest.len() + end];
    Url::parse(address).ok().map(|url| url.origin())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::template::{Budget, Scope, Template};
    use super::*;
    use crate::{IntegrationId, Moment, SpaceKey};

    fn webhook() -> Value {
        json!({
            "event": "a", "url": "https://pay.example/in", "auth": {"username": "me", "password": "hunter2"},
            "headers": {"Authorization": "Bearer s3cret", "X-Of": "mote"}, "parameters": {"site": "north"}
        })
    }

    /// The settings that come of a change of one that was made as `before`.
    fn put(before: &Value, change: impl FnOnce(&mut Value)) -> Result<Settings, String> {
        let new = NewIntegration::parse(serde_json::from_value(before.clone()).unwrap(), None).unwrap();
        let before = Integration::new(IntegrationId(1), SpaceKey::Account(1), new, Moment(0));
        let mut seen = Value::Object(before.settings.masked(before.kind));
        seen["event"] = before.event.as_str().into();
        change(&mut seen);
        let put = NewIntegration::parse_over(serde_json::from_value(seen).unwrap(), &before);
        put.map(|new| new.settings).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_sent_back_as_it_was_seen_stays() {
        let kept = put(&webhook(), |seen| {
            seen["url"] = json!("HTTPS://Pay.Example:443/other?{{{x}}}");
            seen["event"] = json!("b");
            seen["parameters"] = json!({});
            seen["headers"]["X-Of"] = json!("x");
        });
        let Settings(kept) = kept.unwrap();
        assert_eq!(kept["auth"]["password"], "hunter2");
        assert_eq!(kept["headers"], json!({"Authorization": "Bearer s3cret", "X-Of": "x"}));
    }

    #[test]
    fn what_is_kept_is_not_sent_elsewhere() {
        for url in [
            "https://mine.example/in",
            "http://pay.example/in",
            "https://pay.example:444/in",
            "https://pay.example.mine.example/in",
            "https://pay.example@mine.example/in",
            "https://pay.example{{{x}}}/in",
            "https://pay.example{{! }}/in",
            "https://{{{x}}}/in",
            "{{{x}}}",
            "https:////pay.example{{{x}}}",
            "https://\\pay.example{{{x}}}",
            "https:pay.example{{{x}}}",
            "nowhere",
        ] {
            let refused = put(&webhook(), |seen| seen["url"] = json!(url)).unwrap_err();
            assert!(refused.starts_with("auth: has [[SENSITIVE]] for password, but"), "{url}: {refused}");
            let refused = put(&webhook(), |seen| {
                seen["url"] = json!(url);
                seen["auth"]["password"] = json!("mine");
            });
            assert!(
                refused.unwrap_err().starts_with("headers: has [[SENSITIVE]] for Authorization"),
                "{url}"
            );
            let anew = put(&webhook(), |seen| {
                seen["url"] = json!(url);
                seen["auth"] = json!({"username": "me", "password": "mine"});
                seen["headers"]["Authorization"] = json!("Bearer mine");
            });
            assert!(!Value::Object(anew.unwrap().0).to_string().contains("hunter2"), "{url}");
        }
        let refused = put(&webhook(), |seen| seen["rejectUnauthorized"] = json!(false)).unwrap_err();
        assert!(refused.contains("any certificate would be taken; give the value anew"), "{refused}");
    }

    #[test]
    fn a_host_that_is_filled_in_is_the_same_where_all_that_fills_it_is() {
        let mut hook = webhook();
        for url in ["https://{{{site}}}.example/in", "https://{{{PARTICLE_EVENT_NAME}}}/", "{{{site}}}"] {
            hook["url"] = json!(url);
            assert!(put(&hook, |seen| seen["auth"]["username"] = json!("you")).is_ok());
            for (field, value) in [
                ("parameters", json!({"site": "mine.example/"})),
                ("parameters", json!(null)),
                ("event", json!("mine.example")),
                ("deviceID", json!("e00fce680123456789abcdef")),
                ("secrets", json!(["site"])),
                ("url", json!("https://{{{site}}}.example/other")),
                ("url", json!("https://north.example/in")),
            ] {
                let refused = put(&hook, |seen| seen[field] = value.clone());
                assert!(refused.is_err(), "{url}: {field} {value}");
            }
        }
    }

    #[test]
    fn what_is_kept_stays_in_its_place() {
        type Change = fn(&mut Value);
        let changes: [(&str, Change); 9] = [
            ("headers", |seen| seen["headers"] = json!({"X-Key": MASK})),
            ("headers", |seen| seen["headers"] = json!({"authorization": MASK})),
            ("headers", |seen| seen["headers"]["X-Of"] = json!(format!("Bearer {MASK}"))),
            ("headers", |seen| seen["headers"] = json!({MASK: "x"})),
            ("auth", |seen| seen["auth"] = json!({"username": MASK, "password": "x"})),
            ("query", |seen| seen["query"] = json!({"password": MASK, "Authorization": MASK})),
            ("json", |seen| seen["json"] = json!({"a": [{"b": MASK}]})),
            ("body", |seen| seen["body"] = json!(MASK)),
            ("responseTemplate", |seen| seen["responseTemplate"] = json!(MASK)),
        ];
        for (field, change) in changes {
            let refused = put(&webhook(), change).unwrap_err();
            assert_eq!(
                refused,
                format!("{field}: has {MASK} where nothing is kept under that name: give the value")
            );
        }
        // What stood so before was never a secret.
        let mut literal = webhook();
        literal["body"] = json!(MASK);
        assert!(put(&literal, |seen| seen["event"] = json!("b")).is_ok());
    }

    #[test]
    fn a_key_signs_for_its_own_hub() {
        let hub = json!({
            "integration_type": "AzureIotHub", "event": "a", "hub_name": "my-hub", "policy_name": "p", "policy_key": "a2V5"
        });
        let kept = put(&hub, |seen| *seen = json!({"hub_name": "MY-hub", "policy_name": "q"}));
        assert_eq!(kept.unwrap().0["policy_key"], "a2V5");
        for key in [json!(MASK), json!(null)] {
            let refused = put(&hub, |seen| {
                seen["hub_name"] = json!("mine");
                seen["policy_key"] = key;
            });
            assert!(refused.unwrap_err().starts_with("policy_key: is [[SENSITIVE]] or left out, but"));
        }
        let anew = put(&hub, |seen| *seen = json!({"hub_name": "mine", "policy_key": "bWluZQ=="}));
        assert_eq!(anew.unwrap().0["policy_key"], "bWluZQ==");
    }

    proptest! {
        #[test]
        fn nothing_that_is_filled_in_moves_an_origin(
            before in "(https?|HTTPS):[/\\\\]{0,4}[a@:.\t\n /\\\\?#]{0,8}", x in "[a@:.\t\n /\\\\?#]{0,8}", after in "[a/@.]{0,4}"
        ) {
            let address = format!("{before}{{{{{{x}}}}}}{after}");
            let filled = Template::parse(&address).unwrap();
            let filled = filled.render(&Scope::new(&json!({"x": x})), &mut Budget::default()).unwrap();
            if let (Some(origin), Ok(url)) = (origin(&address), Url::parse(filled.trim())) {
                prop_assert_eq!(origin, url.origin(), "{} {}", address, filled);
            }
        }
    }
}
