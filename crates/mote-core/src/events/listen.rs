//! Opening streams.

use std::sync::Arc;

use mote_store::devices as rows;

use super::streams::{Place, Topic};
use super::{EventStream, LONGEST_PREFIX};
use crate::authorization::table::{OrganizationEventsListen, OwnEventsListen, ProductEventsListen};
use crate::authorization::{OrganizationAccess, OwnerAccess, ProductAccess};
use crate::devices::Reach;
use crate::names::DeviceId;
use crate::organizations::Organization;
use crate::products::{Product, ProductRef};
use crate::{Error, Mote};

/// Which part of an organization's events is asked for.
#[derive(Clone, Copy, Debug)]
pub enum OrganizationPart<'a> {
    /// All of them.
    All,
    /// Those of one product, by ID or slug.
    Product(&'a str),
    /// Those of one device, by ID.
    Device(&'a str),
}

impl Mote {
    /// Streams the events of one's own devices, or of one of them (by ID or name), whose names begin with `prefix`.
    pub async fn own_events(
        &self,
        access: &OwnerAccess<OwnEventsListen>,
        device: Option<&str>,
        prefix: &str,
    ) -> Result<EventStream, Error> {
        let prefix = checked(prefix)?;
        let owner = access.owner();
        let device = match device {
            Some(named) => Some(self.device_to_hear(Reach::Owner(owner), named).await?),
            None => None,
        };
        let topics = [Some(Topic::owner(owner, device.as_ref())), None];
        EventStream::open(self, topics, prefix, access.grant(), Place::Owner).await
    }

    /// Streams the events of the product, or of one device of it, whose names begin with `prefix`.
    pub async fn product_events(
        &self,
        access: &ProductAccess<ProductEventsListen>,
        device: Option<&str>,
        prefix: &str,
    ) -> Result<EventStream, Error> {
        let prefix = checked(prefix)?;
        let product = access.product();
        let device = match device {
            Some(named) => Some(self.device_to_hear(Reach::Product(product.id), named).await?),
            None => None,
        };
        let organization = product.organization.as_ref().filter(|_| device.is_none());
        let of_organization = organization.map(|organization| Topic::every_product_of(organization.id));
        let topics = [Some(Topic::product(product.id, device.as_ref())), of_organization];
        EventStream::open(self, topics, prefix, access.grant(), Place::Product(Arc::clone(product))).await
    }

    /// Streams the events of the organization and its products, or of a part of it, whose names begin with `prefix`.
    pub async fn organization_events(
        &self,
        access: &OrganizationAccess<OrganizationEventsListen>,
        part: OrganizationPart<'_>,
        prefix: &str,
    ) -> Result<EventStream, Error> {
        let prefix = checked(prefix)?;
        let organization = access.organization();
        let (product, device) = match part {
            OrganizationPart::All => (None, None),
            OrganizationPart::Product(named) => {
                let product = self.find_product(&ProductRef::parse(named)).await?;
                let product = product.filter(|product| is_of(product, organization));
                let unknown = || Error::NotFound("Product not found in this organization".into());
                (Some(product.ok_or_else(unknown)?), None)
            }
            OrganizationPart::Device(named) => {
                let (product, device) = self.device_of_organization(organization, named).await?;
                (Some(product), Some(device))
            }
        };
        let of_product = product.as_ref().map(|product| product.id);
        let topics = [Some(Topic::organization(organization.id, of_product, device.as_ref())), None];
        let place = Place::Organization(Arc::clone(organization), product);
        EventStream::open(self, topics, prefix, access.grant(), place).await
    }

    async fn device_to_hear(&self, reach: Reach, named: &str) -> Result<DeviceId, Error> {
        let named = named.to_owned();
        let row = self.store().read(move |db| reach.find(db, &named)).await?;
        id_of(&row.id)
    }

    async fn device_of_organization(
        &self,
        organization: &Organization,
        named: &str,
    ) -> Result<(Arc<Product>, DeviceId), Error> {
        let unknown = || Error::NotFound("Device not found in this organization".into());
        let id = DeviceId::parse(named).ok_or_else(unknown)?;
        let wanted = id.clone();
        let row = self.store().read(move |db| rows::get(db, wanted.as_str())).await?;
        let product = row.and_then(|row| row.product_id).ok_or_else(unknown)?;
        let product = self.find_product(&ProductRef::Id(crate::ProductId(product))).await?;
        let product = product.filter(|product| is_of(product, organization));
        Ok((product.ok_or_else(unknown)?, id))
    }
}

fn is_of(product: &Product, organization: &Organization) -> bool {
    product.organization.as_ref().is_some_and(|of| of.id == organization.id)
}

/// A device's ID as the store has it.
pub(super) fn id_of(stored: &str) -> Result<DeviceId, Error> {
    DeviceId::parse(stored).ok_or_else(|| Error::Internal("a device's ID in the store is none".into()))
}

fn checked(prefix: &str) -> Result<&str, Error> {
    if prefix.len() <= LONGEST_PREFIX {
        return Ok(prefix);
    }
    Err(Error::invalid(
        "eventPrefix",
        format!("is {LONGEST_PREFIX} bytes at most; no event's name is longer"),
    ))
}
