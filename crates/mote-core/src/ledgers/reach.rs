//! What an instance is for, and whether that is within the reach of whose ledger it is.

use std::collections::HashMap;

use mote_store::devices as rows;
use mote_store::devices::DeviceRow;

use super::LedgerScope;
use crate::authorization::Space;
use crate::names::DeviceId;
use crate::products::{Product, ProductRef};
use crate::{Error, Mote, OrganizationId, OwnerId, ProductId, SpaceKey};

/// A device, product or owner that an instance is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// Its ID, in the one way that it is written.
    pub(super) value: String,
    /// Its name, where it is within reach and has one.
    pub(super) name: Option<String>,
    /// Whether it is within reach: there, and the space's own.
    pub(super) owned: bool,
}

impl Mote {
    /// What a path segment stands for. A device or product that is not there, or is no longer the space's own, has an ID all
    /// the same: there may be an instance for it. A slug is of the space's own products alone.
    pub(super) async fn subject(
        &self,
        space: &Space,
        scope: LedgerScope,
        text: &str,
    ) -> Result<Subject, Error> {
        let value = match scope {
            LedgerScope::Device => DeviceId::of_field("scopeValue", text)?.to_string(),
            LedgerScope::Product => match ProductRef::parse(text) {
                ProductRef::Id(id) => id.to_string(),
                named @ ProductRef::Slug(_) => {
                    // Of another's, not even that there is one of that name is told.
                    let id = self.find_product(&named).await?.map(|product| product.id);
                    let within = self.product_within(space, id).await?;
                    let unknown = || Error::NotFound("There is no such product here".into());
                    within.ok_or_else(unknown)?.id.to_string()
                }
            },
            LedgerScope::Owner => owner_value(space, text),
        };
        let mut subjects = self.subjects(space, scope, vec![value]).await?;
        subjects.pop().ok_or_else(|| Error::Internal("an instance is for nothing".into()))
    }

    /// The same for the IDs of several instances of one ledger, in their order.
    pub(super) async fn subjects(
        &self,
        space: &Space,
        scope: LedgerScope,
        values: Vec<String>,
    ) -> Result<Vec<Subject>, Error> {
        if scope == LedgerScope::Device {
            return self.devices(space, values).await;
        }
        let mut subjects = Vec::with_capacity(values.len());
        for value in values {
            let name = match scope {
                LedgerScope::Owner if value == owner_id(space.owner_key()) => Some(owner_name(space)),
                LedgerScope::Owner | LedgerScope::Device => None,
                LedgerScope::Product => {
                    let id = value.parse().ok().map(ProductId);
                    let product = self.product_within(space, id).await?;
                    product.map(|product| Some(product.name.clone()))
                }
            };
            let owned = name.is_some();
            subjects.push(Subject { value, name: name.flatten(), owned });
        }
        Ok(subjects)
    }

    async fn devices(&self, space: &Space, values: Vec<String>) -> Result<Vec<Subject>, Error> {
        let wanted = values.clone();
        let found = self.store().read(move |db| rows::get_all(db, &wanted)).await?;
        let mut found: HashMap<String, DeviceRow> =
            found.into_iter().map(|row| (row.id.clone(), row)).collect();
        let mut subjects = Vec::with_capacity(values.len());
        for value in values {
            let row = found.remove(&value);
            let owned = match &row {
                Some(row) => self.holds(space, row).await?,
                None => false,
            };
            let name = row.filter(|_| owned).map(|row| row.name).filter(|name| !name.is_empty());
            subjects.push(Subject { value, name, owned });
        }
        Ok(subjects)
    }

    /// Whether a device is an account's own or of a product within reach.
    async fn holds(&self, space: &Space, device: &DeviceRow) -> Result<bool, Error> {
        if let Space::Account(account) = space
            && device.owner_id == Some(OwnerId::from(*account).key())
        {
            return Ok(true);
        }
        let product = device.product_id.map(ProductId);
        Ok(self.product_within(space, product).await?.is_some())
    }

    /// The product, where it is the space itself, or owned by it.
    async fn product_within(
        &self,
        space: &Space,
        id: Option<ProductId>,
    ) -> Result<Option<std::sync::Arc<Product>>, Error> {
        let Some(id) = id else { return Ok(None) };
        if let Space::Product(own) = space {
            return Ok((own.id == id).then(|| std::sync::Arc::clone(own)));
        }
        let product = self.find_product(&ProductRef::Id(id)).await?;
        Ok(product.filter(|product| product.owner_key() == space.key()))
    }
}

/// The ID of an account or an organization, as the API shows it.
fn owner_id(owner: SpaceKey) -> String {
    match owner {
        SpaceKey::Organization(id) => OrganizationId(id).to_hex(),
        SpaceKey::Account(id) | SpaceKey::Product(id) => id.to_string(),
    }
}

/// An owner's ID in a path; an organization goes by its slug too.
fn owner_value(space: &Space, text: &str) -> String {
    match space {
        Space::Organization(own) if text.eq_ignore_ascii_case(&own.id.to_hex()) || text == own.slug => {
            own.id.to_hex()
        }
        _ => text.to_owned(),
    }
}

/// An account has no name but its address, which is not for all to see.
fn owner_name(space: &Space) -> Option<String> {
    match space {
        Space::Organization(organization) => Some(organization.name.clone()),
        Space::Product(product) => {
            product.organization.as_ref().map(|organization| organization.name.clone())
        }
        Space::Account(_) => None,
    }
}
