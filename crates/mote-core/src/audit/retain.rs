//! Removing what is no longer kept, from the old end of the chain alone.

use mote_store::audit as rows;

use super::ChainPlace;
use super::chain::{ChainHash, START};
use super::is_full;
use crate::{Error, Mote};

/// Entries that one write removes at most.
const BATCH: i64 = 500;

impl Mote {
    /// Removes a batch of entries that are older than [`crate::Settings::audit_days`], and remembers the number and the hash
    /// of the last of them, after which the chain begins from then on. True while there is more.
    pub(crate) async fn trim_audit(&self) -> Result<bool, Error> {
        let days = i64::from(self.settings().audit_days);
        let oldest = self.now().plus_seconds(-days * 86_400);
        let (start, found) = self
            .store()
            .read(|db| -> Result<_, Error> {
                Ok((rows::end(db, START)?, rows::beyond(db, i64::MIN, BATCH)?))
            })
            .await?;
        let over = found.iter().take_while(|row| row.at < oldest.0).count();
        let Some(last) = over.checked_sub(1).and_then(|last| found.get(last)) else { return Ok(false) };
        let place = last.number.zip(last.hash.as_deref().and_then(ChainHash::of_column));
        let Some((number, hash)) = place else { return Ok(false) };
        // What is wrong is left for the check to find; all else that is over is still swept.
        let keys = self.keys();
        let known = ChainPlace::of_end(start.as_ref(), &keys.chain);
        if known.is_none() && self.has_other_keys(&keys).await? {
            return Ok(true);
        }
        if known.is_none_or(|known| found.first().is_none_or(|first| first.number != Some(known.number + 1)))
        {
            tracing::error!(
                "the old end of the audit trail was tampered with, and is kept: run `mote audit verify`"
            );
            return Ok(false);
        }
        let new_start = ChainPlace { number, hash }.to_end(START, &keys.chain);
        self.store()
            .write(move |db| -> Result<(), Error> {
                // Another node was first.
                if rows::end(db, START)? != start {
                    return Ok(());
                }
                rows::trim(db, number)?;
                Ok(rows::set_end(db, &new_start)?)
            })
            .await?;
        Ok(is_full(over, BATCH))
    }
}
