//! Time-based one-time codes (RFC 6238): SHA-1, six digits, thirty seconds, as every authenticator app has them.

use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::{Error, Moment};

/// Seconds that one code is good for.
pub const STEP: i64 = 30;
/// Bytes of a new secret, as RFC 4226 section 4 recommends.
const SECRET_BYTES: usize = 20;

/// A new random secret.
#[must_use]
pub fn generate() -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
    crate::keys::random::fill(&mut bytes);
    bytes
}

/// The secret as it is typed into an app: base32.
#[must_use]
pub fn to_base32(secret: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(Secret::from(secret.to_vec()).to_base32())
}

/// The address that a QR code carries to an app.
#[must_use]
pub fn to_url(secret: &[u8], username: &str) -> Zeroizing<String> {
    let label: String = percent_encode(username);
    Zeroizing::new(format!(
        "otpauth://totp/Mote:{label}?secret={}&issuer=Mote&algorithm=SHA1&digits=6&period={STEP}",
        *to_base32(secret)
    ))
}

fn percent_encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The time step whose code this is, if it is the code of now, or of the step before or after (a phone's clock may be a
/// little off), and later than `last_step`: a code works once.
pub fn check(secret: &[u8], code: &str, now: Moment, last_step: Option<i64>) -> Result<Option<i64>, Error> {
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let totp = totp(secret)?;
    let current = now.unix_seconds().div_euclid(STEP);
    let fits = |step: &i64| {
        let at = u64::try_from(step * STEP).unwrap_or_default();
        // With no skew allowed this compares, in constant time, with the code of that step alone.
        totp.check(code, at).is_some()
    };
    let steps = [current, current - 1, current + 1];
    Ok(steps.into_iter().filter(|step| last_step.is_none_or(|last| *step > last)).find(fits))
}

fn totp(secret: &[u8]) -> Result<Totp, Error> {
    let built = Builder::new()
        .with_secret(secret.to_vec())
        .with_skew(0)
        .with_step_duration(STEP.unsigned_abs())
        .build();
    built.map_err(|e| Error::Internal(format!("a second factor's secret is malformed: {e}")))
}

/// The code of a moment; what an authenticator app does, for tests.
pub fn code_at(secret: &[u8], now: Moment) -> Result<String, Error> {
    Ok(totp(secret)?.generate(u64::try_from(now.unix_seconds()).unwrap_or_default()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let now = Moment(second * 1000);
            assert_eq!(check(secret, code, now, None).unwrap(), Some(second / 30));
            assert_eq!(code_at(secret, now).unwrap(), code);
        }
    }

    #[test]
    fn a_code_works_once_and_for_a_while() {
        let secret = generate();
        let now = Moment(1_700_000_000_000);
        let code = code_at(&secret, now).unwrap();
        let step = check(&secret, &code, now, None).unwrap().unwrap();
        assert_eq!(check(&secret, &code, now, Some(step)).unwrap(), None);
        assert_eq!(check(&secret, &code, now.plus_seconds(30), None).unwrap(), Some(step));
        assert_eq!(check(&secret, &code, now.plus_seconds(90), None).unwrap(), None);
        for bad in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"] {
            assert_eq!(check(&secret, bad, now, None).unwrap(), None);
        }
    }

    #[test]
    fn the_address_names_the_account() {
        let url = to_url(b"12345678901234567890", "me+x@example.com");
        assert!(
            url.starts_with(
                "otpauth://totp/Mote:me%2Bx@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"
            )
        );
    }
}
