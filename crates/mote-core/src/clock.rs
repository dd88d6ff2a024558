//! What time it is: the system's, or a test's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A moment in milliseconds since 1970 (UTC), as the store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment `seconds` later; the furthest there is where that overflows.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// ISO 8601 with milliseconds and `Z`, as the API writes moments: `2014-04-27T02:20:36.177Z`.
    #[must_use]
    pub fn to_iso(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .map_or_else(|_| String::from("9999-12-31T23:59:59.999Z"), |t| format!("{t:.3}"))
    }

    /// Reads ISO 8601 as people write it: with an offset or `Z`, or without, which is UTC; or a day, which is its midnight.
    #[must_use]
    pub fn from_date(text: &str) -> Option<Self> {
        let without_offset = || {
            let date = text.parse::<jiff::civil::DateTime>().ok()?;
            let moment = jiff::tz::Offset::UTC.to_timestamp(date).ok()?;
            Some(Self(moment.as_millisecond()))
        };
        Self::from_iso(text).or_else(without_offset)
    }

    /// Reads ISO 8601, with an offset or `Z`.
    #[must_use]
    pub fn from_iso(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }
}

/// Where the time comes from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine.
    #[default]
    System,
    /// A test, which sets it.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// Now.
    #[must_use]
    pub fn now(&self) -> Moment {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Manual(now) => Moment(now.load(Ordering::SeqCst)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_the_api_writes_them() {
        let moment = Moment::from_iso("2014-04-27T02:20:36.177Z").unwrap();
        assert_eq!(moment.to_iso(), "2014-04-27T02:20:36.177Z");
        assert_eq!(Moment(0).to_iso(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Moment::from_iso("2014-04-27T04:20:36.177+02:00"), Some(moment));
        assert_eq!(Moment::from_iso("yesterday"), None);
        assert_eq!(Moment::from_iso("2014-04-27T02:20:36.177"), None);
        assert_eq!(Moment::from_date("2014-04-27T02:20:36.177"), Some(moment));
        assert_eq!(Moment::from_date("2014-04-27T04:20:36.177+02:00"), Some(moment));
        assert_eq!(
            Moment::from_date("2014-04-27").map(Moment::to_iso),
            Some("2014-04-27T00:00:00.000Z".into())
        );
        assert_eq!(Moment::from_date("20140427"), Moment::from_date("2014-04-27"));
        assert_eq!(Moment::from_date("2014-04"), None);
    }
}
