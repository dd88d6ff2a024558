//! The values that products and devices are configured with.

use std::collections::BTreeSet;

use mote_store::Db;
use mote_store::configurations as rows;
use mote_store::configurations::ConfigurationRow;
use serde_json::{Map, Value};

use super::connected::confirmed;
use super::schema::check_all;
use crate::audit::{Action, Entry};
use crate::authorization::ProductAccess;
use crate::authorization::table::{ConfigurationGet, ConfigurationUpdate};
use crate::devices::Reach;
use crate::spaces::still_there;
use crate::{Error, Moment, Mote, ProductId};

/// Bytes of a configuration at most.
const MOST_BYTES: usize = 16 * 1024;
/// Devices that one request may name.
const MOST_DEVICES: usize = 1000;

/// What a device is configured with.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceConfiguration {
    /// What it has confirmed to have; empty as long as it has not.
    pub current: Map<String, Value>,
    /// What it is to be changed to: its own values, or else its product's; empty where it has them already.
    pub pending: Map<String, Value>,
}

/// What became of a device's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The device has taken it.
    Now,
    /// The device is not connected: it is given it when it is.
    Later,
}

/// That the configuration of a device was set, or, where it has no ID, the product's.
fn entry(place: &str, product: ProductId) -> Entry {
    Entry::new(Action::ConfigurationUpdated, place, "").of(product)
}

impl Mote {
    /// The values that a product's devices have unless they have their own.
    pub async fn product_configuration(
        &self,
        access: &ProductAccess<ConfigurationGet>,
    ) -> Result<Map<String, Value>, Error> {
        let product = access.product().id;
        let row = self.store().read(move |db| rows::get(db, product.0, rows::PRODUCT)).await?;
        let wanted = row.and_then(|row| row.wanted);
        values(&wanted.ok_or_else(|| Error::NotFound("This product has no configuration set".into()))?)
    }

    /// What a device of the product is configured with.
    pub async fn device_configuration(
        &self,
        access: &ProductAccess<ConfigurationGet>,
        device: &str,
    ) -> Result<DeviceConfiguration, Error> {
        let (product, device) = (access.product().id, device.to_owned());
        let state = self
            .store()
            .read(move |db| -> Result<State, Error> {
                let device = Reach::Product(product).find(db, &device)?;
                State::load(db, product, &device.id)
            })
            .await?;
        if state.wanted().is_none() && state.reported.is_none() {
            return Err(Error::NotFound("This device has no configuration set".into()));
        }
        Ok(DeviceConfiguration {
            pending: state.pending()?.unwrap_or_default(),
            current: state.reported.as_deref().map(values).transpose()?.unwrap_or_default(),
        })
    }

    /// Sets the values of all the product's devices, or of those named alone: these have them as their own then. Without
    /// values, the product has no configuration, and the devices named have the product's.
    pub async fn set_product_configuration(
        &self,
        access: &ProductAccess<ConfigurationUpdate>,
        devices: Option<Vec<String>>,
        values: Map<String, Value>,
    ) -> Result<(), Error> {
        let product = access.product().id;
        let places = match devices {
            Some(devices) => self.devices_named(product, devices).await?,
            None => vec![rows::PRODUCT.to_owned()],
        };
        let wanted = self.checked_values(product, &places, values).await?;
        let (now, written, recorder) = (self.now(), places.clone(), self.recorder(access.caller()));
        self.store()
            .write(move |db| {
                still_there(db, product.into())?;
                match written.as_slice() {
                    [place] => recorder.record(db, entry(place, product))?,
                    many => {
                        let ids = many.iter().map(String::as_str);
                        recorder.record_batch(db, Action::ConfigurationUpdated, product, ids)?;
                    }
                }
                written.iter().try_for_each(|place| set(db, product, place, wanted.as_deref(), now))
            })
            .await?;
        self.push_configuration(product, places);
        Ok(())
    }

