//! Owners: a product and an organization always have one.

use serde_json::json;

use super::{join, remove, roles, set_role, team_of};
use crate::cloud::{Cloud, PASSWORD};
use crate::on_both_engines;

on_both_engines!(
    a_product_is_handed_over,
    the_last_owner_stays,
    two_owners_who_remove_each_other_at_once_leave_one,
    an_account_that_is_the_last_owner_stays,
);

async fn owner_shown(cloud: &Cloud, product: &crate::cloud::Product) -> String {
    cloud.get(&format!("/v1/products/{}", product.id), &product.token).await.text("/product/user")
}

async fn a_product_is_handed_over(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    let heir = join(&cloud, &team, &owner, "heir@example.com", "Developer").await;
    assert_eq!(owner_shown(&cloud, &product).await, "owner@example.com");
    let made = set_role(&cloud, &team, &owner, "heir@example.com", "Owner").await;
    assert_eq!(made.text("/updated/role"), "Owner");
    assert_eq!(owner_shown(&cloud, &product).await, "heir@example.com");
    // Now there are two, who are equals.
    assert_eq!(set_role(&cloud, &team, &heir, "owner@example.com", "Support").await.status, 200);
    assert_eq!(set_role(&cloud, &team, &owner, "heir@example.com", "Support").await.status, 403);
    assert_eq!(owner_shown(&cloud, &product).await, "heir@example.com");
    // One who leaves hands it to another.
    assert_eq!(set_role(&cloud, &team, &heir, "owner@example.com", "Owner").await.status, 200);
    assert_eq!(owner_shown(&cloud, &product).await, "owner@example.com");
    assert_eq!(remove(&cloud, &team, &owner, "owner@example.com").await.status, 200);
    assert_eq!(owner_shown(&cloud, &product).await, "heir@example.com");
    assert_eq!(roles(&cloud, &team, &heir).await, json!({"heir@example.com": "Owner"}));
}

async fn the_last_owner_stays(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    cloud.form("POST", "/v1/orgs", &owner, &[("name", "Makers")]).await;
    for team in [team_of(&product), "/v1/orgs/makers/team".into()] {
        join(&cloud, &team, &owner, &format!("{}@example.com", team.len()), "Administrator").await;
        let refused = remove(&cloud, &team, &owner, "owner@example.com").await;
        assert_eq!(refused.error(), (409, "conflict".into()));
        assert_eq!(set_role(&cloud, &team, &owner, "owner@example.com", "View-only").await.status, 409);
        assert_eq!(set_role(&cloud, &team, &owner, "owner@example.com", "Owner").await.status, 200);
        assert_eq!(roles(&cloud, &team, &owner).await["owner@example.com"], "Owner");
    }
}

async fn two_owners_who_remove_each_other_at_once_leave_one(cloud: Cloud) {
    let owner = cloud.user("one@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    let other = join(&cloud, &team, &owner, "two@example.com", "Developer").await;
    for _ in 0..5 {
        set_role(&cloud, &team, &owner, "two@example.com", "Owner").await;
        set_role(&cloud, &team, &other, "one@example.com", "Owner").await;
        let (first, second) = tokio::join!(
            set_role(&cloud, &team, &owner, "two@example.com", "Administrator"),
            set_role(&cloud, &team, &other, "one@example.com", "Administrator"),
        );
        let done = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{} {}", first.body, second.body);
        let left = roles(&cloud, &team, &owner).await;
        let owners = left.as_object().unwrap().values().filter(|role| *role == "Owner").count();
        assert_eq!(owners, 1);
    }
}

async fn an_account_that_is_the_last_owner_stays(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let (kept, given) = (cloud.product(&owner, "Kept").await, cloud.product(&owner, "Given").await);
    cloud.form("POST", "/v1/orgs", &owner, &[("name", "Makers")]).await;
    let heir = join(&cloud, &team_of(&given), &owner, "heir@example.com", "Developer").await;
    set_role(&cloud, &team_of(&given), &owner, "heir@example.com", "Owner").await;
    set_role(&cloud, &team_of(&given), &heir, "owner@example.com", "Owner").await;
    assert_eq!(owner_shown(&cloud, &given).await, "owner@example.com");
    let password = json!({"password": PASSWORD});
    let refused = cloud.json("DELETE", "/v1/user", &owner, password.clone()).await;
    assert_eq!(refused.error(), (409, "conflict".into()));
    let why = refused.text("/error_description");
    assert!(why.contains("product kept") && why.contains("organization makers") && !why.contains("given"));
    assert_eq!(roles(&cloud, &team_of(&given), &heir).await.as_object().unwrap().len(), 2);

    cloud.form("DELETE", &format!("/v1/products/{}", kept.id), &kept.token, &[]).await;
    assert_eq!(cloud.form("DELETE", "/v1/orgs/makers", &owner, &[]).await.status, 204);
    assert_eq!(cloud.get("/v1/orgs/makers", &owner).await.status, 403);
    assert_eq!(cloud.json("DELETE", "/v1/user", &owner, password).await.status, 200);
    assert_eq!(owner_shown(&cloud, &given).await, "heir@example.com");
    assert_eq!(roles(&cloud, &team_of(&given), &heir).await, json!({"heir@example.com": "Owner"}));
}
