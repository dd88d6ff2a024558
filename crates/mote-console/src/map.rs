//! Where a device is on the world, and the way that it went: drawn on the server, without anybody's tiles.

use std::fmt::Write;

use mote_core::locations::Place;

/// Kilometres in a degree of latitude.
const DEGREE: f64 = 111.2;
/// The view box of a way.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 144.0;
/// Room around a way.
const MARGIN: f64 = 8.0;
/// Points of a way that are drawn at most.
const MOST_POINTS: usize = 300;

/// A place on the map of the world, in degrees east of the date line and south of the pole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spot {
    pub(crate) x: String,
    pub(crate) y: String,
    /// For people.
    pub(crate) text: String,
}

impl Spot {
    pub(crate) fn of(place: &Place) -> Self {
        let half = |degrees: f64, ahead: &str, behind: &str| {
            format!("{:.5}° {}", degrees.abs(), if degrees < 0.0 { behind } else { ahead })
        };
        Self {
            x: format!("{:.1}", place.lon + 180.0),
            y: format!("{:.1}", 90.0 - place.lat),
            text: format!("{}, {}", half(place.lat, "N", "S"), half(place.lon, "E", "W")),
        }
    }
}

/// The way that a device went.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Way {
    /// The points of a line within the view box.
    pub(crate) points: String,
    /// The last of them.
    pub(crate) last: (String, String),
    /// How many places it is made of.
    pub(crate) places: usize,
    /// How far apart they are at most, along a side of the picture.
    pub(crate) extent: String,
}

impl Way {
    /// Through these places, oldest first; none where it went nowhere.
    pub(crate) fn of(places: &[Place]) -> Option<Self> {
        let first = places.first()?;
        let shrink = first.lat.to_radians().cos();
        let flat: Vec<(f64, f64)> = places
            .iter()
            .map(|place| {
                // Over the date line, too, it is the shorter way.
                let east = (place.lon - first.lon + 540.0).rem_euclid(360.0) - 180.0;
                (east * shrink * DEGREE, (first.lat - place.lat) * DEGREE)
            })
            .collect();
        let bounds = |of: fn(&(f64, f64)) -> f64| {
            flat.iter().map(of).fold((f64::MAX, f64::MIN), |(least, most), x| (least.min(x), most.max(x)))
        };
        let ((left, right), (top, bottom)) = (bounds(|point| point.0), bounds(|point| point.1));
        let (wide, high) = (right - left, bottom - top);
        // Within what satellites are wrong by, it stood still.
        if wide.max(high) < 0.05 {
            return None;
        }
        let scale = f64::min((WIDTH - 2.0 * MARGIN) / wide, (HEIGHT - 2.0 * MARGIN) / high);
        let (aside, above) = ((WIDTH - wide * scale) / 2.0, (HEIGHT - high * scale) / 2.0);
        let at = |point: &(f64, f64)| {
            let (x, y) = ((point.0 - left) * scale + aside, (point.1 - top) * scale + above);
            (format!("{x:.1}"), format!("{y:.1}"))
        };
        let step = flat.len().div_ceil(MOST_POINTS);
        let mut points = String::new();
        // From the end, so that the last is among them.
        for point in flat.iter().rev().step_by(step) {
            let (x, y) = at(point);
            let _ = write!(points, "{x},{y} ");
        }
        Some(Self {
            points: points.trim_end().to_owned(),
            last: at(flat.last()?),
            places: places.len(),
            extent: format!("{:.1} km", wide.max(high)),
        })
    }
}

#[cfg(test)]
mod tests {
    use mote_core::Moment;
    use serde_json::json;

    use super::*;

    fn places(all: &[(f64, f64)]) -> Vec<Place> {
        let place = |&(lat, lon): &(f64, f64)| Place { at: Moment(0), lat, lon, properties: json!({}) };
        all.iter().map(place).collect()
    }

    #[test]
    fn spots_are_on_the_map_and_in_words() {
        let spot = |lat, lon| {
            let spot = Spot::of(&places(&[(lat, lon)])[0]);
            (spot.x, spot.y, spot.text)
        };
        let told = |x: &str, y: &str, text: &str| (x.to_owned(), y.to_owned(), text.to_owned());
        assert_eq!(spot(52.5, 13.4), told("193.4", "37.5", "52.50000° N, 13.40000° E"));
        assert_eq!(spot(-33.9, -70.6), told("109.4", "123.9", "33.90000° S, 70.60000° W"));
    }

    #[test]
    fn a_way_fills_the_picture() {
        let way = Way::of(&places(&[(0.0, 0.0), (0.0, 1.0)])).unwrap();
        assert_eq!(way.points, "352.0,72.0 8.0,72.0");
        assert_eq!((way.last, way.extent.as_str()), (("352.0".into(), "72.0".into()), "111.2 km"));
        let north = Way::of(&places(&[(0.0, 0.0), (1.0, 0.0)])).unwrap();
        assert_eq!(north.points, "180.0,8.0 180.0,136.0");
    }

    #[test]
    fn over_the_date_line_is_no_way_around_the_world() {
        let way = Way::of(&places(&[(0.0, 179.5), (0.0, -179.5)])).unwrap();
        assert_eq!(way.extent, "111.2 km");
    }

    #[test]
    fn who_stands_still_goes_no_way() {
        assert_eq!(Way::of(&[]), None);
        assert_eq!(Way::of(&places(&[(52.0, 13.0), (52.0001, 13.0001)])), None);
    }

    #[test]
    fn a_long_way_is_thinned_out_and_ends_where_it_ends() {
        let long: Vec<_> = (0..10_000).map(|step| (f64::from(step) / 1000.0, 0.0)).collect();
        let way = Way::of(&places(&long)).unwrap();
        let drawn = way.points.split(' ').count();
        assert!((200..=MOST_POINTS).contains(&drawn), "{drawn}");
        assert!(way.points.starts_with(&format!("{},{}", way.last.0, way.last.1)));
        assert_eq!(way.places, 10_000);
    }
}
