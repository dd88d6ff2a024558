//! What a device tells of where it is: the data of its event `loc`, as the vendor's Tracker firmware publishes it (its "point
//! publish" schema).

use serde_json::{Map, Value};

use crate::Moment;

/// Bytes of what else a device tells that is kept at most.
const MOST_PROPERTIES: usize = 2048;
/// How far a device's clock may be ahead, in seconds, before it is not believed.
const AHEAD: i64 = 3600;
/// What of `loc` is kept in places of its own.
const OWN_PLACE: [&str; 4] = ["lck", "time", "lat", "lon"];
/// What is a number wherever it is told.
const NUMBERS: [&str; 8] = ["alt", "hd", "spd", "h_acc", "v_acc", "temp", "batt", "cell"];

/// Where a device is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    /// When it was there: to the second.
    pub(super) at: Moment,
    /// Degrees north.
    pub(super) lat: f64,
    /// Degrees east.
    pub(super) lon: f64,
    /// Whether satellites say so.
    pub(super) gps_lock: bool,
    /// What else it tells; JSON.
    pub(super) properties: String,
}

/// Why an event is not kept as a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("it is no JSON object with `cmd` and `loc`")]
    NotALocation,
    #[error("there is no position in it")]
    NoPosition,
    #[error("its position is not on earth")]
    NotOnEarth,
    #[error("{0} is no number")]
    NotANumber(&'static str),
    #[error("it tells more than {MOST_PROPERTIES} bytes besides")]
    TooMuch,
}

impl Point {
    /// Reads the data of an event that came at `heard`.
    pub(super) fn parse(data: &str, heard: Moment) -> Result<Self, Malformed> {
        let mut event: Map<String, Value> =
            serde_json::from_str(data).map_err(|_| Malformed::NotALocation)?;
        let loc = event.remove("loc");
        let (Some("loc"), Some(Value::Object(mut loc))) = (event.get("cmd").and_then(Value::as_str), loc)
        else {
            return Err(Malformed::NotALocation);
        };
        let (lat, lon) = (degrees(&loc, "lat")?, degrees(&loc, "lon")?);
        if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon) {
            return Err(Malformed::NotOnEarth);
        }
        let is_number = |name: &str| loc.get(name).is_none_or(|value| value.is_number() || value.is_null());
        if let Some(name) = NUMBERS.into_iter().find(|name| !is_number(name)) {
            return Err(Malformed::NotANumber(name));
        }
        let told =
            [loc.get("time"), event.get("time")].into_iter().flatten().find_map(|time| moment(time, heard));
        let gps_lock = loc.get("lck").is_some_and(|lock| lock.as_i64().is_some_and(|lock| lock != 0));
        loc.retain(|name, _| !OWN_PLACE.contains(&name.as_str()));
        let properties = Value::Object(loc).to_string();
        if properties.len() > MOST_PROPERTIES {
            return Err(Malformed::TooMuch);
        }
        let at = told.unwrap_or(Moment(heard.unix_seconds() * 1000));
        Ok(Self { at, lat, lon, gps_lock, properties })
    }
}

fn degrees(loc: &Map<String, Value>, name: &'static str) -> Result<f64, Malformed> {
    match loc.get(name) {
        None | Some(Value::Null) => Err(Malformed::NoPosition),
        Some(value) => value.as_f64().ok_or(Malformed::NotANumber(name)),
    }
}

/// A time in seconds since 1970; none where it cannot be: a clock that was not set yet starts at 0 or with the century.
fn moment(time: &Value, heard: Moment) -> Option<Moment> {
    const SINCE: i64 = 1_262_304_000; // 2010
    let seconds = time.as_i64().filter(|seconds| *seconds >= SINCE)?;
    let moment = Moment(seconds.checked_mul(1000)?);
    (moment <= heard.plus_seconds(AHEAD)).then_some(moment)
}

