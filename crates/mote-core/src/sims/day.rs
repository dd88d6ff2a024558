//! Days, and the months that data is counted in.

use jiff::civil::Date;
use jiff::tz::Offset;

use crate::Moment;

/// A day (UTC): days since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// Milliseconds of a day.
const MILLISECONDS: i64 = 86_400_000;

impl Day {
    /// The day of a moment.
    #[must_use]
    pub fn of(moment: Moment) -> Self {
        Self(i32::try_from(moment.0.div_euclid(MILLISECONDS)).unwrap_or(i32::MAX))
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        let date = self.date();
        Self(self.0 - i32::from(date.day()) + 1)
    }

    /// Its month: months since year 0.
    pub(super) fn month(self) -> i32 {
        let date = self.date();
        i32::from(date.year()) * 12 + i32::from(date.month()) - 1
    }

    fn date(self) -> Date {
        let midnight = i64::from(self.0) * MILLISECONDS;
        jiff::Timestamp::from_millisecond(midnight)
            .map_or(Date::MAX, |midnight| Offset::UTC.to_datetime(midnight).date())
    }
}

impl std::fmt::Display for Day {
    /// `2017-02-24`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.date().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_know_their_month() {
        let day = Day::of(Moment::from_iso("2024-02-29T23:59:59.999Z").unwrap());
        assert_eq!(day.to_string(), "2024-02-29");
        assert_eq!(day.first_of_month().to_string(), "2024-02-01");
        assert_eq!(day.month(), 2024 * 12 + 1);
        assert_eq!(Day(day.0 + 1).to_string(), "2024-03-01");
        assert_eq!(Day(day.0 + 1).month(), day.month() + 1);
        assert_eq!((Day(0).to_string(), Day(-1).to_string()), ("1970-01-01".into(), "1969-12-31".into()));
    }

    proptest::proptest! {
        #[test]
        fn every_day_is_of_the_month_that_its_first_is_of(day: i32) {
            let _ = Day(day).to_string();
            if (-700_000..2_000_000).contains(&day) {
                let first = Day(day).first_of_month();
                proptest::prop_assert_eq!(first.month(), Day(day).month());
                proptest::prop_assert_ne!(Day(first.0 - 1).month(), first.month());
            }
        }
    }
}
