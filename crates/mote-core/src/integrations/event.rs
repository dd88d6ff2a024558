//! An event as the queue keeps it, and what templates see of it.

use base64::Engine;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::template::Scope;
use crate::Moment;
use crate::events::WrittenEvent;

/// An event that is due at an integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HookEvent {
    /// Key, the same for all integrations that it fires.
    pub(crate) id: i64,
    #[serde(flatten)]
    pub(crate) written: WrittenEvent,
}

impl HookEvent {
    /// An event that never was: for a test of an integration.
    pub(crate) fn of_test(id: i64, name: &str, data: &str, device: Option<String>, now: Moment) -> Self {
        let written = WrittenEvent {
            name: name.to_owned(),
            data: Some(data.to_owned()),
            ttl: 60,
            published_at: now.0,
            device,
            ..WrittenEvent::default()
        };
        Self { id, written }
    }

    /// The device's ID; `api` where no device is behind the event.
    pub(crate) fn core_id(&self) -> &str {
        self.written.device.as_deref().unwrap_or("api")
    }

    /// The data; empty for none.
    pub(crate) fn text(&self) -> &str {
        self.written.data.as_deref().unwrap_or_default()
    }

    /// The data as variables: an object or a list, if it is the JSON of one.
    pub(crate) fn parsed(&self) -> Value {
        variables_of(self.text())
    }

    /// The fields that a request has unless its settings say `noDefaults` (Webhook reference, "Default data").
    pub(crate) fn defaults(&self) -> [(&'static str, String); 4] {
        [
            ("event", self.written.name.clone()),
            ("data", self.text().to_owned()),
            ("published_at", Moment(self.written.published_at).to_iso()),
            ("coreid", self.core_id().to_owned()),
        ]
    }

    /// The variables that are defined for every event (Webhook reference, "Pre-defined variables"), under their old names
    /// too.
    fn predefined(&self) -> Map<String, Value> {
        let published_at = Moment(self.written.published_at).to_iso();
        let whole = json!({
            "event": self.written.name,
            "data": self.written.data,
            "ttl": self.written.ttl,
            "published_at": published_at,
            "coreid": self.core_id(),
            "userid": self.written.owner.map(|id| id.to_string()),
            "fw_version": self.written.firmware,
            "product_id": self.written.product,
        })
        .to_string();
        let base64 = base64::engine::general_purpose::STANDARD.encode(&whole);
        let mut all = Map::new();
        let named = [
            (&["PARTICLE_DEVICE_ID", "SPARK_CORE_ID"][..], Value::from(self.core_id())),
            (&["PARTICLE_EVENT_NAME", "SPARK_EVENT_NAME"], self.written.name.as_str().into()),
            (&["PARTICLE_EVENT_VALUE", "SPARK_EVENT_VALUE"], self.text().into()),
            (&["PARTICLE_PUBLISHED_AT", "SPARK_PUBLISHED_AT"], published_at.into()),
            (&["PARTICLE_EVENT_ID"], format!("{:024x}", self.id).into()),
            (&["PARTICLE_EVENT_JSON"], whole.into()),
            (&["PARTICLE_EVENT_BASE64"], base64.into()),
            (&["PRODUCT_ID"], self.written.product.into()),
            (&["PRODUCT_USER_ID"], self.written.owner.map(|id| id.to_string()).into()),
            (&["PRODUCT_VERSION"], self.written.firmware.into()),
        ];
        for (names, value) in named {
            all.extend(names.iter().map(|name| ((*name).to_owned(), value.clone())));
        }
        all
    }
}

/// The JSON of an object or a list as variables; nothing of anything else.
pub(crate) fn variables_of(text: &str) -> Value {
    match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => serde_json::from_str(text).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// All that the templates of a request see. What stands further down counts more.
#[derive(Debug)]
pub(crate) struct Variables {
    /// The event's data, or a receiver's answer.
    data: Value,
    /// What the integration's settings define.
    parameters: Value,
    /// Secrets, and what is defined for every event: nothing that a device publishes takes their place.
    own: Value,
}

impl Variables {
    /// For a request.
    pub(crate) fn of_request(
        event: &HookEvent,
        parameters: &Map<String, Value>,
        secrets: Map<String, Value>,
    ) -> Self {
        let mut own = secrets;
        own.extend(event.predefined());
        Self { data: event.parsed(), parameters: Value::Object(parameters.clone()), own: Value::Object(own) }
    }

    /// For what is made of an answer. No secrets: this goes to everybody who hears of events.
    pub(crate) fn of_answer(event: &HookEvent, parameters: &Map<String, Value>, answer: &str) -> Self {
        Self { data: variables_of(answer), ..Self::of_request(event, parameters, Map::new()) }
    }

    /// Gives the values to whoever fills in.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Scope<'_>) -> T) -> T {
        let data = Scope::new(&self.data);
        let parameters = data.within(&self.parameters);
        work(&parameters.within(&self.own))
    }
}

#[cfg(test)]
mod tests {
    use super::super::template::{Budget, Template};
    use super::*;

