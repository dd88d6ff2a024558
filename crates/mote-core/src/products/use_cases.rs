//! Making, listing, changing and ending products.

use std::sync::Arc;

use mote_store::products as rows;
use mote_store::products::ProductRow;
use mote_store::{Db, clients, groups, sims, teams as members};
use serde_json::{Map, Value};

use super::{Product, ProductSettings};
use crate::audit::{Action, Entry};
use crate::authorization::table::{
    OrganizationProductsCreate, OrganizationProductsList, ProductsCreate, ProductsGet, ProductsList,
    ProductsRemove, ProductsUpdate,
};
use crate::authorization::{AccountAccess, Caller, OrganizationAccess, ProductAccess, Role};
use crate::firmware;
use crate::names::{ProductName, Slug};
use crate::notices::Notice;
use crate::spaces::still_there;
use crate::teams::{self, TeamId};
use crate::tokens::Holder;
use crate::{AccountId, Error, Mote, OrganizationId, ProductId, SpaceKey, spaces};

/// The first product's ID: above every platform's (contract: Products-CreateProduct).
const FIRST_ID: i64 = 1001;
/// Products that an account or an organization may own: bounds its list, which the API gives whole.
pub(crate) const MOST_PRODUCTS: i64 = 1000;
/// Longest description, in characters.
const LONGEST_DESCRIPTION: usize = 2000;
/// Numbers tried behind a slug that is taken, before the ID is put there, which always is free.
const SUFFIXES: u32 = 50;

/// What a new product is to be.
#[derive(Debug)]
pub struct NewProduct {
    /// Name; the slug is made of it.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// The kind of hardware.
    pub platform_id: i64,
    /// Settings that differ from the start.
    pub settings: Map<String, Value>,
}

/// What is to be changed of a product. The slug stays: it is in people's programs.
#[derive(Debug, Default)]
pub struct ProductChange {
    /// New name.
    pub name: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// Settings to take over; the others stay.
    pub settings: Map<String, Value>,
}

impl Mote {
    /// Makes a product that the account owns.
    pub async fn create_product(
        &self,
        access: &AccountAccess<ProductsCreate>,
        new: NewProduct,
    ) -> Result<Arc<Product>, Error> {
        self.new_product(access.account(), None, access.caller(), new).await
    }

    /// Makes a product of the organization; its team is the organization's.
    pub async fn create_organization_product(
        &self,
        access: &OrganizationAccess<OrganizationProductsCreate>,
        new: NewProduct,
    ) -> Result<Arc<Product>, Error> {
        let organization = access.organization().id;
        let maker = match access.grant().holder() {
            Holder::User(account) | Holder::Console(account) => account,
            // An API user's: the account key zero is nobody's.
            _ => AccountId(0),
        };
        self.new_product(maker, Some(organization), access.caller(), new).await
    }

    async fn new_product(
        &self,
        owner: AccountId,
        organization: Option<OrganizationId>,
        caller: &Caller,
        new: NewProduct,
    ) -> Result<Arc<Product>, Error> {
        let name = ProductName::parse(&new.name)?;
        let description = checked_description(new.description.unwrap_or_default())?;
        let platform_id =
            i32::try_from(new.platform_id).ok().filter(|id| (0..1000).contains(id)).ok_or_else(|| {
                Error::invalid("platform_id", "is a platform's number, from 0 to 999 (13 is Boron)")
            })?;
        let mut settings = ProductSettings::default();
        settings.merge(&new.settings)?;
        let settings = Value::Object(settings.0).to_string();
        let (organization_id, now) = (organization.map(|id| id.0), self.now().0);
        let recorder = self.recorder(caller);
        let id = self
            .store()
            .write(move |db| -> Result<i64, Error> {
                match organization_id {
                    Some(id) => still_there(db, SpaceKey::Organization(id))?,
                    None => still_there(db, owner.into())?,
                }
                let present = match organization_id {
                    Some(id) => rows::count_of_organization(db, id)?,
                    None => rows::count_owned(db, owner.0)?,
                };
                if present >= MOST_PRODUCTS {
                    let text = format!("There are {MOST_PRODUCTS} products already, which is the most");
                    return Err(Error::Conflict(text));
                }
                let id = mote_store::meta::next_number(db, "product-id", FIRST_ID)?;
                let row = ProductRow {
                    id,
                    slug: free_slug(db, &name, id)?,
                    name: name.to_string(),
                    description: description.clone(),
                    platform_id,
                    owner_id: owner.0,
                    settings: settings.clone(),
                    device_count: 0,
                    devices_version: 0,
                    created_at: now,
                    updated_at: now,
                    organization_id,
                    default_firmware: None,
                    handed_on: false,
                };
                rows::insert(db, &row)?;
                recorder.record(db, beginning_or_end(Action::ProductCreated, &row))?;
                if organization_id.is_none() {
                    members::insert(db, members::Team::Product(id), owner.0, Role::Owner.number(), now)?;
                }
                Ok(id)
            })
            .await?;
        self.product_just_written(ProductId(id)).await
    }

    /// The products of the organization, oldest first.
    pub async fn list_organization_products(
        &self,
        access: &OrganizationAccess<OrganizationProductsList>,
    ) -> Result<Vec<Product>, Error> {
        let id = access.organization().id;
        self.store()
            .read(move |db| {
                let found = rows::of_organization(db, id.0, 0, MOST_PRODUCTS)?;
                Product::load(db, found)
            })
            .await
    }

