//! Numbers of SIM cards.

use std::fmt;

/// The number of a SIM card (ICCID, ITU-T E.118): 19 digits, the last of them a check digit, or 20 as GSM cards have them,
/// where the check digit is the last, or the one before an issuer's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iccid(String);

/// Digits of a number that ends with its check digit.
const PLAIN: usize = 19;
/// Digits with one more.
const LONG: usize = 20;
/// What every number of a telecommunication card begins with.
const TELECOM: &str = "89";

impl Iccid {
    /// Reads a number as it is printed on a card or read from one: white space around it, and the filler `F` that brings
    /// 19 digits to whole bytes, do not count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = match text.strip_suffix(['F', 'f']) {
            Some(digits) if digits.len() == PLAIN => digits,
            _ => text,
        };
        let plain = digits.starts_with(TELECOM) && digits.bytes().all(|b| b.is_ascii_digit());
        let checked = match digits.len() {
            PLAIN => plain && adds_up(digits),
            LONG => plain && (adds_up(digits) || adds_up(&digits[..PLAIN])),
            _ => false,
        };
        checked.then(|| Self(digits.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Iccid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The check of ISO/IEC 7812 (Luhn): every second digit from the right, doubled, its own digits added; all of it a multiple
/// of ten.
fn adds_up(digits: &str) -> bool {
    let value = |(place, digit): (usize, u8)| {
        let digit = u32::from(digit - b'0');
        match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        }
    };
    digits.bytes().rev().enumerate().map(value).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_of_real_cards_are_read() {
        for number in [
            "8934076500002589174",
            "8934076500002586220",
            "8944501312167518236",
            "89014103271467425631",
            " 89148000000745809013\r\n",
            // 19 digits with an issuer's own digit, and with a filler, behind them.
            "89340765000025891747",
            "8934076500002589174F",
        ] {
            assert!(Iccid::parse(number).is_some(), "{number}");
        }
        assert_eq!(Iccid::parse("8934076500002589174f").unwrap().as_str(), "8934076500002589174");
    }

    #[test]
    fn others_are_not() {
        for number in [
            "",
            "89",
            "8934076500002589173",
            "893407650000258917",
            "893407650000258917400",
            "3434076500002589174",
            "89340765000025８9174",
            "8934076500002589174FF",
            "89340765000025891F",
            "8934 0765 0000 2589 174",
        ] {
            assert_eq!(Iccid::parse(number), None, "{number}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = Iccid::parse(&text);
        }

        #[test]
        fn one_wrong_digit_is_noticed(account in "[0-9]{16}", place in 2_usize..19, other in 1_u8..10) {
            let number = |last| format!("89{account}{last}");
            let good = (0..10).map(number).find(|number| adds_up(number)).unwrap();
            prop_assert!(Iccid::parse(&good).is_some());
            let mut bytes = good.into_bytes();
            bytes[place] = b'0' + (bytes[place] - b'0' + other) % 10;
            prop_assert_eq!(Iccid::parse(&String::from_utf8(bytes).unwrap()), None);
        }
    }
}
