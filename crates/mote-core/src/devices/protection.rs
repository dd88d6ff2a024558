//! Taking the protection from a device for a while: a device with Device Protection does so for whoever brings it a signature
//! of its server.
//!
//! The server gives out a nonce; the device signs it with one of its own, and the server signs both. A tool such as the
//! Particle CLI carries them over USB. What is signed is told by the vendor's public sources: Device OS,
//! `system_control_config.cpp`, `setProtectedState`. Every signature is over the SHA-256 of a word, the device's ID, and
//! values, each with its length before it.

use mote_store::Db;
use mote_store::devices as rows;
use mote_store::devices::DeviceRow;
use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

use super::audit::entry;
use super::lookup::Reach;
use crate::audit::{Action, Actor, Entry};
use crate::authorization::table::{DevicesUnprotect, OrganizationDevicesUnprotect, OwnDevicesUnprotect};
use crate::authorization::{AccountAccess, Caller, OrganizationAccess, ProductAccess, Role};
use crate::device_keys::DevicePublicKey;
use crate::keys::{Digest, Purpose};
use crate::names::DeviceId;
use crate::products::ProductRef;
use crate::{AccountId, Error, Mote, OwnerId, ProductId};

/// Bytes of a nonce.
const NONCE: usize = 32;
/// Bytes of a nonce before the digest that proves where it comes from: the end of its life, and random ones.
const BEFORE_DIGEST: usize = 12;
/// Seconds that the server's nonce works. A device waits for one minute.
const LIFE: i64 = 5 * 60;

/// A device whose protection the caller may take away.
#[derive(Debug)]
pub struct ProtectedDevice {
    id: [u8; 12],
    public_key: Option<String>,
    /// Who asks, and what the audit trail tells then.
    actor: Actor,
    unprotected: Entry,
}

/// What a device answers to the server's nonce.
#[derive(Debug)]
pub struct DeviceProof {
    /// The nonce that it answers.
    pub server_nonce: Vec<u8>,
    /// Its own.
    pub device_nonce: Vec<u8>,
    /// Its signature (ASN.1).
    pub signature: Vec<u8>,
    /// SHA-256 of its public key's DER.
    pub key_fingerprint: Vec<u8>,
}

/// What the device believes.
#[derive(Debug)]
pub struct ServerProof {
    /// The server's signature (ASN.1).
    pub signature: Vec<u8>,
    /// SHA-256 of the DER of the server's public key, by which the device sees whether it knows it.
    pub key_fingerprint: Vec<u8>,
}

impl Mote {
    /// A device of the account that is in no product; of one in a product, whoever may develop for it decides, and not who
    /// has claimed it: it is the product that is protected.
    pub async fn own_protected_device(
        &self,
        access: &AccountAccess<OwnDevicesUnprotect>,
        named: &str,
    ) -> Result<ProtectedDevice, Error> {
        let (account, named) = (access.account(), named.to_owned());
        let own = Reach::Owner(OwnerId::from(account));
        let find = move |db: &mut Db| -> Result<DeviceRow, Error> {
            let by_id = match DeviceId::parse(&named) {
                Some(id) => rows::get(db, id.as_str())?.filter(|row| row.product_id.is_some()),
                None => None,
            };
            by_id.map_or_else(|| own.find(db, &named), Ok)
        };
        let row = self.store().read(find).await?;
        if let Some(product) = row.product_id
            && !self.develops(account, ProductId(product)).await?
        {
            return Err(own.unknown());
        }
        ProtectedDevice::of_row(row, access.caller())
    }

    /// A device of the product.
    pub async fn protected_device(
        &self,
        access: &ProductAccess<DevicesUnprotect>,
        named: &str,
    ) -> Result<ProtectedDevice, Error> {
        let (reach, named) = (Reach::Product(access.product().id), named.to_owned());
        let row = self.store().read(move |db| reach.find(db, &named)).await?;
        ProtectedDevice::of_row(row, access.caller())
    }

    /// A device of a product of the organization.
    pub async fn protected_device_of_organization(
        &self,
        access: &OrganizationAccess<OrganizationDevicesUnprotect>,
        named: &str,
    ) -> Result<ProtectedDevice, Error> {
        let unknown = || Error::NotFound("Device not found for this organization".into());
        let id = DeviceId::parse(named).ok_or_else(unknown)?;
        let row = self.store().read(move |db| rows::get(db, id.as_str())).await?.ok_or_else(unknown)?;
        let product = row.product_id.ok_or_else(unknown)?;
        let product = self.find_product(&ProductRef::Id(ProductId(product))).await?.ok_or_else(unknown)?;
        let of = product.organization.as_ref().map(|organization| organization.id);
        if of != Some(access.organization().id) {
            return Err(unknown());
        }
        ProtectedDevice::of_row(row, access.caller())
    }

