//! Secrets: made, changed, used, never shown.

use mote_core::SpaceKey;
use mote_store::StoreError;
use mote_store::secrets::{UserKind, set_uses};
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(
    a_secret_is_made_changed_and_deleted,
    an_organizations_secrets_are_its_own,
    integrations_use_values_and_keep_secrets_alive,
    malformed_secrets_are_refused_without_repeating_them,
);

const VALUE: &str = "hunter2-is-the-value";

/// The key of the account behind a token.
async fn account(cloud: &Cloud, user: &str) -> SpaceKey {
    SpaceKey::Account(cloud.get("/v1/user", user).await.text("/id").parse().unwrap())
}

async fn values(cloud: &Cloud, space: SpaceKey, names: &[&str]) -> Vec<(String, String)> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let found = cloud.mote.secret_values(space, &names).await.unwrap();
    let mut found: Vec<_> =
        found.into_iter().map(|(name, value)| (name, value.expose().to_owned())).collect();
    found.sort();
    found
}

async fn a_secret_is_made_changed_and_deleted(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let made = cloud.json("POST", "/v1/secrets", &user, json!({"name": "MY_API_KEY", "value": VALUE})).await;
    assert_eq!(made.status, 201);
    let at = cloud.now().to_iso();
    let expected = json!({
        "name": "MY_API_KEY", "created_at": at, "updated_at": at, "last_accessed_at": null,
        "integrations": [], "logic_functions": []
    });
    assert_eq!(made.body, json!({"secret": expected}));
    let again = cloud.form("POST", "/v1/secrets", &user, &[("name", "MY_API_KEY"), ("value", "x")]).await;
    assert_eq!(again.error(), (409, "conflict".into()));
    cloud.pass(10);
    // As the Particle CLI sets one that is there, and one that is not.
    let wrapped = json!({"secret": {"value": "another"}});
    let changed = cloud.json("PUT", "/v1/secrets/MY_API_KEY", &user, wrapped.clone()).await;
    assert_eq!(changed.status, 200);
    assert_eq!(
        (changed.text("/secret/created_at"), changed.text("/secret/updated_at")),
        (at, cloud.now().to_iso())
    );
    assert_eq!(cloud.json("PUT", "/v1/secrets/A", &user, wrapped).await.status, 200);
    let space = account(&cloud, &user).await;
    assert_eq!(values(&cloud, space, &["MY_API_KEY"]).await, [("MY_API_KEY".into(), "another".into())]);
    let listed = cloud.get("/v1/secrets", &user).await;
    let names: Vec<_> = listed.body["secrets"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["A", "MY_API_KEY"]);
    for answer in [&made, &changed, &listed] {
        assert!(!answer.body.to_string().contains("another") && !answer.body.to_string().contains(VALUE));
    }
    assert_eq!(cloud.form("DELETE", "/v1/secrets/A", &user, &[]).await.status, 204);
    assert_eq!(cloud.form("DELETE", "/v1/secrets/A", &user, &[]).await.status, 404);
    assert_eq!(cloud.get("/v1/secrets/A", &user).await.status, 404);
    assert_eq!(values(&cloud, space, &["A"]).await, []);
    let stranger = cloud.user("you@example.com").await;
    assert_eq!(cloud.get("/v1/secrets/MY_API_KEY", &stranger).await.status, 404);
    assert_eq!(cloud.get("/v1/secrets", &stranger).await.body, json!({"secrets": []}));
}

async fn an_organizations_secrets_are_its_own(cloud: Cloud) {
    let (founder, stranger) =
        (cloud.user("founder@example.com").await, cloud.user("stranger@example.com").await);
    let made = cloud.form("POST", "/v1/orgs", &founder, &[("name", "Makers")]).await;
    let id = made.text("/organization/id");
    let put = cloud.json("PUT", "/v1/orgs/makers/secrets/KEY", &founder, json!({"value": VALUE})).await;
    assert_eq!(put.status, 200);
    let path = format!("/v1/orgs/{id}/secrets/KEY");
    assert_eq!(cloud.get(&path, &founder).await.body, put.body);
    assert_eq!(cloud.get("/v1/secrets/KEY", &founder).await.status, 404);
    assert_eq!(cloud.get(&path, &stranger).await.status, 403);
    assert_eq!(cloud.form("DELETE", &path, &stranger, &[]).await.status, 403);
    assert_eq!(cloud.form("DELETE", &path, &founder, &[]).await.status, 204);
}

