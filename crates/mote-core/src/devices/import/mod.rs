//! Adding devices to a product.

mod batch;

use std::collections::HashSet;

use mote_store::accounts;

use crate::authorization::ProductAccess;
use crate::authorization::table::{DevicesImport, SimsImport};
use crate::names::Username;
use crate::products::{Product, ProductRef};
use crate::spaces::still_there;
use crate::teams::is_on_team;
use crate::{AccountId, Error, Mote};
use batch::{Into, Outcome};

pub(crate) use batch::{bring_along, may_bring};

/// Devices in one request at most.
pub const MOST_IMPORTED: usize = 100_000;
/// Devices in one write: about twenty milliseconds of the writer.
const BATCH: usize = 500;

/// What is to be imported.
#[derive(Debug, Default)]
pub struct Import {
    /// Identifiers as the request has them: device IDs, or serial numbers, IMEIs or ICCIDs of known devices.
    pub ids: Vec<String>,
    /// Address of a team member who shall own the devices.
    pub claim_user: Option<String>,
    /// Whether the SIM cards of the devices come along, where they could be imported by themselves.
    pub with_sims: bool,
}

/// What became of each identifier, as the request has it (contract: Devices-importDevicesIntoProduct).
#[derive(Debug, Default)]
pub struct Imported {
    /// Now in the product, or released from its quarantine.
    pub updated: Vec<String>,
    /// Were in it before.
    pub existing: Vec<String>,
    /// Refused: in another product, or somebody's who is not on the team.
    pub nonmember: Vec<String>,
    /// Refused: no identifier of a device, or of another platform.
    pub invalid: Vec<String>,
}

impl Mote {
    /// Adds devices to the product, in batches: what one batch refuses does not undo the others. To bring their SIM cards along
    /// takes the right to import those as well.
    pub async fn import_devices(
        &self,
        access: &ProductAccess<DevicesImport>,
        import: Import,
    ) -> Result<Imported, Error> {
        if import.ids.is_empty() {
            return Err(Error::invalid(
                "ids",
                "are needed: the device IDs to add, in JSON, or one a line in a file",
            ));
        }
        if import.ids.len() > MOST_IMPORTED {
            return Err(Error::invalid(
                "ids",
                format!("are {MOST_IMPORTED} at most; send the rest in another request"),
            ));
        }
        let product = access.product();
        if import.with_sims {
            let named = ProductRef::Id(product.id);
            let _may: ProductAccess<SimsImport> =
                self.product_access(access.caller().clone(), &named).await?;
        }
        let owner = match import.claim_user {
            Some(address) => Some(self.member(product, &address).await?.into()),
            None => None,
        };
        let mut seen = HashSet::new();
        let ids: Vec<String> =
            import.ids.into_iter().filter(|id| seen.insert(id.trim().to_ascii_lowercase())).collect();
        let mut imported = Imported::default();
        for batch in ids.chunks(BATCH) {
            let recorder = self.recorder(access.caller());
            let into = Into {
                product: product.id,
                platform: product.platform_id,
                owner,
                brings_sims: import.with_sims,
                now: self.now(),
            };
            let batch = batch.to_vec();
            let outcomes = self
                .store()
                .write(move |db| -> Result<Vec<(String, Outcome)>, Error> {
                    still_there(db, into.product.into())?;
                    into.import(db, &batch, &recorder)
                })
                .await?;
            for (id, outcome) in outcomes {
                match outcome {
                    Outcome::Updated { .. } | Outcome::Approved { .. } => imported.updated.push(id),
                    Outcome::Existing { .. } => imported.existing.push(id),
                    Outcome::Nonmember => imported.nonmember.push(id),
                    Outcome::Invalid => imported.invalid.push(id),
                }
            }
        }
        Ok(imported)
    }

    async fn member(&self, product: &Product, address: &str) -> Result<AccountId, Error> {
        let refused = || Error::invalid("claim_user", "is the address of somebody on the product's team");
        let username = Username::parse(address).map_err(|_| refused())?;
        let id = product.id;
        let member = self
            .store()
            .read(move |db| -> Result<Option<i64>, Error> {
                let Some(account) = accounts::by_username(db, username.as_str())? else { return Ok(None) };
                Ok(is_on_team(db, id, AccountId(account.id))?.then_some(account.id))
            })
            .await?;
        member.map(AccountId).ok_or_else(refused)
    }
}
