//! Search: devices, products and SIM cards by what people remember of them, among what the caller has.
//!
//! A search reads a bounded number of rows, whatever the fleet: beginnings are looked up in indexes, product by product, and
//! parts of names in the first [`MOST_NAMES`] names. What an account finds is its own devices and cards, the products on
//! whose team it is, and what is in these where the product's APIs are open to its team's own tokens.

mod devices;
mod found;

pub use found::{Found, FoundDevice, FoundProduct, FoundSim};

use mote_store::products as rows;
use mote_store::search::Within;
use mote_store::sims::Owner;
use mote_store::{Db, search};

use crate::authorization::table::{OrganizationSearch, UserSearch};
use crate::authorization::{AccountAccess, OrganizationAccess};
use crate::products::Product;
use crate::{AccountId, Error, Moment, Mote, OrganizationId, OwnerId};

/// Results of a kind at most (contract: Search-Search-your-Sandbox).
pub const MOST_OF_KIND: usize = 10;
/// Products in whose devices and cards a search looks; the oldest.
pub const MOST_PRODUCTS: usize = 200;
/// Names of devices that a search reads to find a part in.
pub const MOST_NAMES: i64 = 10_000;
/// Products whose names a search reads.
const MOST_PRODUCT_NAMES: i64 = 1000;
/// Characters of a search text at most.
const LONGEST: usize = 128;
/// Rows read of a kind: one more than is shown tells that there are more.
const MOST_READ: i64 = 11;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    /// What people remember of it.
    pub text: String,
    /// What kind of thing it is; none for any.
    pub kind: Option<Kind>,
}

/// A kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Devices.
    Device,
    /// Products.
    Product,
    /// SIM cards.
    Sim,
}

impl SearchQuery {
    fn checked(self) -> Result<Self, Error> {
        let text = self.text.trim();
        if text.is_empty() || text.chars().count() > LONGEST || text.contains('\0') {
            return Err(Error::invalid("text", format!("is 1 to {LONGEST} characters to look for")));
        }
        Ok(Self { text: text.to_owned(), ..self })
    }

    fn is_for(&self, kind: Kind) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind)
    }
}

/// What the caller has.
#[derive(Clone, Copy)]
enum Scope {
    /// Of an account; whether all products are open to their teams' own tokens.
    Account(AccountId, bool),
    /// Of an organization.
    Organization(OrganizationId),
}

impl Mote {
    /// Searches what the account has.
    pub async fn search_account(
        &self,
        access: &AccountAccess<UserSearch>,
        query: SearchQuery,
    ) -> Result<Found, Error> {
        self.search(Scope::Account(access.account(), self.settings().team_tokens), query).await
    }

    /// Searches what the organization has: its products, and what is in them.
    pub async fn search_organization(
        &self,
        access: &OrganizationAccess<OrganizationSearch>,
        query: SearchQuery,
    ) -> Result<Found, Error> {
        self.search(Scope::Organization(access.organization().id), query).await
    }

    async fn search(&self, scope: Scope, query: SearchQuery) -> Result<Found, Error> {
        let (wanted, now) = (query.checked()?, self.now());
        self.store().read(move |db| look(db, scope, &wanted, now)).await
    }
}

fn look(db: &mut Db, scope: Scope, wanted: &SearchQuery, now: Moment) -> Result<Found, Error> {
    let known = match scope {
        Scope::Account(account, _) => rows::of_member(db, account.0, 0, MOST_PRODUCT_NAMES)?,
        Scope::Organization(organization) => {
            rows::of_organization(db, organization.0, 0, MOST_PRODUCT_NAMES)?
        }
    };
    let known = Product::load(db, known)?;
    let open = |product: &&Product| match scope {
        Scope::Account(_, team_tokens) => team_tokens || product.settings.team_tokens(),
        Scope::Organization(_) => true,
    };
    let open: Vec<&Product> = known.iter().filter(open).take(MOST_PRODUCTS).collect();
    let own = match scope {
        Scope::Account(account, _) => Some(account),
        Scope::Organization(_) => None,
    };
    let mut found = Found::default();
    if wanted.is_for(Kind::Device) {
        let own = own.map(|account| Within::Owner(OwnerId::from(account).key()));
        let within: Vec<Within> =
            own.into_iter().chain(open.iter().map(|product| Within::Product(product.id.0))).collect();
        found.devices = devices::look(db, &within, &wanted.text)?
            .into_iter()
            .map(|device| FoundDevice::new(device, &known))
            .collect();
    }
    if wanted.is_for(Kind::Product) {
        let matching = known.iter().filter(|product| is_product(product, &wanted.text));
        found.products = matching.map(FoundProduct::from).collect();
    }
    if wanted.is_for(Kind::Sim) && wanted.text.bytes().all(|b| b.is_ascii_digit()) {
        let own = own.map(|account| Owner::Account(account.0));
        let owners = own.into_iter().chain(open.iter().map(|product| Owner::Product(product.id.0)));
        for owner in owners {
            let cards = search::sims_by_number(db, owner, &wanted.text, MOST_READ)?;
            let cards = crate::sims::with_holders(db, owner, cards, now)?;
            found.sims.extend(cards.into_iter().map(|card| FoundSim::new(card, &known)));
            if found.sims.len() > MOST_OF_KIND {
                break;
            }
        }
    }
    Ok(found.cut())
}

/// Whether a product is the one that is looked for: by its ID, or a part of its name or slug.
fn is_product(product: &Product, text: &str) -> bool {
    let folded = text.to_lowercase();
    product.id.to_string() == text
        || product.name.to_lowercase().contains(&folded)
        || product.slug.contains(&folded)
}
