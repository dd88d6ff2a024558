//! How long tokens live.

use crate::{Error, Moment, OAuthError};

/// Life of an access token when nothing else is asked for: 90 days (contract: Authentication-PostOauthToken).
pub const ACCESS_SECONDS: i64 = 7_776_000;
/// Life of a refresh token: 14 days (same entry).
pub const REFRESH_SECONDS: i64 = 14 * 86_400;
/// The longest life that can be asked for in seconds: ten years. Longer means never, and says so with 0.
pub(crate) const LONGEST_SECONDS: i64 = 10 * 365 * 86_400;

/// The life asked for an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// That many seconds, at least one.
    Seconds(i64),
    /// No end.
    Never,
}

impl Default for Lifetime {
    fn default() -> Self {
        Self::Seconds(ACCESS_SECONDS)
    }
}

impl Lifetime {
    /// Reads `expires_in` (seconds, 0 = never) and `expires_at` (ISO 8601); at most one of them.
    pub fn asked(expires_in: Option<&str>, expires_at: Option<&str>, now: Moment) -> Result<Self, Error> {
        let refuse = |why: &str| Error::OAuth(OAuthError::InvalidRequest(why.into()));
        match (expires_in, expires_at) {
            (None, None) => Ok(Self::default()),
            (Some(_), Some(_)) => Err(refuse("Send expires_in or expires_at, not both")),
            (Some(seconds), None) => match seconds.parse::<i64>() {
                Ok(0) => Ok(Self::Never),
                Ok(seconds @ 1..=LONGEST_SECONDS) => Ok(Self::Seconds(seconds)),
                _ => {
                    Err(refuse("expires_in is a whole number of seconds from 1 to 315360000, or 0 for never"))
                }
            },
            (None, Some(text)) => {
                let end = Moment::from_date(text).ok_or_else(|| {
                    refuse("expires_at is a date or time of ISO 8601, such as 2030-01-31 or 2030-01-31T12:00:00Z, ten years ahead at most")
                })?;
                match (end.0 - now.0).div_euclid(1000) {
                    seconds @ 1..=LONGEST_SECONDS => Ok(Self::Seconds(seconds)),
                    _ => Err(refuse("expires_at lies in the past, or more than ten years ahead")),
                }
            }
        }
    }

    /// The value of `expires_in` in an answer.
    #[must_use]
    pub const fn expires_in(self) -> i64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Never => 0,
        }
    }

    /// The end of a token made now.
    #[must_use]
    pub const fn end(self, now: Moment) -> Option<Moment> {
        match self {
            Self::Seconds(seconds) => Some(now.plus_seconds(seconds)),
            Self::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_700_000_000_000);

    #[test]
    fn the_default_is_ninety_days() {
        assert_eq!(Lifetime::asked(None, None, NOW).unwrap().expires_in(), 7_776_000);
    }

    #[test]
    fn zero_means_never() {
        let never = Lifetime::asked(Some("0"), None, NOW).unwrap();
        assert_eq!((never, never.expires_in(), never.end(NOW)), (Lifetime::Never, 0, None));
    }

    #[test]
    fn a_date_counts_from_now() {
        let asked = Lifetime::asked(None, Some("2023-11-14T22:14:20Z"), NOW).unwrap();
        assert_eq!(asked, Lifetime::Seconds(60));
        let day = Lifetime::asked(None, Some("2023-11-15"), NOW).unwrap();
        assert_eq!(day, Lifetime::Seconds(6400), "its beginning, in UTC");
    }

    #[test]
    fn nonsense_is_refused() {
        for (seconds, date) in [
            (Some("-1"), None),
            (Some("1.5"), None),
            (Some(""), None),
            (Some("99999999999999999999"), None),
            (Some("315360001"), None),
            (None, Some("soon")),
            (None, Some("2001-01-01T00:00:00Z")),
            (Some("60"), Some("2023-11-14T22:14:20Z")),
        ] {
            assert!(Lifetime::asked(seconds, date, NOW).is_err(), "{seconds:?} {date:?}");
        }
    }
}
