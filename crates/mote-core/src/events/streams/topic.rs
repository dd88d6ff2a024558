//! What a stream can be about.

use std::hash::{Hash, Hasher};

use crate::events::{Event, Origin};
use crate::names::DeviceId;
use crate::{OrganizationId, OwnerId, ProductId};

/// What a stream is about: all of somebody's events, or those of one device among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::events) struct Topic {
    whose: Whose,
    device: Option<DeviceNumber>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Owner(OwnerId),
    Product(ProductId),
    Organization(OrganizationId),
    ProductOfOrganization(OrganizationId, ProductId),
    /// Events published to an organization, for the streams of its products.
    EveryProductOf(OrganizationId),
}

/// The 24 digits of a device's ID as a number, which is copied and compared at no cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DeviceNumber(u128);

impl Hash for DeviceNumber {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.0);
    }
}

impl DeviceNumber {
    fn of(id: &DeviceId) -> Self {
        let digits = id.as_str().bytes().filter_map(|digit| char::from(digit).to_digit(16));
        Self(digits.fold(0, |number, digit| number << 4 | u128::from(digit)))
    }
}

impl Topic {
    /// The events of somebody's devices, and those that he published.
    pub(in crate::events) fn owner(owner: OwnerId, device: Option<&DeviceId>) -> Self {
        Self::of(Whose::Owner(owner), device)
    }

    /// The events of a product.
    pub(in crate::events) fn product(product: ProductId, device: Option<&DeviceId>) -> Self {
        Self::of(Whose::Product(product), device)
    }

    /// The events of an organization, or of one product of it.
    pub(in crate::events) fn organization(
        organization: OrganizationId,
        product: Option<ProductId>,
        device: Option<&DeviceId>,
    ) -> Self {
        let all = Whose::Organization(organization);
        Self::of(product.map_or(all, |product| Whose::ProductOfOrganization(organization, product)), device)
    }

    /// What else a stream of all of a product hears, where an organization has the product.
    pub(in crate::events) fn every_product_of(organization: OrganizationId) -> Self {
        Self::of(Whose::EveryProductOf(organization), None)
    }

    fn of(whose: Whose, device: Option<&DeviceId>) -> Self {
        Self { whose, device: device.map(DeviceNumber::of) }
    }

    /// The topics that an event belongs to. No stream stands under two of them.
    pub(super) fn all_of(event: &Event) -> impl Iterator<Item = Self> {
        let source = &event.source;
        let device = source.device.as_ref().map(DeviceNumber::of);
        let (product, organization) = (source.product, source.organization);
        let of_both = organization.zip(product);
        // What an integration of an organization says is for that alone.
        let to_all = product.is_none() && event.origin != Origin::Hook;
        let to_every_product = organization.filter(|_| to_all);
        let all = [
            source.owner.map(Whose::Owner),
            product.map(Whose::Product),
            organization.map(Whose::Organization),
            of_both.map(|(organization, product)| Whose::ProductOfOrganization(organization, product)),
        ];
        let each = all.into_iter().flatten().flat_map(move |whose| {
            let of_device = device.map(|device| Self { whose, device: Some(device) });
            std::iter::once(Self { whose, device: None }).chain(of_device)
        });
        each.chain(to_every_product.map(Self::every_product_of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{DEFAULT_TTL, EventName, NewEvent, Source};
    use crate::{AccountId, Moment};

    fn topics(source: Source) -> Vec<Topic> {
        topics_of(Origin::Device, source)
    }

    fn topics_of(origin: Origin, source: Source) -> Vec<Topic> {
        let name = EventName::of_server("x");
        let new = NewEvent { origin, source, name, data: None, ttl: DEFAULT_TTL };
        Topic::all_of(&Event::new(new, Moment(0))).collect()
    }

    #[test]
    fn an_event_belongs_to_all_who_have_a_part_in_it_and_to_nobody_else() {
        let device = DeviceId::parse("e00fce680123456789abcdef").unwrap();
        let other = DeviceId::parse("e00fce680123456789abcdee").unwrap();
        let (owner, product, organization) =
            (OwnerId::Account(AccountId(7)), ProductId(1001), OrganizationId(9));
        let (of_owner, of_product, of_organization) = (Some(owner), Some(product), Some(organization));
        let all = topics(Source {
            device: Some(device.clone()),
            owner: of_owner,
            product: of_product,
            organization: of_organization,
            ..Source::default()
        });
        for device in [None, Some(&device)] {
            assert!(all.contains(&Topic::owner(owner, device)));
            assert!(all.contains(&Topic::product(product, device)));
            assert!(all.contains(&Topic::organization(organization, None, device)));
            assert!(all.contains(&Topic::organization(organization, of_product, device)));
        }
        assert_eq!(all.len(), 8);
        assert!(!all.contains(&Topic::owner(owner, Some(&other))));
        let to_organization = topics(Source::of_organization(organization));
        assert_eq!(
            to_organization,
            [Topic::organization(organization, None, None), Topic::every_product_of(organization)]
        );
        let of_hook = topics_of(Origin::Hook, Source::of_organization(organization));
        assert_eq!(of_hook, [Topic::organization(organization, None, None)]);
        assert!(topics(Source::default()).is_empty());
    }
}
