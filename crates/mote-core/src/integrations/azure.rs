//! Azure IoT Hub: events become device-to-cloud messages, over its documented HTTPS interface (REST API "Send Device Event").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use mote_outbound::Request;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use serde_json::{Map, Value, json};
use url::Url;

use super::event::{HookEvent, Variables};
use super::fields::Fields;
use super::template::Budget;
use super::webhook::{BuildError, Shape};
use crate::{Error, Moment};

/// The settings, as the API names them.
pub(super) const KNOWN: [&str; 4] = ["hub_name", "policy_name", "policy_key", "json"];
/// Where hubs are; `{hub}` stands for the name of one.
pub(super) const USUAL_BASE: &str = "https://{hub}.azure-devices.net";
/// The version of the interface.
const VERSION: &str = "2021-04-12";
/// Life of a signature: it is made for one request.
const SIGNED_FOR: i64 = 600;

/// A hub and how to be let in.
#[derive(Debug)]
pub(super) struct AzureIotHub {
    hub: String,
    policy: String,
    key: String,
    json: Option<Shape>,
}

pub(super) fn read(fields: &mut Fields) -> Result<Map<String, Value>, Error> {
    let mut settings = Map::new();
    for name in ["hub_name", "policy_name", "policy_key"] {
        let text = fields.some_text(name, 500)?;
        let text = text.ok_or_else(|| Error::invalid(name, "is needed for Azure IoT Hub"))?;
        settings.insert(name.into(), text.trim().into());
    }
    settings.extend(fields.any("json")?.map(|json| ("json".to_owned(), json)));
    Ok(settings)
}

impl AzureIotHub {
    pub(super) fn compile(settings: &Map<String, Value>) -> Result<Self, Error> {
        let text = |name: &str| settings.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (hub, policy) = (text("hub_name"), text("policy_name"));
        // It becomes the first label of a host's name, and must be able to become nothing else.
        let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !(1..=50).contains(&hub.len()) || !hub.chars().all(label) || hub.starts_with('-') {
            return Err(Error::invalid("hub_name", "is letters, digits and hyphens, 50 at most"));
        }
        if policy.len() > 64 || !policy.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Error::invalid("policy_name", "is the name of a shared access policy"));
        }
        let json = settings.get("json").map(|json| Shape::compile("json", json)).transpose()?;
        Ok(Self { hub, policy, key: text("policy_key"), json })
    }

    /// The message of an event, to the device's place in the hub.
    pub(super) fn message(
        &self,
        event: &HookEvent,
        variables: &Variables,
        base: &str,
        now: Moment,
    ) -> Result<Request, BuildError> {
        let body = if let Some(shape) = &self.json {
            let text = variables.with(|scope| shape.render(scope, &mut Budget::default()))?;
            serde_json::from_str::<Value>(&text).map_err(|_| BuildError::Json)?
        } else {
            usual_body(event)
        };
        let path = format!("/devices/{}/messages/events", event.core_id());
        self.request(Method::POST, &path, &body, base, now)
    }

    /// What makes the device known to the hub: messages of strangers are refused with 404.
    pub(super) fn introduction(
        &self,
        event: &HookEvent,
        base: &str,
        now: Moment,
    ) -> Result<Request, BuildError> {
        let body = json!({"deviceId": event.core_id()});
        self.request(Method::PUT, &format!("/devices/{}", event.core_id()), &body, base, now)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        base: &str,
        now: Moment,
    ) -> Result<Request, BuildError> {
        let address = format!("{}{path}?api-version={VERSION}", base.replace("{hub}", &self.hub));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, const { HeaderValue::from_static("application/json") });
        headers.insert(ACCEPT, const { HeaderValue::from_static("application/json") });
        let mut token = HeaderValue::from_str(&self.token(now)?).map_err(|_| BuildError::Header)?;
        token.set_sensitive(true);
        headers.insert(AUTHORIZATION, token);
        let url = Url::parse(&address).map_err(|_| BuildError::Url)?;
        Ok(Request { method, url, headers, body: Bytes::from(body.to_string()), verify: true })
    }

    /// A shared access signature (Azure: "Control access to IoT Hub by using SAS tokens").
    fn token(&self, now: Moment) -> Result<String, BuildError> {
        let key = STANDARD
            .decode(&self.key)
            .map_err(|_| BuildError::Unfit("the policy_key is not base64, which a key of Azure is"))?;
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let place = encode(&format!("{}.azure-devices.net", self.hub.to_ascii_lowercase()));
        let until = now.plus_seconds(SIGNED_FOR).unix_seconds();
        let signed =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), format!("{place}\n{until}").as_bytes());
        let signature = encode(&STANDARD.encode(signed));
        Ok(format!(
            "SharedAccessSignature sr={place}&sig={signature}&se={until}&skn={}",
            encode(&self.policy)
        ))
    }
}