    /// A nonce for a device to sign.
    #[must_use]
    pub fn protection_nonce(&self, device: &ProtectedDevice) -> [u8; NONCE] {
        let mut nonce = [0; NONCE];
        let expires = self.now().plus_seconds(LIFE).0 / 1000;
        nonce[..8].copy_from_slice(&expires.to_be_bytes());
        crate::keys::random::fill(&mut nonce[8..BEFORE_DIGEST]);
        let proof = self.nonce_digest(device, &nonce[..BEFORE_DIGEST]);
        nonce[BEFORE_DIGEST..].copy_from_slice(&proof.to_bytes());
        nonce
    }

    /// Signs what takes the protection from a device, which has proved that it is the one, and that it was asked to.
    pub async fn unprotect(
        &self,
        device: &ProtectedDevice,
        proof: &DeviceProof,
    ) -> Result<ServerProof, Error> {
        if !self.is_own_nonce(device, &proof.server_nonce) {
            return Err(Error::invalid(
                "server_nonce",
                "was not given out here for this device, or is too old",
            ));
        }
        if proof.device_nonce.len() != NONCE {
            return Err(Error::invalid("device_nonce", format!("has {NONCE} bytes")));
        }
        // In the words that the Particle CLI looks for.
        let unknown = || Error::NotFound("Device public key was not found".into());
        let pem = device.public_key.as_deref().ok_or_else(unknown)?;
        let (der, point) = DevicePublicKey::parse(pem, None)?.point().ok_or_else(unknown)?;
        if digest(&SHA256, &der).as_ref() != proof.key_fingerprint {
            return Err(unknown());
        }
        let of_device = message(b"device", device, &[&proof.device_nonce, &proof.server_nonce]);
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
            .verify(&of_device, &proof.signature)
            .map_err(|_| Error::invalid("device_signature", "is not the device's, over the two nonces"))?;
        let values = [&proof.server_nonce[..], &proof.device_nonce, &proof.key_fingerprint];
        let key = self.device_server_key().await?;
        let proof = ServerProof {
            signature: key.sign(&message(b"server", device, &values))?,
            key_fingerprint: digest(&SHA256, &key.public_der()).as_ref().to_vec(),
        };
        let (recorder, unprotected) = (self.recorder(device.actor), device.unprotected.clone());
        self.store().write(move |db| recorder.record(db, unprotected.clone())).await?;
        Ok(proof)
    }

    async fn develops(&self, account: AccountId, product: ProductId) -> Result<bool, Error> {
        let Some(product) = self.find_product(&ProductRef::Id(product)).await? else { return Ok(false) };
        Ok(self.role_at(&product, account).await? >= Some(Role::Developer))
    }

    fn is_own_nonce(&self, device: &ProtectedDevice, nonce: &[u8]) -> bool {
        let Some((before, proof)) = nonce.split_at_checked(BEFORE_DIGEST) else { return false };
        let Some(expires) = before.first_chunk().map(|bytes| i64::from_be_bytes(*bytes)) else {
            return false;
        };
        let living = self.now().0 / 1000 < expires;
        let signed = [&device.id, before].concat();
        let proof = Digest::from_bytes(proof);
        let made =
            |proof: Digest| self.keys().digester.made(Purpose::ProtectionNonce, &signed, &proof, self.now());
        living && proof.is_some_and(made)
    }

    fn nonce_digest(&self, device: &ProtectedDevice, before: &[u8]) -> Digest {
        self.keys().digester.digest(Purpose::ProtectionNonce, &[&device.id, before].concat())
    }
}

impl ProtectedDevice {
    fn of_row(row: DeviceRow, caller: &Caller) -> Result<Self, Error> {
        let mut id = [0; 12];
        hex::decode_to_slice(&row.id, &mut id)
            .map_err(|_| Error::Internal(format!("the ID of device {} is no ID", row.id)))?;
        let unprotected = entry(Action::DeviceUnprotected, &row);
        Ok(Self { id, public_key: row.public_key, actor: caller.into(), unprotected })
    }
}

/// What is signed: a word, the device's ID, and values with their lengths (little-endian) before them.
fn message(word: &[u8], device: &ProtectedDevice, values: &[&[u8]]) -> Vec<u8> {
    let mut message = [word, &device.id].concat();
    for value in values {
        message.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
        message.extend_from_slice(value);
    }
    message
}