    /// The products on whose team the account is, oldest first.
    pub async fn list_products(&self, access: &AccountAccess<ProductsList>) -> Result<Vec<Product>, Error> {
        let account = access.account();
        self.store()
            .read(move |db| {
                let found = rows::of_member(db, account.0, 0, MOST_PRODUCTS)?;
                Product::load(db, found)
            })
            .await
    }

    /// The product.
    #[must_use]
    pub fn get_product(&self, access: &ProductAccess<ProductsGet>) -> Arc<Product> {
        Arc::clone(access.product())
    }

    /// Changes the product.
    pub async fn update_product(
        &self,
        access: &ProductAccess<ProductsUpdate>,
        change: ProductChange,
    ) -> Result<Arc<Product>, Error> {
        let name = change.name.as_deref().map(ProductName::parse).transpose()?;
        let description = change.description.map(checked_description).transpose()?;
        let (id, now, recorder) = (access.product().id, self.now().0, self.recorder(access.caller()));
        let change = move |db: &mut Db| -> Result<(), Error> {
            let (mut row, ..) = rows::get(db, id.0)?.ok_or_else(gone)?;
            let mut settings = ProductSettings::of_row(&row)?;
            settings.merge(&change.settings)?;
            row.settings = Value::Object(settings.0).to_string();
            row.name = name.as_ref().map_or(row.name, ToString::to_string);
            row.description = description.clone().unwrap_or(row.description);
            row.updated_at = now;
            let entry = |action| Entry::new(action, id, &row.slug).of(id);
            if name.is_some() || description.is_some() {
                recorder.record(db, entry(Action::ProductUpdated).with("name", row.name.as_str()))?;
            }
            if !change.settings.is_empty() {
                let entry = entry(Action::ProductSettingsChanged);
                recorder.record(db, entry.with("settings", change.settings.clone()))?;
            }
            Ok(rows::update(db, &row)?)
        };
        self.write_and_forget(change, move |()| [Notice::ProductChanged(id)]).await?;
        self.product_just_written(id).await
    }

    /// Ends the product with its clients, their tokens, its customers, team and API users. A product with devices is kept: they are to be
    /// removed first.
    pub async fn delete_product(&self, access: &ProductAccess<ProductsRemove>) -> Result<(), Error> {
        let (id, now, recorder) = (access.product().id, self.now(), self.recorder(access.caller()));
        let delete = move |db: &mut Db| -> Result<Vec<i64>, Error> {
            let (row, ..) = rows::get(db, id.0)?.ok_or_else(gone)?;
            if row.device_count > 0 {
                let count = row.device_count;
                return Err(Error::Conflict(format!(
                    "There are {count} devices in this product; remove them first"
                )));
            }
            let cards = sims::count(db, sims::Owner::Product(id.0))?;
            if cards > 0 {
                return Err(Error::Conflict(format!(
                    "There are {cards} SIM cards in this product; release them first"
                )));
            }
            let entry = beginning_or_end(Action::ProductDeleted, &row);
            recorder.record(db, entry.with("name", row.name.as_str()))?;
            let owner = clients::Owner::Product(id.0);
            let ended: Vec<i64> =
                clients::list(db, owner, 0, i64::MAX)?.iter().map(|client| client.id).collect();
            for client in &ended {
                clients::delete(db, *client)?;
            }
            teams::dissolve(db, TeamId::Product(id))?;
            spaces::end(db, SpaceKey::Product(id.0))?;
            groups::delete_of_product(db, id.0)?;
            firmware::end_of_product(db, id.0, now)?;
            rows::delete(db, id.0)?;
            Ok(ended)
        };
        let forget = move |clients: &Vec<i64>| {
            let ended = [
                Notice::ProductChanged(id),
                Notice::SpaceEnded(SpaceKey::Product(id.0)),
                Notice::TeamDissolved(TeamId::Product(id)),
                Notice::CustomersEnded(id),
            ];
            let clients = clients.iter().map(|client| Notice::ClientChanged(crate::ClientKey(*client)));
            ended.into_iter().chain(clients).collect::<Vec<_>>()
        };
        self.write_and_forget(delete, forget).await?;
        Ok(())
    }

    async fn product_just_written(&self, id: ProductId) -> Result<Arc<Product>, Error> {
        self.find_product(&super::ProductRef::Id(id)).await?.ok_or_else(gone)
    }
}

fn gone() -> Error {
    Error::NotFound("The product has just been deleted".into())
}

/// Reads a description: of a product, or of anything else that has one.
pub(crate) fn checked_description(text: String) -> Result<String, Error> {
    if text.chars().count() <= LONGEST_DESCRIPTION
        && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        Ok(text)
    } else {
        Err(Error::invalid("description", format!("is text of {LONGEST_DESCRIPTION} characters at most")))
    }
}

/// That a product was made or ended, which concerns its organization too: it outlives the product's own trail.
fn beginning_or_end(action: Action, row: &ProductRow) -> Entry {
    let entry = Entry::new(action, row.id, &row.slug).of(ProductId(row.id));
    match row.organization_id {
        Some(id) => entry.of(OrganizationId(id)),
        None => entry,
    }
}

fn free_slug(db: &mut Db, name: &ProductName, id: i64) -> Result<String, Error> {
    let slug = Slug::of(name);
    for number in 1..=SUFFIXES {
        let tried = if number == 1 { slug.to_string() } else { slug.with_suffix(number.into()).to_string() };
        if rows::id_of_slug(db, &tried)?.is_none() {
            return Ok(tried);
        }
    }
    Ok(slug.with_suffix(id).to_string())
}
