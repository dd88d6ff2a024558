//! Claim codes: what a set-up app gives to a device, and the device brings along when it connects, to become its owner's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mote_store::claim_codes as rows;
use mote_store::claim_codes::ClaimCodeRow;
use mote_store::devices::DeviceRow;
use mote_store::{Db, devices};
use zeroize::Zeroizing;

use super::audit::entry;
use super::owner::owner;
use crate::audit::{Action, Actor};
use crate::authorization::table::ClaimCodesCreate;
use crate::authorization::{Denial, OwnerAccess, Place};
use crate::keys::{Digest, Purpose, random};
use crate::names::DeviceId;
use crate::products::ProductRef;
use crate::{Error, Moment, Mote, OwnerId, ProductId};

/// Characters of a code, of the alphabet of base64: what Device OS has room for, and set-up apps send on.
const LENGTH: usize = 63;
/// Life of a code in seconds: an hour, as the vendor has it.
const SECONDS: i64 = 3600;
/// Codes that an owner has at a time; a new one ends the oldest. Set-up takes one.
const MOST: i64 = 20;
/// Devices in one answer at most.
const MOST_DEVICES: i64 = 1000;

/// What of a device is known beforehand. A device with a modem is not talked to while it is set up; it tells its SIM card's
/// and modem's numbers when it connects, and these stand for a code.
#[derive(Clone, Debug, Default)]
pub struct Modem {
    /// The SIM card's number.
    pub iccid: Option<String>,
    /// The modem's.
    pub imei: Option<String>,
}

/// A new code: the one moment at which it can be seen.
#[derive(Debug)]
pub struct ClaimCode {
    code: Zeroizing<String>,
    /// IDs of the devices that the owner has already, a thousand at most.
    pub device_ids: Vec<String>,
}

impl ClaimCode {
    /// The code: for the one answer that hands it out.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.code
    }
}

/// What came of a code that a device brought along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeClaim {
    /// The device is this owner's, and the code is spent.
    Claimed(OwnerId),
    /// The code is unknown or over, or the device is not one that it could claim: nothing happened.
    Refused,
}

impl Mote {
    /// Makes a code with which a device becomes the owner's; a customer's is good within his product.
    pub async fn create_claim_code(
        &self,
        access: &OwnerAccess<ClaimCodesCreate>,
        modem: Modem,
    ) -> Result<ClaimCode, Error> {
        self.new_claim_code(access.owner(), access.product(), modem).await
    }

    /// The same for a device of this product, of which the owner is a customer, or on whose team his account is.
    pub async fn create_product_claim_code(
        &self,
        access: &OwnerAccess<ClaimCodesCreate>,
        named: &ProductRef<'_>,
        modem: Modem,
    ) -> Result<ClaimCode, Error> {
        let of = Place::Product;
        let product = self.find_product(named).await?;
        let product = match access.owner() {
            OwnerId::Customer(_) => {
                let own = product.filter(|product| access.product() == Some(product.id));
                own.ok_or(Error::Denied(Denial::OutOfReach { of }))?
            }
            OwnerId::Account(account) => {
                let product = product.ok_or(Error::Denied(Denial::NotOnTeam { of }))?;
                let role = self.role_at(&product, account).await?;
                role.map(|_| product).ok_or(Error::Denied(Denial::NotOnTeam { of }))?
            }
        };
        self.new_claim_code(access.owner(), Some(product.id), modem).await
    }

    async fn new_claim_code(
        &self,
        whose: OwnerId,
        product: Option<ProductId>,
        modem: Modem,
    ) -> Result<ClaimCode, Error> {
        let code = match (modem.iccid, modem.imei) {
            (None, None) => generate(),
            (Some(iccid), None) => number("iccid", &iccid, 18..=22)?,
            (None, Some(imei)) => number("imei", &imei, 14..=16)?,
            (Some(_), Some(_)) => return Err(Error::invalid("imei", "or iccid is sent, not both")),
        };
        let (keys, now) = (self.keys(), self.now());
        let digest = keys.digester.digest(Purpose::ClaimCode, code.as_bytes());
        let known = keys.digester.digests(Purpose::ClaimCode, code.as_bytes());
        let row = ClaimCodeRow {
            digest_key: digest.key,
            digest_rest: digest.rest.to_vec(),
            owner_id: whose.key(),
            product_id: product.map(|product| product.0),
            expires_at: now.plus_seconds(SECONDS).0,
        };
        let device_ids = self
            .store()
            .write(move |db| -> Result<Vec<String>, Error> {
                // Whoever was deleted since the token was checked gets nothing.
                owner(db, whose)?.ok_or(Error::InvalidToken)?;
                // Two can have the same number in mind. The first keeps it until it is over.
                if let Some(present) = find(db, &known)? {
                    if present.owner_id != row.owner_id && Moment(present.expires_at) > now {
                        let text = "Somebody else is about to claim the device with this number; try again in an hour";
                        return Err(Error::Conflict(text.into()));
                    }
                    rows::delete(db, present.digest_key)?;
                }
                rows::insert(db, &row, MOST)?;
                Ok(devices::ids_of_owner(db, whose.key(), MOST_DEVICES)?)
            })
            .await?;
        Ok(ClaimCode { code, device_ids })
    }

