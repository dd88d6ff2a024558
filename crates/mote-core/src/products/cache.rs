//! The products in use, in memory, by ID and by slug.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;

use super::{Product, ProductRef};
use crate::{Error, Mote, ProductId};

/// Products kept at most.
const CAPACITY: usize = 10_000;

/// Products by ID, and IDs by slug; what was dropped while a load ran is not kept (as in [`crate::tokens::GrantCache`]).
#[derive(Debug)]
pub struct ProductCache {
    products: Cache<ProductId, Arc<Product>>,
    slugs: Cache<String, ProductId>,
    epoch: AtomicU64,
}

impl Default for ProductCache {
    fn default() -> Self {
        Self { products: Cache::new(CAPACITY), slugs: Cache::new(CAPACITY), epoch: AtomicU64::new(0) }
    }
}

impl ProductCache {
    fn get(&self, named: &ProductRef<'_>) -> Option<Arc<Product>> {
        let id = match named {
            ProductRef::Id(id) => *id,
            ProductRef::Slug(slug) => self.slugs.get(*slug)?,
        };
        self.products.get(&id)
    }

    fn keep(&self, product: &Arc<Product>, epoch: u64) {
        self.products.insert(product.id, Arc::clone(product));
        self.slugs.insert(product.slug.clone(), product.id);
        if self.epoch.load(Ordering::SeqCst) != epoch {
            self.products.remove(&product.id);
            self.slugs.remove(&product.slug);
        }
    }

    /// Drops a product; after the commit that changed it, before the answer.
    pub(crate) fn drop_one(&self, id: ProductId) {
        self.drop_where(|product| product.id == id);
    }

    /// Drops every product that `changed` names.
    pub(crate) fn drop_where(&self, changed: impl Fn(&Product) -> bool) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        let gone = std::cell::RefCell::new(Vec::new());
        self.products.retain(|id, product| {
            let drop = changed(product);
            if drop {
                gone.borrow_mut().push(*id);
            }
            !drop
        });
        let gone = gone.into_inner();
        self.slugs.retain(|_, id| !gone.contains(id));
    }
}

impl Mote {
    /// The product of that ID or slug, if there is one. Says nothing about who may see it.
    pub(crate) async fn find_product(&self, named: &ProductRef<'_>) -> Result<Option<Arc<Product>>, Error> {
        if let Some(product) = self.products().get(named) {
            return Ok(Some(product));
        }
        let epoch = self.products().epoch.load(Ordering::SeqCst);
        let (id, slug) = match named {
            ProductRef::Id(id) => (Some(id.0), None),
            ProductRef::Slug(slug) => (None, Some((*slug).to_owned())),
        };
        let row = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let id = match (id, slug) {
                    (None, Some(slug)) => mote_store::products::id_of_slug(db, &slug)?,
                    (id, _) => id,
                };
                Ok(id.map(|id| mote_store::products::get(db, id)).transpose()?.flatten())
            })
            .await?;
        let Some(row) = row else { return Ok(None) };
        let product = Arc::new(Product::try_from(row)?);
        self.products().keep(&product, epoch);
        Ok(Some(product))
    }
}
