//! Any page of a product's devices for the price of the first.
//!
//! For each order in use the place of every [`STEP`]th device is kept in memory, as far as somebody has paged. A page is
//! read from the anchor before it. The anchors are of one version of the listing, which is a column of the product, written
//! with every change: so they are exact, on every node.

use std::sync::{Arc, Mutex, PoisonError};

use mote_store::devices as rows;
use mote_store::devices::{Anchor, Order};
use mote_store::{Db, products};
use quick_cache::sync::Cache;

use super::owner::{Owned, with_owners};
use crate::{Error, Mote, ProductId};

/// Devices from one anchor to the next: what a page may have to walk over in the index.
const STEP: i64 = 400;
/// Listings with anchors in memory at most; a listing of a million devices takes about 200 kB.
const LISTINGS: usize = 64;

/// Anchors of the listings in use.
#[derive(Debug)]
pub struct PageAnchors {
    listings: Cache<(ProductId, Order), Arc<Mutex<Listing>>>,
}

#[derive(Debug, Default)]
struct Listing {
    version: i64,
    anchors: Vec<Anchor>,
}

impl Default for PageAnchors {
    fn default() -> Self {
        Self { listings: Cache::new(LISTINGS) }
    }
}

impl PageAnchors {
    fn of(&self, product: ProductId, order: Order) -> Arc<Mutex<Listing>> {
        if let Some(listing) = self.listings.get(&(product, order)) {
            return listing;
        }
        let listing = Arc::new(Mutex::new(Listing::default()));
        self.listings.insert((product, order), Arc::clone(&listing));
        listing
    }
}

impl Mote {
    /// `limit` devices from the `offset`th on, and how many there are.
    pub(super) async fn page_by_anchors(
        &self,
        product: ProductId,
        order: Order,
        ascending: bool,
        offset: i64,
        limit: i64,
    ) -> Result<(Vec<Owned>, i64), Error> {
        let listing = self.page_anchors().of(product, order);
        self.store()
            .read(move |db| -> Result<_, Error> {
                let Some((total, version)) = products::devices_state(db, product.0)? else {
                    return Ok((Vec::new(), 0));
                };
                // Descending pages are ascending ones read from the other end.
                let (start, end) = if ascending {
                    (offset, offset.saturating_add(limit).min(total))
                } else {
                    ((total - offset - limit).max(0), total - offset)
                };
                if start >= end || start >= total {
                    return Ok((Vec::new(), total));
                }
                let Some(anchor) = anchor_before(db, &listing, product, order, version, start)? else {
                    return Ok((Vec::new(), total));
                };
                let mut page = rows::page_from(db, product.0, order, &anchor, start % STEP, end - start)?;
                if !ascending {
                    page.reverse();
                }
                Ok((with_owners(db, page)?, total))
            })
            .await
    }
}

/// The anchor at or before the `start`th device, of this version of the listing. The lock is held while reading on from
/// the last anchor, on a thread that may block, so that a crowd does not do the same work.
fn anchor_before(
    db: &mut Db,
    listing: &Mutex<Listing>,
    product: ProductId,
    order: Order,
    version: i64,
    start: i64,
) -> Result<Option<Anchor>, Error> {
    let wanted = usize::try_from(start / STEP).unwrap_or(usize::MAX);
    let mut listing = listing.lock().unwrap_or_else(PoisonError::into_inner);
    if listing.version != version {
        *listing = Listing { version, anchors: Vec::new() };
    }
    if listing.anchors.len() <= wanted {
        let missing = wanted + 1 - listing.anchors.len();
        let more = rows::anchors_from(db, product.0, order, listing.anchors.last(), STEP, missing)?;
        listing.anchors.extend(more);
    }
    Ok(listing.anchors.get(wanted).cloned())
}
