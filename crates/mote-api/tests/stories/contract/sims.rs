use serde_json::json;

use super::{Exception, Group};
use crate::cloud::Cloud;
use crate::on_both_engines;
use crate::sims::{iccid, import, insert_card};

on_both_engines!(answers_have_the_documented_shapes);

const CARRIER: &str = "only a carrier knows it, and none is connected";

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Sims");
    let me = cloud.user("me@example.com").await;
    let (device, card) = ("e00fce680000000000000001", iccid(1));
    let of_carrier = |root: &str| -> Vec<Exception> {
        let keys = [
            "base_country_code",
            "base_monthly_rate",
            "overage_monthly_rate",
            "msisdn",
            "stripe_plan_slug",
            "carrier",
        ];
        let place = |key: &&str| -> Exception { (format!("{root}/{key}").leak(), CARRIER) };
        keys.iter().map(place).collect()
    };
    let activated = cloud.form("PUT", &format!("/v1/sims/{card}"), &me, &[("action", "activate")]).await;
    contract.check("Sims-PutV1SimsIccid", &activated);
    let product = cloud.product(&me, "Cellular").await;
    let devices = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &devices, &product.token, json!({"id": device})).await;
    cloud.form("POST", "/v1/devices", &me, &[("id", device)]).await;
    cloud.form("PUT", &format!("/v1/devices/{device}"), &me, &[("name", "foo_bar_baz")]).await;
    insert_card(&cloud, device, &card).await;
    contract.check_with("Sims-listSims", &cloud.get("/v1/sims", &me).await, &of_carrier("/sims/*"));
    contract.check_with(
        "Sims-listSim",
        &cloud.get(&format!("/v1/sims/{card}"), &me).await,
        &of_carrier("/sim"),
    );
    contract.check("Sims-simDataUsage", &cloud.get(&format!("/v1/sims/{card}/data_usage"), &me).await);
    let put =
        async |action: &str| cloud.form("PUT", &format!("/v1/sims/{card}"), &me, &[("action", action)]).await;
    contract.check("Sims-PutV1SimsIccid-2", &put("deactivate").await);
    contract.check("Sims-PutV1SimsIccid-3", &put("reactivate").await);
    contract.check("Sims-listProductSims", &import(&cloud, &product, &[iccid(2)]).await);
    let fleet = cloud.get(&format!("/v1/products/{}/sims/data_usage", product.id), &product.token).await;
    contract.check("Sims-simFleetDataUsage", &fleet);
    let released = cloud.form("DELETE", &format!("/v1/sims/{card}"), &me, &[]).await;
    contract.check("Sims-releaseSimFromAccount", &released);
    contract.end();
}
