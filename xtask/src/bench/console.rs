//! Pages of the web console.

use super::process::values_of;
use super::table::{Figure, Goal, Row};
use super::workshop::{EMAIL, PASSWORD, Workshop, number};

/// Devices of the product; a page has a hundred.
const DEVICES: &str = "1000";

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    let folder = shop.folder("console")?;
    let server = shop.serve(&folder)?;
    let people = shop.people(&server)?;
    let mut fill = shop.helper("devices");
    fill.arg(folder.join("data/mote.db")).args(["--product", &people.product, "--count", DEVICES]);
    values_of(fill)?;
    let [milliseconds, bytes] = shop.rounds(["page of devices in ms", "first visit in bytes"], || {
        let mut helper = shop.helper("console");
        helper.arg(&server.url).args(["--email", EMAIL, "--password", PASSWORD]);
        helper.args(["--page", &format!("/products/{}/devices", people.product)]);
        helper.args(["--seconds", &shop.seconds.to_string()]);
        let values = values_of(helper)?;
        Ok([number(&values, "milliseconds")?, number(&values, "first-visit-bytes")?])
    })?;
    Ok(vec![
        Row::alone(
            "console: a page of 100 devices, with the way there and back",
            Figure::Milliseconds(milliseconds),
            Goal::Below(Figure::Milliseconds(5.0)),
        ),
        Row::alone(
            "console: all of a first visit",
            Figure::Bytes(bytes),
            Goal::Below(Figure::Bytes(100.0 * 1024.0)),
        ),
    ])
}
