//! What a device is.

use std::collections::HashMap;

use mote_store::devices::DeviceRow;
use mote_store::groups;
use serde_json::{Map, Value};

use super::lookup::Reach;
use super::owner::{Owned, Owner};
use crate::fleet_metrics::Traits;
use crate::names::DeviceId;
use crate::products::{Product, ProductRef};
use crate::{Error, Moment, Mote, ProductId};

/// A device, as its owner, or its product's team, sees it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has them so")]
pub struct Device {
    /// 24 hex digits.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Who claimed it.
    pub owner: Option<Owner>,
    /// The product it is in.
    pub product: Option<ProductId>,
    /// The kind of hardware.
    pub platform_id: i32,
    /// Notes.
    pub notes: Option<String>,
    /// Names of the functions that it has told of.
    pub functions: Vec<String>,
    /// The variables that it has told of: name to type.
    pub variables: Map<String, Value>,
    /// Serial number.
    pub serial_number: Option<String>,
    /// SIM card.
    pub iccid: Option<String>,
    /// Modem.
    pub imei: Option<String>,
    /// Wi-Fi MAC address.
    pub mac_wifi: Option<String>,
    /// What the set-up app shares with it.
    pub mobile_secret: Option<String>,
    /// Device OS version.
    pub system_firmware_version: Option<String>,
    /// Product firmware version that it runs.
    pub firmware_version: Option<i32>,
    /// The version that it is locked to.
    pub desired_firmware_version: Option<i32>,
    /// Gets no product firmware.
    pub development: bool,
    /// Waits for approval.
    pub quarantined: bool,
    /// Refused for good.
    pub denied: bool,
    /// Takes updates.
    pub firmware_updates_enabled: bool,
    /// Is made to take updates.
    pub firmware_updates_forced: bool,
    /// Address at its last connection.
    pub last_ip_address: Option<String>,
    /// Last sign of life.
    pub last_heard: Option<Moment>,
    /// Last connection.
    pub last_handshake_at: Option<Moment>,
    /// Changed.
    pub updated_at: Moment,
    /// The product that its firmware was made for.
    pub firmware_product: Option<ProductId>,
    /// Whether it is connected.
    pub online: bool,
    /// Names of its groups, sorted.
    pub groups: Vec<String>,
    /// The product firmware version that it should have, none for leaving it as it is; only said to its product.
    pub target: Option<Option<i32>>,
}

/// Kinds of hardware with a modem: Electron, Boron, Tracker, M-series, M404, Muon, Tachyon.
pub(crate) const CELLULAR: [i32; 9] = [10, 13, 23, 25, 26, 28, 35, 38, 42];

impl Device {
    /// Whether it is of a kind with a modem.
    #[must_use]
    pub fn is_cellular(&self) -> bool {
        CELLULAR.contains(&self.platform_id)
    }

    /// What fleet health narrows by.
    #[must_use]
    pub(super) fn traits(&self) -> Traits {
        Traits {
            product_fw: self.firmware_version,
            device_os: self.system_firmware_version.as_deref().map(Into::into),
            groups: self.groups.as_slice().into(),
        }
    }
}

impl Mote {
    /// Devices within a reach as their rows, their groups, their product and their sessions have them.
    pub(super) async fn as_they_are(&self, found: Vec<Owned>, reach: Reach) -> Result<Vec<Device>, Error> {
        let product = match reach {
            Reach::Product(id) => self.find_product(&ProductRef::Id(id)).await?,
            Reach::Owner(_) => None,
        };
        let mut groups = self.groups_of(&found, product.as_deref()).await?;
        let as_it_is = |owned: Owned| {
            let (keys, names) = groups.remove(&owned.0.id).unwrap_or_default();
            let target = product.as_ref().map(|product| product.target(&owned.0, &keys));
            let mut device = Device { groups: names, target, ..owned.try_into()? };
            if let Some(session) = self.sessions().of(&device.id) {
                device.online = true;
                device.last_heard = device.last_heard.max(Some(session.last_heard()));
            }
            Ok(device)
        };
        found.into_iter().map(as_it_is).collect()
    }