    fn event(data: &str) -> HookEvent {
        let device = Some("e00fce680123456789abcdef".to_owned());
        let mut event = HookEvent::of_test(7, "temp/a", data, device, Moment(1_398_565_236_177));
        event.written.owner = Some(42);
        event.written.product = Some(1319);
        event.written.firmware = Some(3);
        event
    }

    fn render(template: &str, variables: &Variables) -> String {
        let template = Template::parse(template).unwrap();
        variables.with(|scope| template.render(scope, &mut Budget::default())).unwrap()
    }

    #[test]
    fn what_waits_in_the_store_is_read_as_it_was_written() {
        let kept = r#"{"id":7,"name":"temp","data":"21","ttl":60,"published_at":1,"device":null,"owner":42,"product":1319,"organization":null,"firmware":3,"device_os":"6.3.0","groups":["a"]}"#;
        let event: HookEvent = serde_json::from_str(kept).unwrap();
        assert_eq!((event.id, event.written.name.as_str(), event.written.product), (7, "temp", Some(1319)));
        assert_eq!(serde_json::to_string(&event).unwrap(), kept);
    }

    #[test]
    fn every_documented_variable_is_there() {
        let variables = Variables::of_request(&event("{\"t\":21.1}"), &Map::new(), Map::new());
        for (name, value) in [
            ("PARTICLE_DEVICE_ID", "e00fce680123456789abcdef"),
            ("PARTICLE_EVENT_NAME", "temp/a"),
            ("PARTICLE_EVENT_VALUE", "{\"t\":21.1}"),
            ("PARTICLE_PUBLISHED_AT", "2014-04-27T02:20:36.177Z"),
            ("PARTICLE_EVENT_ID", "000000000000000000000007"),
            ("PRODUCT_ID", "1319"),
            ("PRODUCT_USER_ID", "42"),
            ("PRODUCT_VERSION", "3"),
            ("SPARK_EVENT_NAME", "temp/a"),
            ("SPARK_EVENT_VALUE", "{\"t\":21.1}"),
            ("SPARK_CORE_ID", "e00fce680123456789abcdef"),
            ("SPARK_PUBLISHED_AT", "2014-04-27T02:20:36.177Z"),
            ("t", "21.1"),
        ] {
            assert_eq!(render(&format!("{{{{{{{name}}}}}}}"), &variables), value, "{name}");
        }
        let whole: Value = serde_json::from_str(&render("{{{PARTICLE_EVENT_JSON}}}", &variables)).unwrap();
        assert_eq!((&whole["event"], &whole["data"]), (&json!("temp/a"), &json!("{\"t\":21.1}")));
        let decoded = base64::engine::general_purpose::STANDARD
            .decode(render("{{{PARTICLE_EVENT_BASE64}}}", &variables))
            .unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&decoded).unwrap(), whole);
    }

    #[test]
    fn a_device_cannot_publish_in_the_place_of_what_is_defined() {
        let secrets = json!({"KEY": "secret"}).as_object().cloned().unwrap();
        let parameters = json!({"site": "north"}).as_object().cloned().unwrap();
        let data = "{\"PARTICLE_DEVICE_ID\":\"x\",\"KEY\":\"y\",\"site\":\"z\"}";
        let variables = Variables::of_request(&event(data), &parameters, secrets);
        assert_eq!(
            render("{{PARTICLE_DEVICE_ID}} {{KEY}} {{site}}", &variables),
            "e00fce680123456789abcdef secret north"
        );
        let answer = Variables::of_answer(&event(data), &parameters, "{\"a\":{\"b\":1}}");
        assert_eq!(render("{{KEY}}{{a.b}}{{PARTICLE_EVENT_NAME}}", &answer), "1temp/a");
    }
}