/// Reads a location: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(data: &str, heard: Moment) {
    let Ok(point) = Point::parse(data, heard) else { return };
    assert!(point.at <= heard.plus_seconds(AHEAD) && point.lat.abs() <= 90.0 && point.lon.abs() <= 180.0);
    assert!(
        serde_json::from_str::<Map<String, Value>>(&point.properties).is_ok(),
        "what is kept is an object"
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const HEARD: Moment = Moment(1_592_486_570_123);

    fn read(data: &Value) -> Result<Point, Malformed> {
        Point::parse(&data.to_string(), HEARD)
    }

    #[test]
    fn what_a_tracker_publishes_is_read() {
        let data = r#"{"cmd":"loc","time":1592486562,"loc":{"lck":1,"time":1592486563,"lat":42.469732,"lon":-75.064801,
            "alt":321.16,"hd":122.29,"h_acc":6.7,"v_acc":12,"cell":37.1,"batt":98.8,"speed":0.05},"trig":["time"],"req_id":4}"#;
        let point = Point::parse(data, HEARD).unwrap();
        assert_eq!((point.at, point.gps_lock), (Moment(1_592_486_563_000), true));
        assert_eq!(json!([point.lat, point.lon]), json!([42.469_732, -75.064_801]));
        let properties: Value = serde_json::from_str(&point.properties).unwrap();
        assert_eq!(
            properties,
            json!({"alt": 321.16, "hd": 122.29, "h_acc": 6.7, "v_acc": 12, "cell": 37.1, "batt": 98.8, "speed": 0.05})
        );
    }

    #[test]
    fn times_that_cannot_be_are_not_believed() {
        let at = |loc: Value, time: Value| {
            read(&json!({"cmd": "loc", "time": time, "loc": {"lat": 1, "lon": 2, "time": loc}})).unwrap().at.0
        };
        let (heard, told) = (1_592_486_570_000, 1_592_480_000_000);
        assert_eq!(at(json!(1_592_480_000), json!(0)), told);
        assert_eq!(at(json!(0), json!(1_592_480_000)), told);
        assert_eq!(at(json!(1_592_486_570 + 3600), json!(null)), heard + 3_600_000);
        for odd in [
            json!(1_592_486_570 + 3601),
            json!(946_684_800),
            json!(-1),
            json!("x"),
            json!(null),
            json!(i64::MAX),
            json!(1e300),
        ] {
            assert_eq!(at(odd.clone(), odd.clone()), heard, "{odd}");
        }
    }

    #[test]
    fn others_are_not_kept() {
        let loc = |loc: Value| json!({"cmd": "loc", "loc": loc});
        for (data, why) in [
            (json!([]), Malformed::NotALocation),
            (json!({"loc": {"lat": 1, "lon": 2}}), Malformed::NotALocation),
            (json!({"cmd": "ack", "loc": {"lat": 1, "lon": 2}}), Malformed::NotALocation),
            (loc(json!([1, 2])), Malformed::NotALocation),
            (loc(json!({"lck": 0})), Malformed::NoPosition),
            (loc(json!({"lat": 1, "lon": null})), Malformed::NoPosition),
            (loc(json!({"lat": "1", "lon": 2})), Malformed::NotANumber("lat")),
            (loc(json!({"lat": 90.1, "lon": 2})), Malformed::NotOnEarth),
            (loc(json!({"lat": 1, "lon": -180.000_001})), Malformed::NotOnEarth),
            (loc(json!({"lat": 1, "lon": 2, "spd": "fast"})), Malformed::NotANumber("spd")),
            (loc(json!({"lat": 1, "lon": 2, "x": "y".repeat(2048)})), Malformed::TooMuch),
        ] {
            assert_eq!(read(&data), Err(why), "{data}");
        }
        assert_eq!(read(&loc(json!({"lat": -90, "lon": 180}))).map(|point| point.gps_lock), Ok(false));
    }

    proptest! {
        #[test]
        fn no_data_makes_it_panic(data: String, heard: i64) {
            let _ = Point::parse(&data, Moment(heard));
        }

        #[test]
        fn every_place_on_earth_is_kept(
            lat in -90_000_000..=90_000_000_i32, lon in -180_000_000..=180_000_000_i32, lck in 0..9, time: i64,
        ) {
            // Millionths of a degree: a hand's breadth.
            let (lat, lon) = (f64::from(lat) / 1e6, f64::from(lon) / 1e6);
            let loc = json!({"lck": lck, "lat": lat, "lon": lon, "time": time});
            let point = read(&json!({"cmd": "loc", "time": time, "loc": loc})).unwrap();
            prop_assert_eq!(json!([point.lat, point.lon]), json!([lat, lon]));
            prop_assert_eq!(point.gps_lock, lck != 0);
            prop_assert!(point.at <= HEARD.plus_seconds(AHEAD) && point.at.0 > 0);
        }
    }
}