/// What a message says where the settings do not (the vendor's documentation, Azure IoT Hub).
fn usual_body(event: &HookEvent) -> Value {
    let mut body = json!({
        "data": event.written.data,
        "device_id": event.core_id(),
        "event": event.written.name,
        "published_at": Moment(event.written.published_at).to_iso(),
    });
    if let (Some(version), Some(object)) = (event.written.firmware, body.as_object_mut()) {
        object.insert("fw_version".into(), version.to_string().into());
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(settings: &Value) -> Result<AzureIotHub, Error> {
        AzureIotHub::compile(&read(&mut Fields::new(settings.as_object().cloned().unwrap()))?)
    }

    /// The signature was made with Python: `hmac.new(key, b"my%2Dhub%2Eazure%2Ddevices%2Enet\n1800000600", "sha256")`.
    #[test]
    fn a_message_is_signed_with_the_policys_key() {
        let key = STANDARD.encode("a key of thirty-two bytes, or so");
        let hub =
            hub(&json!({"hub_name": "my-hub", "policy_name": "iothubowner", "policy_key": key})).unwrap();
        let event = HookEvent::of_test(1, "temp", "21", None, Moment(1_800_000_000_000));
        let variables = Variables::of_request(&event, &Map::new(), Map::new());
        let now = Moment(1_800_000_000_000);
        let request = hub.message(&event, &variables, USUAL_BASE, now).unwrap();
        assert_eq!(
            request.url.as_str(),
            "https://my-hub.azure-devices.net/devices/api/messages/events?api-version=2021-04-12"
        );
        assert_eq!(
            request.headers["authorization"],
            "SharedAccessSignature sr=my%2Dhub%2Eazure%2Ddevices%2Enet&sig=%2Fgwo4Gn0njoB51Cj2B5EkAMPLNCz4rC1E20A93ydctY%3D&se=1800000600&skn=iothubowner"
        );
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!((&body["data"], &body["device_id"]), (&json!("21"), &json!("api")));
        let introduction = hub.introduction(&event, USUAL_BASE, now).unwrap();
        assert_eq!((introduction.method, introduction.url.path()), (Method::PUT, "/devices/api"));
    }

    #[test]
    fn a_hubs_name_is_one_label() {
        for bad in ["", "a.b", "a/b", "-a", "a@b", "{hub}", &"h".repeat(51)] {
            let settings = json!({"hub_name": bad, "policy_name": "p", "policy_key": "a2V5"});
            assert!(hub(&settings).is_err(), "{bad}");
        }
        let settings = json!({"hub_name": "h", "policy_name": "p", "policy_key": "123abc"});
        let event = HookEvent::of_test(1, "temp", "21", None, Moment(0));
        let variables = Variables::of_request(&event, &Map::new(), Map::new());
        let failed = hub(&settings).unwrap().message(&event, &variables, USUAL_BASE, Moment(0));
        assert!(matches!(failed, Err(BuildError::Unfit(_))));
    }
}
