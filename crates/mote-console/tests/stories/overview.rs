//! How products are doing: in a line at home, and in the charts of their overview.

use mote_core::ProductId;
use mote_core::fleet_metrics::{Counted, DeliveryOutcome, Traits};

use crate::cloud::Cloud;
use crate::connected::{DEVICE, connect};
use crate::devices::add;
use crate::on_both_engines;

on_both_engines!(the_list_of_products_is_at_home, home_and_overview_tell_how_a_product_is_doing);

/// Every product's pages are under `/products`, so that people try that too.
async fn the_list_of_products_is_at_home(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    assert_eq!(browser.get("/products").await.location(), "/");
    assert!(browser.get("/").await.text.contains("<a href=\"/\" aria-current=\"page\">Products</a>"));
    let form = browser.get("/products/new").await;
    assert!(form.text.contains("<a href=\"/\" aria-current=\"true\">Products</a>"));
    for hardware in ["<option value=\"42\">Tachyon</option>", "maxlength=\"128\""] {
        assert!(form.text.contains(hardware), "{hardware}");
    }
}

async fn home_and_overview_tell_how_a_product_is_doing(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let path = browser.product("TempMon V100").await;
    browser.product("Greenhouse").await;
    add(&cloud, &mut browser, DEVICE).await;
    let quiet = browser.get("/").await;
    assert_eq!(quiet.text.matches("none online").count(), 2, "{}", quiet.text);
    let none = browser.get(&path).await;
    for name in ["Devices online", "Events per hour", "Failed integration requests per hour"] {
        assert!(none.text.contains(&format!("aria-label=\"{name}, from ")), "{name}");
    }
    assert!(!none.text.contains("<rect") && none.text.contains(": none.\""));

    let _connection = connect(&cloud, DEVICE).await;
    cloud.mote.sample_online().await.unwrap();
    let traits = Traits::default();
    let counted = [
        Counted::Integration(DeliveryOutcome::Success),
        Counted::Integration(DeliveryOutcome::Failure),
        Counted::Integration(DeliveryOutcome::Sleep),
        Counted::EventReceived,
    ];
    for what in counted {
        cloud.mote.count(ProductId(1001), &traits, what);
    }
    let busy = browser.get("/").await;
    assert!(busy.text.contains("1 online") && busy.text.contains("2 requests failed in the last hour"));
    assert_eq!(busy.text.matches("none online").count(), 1, "the other product has none of it");
    let seen = browser.get(&path).await;
    assert_eq!(seen.text.matches("<rect").count(), 3, "a bar in each chart");
    for words in ["<dt>Online now</dt><dd>1</dd>", ": 2 at most", ": 1 at most"] {
        assert!(seen.text.contains(words), "{words}");
    }
    cloud.pass(2 * 3600);
    assert!(!browser.get("/").await.text.contains("failed in the last hour"));
    assert!(browser.get(&path).await.text.contains(": 2 at most"), "a day is looked back");
}
