//! How products are doing at this moment, in a line each.

use std::collections::HashMap;

use mote_store::fleet_metrics as counts;
use mote_store::products as rows;

use super::WIDE;
use super::counts::{Counted, DeliveryOutcome, start_of};
use crate::authorization::table::{OnlineMetrics, ProductsList};
use crate::authorization::{AccountAccess, ProductAccess};
use crate::products::{MOST_PRODUCTS, Product};
use crate::{Error, Mote, ProductId};

/// Seconds of the past that failures are counted of; up to a bucket more.
const RECENT: i64 = 3600;

/// How a product is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProductHealth {
    /// Devices in it.
    pub devices: i64,
    /// Devices of it that were connected to this node at the last sample, a minute ago at most.
    pub online: i64,
    /// Requests of integrations that failed, or were not sent since many had failed, in the last hour.
    pub failed: i64,
}

impl Mote {
    /// The products on whose team the account is, oldest first, each with how it is doing.
    #[expect(clippy::cast_possible_truncation, reason = "widths are small constants")]
    pub async fn list_products_and_health(
        &self,
        access: &AccountAccess<ProductsList>,
    ) -> Result<Vec<(Product, ProductHealth)>, Error> {
        // What this node has counted up to now is to be seen.
        self.flush_fleet_counts().await?;
        let (account, online) = (access.account(), self.online_devices().by_product());
        let failures =
            [DeliveryOutcome::Failure, DeliveryOutcome::Sleep].map(|of| Counted::Integration(of).number());
        let from = start_of(self.now().unix_seconds() - RECENT, WIDE);
        self.store()
            .read(move |db| {
                let found = rows::of_member(db, account.0, 0, MOST_PRODUCTS)?;
                let sizes: Vec<i64> = found.iter().map(|(row, ..)| row.device_count).collect();
                let products = Product::load(db, found)?;
                let ids: Vec<i64> = products.iter().map(|product| product.id.0).collect();
                let mut failed: HashMap<i64, i64> = HashMap::new();
                for (product, _, sum) in counts::totals(db, &ids, &failures, WIDE as i32, from)? {
                    *failed.entry(product).or_default() += sum;
                }
                let health = |(product, devices): (Product, i64)| {
                    let online = online.get(&product.id).copied().unwrap_or_default();
                    let failed = failed.get(&product.id.0).copied().unwrap_or_default();
                    (product, ProductHealth { devices, online, failed })
                };
                Ok(products.into_iter().zip(sizes).map(health).collect())
            })
            .await
    }

    /// Devices of the product that were connected to this node at the last sample, a minute ago at most.
    #[must_use]
    pub fn online_now(&self, access: &ProductAccess<OnlineMetrics>) -> i64 {
        let product: ProductId = access.product().id;
        self.online_devices().by_product().get(&product).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::fleet_metrics::{CallOutcome, Traits};
    use crate::names::DeviceId;
    use crate::sessions::Hello;
    use crate::testing::World;

    #[tokio::test]
    async fn each_product_has_its_own_figures() {
        let world = World::new().await;
        let (me, you) = (world.account("me@example.com").await, world.account("you@example.com").await);
        let (one, two) = (world.product(me, "One").await, world.product(me, "Two").await);
        let theirs = world.product(you, "Theirs").await;
        let list = async || {
            let access =
                world.mote.account_access::<ProductsList>(world.grant(me.into(), None).await).unwrap();
            let all = world.mote.list_products_and_health(&access).await.unwrap();
            all.into_iter().map(|(product, health)| (product.id, health)).collect::<Vec<_>>()
        };
        let none = ProductHealth::default();
        assert_eq!(list().await, [(one, none), (two, none)]);

        let mut connections = Vec::new();
        for (number, product) in [(1, one), (2, one), (3, theirs)] {
            let id = DeviceId::parse(&format!("{number:024x}")).unwrap();
            let hello = Hello { platform_id: 13, product: Some(product), ..Hello::default() };
            connections.push(world.mote.connect_device(&id, hello).await.unwrap());
        }
        world.mote.sample_online().await.unwrap();
        let count = |product, what| world.mote.count(product, &Traits::default(), what);
        for outcome in [DeliveryOutcome::Success, DeliveryOutcome::Failure, DeliveryOutcome::Sleep] {
            count(two, Counted::Integration(outcome));
            count(theirs, Counted::Integration(outcome));
        }
        count(two, Counted::Function(CallOutcome::Failure));
        let (some, failing) =
            (ProductHealth { devices: 2, online: 2, failed: 0 }, ProductHealth { failed: 2, ..none });
        assert_eq!(list().await, [(one, some), (two, failing)]);
        connections.clear();
        world.clock.fetch_add(2 * RECENT * 1000, Ordering::SeqCst);
        world.mote.sample_online().await.unwrap();
        assert_eq!(list().await, [(one, ProductHealth { online: 0, ..some }), (two, none)]);
    }
}
