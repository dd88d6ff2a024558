//! Owners: a product and an organization always have one.

use serde_json::json;

use super::{accept, invite, join, remove, roles, set_role, team_of};
use crate::audit::{entries, of_product};
use crate::cloud::{Cloud, PASSWORD, Product};
use crate::on_both_engines;

on_both_engines!(
    a_product_is_handed_over,
    the_last_owner_stays,
    two_owners_who_remove_each_other_at_once_leave_one,
    an_account_that_is_the_last_owner_stays,
    nothing_of_an_account_comes_along_when_somebody_makes_it_owner,
);

async fn owner_shown(cloud: &Cloud, product: &Product) -> String {
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
    // Now there are two, who are equals; the product is whose it was until he goes.
    assert_eq!(owner_shown(&cloud, &product).await, "owner@example.com");
    assert_eq!(set_role(&cloud, &team, &heir, "owner@example.com", "Support").await.status, 200);
    assert_eq!(set_role(&cloud, &team, &owner, "heir@example.com", "Support").await.status, 403);
    assert_eq!(owner_shown(&cloud, &product).await, "heir@example.com");
    // One who leaves hands it to another.
    assert_eq!(set_role(&cloud, &team, &heir, "owner@example.com", "Owner").await.status, 200);
    assert_eq!(owner_shown(&cloud, &product).await, "heir@example.com");
    assert_eq!(remove(&cloud, &team, &heir, "heir@example.com").await.status, 200);
    assert_eq!(owner_shown(&cloud, &product).await, "owner@example.com");
    assert_eq!(roles(&cloud, &team, &owner).await, json!({"owner@example.com": "Owner"}));
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
    // The product's trail tells of it.
    let told = entries(&cloud, &of_product(&given), &given.token).await;
    let [left, handed] = &told[..2] else { panic!("{told:?}") };
    assert_eq!(
        (&left["action"], &left["target"]["id"]),
        (&json!("team.member_removed"), &json!("owner@example.com"))
    );
    assert_eq!(handed["action"], "product.handed_on");
    assert_eq!(handed["details"], json!({"owner_before": "owner@example.com", "owner": "heir@example.com"}));
}

async fn nothing_of_an_account_comes_along_when_somebody_makes_it_owner(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (path, team) = (format!("/v1/products/{}", product.id), team_of(&product));
    let open = json!({"settings": {"team_tokens": true}});
    cloud.json("PUT", &path, &product.token, open).await;
    let heir = join(&cloud, &team, &owner, "heir@example.com", "Developer").await;
    for (user, value) in [(&owner, "first"), (&heir, "second")] {
        cloud.json("PUT", "/v1/secrets/KEY", user, json!({"value": value})).await;
        cloud.json("PUT", "/v1/env/LEVEL", user, json!({"value": value})).await;
        let rolled = cloud.json("POST", "/v1/env/rollout", user, json!({"when": "Connect"})).await;
        assert_eq!(rolled.status, 200);
    }
    let settings = json!({
        "event": "a", "url": cloud.receiver.url("/"), "secrets": ["KEY"], "headers": {"X-Key": "{{{KEY}}}"}
    });
    let hooks = format!("{path}/integrations");
    let made = cloud.json("POST", &hooks, &owner, settings.clone()).await;
    let hook = format!("{hooks}/{}", made.text("/id"));
    let sent = async || {
        let tried = cloud.form("POST", &format!("{hook}/test"), &product.token, &[]).await;
        let key = cloud.receiver.got().first().map(|got| got.header("x-key").to_owned());
        key.unwrap_or_else(|| tried.text("/error"))
    };
    let environment =
        async || cloud.get(&format!("{path}/env/render"), &product.token).await.body["env"].take();
    let uses =
        async |user: &str| cloud.get("/v1/secrets/KEY", user).await.body["secret"]["integrations"].take();

    set_role(&cloud, &team, &owner, "heir@example.com", "Owner").await;
    assert_eq!((sent().await.as_str(), environment().await), ("first", json!({"LEVEL": "first"})));
    // He goes, and somebody must be the owner: he has not asked for it.
    assert_eq!(remove(&cloud, &team, &owner, "owner@example.com").await.status, 200);
    assert_eq!(owner_shown(&cloud, &product).await, "heir@example.com");
    assert!(sent().await.starts_with("there is no secret KEY for this integration"));
    assert_eq!(environment().await, json!({}));
    assert_eq!((uses(&owner).await, uses(&heir).await), (json!([]), json!([])));
    assert_eq!(cloud.json("PUT", &hook, &product.token, settings.clone()).await.status, 403);
    // What he names himself is his.
    assert_eq!(cloud.json("PUT", &hook, &heir, settings).await.status, 200);
    assert_eq!(sent().await, "second");
    // Nor does it come back to who was the first.
    let token = invite(&cloud, &team, &heir, "owner@example.com", "Administrator").await;
    assert_eq!(accept(&cloud, &owner, &token).await.status, 200);
    set_role(&cloud, &team, &heir, "owner@example.com", "Owner").await;
    assert_eq!(set_role(&cloud, &team, &heir, "heir@example.com", "Developer").await.status, 200);
    assert_eq!(owner_shown(&cloud, &product).await, "owner@example.com");
    assert!(sent().await.starts_with("there is no secret KEY for this integration"));
    assert_eq!(environment().await, json!({}));
}
