//! The trail of an organization.

use serde_json::json;

use super::export::lines;
use super::{actions, entries};
use crate::cloud::Cloud;
use crate::on_both_engines;
use crate::teams::{join, program, remove};

on_both_engines!(an_organization_is_told_of, its_trail_is_its_administrators_alone);

const TEAM: &str = "/v1/orgs/makers/team";
const AUDIT: &str = "/v1/orgs/makers/audit";

async fn an_organization_is_told_of(cloud: Cloud) {
    let founder = cloud.user("founder@example.com").await;
    for name in ["Makers", "Others"] {
        assert_eq!(cloud.json("POST", "/v1/orgs", &founder, json!({"name": name})).await.status, 200);
    }
    let product = json!({"name": "Sensor", "platform_id": 13});
    let made = cloud.json("POST", "/v1/orgs/makers/products", &founder, product).await;
    let product = cloud.with_client(&founder, &made).await;
    join(&cloud, TEAM, &founder, "dev@example.com", "Developer").await;
    let (name, _) = program(&cloud, TEAM, &founder, &["organization:get"]).await;
    assert_eq!(remove(&cloud, TEAM, &founder, &name).await.status, 200);
    assert_eq!(
        cloud.form("DELETE", &format!("/v1/products/{}", product.id), &product.token, &[]).await.status,
        204
    );
    // What else is done to its products, and to other organizations, is in other trails.
    let all = [
        "organization.created",
        "product.created",
        "team.member_invited",
        "team.member_added",
        "api_user.created",
        "api_user.deleted",
        "product.deleted",
    ];
    assert_eq!(actions(&cloud, AUDIT, &founder).await, all);
    assert_eq!(actions(&cloud, "/v1/orgs/others/audit", &founder).await, all[..1]);
    let told = entries(&cloud, AUDIT, &founder).await;
    let id = cloud.get("/v1/orgs/makers", &founder).await.text("/organization/id");
    assert!(told.iter().all(|entry| entry["organization_id"] == json!(id)));
    assert!(told[0]["product_id"].is_number() && told[1]["product_id"].is_null());
    // To its administrators it says where others came from, too.
    assert!(told.iter().all(|entry| entry["token_id"].is_string()), "{told:?}");
    assert_eq!(told[1]["target"]["id"], json!(name));
    let page = cloud.get(&format!("{AUDIT}?per_page=2"), &founder).await;
    assert_eq!(page.body["entries"], json!(told[..2]));
    let next = cloud.get(&format!("{AUDIT}?per_page=5&before={}", page.text("/next_before")), &founder).await;
    assert_eq!((&next.body["entries"], &next.body["next_before"]), (&json!(told[2..]), &json!(null)));
    assert_eq!(actions(&cloud, &format!("{AUDIT}?action=team"), &founder).await, all[2..4]);
    assert_eq!(cloud.get(&format!("{AUDIT}?action=tea"), &founder).await.status, 400);
    let (kind, lines) = lines(&cloud, AUDIT, &founder, "application/x-ndjson").await;
    assert_eq!(kind, "application/x-ndjson");
    assert_eq!(lines, told.into_iter().rev().collect::<Vec<_>>());
}

async fn its_trail_is_its_administrators_alone(cloud: Cloud) {
    let founder = cloud.user("founder@example.com").await;
    for name in ["Makers", "Others"] {
        assert_eq!(cloud.json("POST", "/v1/orgs", &founder, json!({"name": name})).await.status, 200);
    }
    let stranger = cloud.user("stranger@example.com").await;
    let product = cloud.product(&founder, "Sensor").await;
    let admin = join(&cloud, TEAM, &founder, "admin@example.com", "Administrator").await;
    let developer = join(&cloud, TEAM, &founder, "dev@example.com", "Developer").await;
    let (_, reader) = program(&cloud, TEAM, &founder, &["audit:list"]).await;
    let (_, blind) = program(&cloud, TEAM, &founder, &["organization:get"]).await;
    let (_, foreign) = program(&cloud, "/v1/orgs/others/team", &founder, &["audit:list"]).await;
    for (who, status) in [
        (&founder, 200),
        (&admin, 200),
        (&reader, 200),
        (&developer, 403),
        (&stranger, 403),
        (&product.token, 403),
        (&blind, 403),
        (&foreign, 403),
        (&"Bearer nothing".to_owned(), 401),
        (&String::new(), 401),
    ] {
        assert_eq!(cloud.get(AUDIT, who).await.status, status);
        assert_eq!(
            cloud.get(&format!("{AUDIT}?format=ndjson&action=organization"), who).await.status,
            status
        );
    }
    // One that is not there is not told from one that is another's.
    let (theirs, none) =
        (cloud.get(AUDIT, &stranger).await, cloud.get("/v1/orgs/nowhere/audit", &stranger).await);
    assert_eq!((theirs.status, theirs.body), (none.status, none.body));
}
