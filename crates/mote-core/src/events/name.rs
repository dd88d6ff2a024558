//! Names of events.

use std::fmt;

use crate::Error;

/// Characters of a name at most (Device OS reference, "Limits - Publish").
pub const LONGEST_NAME: usize = 64;
/// Characters at most of the name of an event that the server makes, which may have a device's event's name in it; so also
/// of a prefix of names.
pub const LONGEST_PREFIX: usize = 256;
/// What only the server's own events begin with, in either case (Device OS reference, "name - Particle.publish").
const RESERVED: [&str; 2] = ["particle", "spark"];

/// The name of an event: printable ASCII, so that it fits a line of a stream and a segment of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventName(String);

impl EventName {
    /// Reads the name of an event that a program or a device publishes: 1 to 64 printable ASCII characters, no space at
    /// either end, and not one of the server's own.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let fits = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(is_printable);
        if !fits || text.trim() != text {
            return Err(Error::invalid(
                "name",
                format!("is 1 to {LONGEST_NAME} printable ASCII characters, without a space at either end"),
            ));
        }
        if Self::is_reserved(text) {
            let text = "begins with particle or spark, which the server keeps for events of its own";
            return Err(Error::invalid("name", text));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether a name begins as only the server's own do.
    #[must_use]
    pub fn is_reserved(text: &str) -> bool {
        RESERVED.into_iter().any(|reserved| starts_with(text, reserved))
    }

    /// The name of an event that the server makes, such as `hook-sent/…`. What is not printable ASCII becomes `_`, and what
    /// is longer than 256 characters is cut.
    #[must_use]
    pub fn of_server(text: &str) -> Self {
        let printable = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '_' };
        Self(text.chars().take(LONGEST_PREFIX).map(printable).collect())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_printable(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte == b' '
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_printable_ascii_of_64_characters() {
        for good in ["a", "temperature/room 1", "x-Y_z/0", "hook-sent/a", &"n".repeat(64)] {
            assert_eq!(EventName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", " a", "a ", "a\nb", "a\rb", "a\0", "é", &"n".repeat(65)] {
            assert!(EventName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_of_the_server_are_kept_for_it() {
        for reserved in ["spark/status", "Particle/device", "PARTICLE", "sparkling"] {
            assert!(EventName::parse(reserved).unwrap_err().to_string().contains("keeps"), "{reserved}");
        }
        assert_eq!(EventName::of_server("spark/status").as_str(), "spark/status");
        assert_eq!(EventName::of_server("hook-error/a\nb é").as_str(), "hook-error/a_b _");
        assert_eq!(EventName::of_server(&"n".repeat(300)).as_str().len(), 256);
    }

    proptest::proptest! {
        #[test]
        fn no_name_breaks_a_line(text in ".{0,300}") {
            let of_server = EventName::of_server(&text);
            let names = EventName::parse(&text).ok().into_iter().chain([of_server]);
            for name in names {
                assert!(name.as_str().bytes().all(is_printable));
            }
        }
    }
}
