//! What a search found.

use super::MOST_OF_KIND;
use crate::ProductId;
use crate::products::Product;
use crate::sims::Sim;

/// What was found, ten of a kind at most.
#[derive(Debug, Default)]
pub struct Found {
    /// Devices.
    pub devices: Vec<FoundDevice>,
    /// Products.
    pub products: Vec<FoundProduct>,
    /// SIM cards.
    pub sims: Vec<FoundSim>,
    /// Whether there are more of some kind.
    pub more: bool,
}

impl Found {
    /// The same without what is too much.
    pub(super) fn cut(mut self) -> Self {
        let most = [self.devices.len(), self.products.len(), self.sims.len()].into_iter().max();
        self.more = most.is_some_and(|most| most > MOST_OF_KIND);
        self.devices.truncate(MOST_OF_KIND);
        self.products.truncate(MOST_OF_KIND);
        self.sims.truncate(MOST_OF_KIND);
        self
    }
}

/// A product as a result shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProduct {
    /// ID.
    pub id: ProductId,
    /// Name.
    pub name: String,
    /// Its name in URLs.
    pub slug: String,
}

impl From<&Product> for FoundProduct {
    fn from(product: &Product) -> Self {
        Self { id: product.id, name: product.name.clone(), slug: product.slug.clone() }
    }
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDevice {
    /// ID.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// The product it is in.
    pub product: Option<ProductId>,
    /// That product's name, where the caller may know it.
    pub product_name: Option<String>,
}

impl FoundDevice {
    pub(super) fn new(device: mote_store::search::FoundDevice, known: &[Product]) -> Self {
        let product = device.product_id.map(ProductId);
        Self {
            id: device.id,
            name: Some(device.name).filter(|name| !name.is_empty()),
            product,
            product_name: name_of(product, known),
        }
    }
}

/// A SIM card.
#[derive(Clone, Debug)]
pub struct FoundSim {
    /// The card.
    pub sim: Sim,
    /// The name of the product it belongs to.
    pub product_name: Option<String>,
}

impl FoundSim {
    pub(super) fn new(sim: Sim, known: &[Product]) -> Self {
        Self { product_name: name_of(sim.product, known), sim }
    }
}

fn name_of(product: Option<ProductId>, known: &[Product]) -> Option<String> {
    let product = known.iter().find(|known| Some(known.id) == product)?;
    Some(product.name.clone())
}
