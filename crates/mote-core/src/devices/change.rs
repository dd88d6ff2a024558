//! Changing what people say of a device.

use mote_store::devices as rows;
use mote_store::devices::DeviceRow;
use mote_store::{Db, firmware, products};

use super::Device;
use super::audit::entry;
use super::lookup::Reach;
use super::owner::{Owned, with_owner};
use crate::audit::{Action, Entry};
use crate::authorization::table::{DevicesUpdate, OwnDevicesUpdate};
use crate::authorization::{Caller, OwnerAccess, ProductAccess};
use crate::groups::{self, Assignment};
use crate::names::DeviceName;
use crate::notices::Notice;
use crate::{Error, Moment, Mote, ProductId};

/// Characters of a device's notes at most.
const LONGEST_NOTES: usize = 4000;

/// What is to be changed of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceChange {
    /// New name.
    pub name: Option<String>,
    /// New notes; empty for none.
    pub notes: Option<String>,
    /// Whether it is made to take updates.
    pub firmware_updates_forced: Option<bool>,
    /// By a product: the groups that it is to be in, and no others.
    pub groups: Option<Assignment>,
    /// By a product: whether it gets no product firmware.
    pub development: Option<bool>,
    /// By a product: the firmware version that it is to be locked to; none to unlock it.
    pub desired_firmware_version: Option<Option<i64>>,
    /// By a product: whether it is to take that version at once, if it is connected.
    pub flash: bool,
}

impl DeviceChange {
    /// What the audit trail tells of it.
    fn entries(&self, row: &DeviceRow, by_product: bool) -> Vec<Entry> {
        let mut changed = Vec::new();
        let mut add = |is_asked: bool, field: &'static str| changed.extend(is_asked.then_some(field));
        add(self.name.is_some(), "name");
        add(self.notes.is_some(), "notes");
        add(self.firmware_updates_forced.is_some(), "firmware_updates_forced");
        add(by_product && self.groups.is_some(), "groups");
        add(by_product && self.development.is_some(), "development");
        let mut entries = Vec::new();
        if !changed.is_empty() {
            entries.push(entry(Action::DeviceUpdated, row).with("fields", changed));
        }
        match self.desired_firmware_version.filter(|_| by_product) {
            Some(Some(version)) => entries.push(entry(Action::DeviceLocked, row).with("version", version)),
            Some(None) => entries.push(entry(Action::DeviceUnlocked, row)),
            None => {}
        }
        entries
    }
}

impl Mote {
    /// Changes a device of the account.
    pub async fn update_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesUpdate>,
        named: &str,
        change: DeviceChange,
    ) -> Result<Device, Error> {
        self.update_device(Reach::Owner(access.owner()), access.caller(), named, change).await
    }

    /// Changes a device of the product.
    pub async fn update_product_device(
        &self,
        access: &ProductAccess<DevicesUpdate>,
        named: &str,
        change: DeviceChange,
    ) -> Result<Device, Error> {
        self.update_device(Reach::Product(access.product().id), access.caller(), named, change).await
    }

    async fn update_device(
        &self,
        reach: Reach,
        caller: &Caller,
        named: &str,
        change: DeviceChange,
    ) -> Result<Device, Error> {
        let name = change.name.as_deref().map(DeviceName::parse).transpose()?;
        if let Some(notes) = &change.notes {
            let fits = notes.chars().count() <= LONGEST_NOTES && !notes.contains('\0');
            if !fits {
                return Err(Error::invalid(
                    "notes",
                    format!("are text of {LONGEST_NOTES} characters at most"),
                ));
            }
        }
        let (named, now, recorder) = (named.to_owned(), self.now(), self.recorder(caller));
        let (regrouped, flash) = (change.groups.is_some(), change.flash);
        let update = move |db: &mut Db| -> Result<Owned, Error> {
            let mut row = reach.find(db, &named)?;
            if let Some(name) = &name {
                row.name = name.to_string();
            }
            if let Some(notes) = &change.notes {
                row.notes = Some(notes.clone()).filter(|notes| !notes.is_empty());
            }
            row.firmware_updates_forced =
                change.firmware_updates_forced.unwrap_or(row.firmware_updates_forced);
            if let Reach::Product(product) = reach {
                change_in_product(db, product, &mut row, &change, now)?;
            }
            row.updated_at = now.0;
            rows::update(db, &row)?;
            for entry in change.entries(&row, matches!(reach, Reach::Product(_))) {
                recorder.record(db, entry)?;
            }
            if let (Some(product), true) = (row.product_id, name.is_some()) {
                // Listings by name come out differently.
                products::devices_changed(db, product, 0)?;
            }
            with_owner(db, row)
        };
        let forget = move |(row, _): &Owned| {
            let product = row.product_id.filter(|_| regrouped);
            product.map(|product| Notice::ProductChanged(ProductId(product)))
        };
        let changed = self.write_and_forget(update, forget).await?;
        if flash {
            self.begin_update(&changed.0.id);
        }
        self.as_it_is(changed, reach).await
    }
}

/// What only a product may change of its device, which must be one of it in full.
fn change_in_product(
    db: &mut Db,
    product: ProductId,
    row: &mut DeviceRow,
    change: &DeviceChange,
    now: Moment,
) -> Result<(), Error> {
    if row.quarantined {
        return Err(Error::Quarantined);
    }
    row.development = change.development.unwrap_or(row.development);
    if let Some(groups) = &change.groups {
        groups::join(db, product, &row.id, groups, now)?;
    }
    match change.desired_firmware_version {
        Some(Some(version)) => row.desired_firmware_version = Some(lock(db, product, row, version)?),
        Some(None) => row.desired_firmware_version = None,
        None => {}
    }
    Ok(())
}

/// The version that a device is to be locked to, if it can be.
fn lock(db: &mut Db, product: ProductId, row: &DeviceRow, version: i64) -> Result<i32, Error> {
    let field = "desired_firmware_version";
    if row.development {
        let text = "is not for a development device, which gets no product firmware: clear its mark first";
        return Err(Error::invalid(field, text));
    }
    let unknown =
        || Error::invalid(field, "is a version of this product's firmware that was uploaded, or null");
    let version = i32::try_from(version).map_err(|_| unknown())?;
    firmware::get(db, product.0, version)?.map(|_| version).ok_or_else(unknown)
}
