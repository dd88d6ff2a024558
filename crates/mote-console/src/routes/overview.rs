//! What one sees of a product first: what it is, and how it has been doing for a day.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use mote_core::authorization::table::{
    DevicesList, EventMetrics, IntegrationMetrics, OnlineMetrics, ProductsGet,
};
use mote_core::devices::ListQuery;
use mote_core::firmware::platform_name;
use mote_core::fleet_metrics::MetricsQuery;
use mote_core::{Error, Moment, Mote};

use crate::access::OfProduct;
use crate::address::Query;
use crate::chart::Chart;
use crate::failure::Failure;
use crate::frames::ProductFrame;
use crate::page::{Done, Shell, page, shown};
use crate::session::Person;

/// Seconds that a bar stands for.
const HOUR: i64 = 3600;

#[derive(Template)]
#[template(path = "product.html")]
struct ProductPage {
    shell: Shell,
    frame: ProductFrame,
    platform: String,
    url: String,
    devices: i64,
    waiting: i64,
    online: i64,
    charts: [Chart; 3],
}

/// The rights to what is shown of how a product has been doing.
type Metrics = (OfProduct<OnlineMetrics>, OfProduct<EventMetrics>, OfProduct<IntegrationMetrics>);

/// An hour as a chart names it: within a day or two, the year goes without saying.
fn hour(time: Moment) -> String {
    shown(time).text.get(5..).unwrap_or_default().to_owned()
}

/// The last day, hour by hour.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52, for bars")]
async fn charts(
    mote: &Mote,
    (OfProduct(of_online), OfProduct(of_events), OfProduct(of_integrations)): &Metrics,
) -> Result<[Chart; 3], Error> {
    let query = MetricsQuery { bucket_size: Some(HOUR), ..MetricsQuery::default() };
    let online = mote.online_metrics(of_online, &query).await?;
    let events = mote.event_metrics(of_events, &query).await?;
    let requests = mote.integration_metrics(of_integrations, &query).await?;
    // Hours of which no sample was taken are left out of what was online.
    let online_at =
        |time| online.iter().find(|bucket| bucket.time == time).map(|bucket| bucket.counts[0] as f64);
    let online: Vec<_> = events.iter().map(|bucket| (hour(bucket.time), online_at(bucket.time))).collect();
    let events: Vec<_> =
        events.iter().map(|bucket| (hour(bucket.time), Some(bucket.counts[0] as f64))).collect();
    let failed = |counts: [i64; 3]| (counts[1] + counts[2]) as f64;
    let failed: Vec<_> =
        requests.iter().map(|bucket| (hour(bucket.time), Some(failed(bucket.counts)))).collect();
    Ok([
        Chart::new("Devices online", &online),
        Chart::new("Events per hour", &events),
        Chart::new("Failed integration requests per hour", &failed).of_failures(),
    ])
}

/// `GET /products/{product}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ProductsGet>,
    OfProduct(listing): OfProduct<DevicesList>,
    metrics: Metrics,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(&mote, &person, &access, "Overview").await?;
    let shell = shell.with_done(done.done.as_deref());
    let count = async |quarantined| {
        let query = ListQuery { quarantined, per_page: Some(1), ..ListQuery::default() };
        mote.product_devices(&listing, query).await.map(|page| page.total)
    };
    Ok(page(&ProductPage {
        shell,
        platform: platform_name(frame.product.platform_id.into()),
        frame,
        url: mote.settings().public_url.clone(),
        devices: count(None).await?,
        waiting: count(Some(true)).await?,
        online: mote.online_now(&metrics.0.0),
        charts: charts(&mote, &metrics).await?,
    }))
}
