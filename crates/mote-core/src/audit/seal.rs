//! Giving entries their places in the chain, beside the traffic.

use mote_store::audit as rows;
use mote_store::audit::Link;

use super::ChainPlace;
use super::chain::LAST;
use super::is_full;
use crate::{Error, Mote};

/// Entries that one write gives their places: a few milliseconds of the writer.
const BATCH: i64 = 500;

impl Mote {
    /// Gives the oldest entries that have none their places in the chain, in the order of their keys; true while there may be
    /// more. One whose transaction ended later than that of a later key has its place behind it.
    ///
    /// Several nodes may do this at a time. What is read before the write is not looked at again in it but for the end of the
    /// chain, by its name: so the write never stands in the way of those that add entries, and the nodes find out that one
    /// of them was first.
    pub async fn seal_audit(&self) -> Result<bool, Error> {
        let keys = self.keys();
        let (last, waiting) = self
            .store()
            .read(|db| -> Result<_, Error> { Ok((rows::end(db, LAST)?, rows::unsealed(db, BATCH)?)) })
            .await?;
        if waiting.is_empty() {
            return Ok(false);
        }
        let more = is_full(waiting.len(), BATCH);
        let broken = || {
            Error::Internal(
                "the last place of the audit trail was tampered with: run `mote audit verify`".into(),
            )
        };
        let Some(mut place) = ChainPlace::of_end(last.as_ref(), &keys.chain) else {
            // The server key may just have been replaced.
            return if self.has_other_keys(&keys).await? { Ok(true) } else { Err(broken()) };
        };
        let mut links: Vec<(i64, Link)> = Vec::with_capacity(waiting.len());
        for row in &waiting {
            let next = place.next(&row.mac, &keys.chain);
            links.push((row.id, next.to_link(place)));
            place = next;
        }
        let new_last = place.to_end(LAST, &keys.chain);
        self.store()
            .write(move |db| -> Result<bool, Error> {
                if rows::end(db, LAST)? != last {
                    // Another node was first.
                    return Ok(true);
                }
                for (id, link) in &links {
                    if !rows::set_link(db, *id, link)? {
                        return Err(Error::Internal(format!("the entry {id} of the audit trail is gone")));
                    }
                }
                rows::set_end(db, &new_last)?;
                Ok(more)
            })
            .await
    }
}
