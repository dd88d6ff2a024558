//! How the integrations of a space have been doing.

use mote_store::integrations::logs;
use mote_store::integrations::logs::LogRow;
use serde_json::Value;

use super::Integration;
use crate::authorization::SpaceAccess;
use crate::authorization::table::IntegrationsList;
use crate::paging::Paging;
use crate::{Error, Moment, Mote};

/// An integration in a list, and how it has been doing.
#[derive(Debug)]
pub struct IntegrationHealth {
    /// The integration.
    pub integration: Integration,
    /// Its latest request, if one is kept.
    pub last_delivery: Option<LastDelivery>,
    /// Until when it sleeps after many failures, if it does.
    pub sleeping_until: Option<Moment>,
}

/// The latest request of an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastDelivery {
    /// When.
    pub at: Moment,
    /// Whether the receiver took it.
    pub success: bool,
}

impl LastDelivery {
    fn of(row: &LogRow) -> Self {
        let entry: Value = serde_json::from_str(&row.entry).unwrap_or_default();
        Self { at: Moment(row.created_at), success: entry["success"] == true }
    }
}

impl Mote {
    /// A page of the integrations of the space, oldest first, with how each has been doing; and how many there are.
    pub async fn list_integrations_and_health(
        &self,
        access: &SpaceAccess<IntegrationsList>,
        page: Option<i64>,
        per_page: i64,
    ) -> Result<(Vec<IntegrationHealth>, i64), Error> {
        let paging = Paging::asked(page, Some(per_page), per_page)?;
        let all = self.list_integrations(access, None).await?;
        let total = all.len().try_into().unwrap_or(i64::MAX);
        let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        let on_page: Vec<_> =
            all.into_iter().skip(count(paging.offset())).take(count(paging.per_page)).collect();
        let ids: Vec<i64> = on_page.iter().map(|one| one.id.0).collect();
        let latest = self.store().read(move |db| logs::latest(db, &ids)).await?;
        let now = self.now();
        let health = |integration: Integration| {
            let last = latest.iter().find(|row| row.integration_id == integration.id.0);
            IntegrationHealth {
                last_delivery: last.map(LastDelivery::of),
                sleeping_until: self.hooks().states.sleeps_until(integration.id, now),
                integration,
            }
        };
        Ok((on_page.into_iter().map(health).collect(), total))
    }
}
