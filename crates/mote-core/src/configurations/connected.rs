//! Configurations of devices that are connected: given, and confirmed.

use std::collections::BTreeMap;

use mote_store::Db;
use mote_store::configurations as rows;
use mote_store::configurations::ConfigurationRow;
use mote_store::devices;
use serde_json::{Map, Value};

use super::Applied;
use super::use_cases::{State, values};
use crate::sessions::{Connection, SessionError};
use crate::{Error, Moment, Mote, ProductId};

/// What a device made of a configuration, section by section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configured {
    /// Sections that it has taken.
    pub accepted: Vec<String>,
    /// Sections that it refused, and its error codes.
    pub refused: BTreeMap<String, i32>,
}

/// Whether a device that has `reported` what it has has what it is to have: it may have more.
pub(super) fn confirmed(wanted: &Map<String, Value>, reported: &Map<String, Value>) -> bool {
    wanted.iter().all(|(section, value)| reported.get(section) == Some(value))
}

impl Mote {
    /// Gives a device what it is to have, if it is connected, and takes note of what it has then.
    pub(super) async fn configure_connected(
        &self,
        product: ProductId,
        device: &str,
        state: State,
    ) -> Result<Applied, Error> {
        let Some(session) = self.sessions().of(device) else { return Ok(Applied::Later) };
        let Some(pending) = state.pending()? else { return Ok(Applied::Now) };
        let configured = match session.configure(pending.clone()).await {
            Ok(configured) => configured,
            Err(SessionError::Refused(why)) => {
                return Err(Error::DeviceRejected(format!("Configuration updates failed: {why}")));
            }
            // It stays pending.
            Err(SessionError::Ended | SessionError::TimedOut | SessionError::Busy) => {
                return Ok(Applied::Later);
            }
        };
        let Configured { accepted, refused } = configured;
        let taken: Map<_, _> =
            pending.into_iter().filter(|(section, _)| accepted.contains(section)).collect();
        self.confirm(product, device.to_owned(), move |reported| reported.extend(taken.clone())).await?;
        if refused.is_empty() {
            return Ok(Applied::Now);
        }
        let refused: Vec<_> = refused.iter().map(|(section, code)| format!("{section}: {code}")).collect();
        Err(Error::DeviceRejected(format!(
            "Configuration updates failed for some sections: {{{}}}, these sections were successful: {}",
            refused.join(", "),
            accepted.join(", ")
        )))
    }

    async fn confirm(
        &self,
        product: ProductId,
        device: String,
        change: impl Fn(&mut Map<String, Value>) + Send + 'static,
    ) -> Result<(), Error> {
        let now = self.now();
        self.store()
            .write(move |db| {
                let mut row = row_of(db, product, &device, now)?;
                let mut reported = row.reported.as_deref().map(values).transpose()?.unwrap_or_default();
                change(&mut reported);
                row.reported = Some(Value::Object(reported).to_string());
                Ok(rows::put(db, &row)?)
            })
            .await
    }
}

fn row_of(db: &mut Db, product: ProductId, device: &str, now: Moment) -> Result<ConfigurationRow, Error> {
    let new = || ConfigurationRow {
        product_id: product.0,
        device_id: device.to_owned(),
        wanted: None,
        reported: None,
        updated_at: now.0,
    };
    Ok(rows::get(db, product.0, device)?.unwrap_or_else(new))
}

impl Connection {
    /// What the device is to be configured with, where it differs from what it has confirmed to have: for a door to give
    /// it when it has come.
    pub async fn pending_configuration(&self) -> Result<Option<Map<String, Value>>, Error> {
        let device = self.device().to_string();
        let state = self.mote().store().read(move |db| -> Result<State, Error> {
            let product = devices::get(db, &device)?.and_then(|row| row.product_id);
            product.map_or_else(|| Ok(State::default()), |id| State::load(db, ProductId(id), &device))
        });
        state.await?.pending()
    }

    /// Takes note of all that the device says it is configured with.
    pub async fn report_configuration(&self, reported: Map<String, Value>) -> Result<(), Error> {
        let device = self.device().to_string();
        let named = device.clone();
        let row = self.mote().store().read(move |db| devices::get(db, &named)).await?;
        let Some(product) = row.and_then(|row| row.product_id) else { return Ok(()) };
        self.mote().confirm(ProductId(product), device, move |known| known.clone_from(&reported)).await
    }
}
