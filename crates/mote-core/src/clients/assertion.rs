//! A client proves itself by what it signs: JWT client authentication (RFC 7523 section 3, `OpenID` Connect Core section 9,
//! `private_key_jwt`).
//!
//! JWS is little more than a signature over text, which `ring` checks. A library for it would bring a second set of
//! cryptography along; and here the key alone says how it signs, so that what the sender claims of that decides nothing.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mote_store::client_keys as rows;
use serde::Deserialize;

use super::{Client, ClientPublicKey};
use crate::uses::Credential;
use crate::{Error, Moment, Mote, OAuthError};

/// Characters of an assertion at most.
const LONGEST: usize = 8192;
/// Characters of what an assertion is called by (`jti`) at most.
const LONGEST_ID: usize = 255;
/// How far the end of an assertion may lie ahead, in seconds: so long it is remembered that it was used.
const LONGEST_LIFE: i64 = 600;
/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 30;

/// What a client sends that signs.
#[derive(Clone, Copy, Debug)]
pub struct Assertion<'a> {
    /// The client's ID, where it stands beside the assertion.
    pub client: Option<&'a str>,
    /// The JWT.
    pub jwt: &'a str,
    /// Where it was sent: a path of this server, whose address the assertion may be meant for.
    pub endpoint: &'a str,
}

/// The head (RFC 7515 section 4). Keys that it brings along or points to are of no interest.
#[derive(Deserialize)]
struct Head {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// What it says (RFC 7519 section 4).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: f64,
    jti: String,
    #[serde(default)]
    iat: Option<f64>,
    #[serde(default)]
    nbf: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// A JWT in its parts.
struct Parts<'a> {
    head: Head,
    claims: Claims,
    signed: &'a [u8],
    signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn read(jwt: &'a str) -> Option<Self> {
        if jwt.len() > LONGEST {
            return None;
        }
        let (signed, signature) = jwt.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        Some(Self {
            head: serde_json::from_slice(&decode(head)?).ok()?,
            claims: serde_json::from_slice(&decode(claims)?).ok()?,
            signed: signed.as_bytes(),
            signature: decode(signature)?,
        })
    }
}

impl Claims {
    /// Whether it is of this client, for this server and for now.
    fn fit(&self, client: &str, ours: &[String], now: Moment) -> bool {
        let now = now.0 / 1000;
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit 52 bits")]
        let (earliest, latest) = ((now - LEEWAY) as f64, (now + LEEWAY) as f64);
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit 52 bits")]
        let farthest = (now + LONGEST_LIFE + LEEWAY) as f64;
        let is_ours = |one: &String| ours.contains(one);
        let for_us = match &self.aud {
            Audience::One(one) => is_ours(one),
            // One that is meant for others too could be shown here by those.
            Audience::Several(several) => !several.is_empty() && several.iter().all(is_ours),
        };
        let begun = |at: Option<f64>| at.is_none_or(|at| at <= latest);
        self.iss == client
            && self.sub == client
            && for_us
            && self.exp > earliest
            && self.exp <= farthest
            && begun(self.iat)
            && begun(self.nbf)
            && !self.jti.is_empty()
            && self.jti.len() <= LONGEST_ID
    }

    /// From when on it need not be remembered.
    #[expect(clippy::cast_possible_truncation, reason = "the end was checked to lie ahead, and not far")]
    fn end(&self) -> i64 {
        (self.exp as i64 + LEEWAY + 1) * 1000
    }
}

impl Mote {
    /// The client that signed an assertion; each is good for once.
    ///
    /// Fails with [`OAuthError::InvalidClient`], which does not say what was wrong.
    pub async fn authenticate_client_by_assertion(
        &self,
        assertion: Assertion<'_>,
    ) -> Result<Arc<Client>, Error> {
        let refused = || Error::OAuth(OAuthError::InvalidClient);
        let parts = Parts::read(assertion.jwt).ok_or_else(refused)?;
        let id = parts.claims.sub.as_str();
        if assertion.client.is_some_and(|client| client != id) || parts.head.crit.is_some() {
            return Err(refused());
        }
        let (client, now) = (self.client(id).await?.ok_or_else(refused)?, self.now());
        let issuer = &self.settings().public_url;
        let ours =
            [issuer.clone(), format!("{issuer}/oauth/token"), format!("{issuer}{}", assertion.endpoint)];
        if !parts.claims.fit(&client.id, &ours, now) {
            return Err(refused());
        }
        let signer = client.keys.iter().find(|key| may_have_signed(key, &parts, now));
        let used = signer.ok_or_else(refused)?;
        let (digest, end) = (digest(&client, &parts.claims.jti), parts.claims.end());
        let noted = self.store().write(move |db| rows::use_assertion(db, &digest, end)).await;
        noted.map_err(|error| if error.is_duplicate() { refused() } else { error.into() })?;
        self.uses().note(Credential::PublicKey(used.id), &used.noted, now);
        Ok(client)
    }
}