    /// Takes the code, or the number of its SIM card or modem, that a device has brought along on connecting. For the door
    /// of devices, which has made sure that it is this device.
    ///
    /// Fails with [`Error::UnknownDevice`] where the device is not known at all.
    pub async fn claim_by_code(&self, device: &DeviceId, code: &str) -> Result<CodeClaim, Error> {
        // A SIM card's number may come with filler behind it.
        let code = if code.len() == LENGTH { code } else { code.trim().trim_end_matches(['F', 'f']) };
        let digests = self.keys().digester.digests(Purpose::ClaimCode, code.as_bytes());
        let (now, device) = (self.now(), device.clone());
        let mote = self.clone();
        let claim = move |db: &mut Db| {
            let (claim, claimed) = claim_by_code(db, &digests, &device, now)?;
            if let (CodeClaim::Claimed(owner), Some(row)) = (&claim, claimed) {
                let recorder = mote.recorder(Actor::owner(*owner, None));
                recorder.record(db, entry(Action::DeviceClaimed, &row).with("by", "claim_code"))?;
            }
            Ok(claim)
        };
        self.store().write(claim).await
    }
}

/// The code of which one of these digests is kept.
fn find(db: &mut Db, digests: &[Digest]) -> Result<Option<ClaimCodeRow>, Error> {
    for digest in digests {
        let found = rows::get(db, digest.key)?;
        if let Some(row) = found.filter(|row| digest.rest_is(&row.digest_rest)) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// What came of the code, and the device as it is now, if it got another owner.
fn claim_by_code(
    db: &mut Db,
    digests: &[Digest],
    device: &DeviceId,
    now: Moment,
) -> Result<(CodeClaim, Option<DeviceRow>), Error> {
    let mut device = devices::get(db, device.as_str())?.ok_or(Error::UnknownDevice)?;
    let code = find(db, digests)?;
    let Some(code) = code.filter(|code| Moment(code.expires_at) > now) else {
        return Ok((CodeClaim::Refused, None));
    };
    let id = OwnerId::from_key(code.owner_id);
    let present = device.owner_id.map(OwnerId::from_key);
    let taken = match present {
        Some(other) if other != id => owner(db, other)?.is_some(),
        _ => false,
    };
    let elsewhere = code.product_id.is_some_and(|product| device.product_id != Some(product));
    // A code that does not fit this device is left to the one that it is for.
    if taken || elsewhere || owner(db, id)?.is_none() {
        return Ok((CodeClaim::Refused, None));
    }
    rows::delete(db, code.digest_key)?;
    if present == Some(id) {
        return Ok((CodeClaim::Claimed(id), None));
    }
    device.owner_id = Some(id.key());
    device.updated_at = now.0;
    devices::update(db, &device)?;
    Ok((CodeClaim::Claimed(id), Some(device)))
}

fn generate() -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 48]);
    random::fill(&mut *bytes);
    let mut code = Zeroizing::new(STANDARD.encode(*bytes));
    code.truncate(LENGTH);
    code
}

fn number(
    field: &'static str,
    text: &str,
    digits: std::ops::RangeInclusive<usize>,
) -> Result<Zeroizing<String>, Error> {
    let text = text.trim().trim_end_matches(['F', 'f']);
    if digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(Zeroizing::new(text.to_owned()))
    } else {
        Err(Error::invalid(field, format!("is {} to {} digits", digits.start(), digits.end())))
    }
}

#[cfg(test)]
mod tests;
