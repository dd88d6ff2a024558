//! What vitals may look like.

use serde_json::{Map, Value, json};

use super::{FIELDS, Kind};

/// Bytes of a payload that is kept at most: several times what a device with everything tells.
const MOST_BYTES: usize = 4096;
/// How deep its objects may be in one another: one more than those that are documented.
const DEEPEST: usize = 6;

/// Vitals that were read and are in order, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Vitals(String);

/// Why vitals are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("they are longer than {MOST_BYTES} bytes")]
    TooLong,
    #[error("they are no JSON object")]
    NotAnObject,
    #[error("there is no object `device` in them")]
    NoDevice,
    #[error("{0} is not what it should be")]
    Figure(&'static str),
    #[error("there are lists in them, or objects too deep in one another")]
    Shape,
}

impl Vitals {
    /// Reads the data of an event. What the cloud says of a device's session belongs to vitals too: where the device has
    /// none of it, that its message could be read is added.
    pub(super) fn parse(data: &str) -> Result<Self, Malformed> {
        if data.len() > MOST_BYTES {
            return Err(Malformed::TooLong);
        }
        let Ok(Value::Object(mut payload)) = serde_json::from_str(data) else {
            return Err(Malformed::NotAnObject);
        };
        if !payload.get("device").is_some_and(Value::is_object) {
            return Err(Malformed::NoDevice);
        }
        if !payload.values().all(|value| value.is_object() && is_plain(value, DEEPEST)) {
            return Err(Malformed::Shape);
        }
        payload.entry("service").or_insert_with(|| json!({"device": {"status": "ok"}}));
        let payload = Value::Object(payload);
        match FIELDS.iter().find(|field| field.of(&payload).is_some_and(|value| !fits(value, field.kind))) {
            Some(field) => Err(Malformed::Figure(field.path)),
            None => Ok(Self(payload.to_string())),
        }
    }

    pub(super) fn into_json(self) -> String {
        self.0
    }
}

/// Whether a value is a figure, or an object of such.
fn is_plain(value: &Value, depth: usize) -> bool {
    match value {
        Value::Object(object) => depth > 0 && object.values().all(|value| is_plain(value, depth - 1)),
        Value::Array(_) => false,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Device OS puts null, or `{"err": …}`, where it has no figure to tell.
fn fits(value: &Value, kind: Kind) -> bool {
    let is_error = |object: &Map<String, Value>| object.get("err").is_some_and(Value::is_number);
    match (value, kind) {
        (Value::Null, _) | (Value::Number(_), Kind::Number) | (Value::String(_), Kind::Text) => true,
        (Value::Object(object), _) => is_error(object),
        _ => false,
    }
}

/// Reads vitals: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(data: &str) {
    let Ok(vitals) = Vitals::parse(data) else { return };
    let kept: Value = serde_json::from_str(&vitals.0).expect("what is kept is JSON");
    assert!(kept["device"].is_object() && kept["service"].is_object());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the contract.
    const DOCUMENTED: &str = r#"{"device":{"network":{"cellular":{"radio_access_technology":"3G","operator":"AT&T Wireless Inc.",
        "cell_global_identity":{"mobile_country_code":310,"mobile_network_code":"410","location_area_code":45997,"cell_id":20160117}},
        "signal":{"at":"UMTS","strength":66.66,"strength_units":"%","strengthv":-57,"strengthv_units":"dBm","strengthv_type":"RSCP",
        "quality":75.51,"quality_units":"%","qualityv":-6,"qualityv_units":"dB","qualityv_type":"ECN0"},
        "connection":{"status":"connected","error":0,"disconnects":1,"attempts":1,"disconnect_reason":"reset"}},
        "cloud":{"connection":{"status":"connected","error":0,"attempts":2,"disconnects":23,"disconnect_reason":"error"},
        "coap":{"transmit":412,"retransmit":3,"unack":0,"round_trip":1594},"publish":{"rate_limited":0}},
        "power":{"battery":{"charge":87.12,"state":"not_charging"},"source":"VIN"},
        "system":{"uptime":2567461,"memory":{"used":36016,"total":113664}}},
        "service":{"device":{"status":"ok"},"cloud":{"uptime":82925,"publish":{"sent":1384}},"coap":{"round_trip":920}}}"#;

    fn read(data: &str) -> Result<Value, Malformed> {
        Vitals::parse(data).map(|vitals| serde_json::from_str(&vitals.into_json()).unwrap())
    }

    #[test]
    fn documented_vitals_are_kept_as_they_are() {
        let documented: Value = serde_json::from_str(DOCUMENTED).unwrap();
        assert_eq!(read(DOCUMENTED), Ok(documented.clone()));
        let missing: Vec<_> = FIELDS.iter().filter(|field| field.of(&documented).is_none()).collect();
        // The field list and the example have it at different places.
        assert_eq!(missing.iter().map(|field| field.path).collect::<Vec<_>>(), ["device.cloud.disconnects"]);
    }

    #[test]
    fn devices_tell_less_and_more() {
        let service = json!({"device": {"status": "ok"}});
        assert_eq!(read(r#"{"device":{}}"#), Ok(json!({"device": {}, "service": service})));
        let odd = json!({
            "device": {"system": {"uptime": null, "memory": {"used": {"err": -270}}}, "gnss": {"fix": true}},
            "service": {}
        });
        assert_eq!(read(&odd.to_string()), Ok(odd));
    }

    #[test]
    fn others_are_not_kept() {
        for (data, why) in [
            ("", Malformed::NotAnObject),
            ("[]", Malformed::NotAnObject),
            ("{", Malformed::NotAnObject),
            ("{}", Malformed::NoDevice),
            (r#"{"device":1}"#, Malformed::NoDevice),
            (r#"{"device":{},"more":1}"#, Malformed::Shape),
            (r#"{"device":{"list":[]}}"#, Malformed::Shape),
            (r#"{"device":{"a":{"b":{"c":{"d":{"e":{"f":{}}}}}}}}"#, Malformed::Shape),
            (r#"{"device":{"system":{"uptime":"long"}}}"#, Malformed::Figure("device.system.uptime")),
            (r#"{"device":{"power":{"source":1}}}"#, Malformed::Figure("device.power.source")),
            (r#"{"device":{"power":{"source":{"x":1}}}}"#, Malformed::Figure("device.power.source")),
        ] {
            assert_eq!(read(data), Err(why), "{data}");
        }
        assert_eq!(read(&format!(r#"{{"device":{{"x":"{}"}}}}"#, "y".repeat(4096))), Err(Malformed::TooLong));
        assert_eq!(read(&"{\"device\":".repeat(400)), Err(Malformed::NotAnObject));
    }

    proptest! {
        #[test]
        fn no_data_makes_it_panic(data: String) {
            let _ = Vitals::parse(&data);
        }

        #[test]
        fn what_is_kept_is_an_object_with_a_device(figures in prop::collection::btree_map("[a-z.\"\\\\]{1,8}", any::<i32>(), 0..8)) {
            let told = json!({"device": figures});
            prop_assert_eq!(&read(&told.to_string()).unwrap()["device"], &told["device"]);
        }
    }
}
