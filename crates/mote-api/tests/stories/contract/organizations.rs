use super::Group;
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Organizations");
    let user = cloud.user("me@example.com").await;
    cloud.form("POST", "/v1/orgs", &user, &[("name", "Particle")]).await;
    contract.check("Organizations-listOrganizationsForUser", &cloud.get("/v1/orgs", &user).await);
    contract.check("Organizations-getOrganization", &cloud.get("/v1/orgs/particle", &user).await);
    let fields = [("name", "My Product"), ("platform_id", "10"), ("description", "My test product")];
    cloud.form("POST", "/v1/orgs/particle/products", &user, &fields).await;
    let listed = cloud.get("/v1/orgs/particle/products", &user).await;
    let more = [
        ("/products/*/product_id", "of the entry Products-GetProduct"),
        ("/products/*/device_protection", "of the entry Products-GetProduct"),
        ("/products/*/requires_activation_codes", "of the entry Products-GetProduct"),
        ("/products/*/settings/self_provisioning", "ours: lets every account make devices in it"),
        ("/products/*/settings/team_tokens", "ours: opens the product to its team's own tokens"),
        ("/products/*/user", "who made it, as in the other listing"),
        ("/products/*/groups/*", "none was made here"),
    ];
    contract.check_with("Organizations-listOrgProducts", &listed, &more);
    contract.end();
}
