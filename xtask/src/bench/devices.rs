//! Pages of a product's devices.

use super::process::{Server, values_of};
use super::table::{Figure, Goal, Row};
use super::workshop::Workshop;
use super::wrk::{CONNECTIONS, Shot};

/// Devices of the small product.
const FEW: u32 = 1000;
/// Devices on a page.
const PAGE: u32 = 25;

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    let (few, many) = (Fleet::make(shop, FEW)?, Fleet::make(shop, shop.large)?);
    let names = ["page 1 in ms: few", "many", "deep page: few", "many"];
    let medians =
        shop.rounds(names, || Ok([few.first(shop)?, many.first(shop)?, few.deep(shop)?, many.deep(shop)?]))?;
    let row = |page: &str, few, many| {
        Row::beside(
            format!("page {page} of {} devices", shop.large),
            Figure::Milliseconds(many),
            format!("of {FEW}"),
            Figure::Milliseconds(few),
            Goal::RatioAtMost(1.5),
        )
    };
    Ok(vec![row("1", medians[0], medians[1]), row(&many.deep.to_string(), medians[2], medians[3])])
}

/// A product with devices, on a server of its own.
struct Fleet {
    server: Server,
    path: String,
    token: String,
    /// A page near the end. Not at a round number of devices, where an index of places may have one at hand.
    deep: u32,
}

impl Fleet {
    fn make(shop: &Workshop, count: u32) -> Result<Self, String> {
        println!("   making {count} devices");
        let folder = shop.folder(&format!("devices-{count}"))?;
        let server = shop.serve(&folder)?;
        let people = shop.people(&server)?;
        let mut fill = shop.helper("devices");
        fill.arg(folder.join("data/mote.db"));
        fill.args(["--product", &people.product, "--count", &count.to_string()]);
        values_of(fill)?;
        let path = format!("/v1/products/{}/devices", people.product);
        Ok(Self { server, path, token: people.token, deep: count / PAGE / 10 * 9 + 1 })
    }

    fn first(&self, shop: &Workshop) -> Result<f64, String> {
        self.milliseconds(shop, 1)
    }

    fn deep(&self, shop: &Workshop) -> Result<f64, String> {
        self.milliseconds(shop, self.deep)
    }

    /// Time of one page, with all connections busy.
    fn milliseconds(&self, shop: &Workshop, page: u32) -> Result<f64, String> {
        let url = format!("{}{}?page={page}&perPage={PAGE}", self.server.url, self.path);
        let load = Shot::get(url, &self.token).fire(shop.seconds)?;
        #[expect(clippy::cast_precision_loss, reason = "there are a few dozen connections")]
        let connections = CONNECTIONS as f64;
        Ok(connections / load.per_second * 1000.0)
    }
}
