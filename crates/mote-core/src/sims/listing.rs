//! Listing SIM cards, and seeing one.

use mote_store::accounts;
use mote_store::sims as rows;
use mote_store::sims::{Filter, Owner};

use super::Sim;
use super::sim::{find, owner_of, with_holders};
use crate::authorization::SpaceAccess;
use crate::authorization::table::{SimsGet, SimsList};
use crate::devices::page_of;
use crate::{Error, Mote};

/// Cards on a page of a product's, if nothing is asked for (contract: Sims-listSims).
const PER_PAGE: i64 = 25;
/// The same of an account's: all that it can have.
pub(super) const MOST_OF_ACCOUNT: i64 = 1000;

/// Which cards, which page.
#[derive(Clone, Debug, Default)]
pub struct SimQuery {
    /// Part of the number.
    pub iccid: Option<String>,
    /// Part of the ID of the device that has it.
    pub device_id: Option<String>,
    /// Part of that device's name.
    pub device_name: Option<String>,
    /// Page, from 1.
    pub page: Option<i64>,
    /// Cards on a page.
    pub per_page: Option<i64>,
}

/// A page of cards.
#[derive(Debug)]
pub struct SimPage {
    /// The cards, by number.
    pub sims: Vec<Sim>,
    /// Whether they are a product's.
    pub of_product: bool,
    /// Which page.
    pub page: i64,
    /// Cards on a full page.
    pub per_page: i64,
    /// Cards on all pages.
    pub total: i64,
}

impl Mote {
    /// The cards of the account or product.
    pub async fn list_sims(&self, access: &SpaceAccess<SimsList>, query: SimQuery) -> Result<SimPage, Error> {
        let owner = owner_of(access.space())?;
        let of_product = matches!(owner, Owner::Product(_));
        let usual = if of_product { PER_PAGE } else { MOST_OF_ACCOUNT };
        let (page, per_page) = page_of(query.page, query.per_page, usual)?;
        let part = |part: Option<String>| part.filter(|part| !part.is_empty());
        let filter = Filter {
            iccid: part(query.iccid),
            device_id: part(query.device_id),
            device_name: part(query.device_name),
        };
        let now = self.now();
        let (sims, total) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let (found, total) = rows::page(db, owner, &filter, (page - 1) * per_page, per_page)?;
                Ok((with_holders(db, owner, found, now)?, total))
            })
            .await?;
        Ok(SimPage { sims, of_product, page, per_page, total })
    }

    /// A card of the account or product, and the address of the account that has it.
    pub async fn sim(
        &self,
        access: &SpaceAccess<SimsGet>,
        iccid: &str,
    ) -> Result<(Sim, Option<String>), Error> {
        let (owner, iccid, now) = (owner_of(access.space())?, iccid.to_owned(), self.now());
        self.store()
            .read(move |db| -> Result<_, Error> {
                let row = find(db, owner, &iccid)?;
                let address = match row.account_id {
                    Some(account) => accounts::get(db, account)?.map(|account| account.username),
                    None => None,
                };
                let sim = with_holders(db, owner, vec![row], now)?.pop();
                let sim =
                    sim.ok_or_else(|| Error::Internal("a SIM card vanished while it was read".into()))?;
                Ok((sim, address))
            })
            .await
    }
}
