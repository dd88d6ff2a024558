//! Programs that publish.

use std::collections::HashMap;
use std::slice;
use std::sync::Arc;

use mote_store::devices::DeviceRow;
use mote_store::{Db, groups};

use super::listen::id_of;
use super::{DEFAULT_TTL, Event, EventData, EventName, NewEvent, Origin, Source, Ttl};
use crate::authorization::table::{OrganizationEventsPublish, OwnEventsPublish, ProductEventsPublish};
use crate::authorization::{OrganizationAccess, OwnerAccess, ProductAccess};
use crate::devices::Reach;
use crate::fleet_metrics::Traits;
use crate::products::Product;
use crate::{Error, Mote, OwnerId};

/// What a program publishes.
#[derive(Debug, Default)]
pub struct Publication {
    /// Name, as [`EventName::parse`] takes it.
    pub name: String,
    /// Data, as [`EventData::parse`] takes it.
    pub data: Option<String>,
    /// Seconds, as [`Ttl::parse`] takes them; a minute where it is not said.
    pub ttl: Option<i64>,
}

impl Publication {
    fn checked(self, origin: Origin, source: Source) -> Result<NewEvent, Error> {
        Ok(NewEvent {
            origin,
            source,
            name: EventName::parse(&self.name)?,
            data: self.data.map(EventData::parse).transpose()?,
            ttl: self.ttl.map_or(Ok(DEFAULT_TTL), Ttl::parse)?,
        })
    }
}

impl Source {
    /// A device of a product, as its row says, which is in these groups.
    pub(crate) fn of_device(
        row: &DeviceRow,
        groups: &[String],
        product: Option<&Product>,
    ) -> Result<Self, Error> {
        Ok(Self {
            device: Some(id_of(&row.id)?),
            owner: row.owner_id.map(OwnerId::from_key),
            traits: Traits::of_device(row, groups),
            ..product.map(Self::of_product).unwrap_or_default()
        })
    }
}

impl Mote {
    /// Publishes among the caller's own events: an account's, or a customer's, which are no business of his product's.
    pub async fn publish_own_event(
        &self,
        access: &OwnerAccess<OwnEventsPublish>,
        publication: Publication,
    ) -> Result<Arc<Event>, Error> {
        let source = Source { owner: Some(access.owner()), ..Source::default() };
        self.emit(publication.checked(Origin::Program, source)?).await
    }

    /// Publishes an event of the product, or of a device of it.
    pub async fn publish_product_event(
        &self,
        access: &ProductAccess<ProductEventsPublish>,
        as_device: Option<&str>,
        publication: Publication,
    ) -> Result<Arc<Event>, Error> {
        let product = access.product();
        let Some(named) = as_device else {
            let source = Source::of_product(product);
            return self.emit(publication.checked(Origin::Program, source)?).await;
        };
        let (reach, named) = (Reach::Product(product.id), named.to_owned());
        let has_groups = !product.groups.is_empty();
        let read = move |db: &mut Db| -> Result<_, Error> {
            let row = reach.find(db, &named)?;
            let groups =
                if has_groups { groups::names_of(db, slice::from_ref(&row.id))? } else { HashMap::new() };
            Ok((row, groups.into_values().next().unwrap_or_default()))
        };
        let (row, groups) = self.store().read(read).await?;
        let source = Source::of_device(&row, &groups, Some(product))?;
        self.emit(publication.checked(Origin::Device, source)?).await
    }

    /// Publishes an event of the organization.
    pub async fn publish_organization_event(
        &self,
        access: &OrganizationAccess<OrganizationEventsPublish>,
        publication: Publication,
    ) -> Result<Arc<Event>, Error> {
        let source = Source::of_organization(access.organization().id);
        self.emit(publication.checked(Origin::Program, source)?).await
    }
}
