use super::{Exception, Group, teams};
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

/// What every product has of ours, or lacks of the example.
const IN_EVERY_PRODUCT: [(&str, &str); 4] = [
    ("product_id", "of the entry's list of fields"),
    ("requires_activation_codes", "of the entry's list of fields"),
    ("settings/self_provisioning", "ours: lets every account make devices in it"),
    ("settings/team_tokens", "ours: opens the product to its team's own tokens"),
];

fn with(place: &str, more: &[Exception]) -> Vec<Exception> {
    let every = IN_EVERY_PRODUCT.iter().map(|(key, reason)| {
        let place: &'static str = format!("{place}/{key}").leak();
        (place, *reason)
    });
    every.chain(more.iter().copied()).collect()
}

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Products");
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "TempMon V100").await;
    let fields = [("name", "My Product"), ("platform_id", "10"), ("description", "My test product")];
    let made = cloud.form("POST", "/v1/products", &user, &fields).await;
    contract.check_with("Products-CreateProduct", &made, &with("/product", &[]));
    let seen = cloud.get("/v1/products/tempmon-v100", &product.token).await;
    let more = [
        ("/ok", "as in the answer to its creation"),
        ("/product/subscription_id", "nothing is billed here"),
        ("/product/groups/*", "none was made here"),
    ];
    contract.check_with("Products-GetProduct", &seen, &with("/product", &more));
    let listed = cloud.get("/v1/user/products", &user).await;
    let more = [
        ("/products/*/device_protection", "of the entry Products-GetProduct"),
        ("/products/*/subscription_id", "nothing is billed here"),
        ("/products/*/groups/*", "none was made here"),
    ];
    contract.check_with("Products-listProducts", &listed, &with("/products/*", &more));
    teams::check(&mut contract, &cloud, &format!("/v1/products/{}/team", product.id), &user).await;
    contract.end();
}
