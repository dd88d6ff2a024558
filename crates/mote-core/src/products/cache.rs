//! The products in use, in memory, by ID and by slug.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::{Product, ProductRef};
use crate::cache::Kept;
use crate::events::EventHub;
use crate::nodes::Trust;
use crate::{Error, Mote, ProductId};

/// Products kept at most.
const CAPACITY: usize = 10_000;

/// Products by ID, and IDs by slug. A slug stays its product's for good, and a product that is gone is not found by ID.
#[derive(Debug)]
pub struct ProductCache {
    products: Kept<ProductId, Product>,
    slugs: Cache<String, ProductId>,
}

impl ProductCache {
    /// An empty one; streams of products hear of what it forgets.
    pub(crate) fn new(hub: EventHub, trust: &Arc<Trust>) -> Self {
        let products = Kept::watched(CAPACITY, Box::new(move |over| hub.products_forgotten(over)));
        Self { products: products.trusting(trust), slugs: Cache::new(CAPACITY) }
    }

    fn get(&self, named: &ProductRef<'_>) -> Option<Arc<Product>> {
        let id = match named {
            ProductRef::Id(id) => *id,
            ProductRef::Slug(slug) => self.slugs.get(*slug)?,
        };
        self.products.get(&id)
    }

    fn keep(&self, product: &Arc<Product>, epoch: u64) {
        if self.products.keep(product.id, product, epoch) {
            self.slugs.insert(product.slug.clone(), product.id);
        }
    }

    /// Drops a product; after the commit that changed it, before the answer.
    pub(crate) fn drop_one(&self, id: ProductId) {
        self.products.drop_one(&id);
    }

    /// Drops every product that `changed` names.
    pub(crate) fn drop_where(&self, changed: impl Fn(&Product) -> bool) {
        self.products.drop_where(changed);
    }
}

impl Mote {
    /// The product of that ID or slug, if there is one. Says nothing about who may see it.
    pub(crate) async fn find_product(&self, named: &ProductRef<'_>) -> Result<Option<Arc<Product>>, Error> {
        if let Some(product) = self.products().get(named) {
            return Ok(Some(product));
        }
        let epoch = self.products().products.epoch();
        let (id, slug) = match named {
            ProductRef::Id(id) => (Some(id.0), None),
            ProductRef::Slug(slug) => (None, Some((*slug).to_owned())),
        };
        let found = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let id = match (id, slug) {
                    (None, Some(slug)) => mote_store::products::id_of_slug(db, &slug)?,
                    (id, _) => id,
                };
                let found = id.map(|id| mote_store::products::get(db, id)).transpose()?.flatten();
                Ok(Product::load(db, found.into_iter().collect())?.pop())
            })
            .await?;
        let Some(product) = found else { return Ok(None) };
        let product = Arc::new(product);
        self.products().keep(&product, epoch);
        Ok(Some(product))
    }
}
