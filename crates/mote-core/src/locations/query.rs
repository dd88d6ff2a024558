//! What requests ask of locations.

use mote_store::locations::{Area, Span};

use crate::{Error, Moment};

/// Characters of a filter at most.
const LONGEST: usize = 128;
/// Groups in a filter at most.
const MOST_GROUPS: usize = 100;

/// Which devices.
#[derive(Clone, Debug, Default)]
pub struct Devices {
    /// What the ID begins with.
    pub device_id: Option<String>,
    /// What the name begins with, in either case.
    pub device_name: Option<String>,
    /// Names of groups; only devices in one of them. None for all devices.
    pub groups: Vec<String>,
}

impl Devices {
    pub(super) fn checked(self) -> Result<Self, Error> {
        if self.groups.len() > MOST_GROUPS {
            return Err(Error::invalid("groups", format!("are {MOST_GROUPS} at most")));
        }
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let start = |name, text: Option<String>| {
            given(text).map(|text| fitting(name, text.to_ascii_lowercase())).transpose()
        };
        Ok(Self {
            device_id: start("device_id", self.device_id)?,
            device_name: start("device_name", self.device_name)?,
            groups: self
                .groups
                .into_iter()
                .map(|group| fitting("groups", group))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn fitting(name: &'static str, text: String) -> Result<String, Error> {
    if text.chars().count() <= LONGEST && !text.contains('\0') {
        Ok(text)
    } else {
        Err(Error::invalid(name, format!("is text of {LONGEST} characters at most")))
    }
}

/// Time from one moment to another, both within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    first: Moment,
    last: Moment,
}

impl DateRange {
    /// Reads `START,END` in ISO 8601.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid("date_range", "is START,END in ISO 8601, the start not after the end");
        let (first, last) = text.split_once(',').ok_or_else(wrong)?;
        let moment = |text: &str| Moment::from_date(text.trim()).ok_or_else(wrong);
        let (first, last) = (moment(first)?, moment(last)?);
        if first <= last { Ok(Self { first, last }) } else { Err(wrong()) }
    }

    /// The part of it that is not before `oldest`.
    pub(super) fn since(self, oldest: Moment) -> Span {
        Span { first: self.first.max(oldest).0, last: self.last.0 }
    }
}

/// A part of the world between two meridians and two parallels. Where its left side is east of its right, it goes over the
/// date line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rectangle {
    bottom_left: (f64, f64),
    top_right: (f64, f64),
}

impl Rectangle {
    /// Reads its corners at the bottom left and the top right, each `LATITUDE,LONGITUDE`.
    pub fn parse(bottom_left: &str, top_right: &str) -> Result<Self, Error> {
        let (bottom_left, top_right) = (corner("rect_bl", bottom_left)?, corner("rect_tr", top_right)?);
        if bottom_left.0 > top_right.0 {
            return Err(Error::invalid("rect_bl", "is the bottom left corner: not north of rect_tr"));
        }
        Ok(Self { bottom_left, top_right })
    }

    pub(super) fn area(self) -> Area {
        let ((south, west), (north, east)) = (self.bottom_left, self.top_right);
        let longitudes = if west <= east { [(west, east); 2] } else { [(west, 180.0), (-180.0, east)] };
        Area { south, north, longitudes }
    }
}

fn corner(name: &'static str, text: &str) -> Result<(f64, f64), Error> {
    let wrong = || {
        let text = "is LATITUDE,LONGITUDE: from -90 to 90, and from -180 to 180";
        Error::invalid(name, text)
    };
    let (lat, lon) = text.split_once(',').ok_or_else(wrong)?;
    let degrees = |text: &str, most: f64| {
        text.trim().parse::<f64>().ok().filter(|degrees| (-most..=most).contains(degrees)).ok_or_else(wrong)
    };
    Ok((degrees(lat, 90.0)?, degrees(lon, 180.0)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_two_dates() {
        let range = DateRange::parse("2020-12-05T20:00:00Z, 2020-12-05T20:07:39Z").unwrap();
        assert_eq!(range.last.0 - range.first.0, 459_000);
        assert!(DateRange::parse("2020-12-05,2020-12-05").is_ok());
        for bad in [
            "",
            ",",
            "2020-12-05",
            "2020-12-05,",
            ",2020-12-05",
            "2020-12-06,2020-12-05",
            "1,2",
            "2020-12-05,2020-12-06,2020-12-07",
        ] {
            assert!(DateRange::parse(bad).is_err(), "{bad}");
        }
        let cut = range.since(Moment(range.last.0 - 1));
        assert_eq!((cut.first, cut.last), (range.last.0 - 1, range.last.0));
    }

    #[test]
    fn rectangles_are_two_corners_on_earth() {
        let area = Rectangle::parse("30.5,30.0", "36.2, 35.6").unwrap().area();
        assert_eq!(area, Area { south: 30.5, north: 36.2, longitudes: [(30.0, 35.6); 2] });
        let over_the_date_line = Rectangle::parse("-20,170", "-10,-170").unwrap().area();
        assert_eq!(over_the_date_line.longitudes, [(170.0, 180.0), (-180.0, -170.0)]);
        for (bl, tr) in [
            ("1", "2,3"),
            ("1,2", ""),
            ("1,2,3", "4,5"),
            ("-90.1,0", "1,1"),
            ("0,0", "1,180.5"),
            ("NaN,0", "1,1"),
            ("0,inf", "1,1"),
            ("2,0", "1,1"),
            ("x,y", "1,1"),
        ] {
            assert!(Rectangle::parse(bl, tr).is_err(), "{bl} {tr}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(one: String, other: String) {
            let _ = (DateRange::parse(&one), Rectangle::parse(&one, &other));
        }

        #[test]
        fn a_rectangle_and_the_rest_of_its_zone_are_all_of_it(west in -180.0..180.0_f64, east in -180.0..180.0_f64, lon in -180.0..180.0_f64) {
            let area = |west: f64, east: f64| Rectangle::parse(&format!("0,{west}"), &format!("1,{east}")).unwrap().area();
            let is_within = |area: Area| area.longitudes.iter().any(|(west, east)| (*west..=*east).contains(&lon));
            prop_assume!([west, east].iter().all(|side| (side - lon).abs() > f64::EPSILON) && (west - east).abs() > f64::EPSILON);
            prop_assert_ne!(is_within(area(west, east)), is_within(area(east, west)));
        }
    }
}
