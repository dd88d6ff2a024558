//! Claiming devices and letting them go.

use mote_store::devices as rows;
use mote_store::devices::DeviceRow;
use mote_store::{configurations, environments, groups, products};

use super::audit::entry;
use super::device::new_row;
use super::lookup::Reach;
use super::owner::{Owner, owner};
use crate::audit::Action;
use crate::authorization::table::{DevicesRelease, DevicesRemove, OwnDevicesClaim, OwnDevicesRelease};
use crate::authorization::{Caller, OwnerAccess, ProductAccess};
use crate::keys::TokenSecret;
use crate::lockouts::Lockouts;
use crate::mail::Mail;
use crate::names::{DeviceId, Username};
use crate::{Error, Moment, Mote, OwnerId, SpaceKey};

/// Seconds.
const A_DAY: i64 = 86_400;

/// What came of a claim.
#[derive(Debug)]
pub enum Claim {
    /// The device is the account's or customer's.
    Claimed {
        /// Which.
        device_id: String,
    },
    /// Its owner was asked to let it go.
    TransferAsked {
        /// Names the request.
        transfer_id: String,
    },
}

enum Found {
    Claimed,
    Owned { by: Owner, asker: Owner },
}

/// Who asked for which device: once a day each, since each time its owner gets a mail.
#[derive(Debug)]
pub(crate) struct TransferRequests(Lockouts<(DeviceId, OwnerId)>);

impl Default for TransferRequests {
    fn default() -> Self {
        Self(Lockouts::new(A_DAY))
    }
}

impl TransferRequests {
    fn ask(&self, device: &DeviceId, asker: OwnerId, now: Moment) -> Result<(), Error> {
        let request = (device.clone(), asker);
        let text =
            "You have asked for this device already, and its owner has a mail of it; ask again tomorrow";
        self.0.look(&request, now).map_err(|_| Error::TooMany(text.into()))?;
        self.0.wrong(request, now, |_| Some(A_DAY));
        Ok(())
    }
}

impl Mote {
    /// Claims a device for the account or customer, or asks its present owner for it.
    pub async fn claim_device(
        &self,
        access: &OwnerAccess<OwnDevicesClaim>,
        id: &str,
        request_transfer: bool,
    ) -> Result<Claim, Error> {
        let id = DeviceId::of_field("id", id)?;
        let (asker, now) = (access.owner(), self.now());
        // A customer claims devices of the product alone, which are known.
        let (within, claim_unknown) =
            (access.product(), self.settings().claim_unknown && access.product().is_none());
        let (wanted, recorder) = (id.clone(), self.recorder(access.caller()));
        let found = self
            .store()
            .write(move |db| -> Result<Found, Error> {
                // Whoever was deleted since the token was checked gets nothing.
                let asker = owner(db, asker)?.ok_or(Error::InvalidToken)?;
                let mut row = match rows::get(db, wanted.as_str())? {
                    Some(row) => row,
                    None if claim_unknown => {
                        let row = new_row(&wanted, 0, now);
                        rows::insert(db, &row)?;
                        row
                    }
                    None => return Err(Error::UnknownDevice),
                };
                if within.is_some_and(|product| row.product_id != Some(product.0) || row.quarantined) {
                    return Err(Error::UnknownDevice);
                }
                let present = row.owner_id.map(OwnerId::from_key);
                if present == Some(asker.id) {
                    return Ok(Found::Claimed);
                }
                if let Some(by) = present.map(|id| owner(db, id)).transpose()?.flatten() {
                    return Ok(Found::Owned { by, asker });
                }
                row.owner_id = Some(asker.id.key());
                row.updated_at = now.0;
                rows::update(db, &row)?;
                recorder.record(db, entry(Action::DeviceClaimed, &row))?;
                Ok(Found::Claimed)
            })
            .await?;
        match found {
            Found::Claimed => Ok(Claim::Claimed { device_id: id.to_string() }),
            Found::Owned { by, asker } if request_transfer => self.ask_for_transfer(&id, &by, &asker),
            Found::Owned { .. } => Err(Error::Forbidden(
                "That belongs to someone else. To ask its owner for it, claim it again with request_transfer=true".into(),
            )),
        }
    }

