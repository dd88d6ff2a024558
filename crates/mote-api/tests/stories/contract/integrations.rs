use super::Group;
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Integrations");
    let user = cloud.user("me@example.com").await;
    let url = cloud.receiver.url("/");
    let webhook =
        [("integration_type", "Webhook"), ("event", "hello"), ("url", &url), ("requestType", "POST")];
    let made = cloud.form("POST", "/v1/integrations", &user, &webhook).await;
    let of_field_list = [("/integration_type", "of the entry's list of fields")];
    contract.check_with("Integrations-CreateWebhook", &made, &of_field_list);
    let listed = cloud.get("/v1/integrations", &user).await;
    let named = [("/*/name", "of the entries that show one integration")];
    contract.check_with("Integrations-listIntegrations", &listed, &named);
    let path = format!("/v1/integrations/{}", made.text("/id"));
    contract.check("Integrations-Get-Integration", &cloud.get(&path, &user).await);
    let replaced = cloud.form("PUT", &path, &user, &[("event", "foo")]).await;
    contract.check("Integrations-PutV1IntegrationsIntegrationid", &replaced);
    let trial = cloud.form("POST", &format!("{path}/test"), &user, &[("data", "my-data")]).await;
    contract.check("Integrations-PostV1IntegrationsIntegrationidTest", &trial);
    contract.check("Integrations-Delete-Integration", &cloud.form("DELETE", &path, &user, &[]).await);

    let azure = [
        ("integration_type", "AzureIotHub"),
        ("event", "hello"),
        ("hub_name", "myHubName"),
        ("policy_name", "particle"),
        ("policy_key", "123abc"),
    ];
    let made = cloud.form("POST", "/v1/integrations", &user, &azure).await;
    contract.check("Integrations-enableIoTHubIntegration", &made);
    let path = format!("/v1/integrations/{}", made.text("/id"));
    let replaced = cloud.form("PUT", &path, &user, &[("event", "foo")]).await;
    contract.check("Integrations-PutV1IntegrationsIntegrationid-2", &replaced);

    let maps = [("integration_type", "GoogleMaps"), ("event", "hello"), ("api_key", "123abc")];
    let made = cloud.form("POST", "/v1/integrations", &user, &maps).await;
    contract.check("Integrations-enableGoogleCloudMapsIntegration", &made);
    let path = format!("/v1/integrations/{}", made.text("/id"));
    let replaced = cloud.form("PUT", &path, &user, &[("api_key", "123abc")]).await;
    contract.check("Integrations-PutV1IntegrationsIntegrationid-4", &replaced);

    contract.leave(
        "Google takes messages from service accounts only, of which this server has none: a 400 says so",
        &[
            "Integrations-enableGoogleCloudPlatformSubIntegration",
            "Integrations-PutV1IntegrationsIntegrationid-3",
        ],
    );
    contract.end();
}