fn may_have_signed(key: &ClientPublicKey, parts: &Parts<'_>, now: Moment) -> bool {
    let named = match (&key.kid, &parts.head.kid) {
        (Some(own), Some(named)) => own == named,
        // A key that came in PEM has no name; an assertion need not name its key.
        _ => true,
    };
    named
        && !key.is_over(now)
        && key.algorithm().names().contains(&parts.head.alg.as_str())
        && key.public_key.signed(parts.signed, &parts.signature)
}

/// What an assertion is remembered by.
fn digest(client: &Client, jti: &str) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&client.key.0.to_be_bytes()).update(jti.as_bytes());
    hasher.finalize().as_bytes()[..20].to_vec()
}

/// Reads an assertion, and says whether one of these keys signed it, each in a form that clients send them in: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
#[must_use]
pub fn fuzz(jwt: &str, keys: &[&str], now: Moment) -> bool {
    let Some(parts) = Parts::read(jwt) else { return false };
    if parts.claims.fit("me-1", &["https://m".to_owned()], now) {
        let left = parts.claims.end() - now.0;
        assert!(
            (1..=(LONGEST_LIFE + 3 * LEEWAY) * 1000).contains(&left),
            "it is remembered until it is over"
        );
    }
    let keys = keys.iter().filter_map(|key| super::public_key::PublicKey::parse(key).ok());
    keys.into_iter().any(|(key, _)| key.signed(parts.signed, &parts.signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(change: impl FnOnce(&mut serde_json::Value)) -> Option<Claims> {
        let mut claims = serde_json::json!({
            "iss": "me-1", "sub": "me-1", "aud": "https://m/oauth/token", "exp": 1060, "iat": 1000, "jti": "x"
        });
        change(&mut claims);
        serde_json::from_value(claims).ok()
    }

    #[test]
    fn what_it_says_is_checked() {
        let ours = ["https://m".to_owned(), "https://m/oauth/token".to_owned()];
        let fit = |change: &dyn Fn(&mut serde_json::Value)| {
            claims(change).is_some_and(|claims| claims.fit("me-1", &ours, Moment(1_000_000)))
        };
        assert!(fit(&|_| ()));
        for (name, value) in [
            ("aud", serde_json::json!(["https://m", "https://m/oauth/token"])),
            ("aud", serde_json::json!("https://m")),
            ("exp", serde_json::json!(1600.5)),
            ("exp", serde_json::json!(971)),
            ("iat", serde_json::json!(1030)),
            ("iat", serde_json::json!(null)),
            ("nbf", serde_json::json!(1000)),
        ] {
            assert!(fit(&|claims| claims[name] = value.clone()), "{name} {value}");
        }
        for (name, value) in [
            ("iss", serde_json::json!("other-1")),
            ("sub", serde_json::json!("other-1")),
            ("aud", serde_json::json!("https://m/")),
            ("aud", serde_json::json!([])),
            ("aud", serde_json::json!(["https://m", "https://other"])),
            ("exp", serde_json::json!(970)),
            ("exp", serde_json::json!(1631)),
            ("exp", serde_json::json!(1e300)),
            ("exp", serde_json::json!(null)),
            ("exp", serde_json::json!("1060")),
            ("iat", serde_json::json!(1031)),
            ("nbf", serde_json::json!(1031)),
            ("jti", serde_json::json!("")),
            ("jti", serde_json::json!("x".repeat(256))),
            ("jti", serde_json::json!(null)),
        ] {
            assert!(!fit(&|claims| claims[name] = value.clone()), "{name} {value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-zA-Z0-9_.-]{0,200}", any in ".*") {
            let _ = Parts::read(&text);
            let _ = Parts::read(&any);
        }
    }
}
