use serde_json::json;

use super::Group;
use crate::cloud::Cloud;
use crate::diagnostics::{emit, source};
use crate::on_both_engines;
use crate::sessions::{connect, hello};
use crate::sims::iccid;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Diagnostics");
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Fleet").await;
    let device = "0123456789abcdef01234567";
    let devices = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &devices, &product.token, json!({"id": device})).await;
    emit(&cloud, source(device, Some(&product), None), "spark/device/diagnostics/update", r#"{"device":{}}"#)
        .await;
    let path = format!("/v1/products/{}/diagnostics/{device}", product.id);
    let payload = "the source's placeholder was emptied; it is what the device told";
    let all = [("/diagnostics/*/payload/device", payload), ("/diagnostics/*/payload/service", payload)];
    contract.check_with("Diagnostics-getAllDeviceDiagnostics", &cloud.get(&path, &product.token).await, &all);
    let last = [("/diagnostics/payload/device", payload), ("/diagnostics/payload/service", payload)];
    let answer = cloud.get(&format!("{path}/last"), &product.token).await;
    contract.check_with("Diagnostics-getLastDeviceDiagnostics", &answer, &last);

    let mut connection = connect(&cloud, device, hello(&product)).await;
    let refresh = format!("{path}/update");
    let serve = async {
        let Some(mote_core::sessions::Command::Vitals { answer }) = connection.next().await else { panic!() };
        answer.send(Ok(())).unwrap();
    };
    let (asked, ()) = tokio::join!(cloud.form("POST", &refresh, &product.token, &[]), serve);
    contract.check("Diagnostics-updateDeviceDiagnostics", &asked);

    let card = iccid(1);
    cloud.form("PUT", &format!("/v1/sims/{card}"), &me, &[("action", "activate")]).await;
    let unknown = "null until the task is complete, by the entry's own rule";
    let status = [
        ("/sim_status/connected", unknown),
        ("/sim_status/gsm_connection", unknown),
        ("/sim_status/data_connection", unknown),
    ];
    let asked = cloud.get(&format!("/v1/sims/{card}/status"), &me).await;
    contract.check_with("Diagnostics-getCellularNetworkStatus", &asked, &status);
    contract.end();
}
