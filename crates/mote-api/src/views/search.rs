//! What a search found.

use mote_core::organizations::Organization;
use mote_core::search::{Found, FoundDevice, FoundProduct, FoundSim};
use serde::Serialize;
use utoipa::ToSchema;

/// What a search found (contract: Search-Search-your-organization).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundView {
    ok: bool,
    results: Vec<ResultView>,
    /// Whether there are more of some kind.
    #[serde(rename = "hasMore")]
    has_more: bool,
}

/// One thing.
#[derive(Debug, Serialize, ToSchema)]
struct ResultView {
    /// The organization's name in URLs, if one is searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<String>,
    /// Its name.
    #[serde(rename = "orgName", skip_serializing_if = "Option::is_none")]
    org_name: Option<String>,
    #[serde(flatten)]
    thing: ThingView,
}

/// By its kind, under the kind's own name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
enum ThingView {
    /// A device.
    Device {
        /// It.
        device: DeviceResult,
    },
    /// A product.
    Product {
        /// It.
        product: ProductResult,
    },
    /// A SIM card.
    Sim {
        /// It.
        sim: SimResult,
    },
}

#[derive(Debug, Serialize, ToSchema)]
struct DeviceResult {
    id: String,
    name: Option<String>,
    /// The product it is in; as text.
    product_id: Option<String>,
    product_name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ProductResult {
    id: i64,
    name: String,
    slug: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct SimResult {
    iccid: String,
    status: &'static str,
    /// The product it belongs to; as text.
    product_id: Option<String>,
    product_name: Option<String>,
    /// The device that has it.
    last_device_id: Option<String>,
    last_device_name: Option<String>,
}

impl From<FoundDevice> for ThingView {
    fn from(found: FoundDevice) -> Self {
        Self::Device {
            device: DeviceResult {
                id: found.id,
                name: found.name,
                product_id: found.product.map(|product| product.to_string()),
                product_name: found.product_name,
            },
        }
    }
}

impl From<FoundProduct> for ThingView {
    fn from(found: FoundProduct) -> Self {
        Self::Product { product: ProductResult { id: found.id.0, name: found.name, slug: found.slug } }
    }
}

impl From<FoundSim> for ThingView {
    fn from(found: FoundSim) -> Self {
        let (device_id, device_name) = found.sim.device.unzip();
        Self::Sim {
            sim: SimResult {
                iccid: found.sim.iccid,
                status: found.sim.status.name(),
                product_id: found.sim.product.map(|product| product.to_string()),
                product_name: found.product_name,
                last_device_id: device_id,
                last_device_name: device_name.filter(|name| !name.is_empty()),
            },
        }
    }
}

impl FoundView {
    /// In an organization, or in what an account has.
    pub(crate) fn new(found: Found, organization: Option<&Organization>) -> Self {
        let things = found.devices.into_iter().map(ThingView::from);
        let things = things.chain(found.products.into_iter().map(Into::into));
        let things = things.chain(found.sims.into_iter().map(Into::into));
        let result = |thing| ResultView {
            org: organization.map(|organization| organization.slug.clone()),
            org_name: organization.map(|organization| organization.name.clone()),
            thing,
        };
        Self { ok: true, results: things.map(result).collect(), has_more: found.more }
    }
}
