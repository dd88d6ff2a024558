//! Public keys of devices, as `particle keys send` brings them, and the key of the server that devices know.

mod server;

pub use server::DeviceServerKey;

use pkcs1::RsaPublicKeyRef;
use spki::der::{Decode, EncodePem, pem::LineEnding};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use crate::Error;

/// rsaEncryption (RFC 8017 appendix A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-ecPublicKey and the curve P-256 (RFC 5480).
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// Bits of an RSA modulus; devices in the field have 1024.
const MODULUS_BITS: std::ops::RangeInclusive<u32> = 1024..=4096;
/// Bytes of PEM at most.
const LONGEST: usize = 8192;

/// The algorithm of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa,
    /// Elliptic curve, P-256.
    Ecc,
}

impl KeyAlgorithm {
    /// As the API writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ecc => "ecc",
        }
    }
}

/// A device's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevicePublicKey {
    pem: String,
    algorithm: KeyAlgorithm,
}

impl DevicePublicKey {
    /// Reads one key in PEM (`PUBLIC KEY`, RFC 7468 section 13), RSA or EC; where an algorithm is claimed, the key must be
    /// of it.
    pub fn parse(pem: &str, claimed: Option<&str>) -> Result<Self, Error> {
        let refuse = |why: &str| Error::invalid("publicKey", why);
        if pem.len() > LONGEST {
            return Err(refuse("is too long to be a public key"));
        }
        if pem.contains("PRIVATE KEY") {
            return Err(refuse("is a private key: keep it on the device and send its public half"));
        }
        let (label, der) = spki::der::pem::decode_vec(pem.trim().as_bytes())
            .map_err(|_| refuse("is a public key in PEM, beginning with -----BEGIN PUBLIC KEY-----"))?;
        if label != "PUBLIC KEY" {
            return Err(refuse("is not a PUBLIC KEY in PEM"));
        }
        let key =
            SubjectPublicKeyInfoRef::from_der(&der).map_err(|_| refuse("is not a well-formed public key"))?;
        let algorithm = algorithm_of(&key)
            .ok_or_else(|| refuse("is neither RSA of 1024 to 4096 bits nor EC on P-256"))?;
        let matches = match claimed.map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => true,
            Some("rsa") => algorithm == KeyAlgorithm::Rsa,
            Some("ecc" | "ec") => algorithm == KeyAlgorithm::Ecc,
            Some(_) => return Err(Error::invalid("algorithm", "is rsa or ecc")),
        };
        if !matches {
            return Err(refuse("is not of the algorithm that the request names"));
        }
        let pem = key.to_pem(LineEnding::LF).map_err(|_| refuse("is not a well-formed public key"))?;
        Ok(Self { pem, algorithm })
    }

    /// The key in PEM, written in one way.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The key as DER, and the point on P-256 that it is, uncompressed; none for any other kind of key.
    #[must_use]
    pub(crate) fn point(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let (_, der) = spki::der::pem::decode_vec(self.pem.as_bytes()).ok()?;
        let key = SubjectPublicKeyInfoRef::from_der(&der).ok()?;
        let point = key.subject_public_key.as_bytes()?.to_vec();
        let fits = self.algorithm == KeyAlgorithm::Ecc && point.len() == 65;
        fits.then_some((der, point))
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }
}

fn algorithm_of(key: &SubjectPublicKeyInfoRef<'_>) -> Option<KeyAlgorithm> {
    let bits = key.subject_public_key.as_bytes()?;
    match key.algorithm.oid {
        RSA => {
            let rsa = RsaPublicKeyRef::from_der(bits).ok()?;
            let modulus = rsa.modulus.as_bytes();
            let leading = modulus.first()?.leading_zeros();
            let size = u32::try_from(modulus.len()).ok()? * 8 - leading;
            MODULUS_BITS.contains(&size).then_some(KeyAlgorithm::Rsa)
        }
        EC => {
            let on_curve = key.algorithm.parameters_oid().ok()? == P256;
            // A point on P-256: uncompressed, or compressed (SEC 1 section 2.3.3).
            let point = matches!((bits.first()?, bits.len()), (4, 65) | (2 | 3, 33));
            (on_curve && point).then_some(KeyAlgorithm::Ecc)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ==
-----END PUBLIC KEY-----";

    /// Made with `openssl ecparam -name prime256v1 -genkey | openssl ec -pubout`.
    const EC_P256: &str = include_str!("test_keys/ec.pem");
    /// Made with `openssl genrsa 1024 | openssl rsa -pubout`.
    const RSA_PEM: &str = include_str!("test_keys/rsa.pem");

    #[test]
    fn both_kinds_of_key_are_read() {
        assert_eq!(DevicePublicKey::parse(RSA_PEM, Some("rsa")).unwrap().algorithm(), KeyAlgorithm::Rsa);
        let ec = DevicePublicKey::parse(EC_P256, None).unwrap();
        assert_eq!((ec.algorithm(), ec.pem().trim()), (KeyAlgorithm::Ecc, EC_P256.trim()));
    }

    #[test]
    fn what_is_no_public_key_is_refused() {
        let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        for (pem, claimed) in [
            ("", None),
            ("hello", None),
            (private, None),
            (RSA_1024, None),
            (EC_P256, Some("rsa")),
            (RSA_PEM, Some("ecc")),
            (RSA_PEM, Some("dsa")),
        ] {
            assert!(DevicePublicKey::parse(pem, claimed).is_err(), "{pem}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*", der: Vec<u8>) {
            let _ = DevicePublicKey::parse(&text, None);
            let wrapped = spki::der::pem::encode_string("PUBLIC KEY", LineEnding::LF, &der).unwrap();
            let _ = DevicePublicKey::parse(&wrapped, None);
        }
    }
}
