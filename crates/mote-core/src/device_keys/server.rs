//! The key of the server that devices know: they hold its public half, and believe what it signs.

use mote_store::{Db, meta};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use spki::der::EncodePem;
use spki::der::pem::LineEnding;
use spki::{SubjectPublicKeyInfoRef, der::Decode};

use crate::keys::Purpose;
use crate::{Error, Mote};

/// Name of the fact that the key is, sealed.
const NAME: &str = "device-server-key";
/// What stands before an uncompressed point in the DER of a key on P-256 (RFC 5480): the names of its kind and curve, and the
/// head of a bit string of 66 bytes.
const HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A key pair on P-256.
#[derive(Debug)]
pub struct DeviceServerKey(EcdsaKeyPair);

impl DeviceServerKey {
    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, Error> {
        let read = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &SystemRandom::new());
        read.map(Self).map_err(|e| Error::Internal(format!("the key that devices know: {e}")))
    }

    /// The public half as DER.
    #[must_use]
    pub fn public_der(&self) -> Vec<u8> {
        [&HEAD, self.0.public_key().as_ref()].concat()
    }

    /// The public half in PEM, as `particle keys server` takes it.
    pub fn public_pem(&self) -> Result<String, Error> {
        let der = self.public_der();
        let pem = SubjectPublicKeyInfoRef::from_der(&der).and_then(|key| key.to_pem(LineEnding::LF));
        pem.map_err(|e| Error::Internal(format!("the key that devices know: {e}")))
    }

    /// Signs a message: ECDSA with SHA-256, in ASN.1.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signed = self.0.sign(&SystemRandom::new(), message);
        let signed = signed.map_err(|_| Error::Internal("the key that devices know signs nothing".into()))?;
        Ok(signed.as_ref().to_vec())
    }
}

impl Mote {
    /// The key that devices know, made when it is first asked for. It is in the database, sealed with the server key.
    pub async fn device_server_key(&self) -> Result<DeviceServerKey, Error> {
        let known = self.store().read(|db| meta::get(db, NAME)).await?;
        let sealed = match known {
            Some(sealed) => sealed,
            None => self.make_device_server_key().await?,
        };
        let opened = self.keys().sealer.open(Purpose::DeviceServerKey, NAME.as_bytes(), &sealed);
        DeviceServerKey::from_pkcs8(&opened.map_err(|e| Error::Internal(format!("{NAME}: {e}")))?)
    }

    /// Makes it, unless somebody else has meanwhile; sealed.
    async fn make_device_server_key(&self) -> Result<Vec<u8>, Error> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
        let made = made.map_err(|_| Error::Internal("no key for devices could be made".into()))?;
        let sealed = self.keys().sealer.seal(Purpose::DeviceServerKey, NAME.as_bytes(), made.as_ref());
        let write = move |db: &mut Db| -> Result<Vec<u8>, Error> {
            if let Some(known) = meta::get(db, NAME)? {
                return Ok(known);
            }
            meta::insert(db, NAME, &sealed)?;
            Ok(sealed.clone())
        };
        self.store().write(write).await
    }
}
