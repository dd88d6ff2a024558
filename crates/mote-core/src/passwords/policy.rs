//! Which passwords are good enough for a new account.

use super::Password;
use crate::Error;

/// Characters of a password at least.
pub const SHORTEST: usize = 8;
/// Bytes of a password at most; beyond, hashing would be a way to keep the server busy.
pub const LONGEST: usize = 1024;
/// Guesses that a password must withstand: ten thousand is what the lists of notorious ones, and simple variations of
/// them and of the address, are found within.
const GUESSES: u64 = 10_000;
/// The estimate's work grows with the square of the length; what is longer is no notorious password.
const ESTIMATED: usize = 64;

/// Refuses a password that is too short, too long, or among the first that an attacker tries for this username.
pub fn check_strength(password: &Password, username: &str) -> Result<(), Error> {
    let text = password.0.as_str();
    let refuse = |why: String| Err(Error::Invalid { field: "password", why });
    if text.chars().count() < SHORTEST {
        return refuse(format!("is too short: it takes {SHORTEST} characters at least"));
    }
    if text.len() > LONGEST {
        return refuse(format!("is too long: it may have {LONGEST} bytes at most"));
    }
    let known = [username, username.split('@').next().unwrap_or_default(), "mote", "particle"];
    if text.chars().count() <= ESTIMATED && zxcvbn::zxcvbn(text, &known).guesses() < GUESSES {
        return refuse("is one of the first that an attacker would try: choose a less common one".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        check_strength(&Password::new(text.into()), "walker@example.com").is_err()
    }

    #[test]
    fn notorious_short_and_huge_ones_are_refused() {
        let huge = "x".repeat(LONGEST + 1);
        for bad in [
            "",
            "short",
            "password",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "walker@example.com",
            "password1",
            "aaaaaaaaaaaa",
            &huge,
        ] {
            assert!(refused(bad), "{bad}");
        }
    }

    #[test]
    fn good_ones_pass() {
        for good in [
            "a Long-enough pass phrase 17",
            "correct horse battery",
            "tR0ub4dor&3x",
            "ßüßwasser-flasche",
            &"ab c".repeat(256),
        ] {
            assert!(!refused(good), "{good}");
        }
    }
}
