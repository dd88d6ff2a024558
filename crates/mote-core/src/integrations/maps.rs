//! Google Maps: what a device hears around it becomes a place, by Google's Geolocation API.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use mote_outbound::Request;
use serde_json::{Map, Value, json};
use url::Url;

use super::event::HookEvent;
use super::fields::Fields;
use super::webhook::BuildError;
use crate::Error;

/// The settings, as the API names them.
pub(super) const KNOWN: [&str; 1] = ["api_key"];
/// Where the API is.
pub(super) const USUAL_BASE: &str = "https://www.googleapis.com";

/// A key to the API.
#[derive(Debug)]
pub(super) struct GoogleMaps {
    key: String,
}

pub(super) fn read(fields: &mut Fields) -> Result<Map<String, Value>, Error> {
    let key = fields.some_text("api_key", 500)?;
    let key = key.ok_or_else(|| Error::invalid("api_key", "is needed for Google Maps"))?;
    Ok(Map::from_iter([("api_key".to_owned(), key.trim().into())]))
}

impl GoogleMaps {
    pub(super) fn new(settings: &Map<String, Value>) -> Self {
        let key = settings.get("api_key").and_then(Value::as_str).unwrap_or_default();
        Self { key: key.to_owned() }
    }

    /// The question where the device of an event is; with `mask` in the place of the key, if there is one.
    pub(super) fn question(
        &self,
        event: &HookEvent,
        base: &str,
        mask: Option<&str>,
    ) -> Result<Request, BuildError> {
        let body = surroundings(&event.parsed()).ok_or(BuildError::Unfit(
            "the event's data names no access points and no cell towers, as the device locator library sends them",
        ))?;
        let mut url = Url::parse(&format!("{base}/geolocation/v1/geolocate")).map_err(|_| BuildError::Url)?;
        url.query_pairs_mut().append_pair("key", mask.unwrap_or(&self.key));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, const { HeaderValue::from_static("application/json") });
        headers.insert(ACCEPT, const { HeaderValue::from_static("application/json") });
        let body = Bytes::from(body.to_string());
        Ok(Request { method: Method::POST, url, headers, body, verify: true })
    }
}

/// What devices are told of an answer: `latitude,longitude,accuracy`, as the device locator library reads it.
pub(super) fn place(answer: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let number = |pointer: &str| answer.pointer(pointer).filter(|value| value.is_number());
    let (lat, lng) = (number("/location/lat")?, number("/location/lng")?);
    Some(format!("{lat},{lng},{}", number("/accuracy")?))
}

/// The request for what a device heard: Google's own fields as they are, or those of the device locator library:
/// `{"w":{"a":[{"m":MAC,"s":SIGNAL,"c":CHANNEL}]}}`, `{"c":{"o":CARRIER,"a":[{"i":CELL,"l":AREA,"c":COUNTRY,"n":NETWORK}]}}`.
fn surroundings(data: &Value) -> Option<Value> {
    const TOWERS: [&str; 2] = ["wifiAccessPoints", "cellTowers"];
    let mut body = match data.as_object() {
        Some(object) if TOWERS.iter().any(|name| object.contains_key(*name)) => object.clone(),
        _ => Map::new(),
    };
    let points = [("m", "macAddress"), ("s", "signalStrength"), ("c", "channel")];
    if let Some(list) = renamed(data.pointer("/w/a"), &points) {
        body.insert("wifiAccessPoints".into(), list);
    }
    let towers =
        [("i", "cellId"), ("l", "locationAreaCode"), ("c", "mobileCountryCode"), ("n", "mobileNetworkCode")];
    if let Some(list) = renamed(data.pointer("/c/a"), &towers) {
        body.insert("cellTowers".into(), list);
        if let Some(carrier) = data.pointer("/c/o").and_then(Value::as_str).filter(|name| !name.is_empty()) {
            body.insert("carrier".into(), carrier.into());
        }
    }
    if body.is_empty() {
        return None;
    }
    // Else Google would answer where this server is, when it knows nothing of what the device heard.
    body.entry("considerIp").or_insert(json!(false));
    Some(Value::Object(body))
}

fn renamed(list: Option<&Value>, names: &[(&str, &str)]) -> Option<Value> {
    let rename = |one: &Value| {
        let fields =
            names.iter().filter_map(|(short, long)| Some(((*long).to_owned(), one.get(*short)?.clone())));
        Value::Object(fields.collect())
    };
    Some(Value::Array(list?.as_array()?.iter().map(rename).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;

    fn asked(data: &str) -> Option<Value> {
        let maps = GoogleMaps { key: "a b&c".into() };
        let event = HookEvent::of_test(1, "deviceLocator", data, None, Moment(0));
        let request = maps.question(&event, USUAL_BASE, None).ok()?;
        assert_eq!(request.url.as_str(), "https://www.googleapis.com/geolocation/v1/geolocate?key=a+b%26c");
        serde_json::from_slice(&request.body).ok()
    }

    #[test]
    fn what_the_library_sends_becomes_what_google_takes() {
        assert_eq!(
            asked("{\"w\":{\"a\":[{\"m\":\"aa:bb:cc:dd:ee:ff\",\"s\":-50,\"c\":6}]}}"),
            Some(json!({
                "considerIp": false,
                "wifiAccessPoints": [{"macAddress": "aa:bb:cc:dd:ee:ff", "signalStrength": -50, "channel": 6}]
            }))
        );
        assert_eq!(
            asked("{\"c\":{\"o\":\"AT&T\",\"a\":[{\"i\":1,\"l\":2,\"c\":310,\"n\":410}]}}"),
            Some(json!({
                "considerIp": false, "carrier": "AT&T",
                "cellTowers": [{"cellId": 1, "locationAreaCode": 2, "mobileCountryCode": 310, "mobileNetworkCode": 410}]
            }))
        );
        let own = "{\"cellTowers\":[],\"considerIp\":true}";
        assert_eq!(asked(own), serde_json::from_str(own).ok());
        for nothing in ["", "x", "[]", "{\"w\":1}", "{\"t\":1}"] {
            assert_eq!(asked(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn devices_are_told_three_numbers() {
        let answer = "{\"location\":{\"lat\":37.42,\"lng\":-122.08},\"accuracy\":20}";
        assert_eq!(place(answer).as_deref(), Some("37.42,-122.08,20"));
        assert_eq!(place("{\"location\":{\"lat\":37.42}}"), None);
    }
}