    fn ask_for_transfer(&self, id: &DeviceId, owner: &Owner, asker: &Owner) -> Result<Claim, Error> {
        let unreachable = || {
            Error::Forbidden(
                "That belongs to someone else, whose name is no e-mail address: ask for it in another way"
                    .into(),
            )
        };
        let to = Username::parse(&owner.username).map_err(|_| unreachable())?;
        self.transfers().ask(id, asker.id, self.now())?;
        let asker = &asker.username;
        let transfer_id = hex::encode(&TokenSecret::generate().bytes()[..12]);
        let url = &self.settings().public_url;
        let text = format!(
            "{asker} asks for your device {id} (request {transfer_id}).\n\n\
             To hand it over, let it go: DELETE {url}/v1/devices/{id}, or `particle device remove {id}`. It can then be claimed.\n\
             To keep it, do nothing.\n"
        );
        self.mailer().send_later(Mail { to, subject: format!("A request for your device {id}"), text });
        Ok(Claim::TransferAsked { transfer_id })
    }

    /// Lets a device of the account go; anybody may claim it then.
    pub async fn release_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesRelease>,
        named: &str,
    ) -> Result<(), Error> {
        self.release(Reach::Owner(access.owner()), access.caller(), named).await
    }

    /// Takes its owner from a device of the product.
    pub async fn release_product_device(
        &self,
        access: &ProductAccess<DevicesRelease>,
        named: &str,
    ) -> Result<(), Error> {
        self.release(Reach::Product(access.product().id), access.caller(), named).await
    }

    async fn release(&self, reach: Reach, caller: &Caller, named: &str) -> Result<(), Error> {
        let (named, now, recorder) = (named.to_owned(), self.now(), self.recorder(caller));
        self.store()
            .write(move |db| -> Result<(), Error> {
                let mut row = reach.find(db, &named)?;
                if row.owner_id.is_some() {
                    recorder.record(db, entry(Action::DeviceReleased, &row))?;
                }
                row.owner_id = None;
                forget_words(&mut row);
                row.updated_at = now.0;
                Ok(rows::update(db, &row)?)
            })
            .await
    }

    /// Takes a device out of the product, back to its platform's; what the product gave it ends with that, a customer as
    /// its owner too. One that is denied stays known to the product, as refused, until it is imported.
    pub async fn remove_product_device(
        &self,
        access: &ProductAccess<DevicesRemove>,
        named: &str,
        deny: bool,
    ) -> Result<(), Error> {
        let (product, named, now) = (access.product().id, named.to_owned(), self.now());
        let recorder = self.recorder(access.caller());
        self.store()
            .write(move |db| -> Result<(), Error> {
                let mut row = Reach::Product(product).find(db, &named)?;
                let action = if deny { Action::DeviceDenied } else { Action::DeviceRemoved };
                recorder.record(db, entry(action, &row))?;
                if !deny {
                    row.product_id = None;
                    products::devices_changed(db, product.0, -1)?;
                }
                (row.development, row.quarantined, row.denied) = (false, deny, deny);
                row.desired_firmware_version = None;
                if let Some(OwnerId::Customer(_)) = row.owner_id.map(OwnerId::from_key) {
                    row.owner_id = None;
                }
                forget_words(&mut row);
                row.updated_at = now.0;
                rows::update(db, &row)?;
                configurations::delete(db, product.0, &row.id)?;
                configurations::delete_schema(db, product.0, &row.id)?;
                environments::delete(db, SpaceKey::Product(product.0), &row.id)?;
                Ok(groups::leave_all(db, &row.id)?)
            })
            .await
    }
}

/// What somebody said of a device, its name and notes, is not for the next whose it is: it ends when the device is nobody's.
fn forget_words(row: &mut DeviceRow) {
    if row.owner_id.is_none() && row.product_id.is_none() {
        row.name.clear();
        row.notes = None;
        row.firmware_updates_forced = false;
    }
}