async fn integrations_use_values_and_keep_secrets_alive(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let space = account(&cloud, &user).await;
    for name in ["ONE", "TWO"] {
        let body = json!({"name": name, "value": format!("{VALUE} of {name}")});
        assert_eq!(cloud.json("POST", "/v1/secrets", &user, body).await.status, 201);
    }
    let note_uses = async |names: &'static [&'static str]| {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let write = move |db: &mut _| -> Result<(), StoreError> {
            set_uses(db, space, (UserKind::Integration, 0xabc), "my integration", &names)
        };
        cloud.store.write(write).await.unwrap();
    };
    note_uses(&["ONE", "ONE"]).await;
    let integrations = json!([{"name": "my integration", "id": "000000000000000000000abc"}]);
    let listed = cloud.get("/v1/secrets", &user).await;
    assert_eq!(listed.body["secrets"][0]["integrations"], integrations);
    assert_eq!(listed.body["secrets"][1]["integrations"], json!([]));
    assert_eq!(cloud.get("/v1/secrets/ONE", &user).await.body["secret"]["integrations"], integrations);
    let refused = cloud.form("DELETE", "/v1/secrets/ONE", &user, &[]).await;
    assert_eq!(refused.error(), (409, "conflict".into()));
    assert!(refused.text("/error_description").contains("my integration"));
    cloud.pass(60);
    let first = values(&cloud, space, &["ONE", "NO_SUCH", "TWO"]).await;
    assert_eq!(first.len(), 2);
    assert_eq!(first[0], ("ONE".into(), format!("{VALUE} of ONE")));
    let accessed = async |name: &str| {
        let secret = cloud.get(&format!("/v1/secrets/{name}"), &user).await;
        secret.body["secret"]["last_accessed_at"].clone()
    };
    let at = Value::from(cloud.now().to_iso());
    assert_eq!((accessed("ONE").await, accessed("TWO").await), (at.clone(), at.clone()));
    cloud.mote.sweep().await.unwrap();
    assert_eq!(accessed("ONE").await, at, "written by the sweep");
    cloud.pass(60);
    // From memory now, and with the new value at once.
    assert_eq!(values(&cloud, space, &["ONE"]).await, [("ONE".into(), format!("{VALUE} of ONE"))]);
    let put = cloud.json("PUT", "/v1/secrets/ONE", &user, json!({"value": "new"})).await;
    assert_eq!(put.body["secret"]["integrations"], integrations);
    assert_eq!(values(&cloud, space, &["ONE"]).await, [("ONE".into(), "new".into())]);
    assert_eq!(values(&cloud, SpaceKey::Organization(space.id()), &["ONE"]).await, []);
    note_uses(&[]).await;
    assert_eq!(cloud.form("DELETE", "/v1/secrets/ONE", &user, &[]).await.status, 204);
    // A namesake was never used.
    cloud.json("PUT", "/v1/secrets/ONE", &user, json!({"value": "new"})).await;
    assert_eq!(accessed("ONE").await, Value::Null);
    cloud.mote.sweep().await.unwrap();
    assert_eq!(accessed("ONE").await, Value::Null);
}

async fn malformed_secrets_are_refused_without_repeating_them(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    for body in [
        json!({"name": "lower", "value": VALUE}),
        json!({"name": "1X", "value": VALUE}),
        json!({"name": "X".repeat(129), "value": VALUE}),
        json!({"name": "A"}),
        json!({"value": VALUE}),
        json!({"name": "A", "value": ""}),
        json!({"name": "A", "value": format!("{VALUE}{}", "x".repeat(16 * 1024))}),
        json!({"name": "A", "value": [VALUE]}),
        json!({"name": [VALUE], "value": "x"}),
    ] {
        let refused = cloud.json("POST", "/v1/secrets", &user, body.clone()).await;
        assert_eq!(refused.status, 400, "{body}");
        assert!(!refused.body.to_string().contains(VALUE), "{body}");
    }
    assert_eq!(cloud.json("PUT", "/v1/secrets/a-b", &user, json!({"value": "x"})).await.status, 400);
    assert_eq!(cloud.json("PUT", "/v1/secrets/AB", &user, json!({})).await.status, 400);
    assert_eq!(cloud.get("/v1/secrets", &user).await.body, json!({"secrets": []}));
}
