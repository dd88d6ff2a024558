//! What a node took from the queue and did not finish before it was gone.

use mote_store::integrations::deliveries;

use crate::{Error, Mote};

/// The nodes that were missing at the last look.
#[derive(Debug, Default)]
pub struct Missing(Vec<i32>);

impl Mote {
    /// Makes due again what nodes took that are gone: those that were missing at the last look already, since one that
    /// lives may be without its connection for a moment. How much it is. To be called every few seconds; the node that leads
    /// does it for all.
    ///
    /// What is never given back like this comes again by itself when the time is over for which it was taken.
    pub async fn release_claims(&self, missing: &mut Missing) -> Result<usize, Error> {
        if !self.store().is_shared() || !self.leads() || !self.hears_others() {
            missing.0.clear();
            return Ok(0);
        }
        let takers = self.store().read(deliveries::takers).await?;
        let (own, others) = (self.nodes().number(), self.nodes().others());
        let lives = |node: i32| node == own || others.iter().any(|other| other.number == node);
        let now_missing: Vec<i32> = takers.into_iter().filter(|node| !lives(*node)).collect();
        let gone: Vec<i32> = now_missing.iter().copied().filter(|node| missing.0.contains(node)).collect();
        missing.0 = now_missing;
        if gone.is_empty() {
            return Ok(0);
        }
        let now = self.now().0;
        let released = self.store().write(move |db| deliveries::release_of(db, &gone, now)).await?;
        if released > 0 {
            tracing::info!(
                events = released,
                "what a node that is gone had taken from the queue is taken again"
            );
            self.hooks().bell.notify_one();
        }
        Ok(released)
    }
}
