//! Registering a device with its public key, as `particle keys send` does.

use mote_store::devices as rows;

use super::audit::entry;
use super::device::new_row;
use crate::audit::Action;
use crate::authorization::AccountAccess;
use crate::authorization::table::DevicesProvision;
use crate::device_keys::DevicePublicKey;
use crate::names::DeviceId;
use crate::{Error, Mote, OwnerId};

/// What is to be registered.
#[derive(Debug)]
pub struct Registration {
    /// The device.
    pub device_id: String,
    /// Its public key in PEM.
    pub public_key: String,
    /// The key's algorithm as the caller has it: `rsa` or `ecc`.
    pub algorithm: Option<String>,
    /// Its product, or its platform: numbers below 1000 are platforms.
    pub product_id: Option<i64>,
}

impl Mote {
    /// Makes a device known, or gives a known one another key. Its key is its identity: once somebody owns a device, or it
    /// is in a product, only its owner may change it.
    pub async fn provision_device(
        &self,
        access: &AccountAccess<DevicesProvision>,
        registration: Registration,
    ) -> Result<(), Error> {
        let id = DeviceId::of_field("deviceID", &registration.device_id)?;
        let key = DevicePublicKey::parse(&registration.public_key, registration.algorithm.as_deref())?;
        let platform =
            registration.product_id.filter(|id| (1..1000).contains(id)).and_then(|id| i32::try_from(id).ok());
        let (account, now, recorder) = (access.account(), self.now(), self.recorder(access.caller()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                let known = rows::get(db, id.as_str())?;
                let is_new = known.is_none();
                let mut row = known.unwrap_or_else(|| new_row(&id, platform.unwrap_or(0), now));
                let same_key = row.public_key.as_deref() == Some(key.pem());
                let mine = row.owner_id == Some(OwnerId::from(account).key());
                let free = row.owner_id.is_none() && row.product_id.is_none() && row.public_key.is_none();
                if !(mine || free || same_key) {
                    return Err(Error::Forbidden(
                        "That belongs to someone else: a device's key can be changed by its owner only; claim it first".into(),
                    ));
                }
                row.public_key = Some(key.pem().to_owned());
                row.key_algorithm = Some(key.algorithm().name().to_owned());
                row.updated_at = now.0;
                if !same_key {
                    let entry = entry(Action::DeviceProvisioned, &row).of(account);
                    recorder.record(db, entry.with("key_algorithm", key.algorithm().name()))?;
                }
                Ok(if is_new { rows::insert(db, &row) } else { rows::update(db, &row) }?)
            })
            .await
    }
}
