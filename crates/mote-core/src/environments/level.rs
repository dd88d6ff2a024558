//! The levels that variables are set at, and how a request names one.

use mote_store::devices as device_rows;
use mote_store::environments as rows;
use mote_store::environments::EnvironmentRow;
use mote_store::{Db, SpaceKey};

use super::Variables;
use super::variables::{from_json, inherit, render};
use crate::audit::{Action, Entry};
use crate::authorization::{Space, SpaceAccess, SpaceRef, SpaceRight};
use crate::devices::Reach;
use crate::names::DeviceId;
use crate::products::{Product, ProductRef};
use crate::{Error, Mote, ProductId};

/// Where an inherited variable is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The account or organization that owns the product.
    Owner,
    /// The device's product.
    Product,
}

impl Origin {
    /// As the API writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Product => "Product",
        }
    }
}

/// An account, an organization, a product, or a device of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Level {
    space: SpaceKey,
    /// Empty for the space itself.
    device: String,
    /// The levels above, the furthest first.
    above: Vec<(Origin, SpaceKey)>,
}

impl Level {
    fn of_space(space: &Space) -> Self {
        match space {
            Space::Product(product) => Self::of_product(product),
            Space::Account(_) | Space::Organization(_) => {
                Self { space: space.key(), device: rows::SPACE.into(), above: Vec::new() }
            }
        }
    }

    fn of_product(product: &Product) -> Self {
        let above = product.inherits_from().map(|owner| (Origin::Owner, owner)).into_iter().collect();
        Self { space: SpaceKey::Product(product.id.0), device: rows::SPACE.into(), above }
    }

    pub(super) fn of_device(product: &Product, device: String) -> Self {
        let mut level = Self::of_product(product);
        level.above.push((Origin::Product, level.space));
        Self { device, ..level }
    }

    /// The space that it is in, or is.
    pub(super) fn space(&self) -> SpaceKey {
        self.space
    }

    /// That something was done to it: whichever way it was reached, its space's trail tells of it.
    pub(super) fn entry(&self, action: Action) -> Entry {
        Entry::new(action, self.device().unwrap_or_default(), "").of(self.space)
    }

    /// Whether it is a device.
    pub(super) fn is_device(&self) -> bool {
        self.device != rows::SPACE
    }

    /// Which device, if it is one.
    pub(super) fn device(&self) -> Option<&str> {
        self.is_device().then_some(self.device.as_str())
    }

    /// Whether it is the level `of`, or one below.
    pub(super) fn is_within(&self, of: &Self) -> bool {
        self == of || (!of.is_device() && self.above.iter().any(|(_, space)| *space == of.space))
    }

    /// What is set and was rolled out there, and what is inherited.
    pub(super) fn load(&self, db: &mut Db) -> Result<State, Error> {
        let row = rows::get(db, self.space, &self.device)?;
        let mut above = Vec::with_capacity(self.above.len());
        for (from, space) in &self.above {
            if let Some(row) = rows::get(db, *space, rows::SPACE)? {
                above.push((*from, from_json(&row.snapshot)?));
            }
        }
        let row = row.unwrap_or_else(|| EnvironmentRow::new(self.space, &self.device));
        Ok(State {
            latest: from_json(&row.latest)?,
            snapshot: from_json(&row.snapshot)?,
            inherited: inherit(above),
            row,
        })
    }
}

/// The variables of a level.
pub(super) struct State {
    /// What was set there.
    pub(super) latest: Variables,
    /// What was rolled out of it.
    pub(super) snapshot: Variables,
    /// What was rolled out above.
    pub(super) inherited: std::collections::BTreeMap<String, (Origin, String)>,
    /// All that is known of it.
    pub(super) row: EnvironmentRow,
}

impl State {
    /// What devices of this level have, or would have if nothing below were set.
    pub(super) fn rendered(&self) -> Variables {
        render(&self.inherited, &self.snapshot)
    }

    /// What they would have after a rollout.
    pub(super) fn staged(&self) -> Variables {
        render(&self.inherited, &self.latest)
    }
}

impl Mote {
    /// The level that a request names: the space of its path, or a device there.
    ///
    /// By the account's path a device is reached through its product, whose APIs must be open to the account's token: what
    /// a device inherits is its product's. A device that the caller has no part in is answered like one that is not there.
    pub(super) async fn level<R: SpaceRight>(
        &self,
        access: &SpaceAccess<R>,
        device: Option<&str>,
    ) -> Result<Level, Error> {
        let Some(named) = device else { return Ok(Level::of_space(access.space())) };
        match access.space() {
            Space::Product(product) => {
                let (id, named) = (product.id, named.to_owned());
                let row = self.store().read(move |db| Reach::Product(id).find(db, &named)).await?;
                Ok(Level::of_device(product, row.id))
            }
            Space::Organization(_) => {
                let (device, product) = self.device_and_product(named).await?;
                match product {
                    Some(product) if product.owner_key() == access.space().key() => {
                        Ok(Level::of_device(&product, device.id))
                    }
                    _ => Err(unknown()),
                }
            }
            Space::Account(account) => {
                let named = self.own_device_id(*account, named).await?;
                let (device, product) = self.device_and_product(&named).await?;
                let claimed = device.owner_id == Some(account.0);
                let Some(product) = product else {
                    return Err(if claimed { of_no_product() } else { unknown() });
                };
                let of_product = SpaceRef::Product(ProductRef::Id(product.id));
                match self.space_access::<R>(access.caller().clone(), of_product).await {
                    Ok(_) => Ok(Level::of_device(&product, device.id)),
                    Err(Error::Denied(_)) if !claimed => Err(unknown()),
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// The ID behind what a path calls a device: that, or the name of one of the account's own.
    async fn own_device_id(&self, account: crate::AccountId, named: &str) -> Result<String, Error> {
        if let Some(id) = DeviceId::parse(named) {
            return Ok(id.to_string());
        }
        let named = named.to_owned();
        let row = self.store().read(move |db| Reach::Owner(account.into()).find(db, &named)).await?;
        Ok(row.id)
    }

    async fn device_and_product(
        &self,
        named: &str,
    ) -> Result<(device_rows::DeviceRow, Option<std::sync::Arc<Product>>), Error> {
        let id = DeviceId::parse(named).ok_or_else(unknown)?;
        let row =
            self.store().read(move |db| device_rows::get(db, id.as_str())).await?.ok_or_else(unknown)?;
        let product = match row.product_id {
            Some(id) => self.find_product(&ProductRef::Id(ProductId(id))).await?,
            None => None,
        };
        Ok((row, product))
    }
}

fn unknown() -> Error {
    Error::NotFound("Device not found: there is no such device here".into())
}

fn of_no_product() -> Error {
    Error::Conflict(
        "This device is in no product, and environment variables are for devices of products: add it to one first"
            .into(),
    )
}