    /// The same of one.
    pub(super) async fn as_it_is(&self, owned: Owned, reach: Reach) -> Result<Device, Error> {
        let mut devices = self.as_they_are(vec![owned], reach).await?;
        devices.pop().ok_or_else(|| Error::Internal("one device became none".into()))
    }

    /// The groups that devices are in, by the device's ID: one query, or none where there are no groups. All devices are of
    /// `product`, if there is one.
    async fn groups_of(
        &self,
        found: &[Owned],
        product: Option<&Product>,
    ) -> Result<HashMap<String, (Vec<i64>, Vec<String>)>, Error> {
        let none = match product {
            Some(product) => product.groups.is_empty(),
            None => found.iter().all(|(row, _)| row.product_id.is_none()),
        };
        if none || found.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<String> = found.iter().map(|(row, _)| row.id.clone()).collect();
        let memberships = self
            .store()
            .read(move |db| groups::of_devices(db, &ids.iter().map(String::as_str).collect::<Vec<_>>()))
            .await?;
        let mut groups: HashMap<String, (Vec<i64>, Vec<String>)> = HashMap::new();
        for (device, key, name) in memberships {
            let (keys, names) = groups.entry(device).or_default();
            keys.push(key);
            names.push(name);
        }
        Ok(groups)
    }
}

impl TryFrom<Owned> for Device {
    type Error = Error;

    /// What the rows alone say of a device.
    fn try_from((row, owner): Owned) -> Result<Self, Error> {
        let broken = |what: &str| Error::Internal(format!("{what} of device {} are malformed", row.id));
        Ok(Self {
            functions: serde_json::from_str(&row.functions).map_err(|_| broken("functions"))?,
            variables: serde_json::from_str(&row.variables).map_err(|_| broken("variables"))?,
            id: row.id,
            name: Some(row.name).filter(|name| !name.is_empty()),
            owner,
            product: row.product_id.map(ProductId),
            platform_id: row.platform_id,
            notes: row.notes,
            serial_number: row.serial_number,
            iccid: row.iccid,
            imei: row.imei,
            mac_wifi: row.mac_wifi,
            mobile_secret: row.mobile_secret,
            system_firmware_version: row.system_firmware_version,
            firmware_version: (row.firmware_version >= 0).then_some(row.firmware_version),
            desired_firmware_version: row.desired_firmware_version,
            development: row.development,
            quarantined: row.quarantined,
            denied: row.denied,
            firmware_updates_enabled: row.firmware_updates_enabled,
            firmware_updates_forced: row.firmware_updates_forced,
            last_ip_address: row.last_ip_address,
            last_heard: row.last_heard.map(Moment),
            last_handshake_at: Some(Moment(row.last_handshake_at)).filter(|at| at.0 > 0),
            updated_at: Moment(row.updated_at),
            firmware_product: row.firmware_product_id.map(ProductId),
            online: false,
            groups: Vec::new(),
            target: None,
        })
    }
}

/// The row of a device that has just become known.
pub(crate) fn new_row(id: &DeviceId, platform_id: i32, now: Moment) -> DeviceRow {
    DeviceRow {
        id: id.as_str().to_owned(),
        product_id: None,
        owner_id: None,
        name: String::new(),
        notes: None,
        platform_id,
        serial_number: None,
        iccid: None,
        imei: None,
        mac_wifi: None,
        mobile_secret: None,
        system_firmware_version: None,
        firmware_version: -1,
        desired_firmware_version: None,
        development: false,
        quarantined: false,
        denied: false,
        firmware_updates_enabled: true,
        firmware_updates_forced: false,
        functions: "[]".into(),
        variables: "{}".into(),
        last_ip_address: None,
        last_heard: None,
        last_handshake_at: 0,
        public_key: None,
        key_algorithm: None,
        created_at: now.0,
        updated_at: now.0,
        firmware_product_id: None,
    }
}
