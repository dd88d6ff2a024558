use mote_core::ProductId;
use mote_core::fleet_metrics::{CallOutcome, Counted, DeliveryOutcome, Traits};

use super::Group;
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("FleetHealth");
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "TempMon").await;
    let id = ProductId(product.id.parse().unwrap());
    let calls = [CallOutcome::Success, CallOutcome::Failure, CallOutcome::Offline];
    let deliveries = [DeliveryOutcome::Success, DeliveryOutcome::Failure, DeliveryOutcome::Sleep];
    let all = [Counted::EventReceived].into_iter();
    let all = all.chain(calls.map(Counted::Function)).chain(calls.map(Counted::Variable));
    for what in all.chain(deliveries.map(Counted::Integration)) {
        cloud.mote.count(id, &Traits::default(), what);
    }
    cloud.mote.sample_online().await.unwrap();
    let now = cloud.now().to_iso();
    for (entry, metric) in [
        ("FleetHealth-getEventsMetrics", "events"),
        ("FleetHealth-getFunctionsMetrics", "functions"),
        ("FleetHealth-getIntegrationMetrics", "integration"),
        ("FleetHealth-getOnlineMetrics", "online"),
        ("FleetHealth-getVariablesMetrics", "variables"),
    ] {
        let path = format!("/v1/products/{}/metrics/{metric}?start_date={now}&end_date={now}", product.id);
        contract.check(entry, &cloud.get(&path, &product.token).await);
    }
    contract.end();
}
