//! A device comes and goes.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use mote_store::devices as rows;
use mote_store::devices::DeviceRow;
use mote_store::{Db, products};
use tokio::sync::mpsc;

use super::session::Pulse;
use super::{Command, Session};
use crate::devices::{may_bring, new_row};
use crate::names::DeviceId;
use crate::products::ProductSettings;
use crate::{Error, Moment, Mote, ProductId};

/// Functions or variables that a device may tell of.
const MOST_NAMES: usize = 200;
/// Characters of such a name, of a variable's type and of a Device OS version at most.
const LONGEST_NAME: usize = 64;

/// What a device says of itself when it connects. Who it is has been proved by then.
#[derive(Clone, Debug, Default)]
pub struct Hello {
    /// The kind of hardware.
    pub platform_id: i32,
    /// The product that its firmware was made for.
    pub product: Option<ProductId>,
    /// That firmware's version.
    pub firmware_version: Option<u16>,
    /// Device OS version.
    pub system_firmware_version: Option<String>,
    /// Names of its functions.
    pub functions: Vec<String>,
    /// Its variables: name to type (`int32`, `double`, `string`, `bool`).
    pub variables: BTreeMap<String, String>,
    /// Where it comes from.
    pub address: Option<IpAddr>,
}

impl Hello {
    fn check(&self) -> Result<(), Error> {
        let texts = self.functions.iter().chain(self.variables.keys()).chain(self.variables.values());
        let mut texts = texts.chain(&self.system_firmware_version);
        let fits = self.functions.len() <= MOST_NAMES
            && self.variables.len() <= MOST_NAMES
            && texts.all(|text| text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control))
            && (0..1000).contains(&self.platform_id);
        if fits {
            Ok(())
        } else {
            Err(Error::invalid("description", "of itself that the device sent is beyond all limits"))
        }
    }
}

/// A door's end of a device's session, which is over when this is dropped.
pub struct Connection {
    device: DeviceId,
    pulse: Arc<Pulse>,
    commands: mpsc::Receiver<Command>,
    mote: Mote,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("device", &self.device).finish_non_exhaustive()
    }
}

impl Connection {
    /// The next command for the device; none once a newer connection of the same device has taken over.
    pub async fn next(&mut self) -> Option<Command> {
        self.commands.recv().await
    }

    /// Which device.
    #[must_use]
    pub fn device(&self) -> &DeviceId {
        &self.device
    }

    pub(crate) fn mote(&self) -> &Mote {
        &self.mote
    }

    /// Takes note that the device gave a sign of life.
    pub fn heard(&self) {
        self.pulse.hear(self.mote.now());
    }

    /// Ends the session and writes down when the device was last heard.
    pub async fn close(self) -> Result<(), Error> {
        let (mote, device, heard) = (self.mote.clone(), self.device.clone(), self.pulse.last_heard());
        drop(self);
        let written = move |db: &mut Db| rows::heard(db, device.as_str(), heard.0);
        Ok(mote.store().write(written).await?)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.mote.sessions().take(self.device.as_str(), self.pulse.number());
    }
}

impl Mote {
    /// Opens the session of a device that has come to a door: writes down what it says of itself, and where the product of
    /// its firmware has it neither as a device nor among those it refused, brings it there (into quarantine, if that is
    /// the product's setting).
    pub async fn connect_device(&self, device: &DeviceId, hello: Hello) -> Result<Connection, Error> {
        hello.check()?;
        let now = self.now();
        let named = device.clone();
        self.store().write(move |db| greet(db, &named, &hello, now)).await?;
        let (session, commands) = Session::open(self.sessions().next_number(), now);
        let pulse = Arc::clone(session.pulse());
        self.sessions().put(device.to_string(), session);
        // Its first command may be to take other firmware.
        self.begin_update(device.as_str());
        Ok(Connection { device: device.clone(), pulse, commands, mote: self.clone() })
    }
}

fn greet(db: &mut Db, device: &DeviceId, hello: &Hello, now: Moment) -> Result<(), Error> {
    let known = rows::get(db, device.as_str())?;
    let is_new = known.is_none();
    let mut row = known.unwrap_or_else(|| new_row(device, hello.platform_id, now));
    let before = row.product_id;
    row.platform_id = hello.platform_id;
    row.firmware_product_id = hello.product.map(|product| product.0);
    row.firmware_version = hello.firmware_version.map_or(-1, i32::from);
    row.system_firmware_version.clone_from(&hello.system_firmware_version);
    row.functions = as_json(&hello.functions)?;
    row.variables = as_json(&hello.variables)?;
    row.last_ip_address = hello.address.map(|address| address.to_string()).or(row.last_ip_address);
    row.last_heard = Some(now.0);
    row.last_handshake_at = now.0;
    if let (None, Some(product)) = (row.product_id, hello.product) {
        admit(db, &mut row, product)?;
    }
    if is_new {
        rows::insert(db, &row)?;
    } else {
        rows::update(db, &row)?;
    }
    if let Some(product) = row.product_id {
        // Listings by connection come out differently.
        products::devices_changed(db, product, i64::from(before.is_none()))?;
    }
    Ok(())
}

/// Brings a device that is in no product into the one that its firmware names. One of another platform, or that belongs to
/// somebody outside the product's team, stays where it is: it would be refused as an import too.
fn admit(db: &mut Db, row: &mut DeviceRow, product: ProductId) -> Result<(), Error> {
    let Some((found, ..)) = products::get(db, product.0)? else { return Ok(()) };
    if found.platform_id == row.platform_id && may_bring(db, product, row.owner_id)? {
        row.product_id = Some(product.0);
        row.quarantined = ProductSettings::of_row(&found)?.quarantine();
    }
    Ok(())
}

fn as_json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::Internal(format!("a device's names are no JSON: {e}")))
}
