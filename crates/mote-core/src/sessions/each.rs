//! Something for each of many connected devices, beside the request that asked for it.

use std::collections::VecDeque;

use mote_store::devices as rows;
use mote_store::devices::DeviceRow;
use tokio::task::JoinSet;

use crate::{Error, Mote};

/// Devices that are dealt with at a time.
const BATCH: usize = 100;

impl Mote {
    /// Does `give` for each of these devices that is connected; `what` names it in the log, where it fails.
    pub(crate) fn each_connected<G, F>(&self, what: &'static str, devices: Vec<String>, give: G)
    where
        G: Fn(Mote, DeviceRow) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let mut connected: VecDeque<_> =
            devices.into_iter().filter(|device| self.sessions().of(device).is_some()).collect();
        if connected.is_empty() {
            return;
        }
        let mote = self.clone();
        tokio::spawn(async move {
            while !connected.is_empty() {
                let some = connected.drain(..BATCH.min(connected.len())).collect();
                if let Err(error) = mote.give_each(some, give.clone()).await {
                    tracing::warn!(%error, "{what} did not reach all connected devices");
                }
            }
        });
    }

    async fn give_each<G, F>(&self, devices: Vec<String>, give: G) -> Result<(), Error>
    where
        G: Fn(Mote, DeviceRow) -> F,
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let found = self.store().read(move |db| rows::get_all(db, &devices)).await?;
        let mut given: JoinSet<_> = found.into_iter().map(|row| give(self.clone(), row)).collect();
        let mut failed = None;
        while let Some(done) = given.join_next().await {
            let done = done.unwrap_or_else(|e| Err(Error::Internal(format!("a task of a device: {e}"))));
            failed = failed.or(done.err());
        }
        failed.map_or(Ok(()), Err)
    }
}
