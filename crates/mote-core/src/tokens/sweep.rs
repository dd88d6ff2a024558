//! Removing what is over, a little at a time, beside the traffic.

use mote_store::{
    challenges, claim_codes, client_keys, clients, console_sessions, groups, invitations, products, tokens,
};

use crate::{
    Error, Mote, customers, diagnostics, fleet_metrics, integrations, ledgers, locations, notices, sims,
};

/// Rows that one write removes at most: about ten milliseconds of the writer.
const BATCH: i64 = 500;

impl Mote {
    /// Removes one batch of what is over: expired tokens and sessions, challenges, invitations and claim codes, tokens whose client is gone,
    /// customers whose product is, and what rooms keep for some time only. True while there is more. Also writes what waits for
    /// the next sweep: which secrets were used. Of several nodes the one that leads removes; each writes its own.
    pub async fn sweep(&self) -> Result<bool, Error> {
        self.write_secret_touches().await?;
        self.count_queue_of_hooks().await?;
        if !self.leads() {
            return Ok(false);
        }
        let more_later = self.sweep_blobs().await? | self.trim_audit().await?;
        let (moment, oldest) = (self.now(), self.oldest_history());
        let now = moment.0;
        self.store()
            .write(move |db| -> Result<bool, Error> {
                let mut removed = tokens::sweep(db, now, BATCH)?;
                removed += console_sessions::sweep(db, now, BATCH)? + challenges::sweep(db, now, BATCH)?;
                removed += invitations::sweep(db, now, BATCH)? + claim_codes::sweep(db, now, BATCH)?;
                removed += ledgers::sweep(db, moment)? + integrations::sweep(db, moment, oldest, BATCH)?;
                removed += sims::sweep(db, moment, BATCH)? + notices::sweep(db, BATCH)?;
                removed += diagnostics::sweep(db, oldest, BATCH)? + locations::sweep(db, oldest, BATCH)?;
                removed += fleet_metrics::sweep(db, moment, BATCH)?;
                removed += groups::sweep(db, BATCH)? + client_keys::sweep_assertions(db, now, BATCH)?;
                if let Some(gone) = clients::gone(db)? {
                    let of_gone = tokens::delete_of_client(db, gone, BATCH)?;
                    if of_gone == 0 {
                        clients::forget_gone(db, gone)?;
                    }
                    removed += of_gone.max(1);
                }
                if let Some(gone) = products::gone(db)? {
                    let of_gone = customers::sweep(db, gone, BATCH)?;
                    if of_gone == 0 {
                        products::forget_gone(db, gone)?;
                    }
                    removed += of_gone.max(1);
                }
                Ok(removed > 0 || more_later)
            })
            .await
    }
}
