//! Public keys in the forms that people have them in, and what was signed with their private halves.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pkcs1::RsaPublicKeyRef;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;
use spki::der::asn1::UintRef;
use spki::der::{Decode, Encode};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use crate::Error;

/// Characters of a key at most, in whatever form.
const LONGEST: usize = 8192;
/// Characters of a key's own name (`kid`) at most.
const LONGEST_ID: usize = 255;
/// rsaEncryption (RFC 8017 appendix A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-ecPublicKey and the curve P-256 (RFC 5480).
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// id-Ed25519 (RFC 8410).
const ED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// Bits of an RSA modulus: fewer are too weak, more cost too much.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// How a key signs (RFC 7518 section 3.1, RFC 8037). The key says so, and never what was signed with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// RSA with SHA-256, PKCS #1 v1.5.
    Rs256 = 1,
    /// ECDSA on P-256 with SHA-256.
    Es256 = 2,
    /// Ed25519.
    EdDsa = 3,
}

impl SigningAlgorithm {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// As JWTs name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Every name that is taken for it: of Ed25519 also the newer one (RFC 9864).
    #[must_use]
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Rs256 => &["RS256"],
            Self::Es256 => &["ES256"],
            Self::EdDsa => &["EdDSA", "Ed25519"],
        }
    }

    fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| *algorithm as i16 == number)
    }
}

/// A public key, in the form that its algorithm has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicKey {
    pub(super) algorithm: SigningAlgorithm,
    pub(super) bytes: Vec<u8>,
}

/// A JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    r#use: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    /// What only a private or a shared key has.
    #[serde(default)]
    d: Option<serde_json::Value>,
    #[serde(default)]
    k: Option<serde_json::Value>,
}

fn refuse(why: impl Into<String>) -> Error {
    Error::invalid("public_key", why)
}

const PRIVATE: &str = "is a private key: keep it where the program runs, and send its public half";
const KINDS: &str = "is neither RSA of 2048 to 4096 bits, nor EC on P-256, nor Ed25519";

impl PublicKey {
    /// From the columns of a row.
    pub(super) fn from_parts(algorithm: i16, bytes: Vec<u8>) -> Option<Self> {
        Some(Self { algorithm: SigningAlgorithm::from_number(algorithm)?, bytes })
    }