    /// Sets a device's own values; without any it has its product's. A device that is connected gets them at once.
    ///
    /// Fails with [`Error::DeviceRejected`] where it refuses some.
    pub async fn set_device_configuration(
        &self,
        access: &ProductAccess<ConfigurationUpdate>,
        device: &str,
        values: Map<String, Value>,
    ) -> Result<Applied, Error> {
        let product = access.product().id;
        let place = self.devices_named(product, vec![device.to_owned()]).await?;
        let wanted = self.checked_values(product, &place, values).await?;
        let (device, now) = (place.into_iter().next().unwrap_or_default(), self.now());
        let (place, recorder) = (device.clone(), self.recorder(access.caller()));
        let state = self
            .store()
            .write(move |db| -> Result<State, Error> {
                set(db, product, &place, wanted.as_deref(), now)?;
                recorder.record(db, entry(&place, product))?;
                State::load(db, product, &place)
            })
            .await?;
        self.configure_connected(product, &device, state).await
    }

    /// The IDs of devices that a request names: all of the product.
    async fn devices_named(&self, product: ProductId, named: Vec<String>) -> Result<Vec<String>, Error> {
        if named.len() > MOST_DEVICES {
            return Err(Error::invalid("deviceIds", format!("are {MOST_DEVICES} at most")));
        }
        self.store()
            .read(move |db| {
                let found = named.iter().map(|named| Ok(Reach::Product(product).find(db, named)?.id));
                Ok(found.collect::<Result<BTreeSet<_>, Error>>()?.into_iter().collect())
            })
            .await
    }

    /// Values as they are kept, after they were checked against the schemas of where they are for; none for none.
    async fn checked_values(
        &self,
        product: ProductId,
        places: &[String],
        values: Map<String, Value>,
    ) -> Result<Option<String>, Error> {
        if values.is_empty() {
            return Ok(None);
        }
        let text = Value::Object(values.clone()).to_string();
        if text.len() > MOST_BYTES {
            return Err(Error::invalid("configuration", format!("is {MOST_BYTES} bytes of JSON at most")));
        }
        check_all(self.schemas_for(product, places).await?, values).await?;
        Ok(Some(text))
    }
}

fn set(db: &mut Db, product: ProductId, place: &str, wanted: Option<&str>, now: Moment) -> Result<(), Error> {
    let reported = rows::get(db, product.0, place)?.and_then(|row| row.reported);
    if wanted.is_none() && reported.is_none() {
        return Ok(rows::delete(db, product.0, place)?);
    }
    let row = ConfigurationRow {
        product_id: product.0,
        device_id: place.to_owned(),
        wanted: wanted.map(str::to_owned),
        reported,
        updated_at: now.0,
    };
    Ok(rows::put(db, &row)?)
}

pub(super) fn values(text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(text).map_err(|e| Error::Internal(format!("a configuration is no JSON object: {e}")))
}

/// What is known of a device's configuration, in JSON.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Its own values.
    pub(super) own: Option<String>,
    /// Its product's.
    pub(super) of_product: Option<String>,
    /// What it has confirmed to have.
    pub(super) reported: Option<String>,
}

impl State {
    pub(super) fn load(db: &mut Db, product: ProductId, device: &str) -> Result<Self, Error> {
        let own = rows::get(db, product.0, device)?;
        let of_product = rows::get(db, product.0, rows::PRODUCT)?.and_then(|row| row.wanted);
        let (own, reported) = own.map_or((None, None), |row| (row.wanted, row.reported));
        Ok(Self { own, of_product, reported })
    }

    /// What it is to have, if anything is set.
    pub(super) fn wanted(&self) -> Option<&str> {
        self.own.as_deref().or(self.of_product.as_deref())
    }

    /// What it is to be changed to; none where nothing is set, or it has that already.
    pub(super) fn pending(&self) -> Result<Option<Map<String, Value>>, Error> {
        let Some(wanted) = self.wanted().map(values).transpose()? else { return Ok(None) };
        let reported = self.reported.as_deref().map(values).transpose()?;
        Ok(if reported.is_some_and(|reported| confirmed(&wanted, &reported)) { None } else { Some(wanted) })
    }
}