    /// Reads a key in PEM (`PUBLIC KEY`, RFC 7468 section 13) or as a JWK, and what it calls itself.
    pub(super) fn parse(text: &str) -> Result<(Self, Option<String>), Error> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(refuse("is too long to be a public key"));
        }
        if text.starts_with('{') { Self::parse_jwk(text) } else { Ok((Self::parse_pem(text)?, None)) }
    }

    fn parse_pem(text: &str) -> Result<Self, Error> {
        if text.contains("PRIVATE KEY") {
            return Err(refuse(PRIVATE));
        }
        let (label, der) = spki::der::pem::decode_vec(text.as_bytes()).map_err(|_| {
            refuse("is a public key in PEM, beginning with -----BEGIN PUBLIC KEY-----, or a JWK")
        })?;
        if label != "PUBLIC KEY" {
            return Err(refuse("is not a PUBLIC KEY in PEM"));
        }
        let key = SubjectPublicKeyInfoRef::from_der(&der).map_err(|_| refuse("is not a well-formed key"))?;
        let bits = key.subject_public_key.as_bytes().ok_or_else(|| refuse("is not a well-formed key"))?;
        match key.algorithm.oid {
            RSA => {
                let rsa = RsaPublicKeyRef::from_der(bits).map_err(|_| refuse("is not a well-formed key"))?;
                Self::rsa(rsa.modulus.as_bytes(), rsa.public_exponent.as_bytes())
            }
            EC if key.algorithm.parameters_oid().is_ok_and(|curve| curve == P256) => {
                Self::p256(bits.to_vec())
            }
            ED => Self::ed25519(bits.to_vec()),
            _ => Err(refuse(KINDS)),
        }
    }

    fn parse_jwk(text: &str) -> Result<(Self, Option<String>), Error> {
        let jwk: Jwk = serde_json::from_str(text).map_err(|_| refuse("is not a well-formed JWK"))?;
        if jwk.d.is_some() {
            return Err(refuse(PRIVATE));
        }
        if jwk.k.is_some() || jwk.kty == "oct" {
            return Err(refuse("is a shared secret: send a public key"));
        }
        if jwk.r#use.as_deref().is_some_and(|of| of != "sig") {
            return Err(refuse("is not for signatures (use)"));
        }
        let part = |value: &Option<String>| {
            let value = value.as_deref().unwrap_or_default();
            URL_SAFE_NO_PAD.decode(value).map_err(|_| refuse("is not a well-formed JWK"))
        };
        let key = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => Self::rsa(&part(&jwk.n)?, &part(&jwk.e)?),
            ("EC", Some("P-256")) => Self::p256([&[4][..], &part(&jwk.x)?, &part(&jwk.y)?].concat()),
            ("OKP", Some("Ed25519")) => Self::ed25519(part(&jwk.x)?),
            _ => Err(refuse(KINDS)),
        }?;
        if jwk.alg.as_deref().is_some_and(|alg| !key.algorithm.names().contains(&alg)) {
            return Err(refuse(format!(
                "signs with {} here, and says otherwise (alg)",
                key.algorithm.name()
            )));
        }
        let plain = |kid: &String| kid.len() <= LONGEST_ID && kid.chars().all(|c| !c.is_control());
        match jwk.kid {
            Some(kid) if !plain(&kid) => {
                Err(refuse(format!("has a kid of more than {LONGEST_ID} characters")))
            }
            kid => Ok((key, kid.filter(|kid| !kid.is_empty()))),
        }
    }

    fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        let number = |bytes| UintRef::new(bytes).map_err(|_| refuse("is not a well-formed key"));
        let key = pkcs1::RsaPublicKey { modulus: number(modulus)?, public_exponent: number(exponent)? };
        let modulus = key.modulus.as_bytes();
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        let exponent = key.public_exponent.as_bytes();
        // What the verification takes (3 to 33 bits, odd): better refused now than never good.
        let odd = exponent.last().is_some_and(|byte| byte % 2 == 1) && exponent != [1] && exponent.len() <= 4;
        if !MODULUS_BITS.contains(&bits) || !odd || modulus.last().is_none_or(|byte| byte % 2 == 0) {
            return Err(refuse(KINDS));
        }
        let bytes = key.to_der().map_err(|_| refuse("is not a well-formed key"))?;
        Ok(Self { algorithm: SigningAlgorithm::Rs256, bytes })
    }

    fn p256(point: Vec<u8>) -> Result<Self, Error> {
        if point.first() != Some(&4) || point.len() != 65 {
            return Err(refuse("is not an uncompressed point on P-256"));
        }
        Ok(Self { algorithm: SigningAlgorithm::Es256, bytes: point })
    }

    fn ed25519(bytes: Vec<u8>) -> Result<Self, Error> {
        if bytes.len() != 32 {
            return Err(refuse("is not a key of Ed25519"));
        }
        Ok(Self { algorithm: SigningAlgorithm::EdDsa, bytes })
    }

    /// Whether its private half signed this message, as JWS has it (RFC 7515 section 5.2).
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &dyn ring::signature::VerificationAlgorithm = match self.algorithm {
            SigningAlgorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            SigningAlgorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
            SigningAlgorithm::EdDsa => &ED25519,
        };
        UnparsedPublicKey::new(algorithm, &self.bytes).verify(message, signature).is_ok()
    }
}

/// Reads a key as clients send it, and has it check a signature: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(text: &str) {
    let Ok((key, kid)) = PublicKey::parse(text) else { return };
    assert!(kid.is_none_or(|kid| (1..=LONGEST_ID).contains(&kid.len())));
    assert_eq!(PublicKey::from_parts(key.algorithm as i16, key.bytes.clone()).as_ref(), Some(&key));
    for length in [0, 64, 256] {
        let _ = key.signed(b"message", &vec![1; length]);
    }
}

#[cfg(test)]
mod tests;
