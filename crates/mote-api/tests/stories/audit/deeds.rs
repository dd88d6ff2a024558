//! What the trail tells of.

use serde_json::json;

use super::{actions, entries, of_product};
use crate::accounts::switch_mfa_on;
use crate::cloud::{Cloud, PASSWORD};
use crate::on_both_engines;
use crate::teams::{accept, invite, program, remove, set_role};

on_both_engines!(
    an_accounts_credentials_are_told_of,
    a_products_settings_and_end_are_told_of,
    a_team_is_told_of,
    devices_are_told_of,
);

const NEW_PASSWORD: &str = "another long pass phrase 8";

async fn an_accounts_credentials_are_told_of(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let since = actions(&cloud, "/v1/user/audit", &me).await.len();
    let token = cloud.sign_in("me@example.com").await.text("/access_token");
    cloud.form("DELETE", &format!("/v1/access_tokens/{token}"), "", &[]).await;
    let client = cloud.form("POST", "/v1/clients", &me, &[("name", "app"), ("type", "installed")]).await;
    let path = format!("/v1/clients/{}", client.text("/client/id"));
    cloud.form("PUT", &path, &me, &[("name", "renamed")]).await;
    let second = cloud.form("POST", &format!("{path}/secrets"), &me, &[("name", "second")]).await;
    let id = second.text("/secret/id");
    let ended = cloud.form("DELETE", &format!("{path}/secrets/{id}"), &me, &[]).await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    cloud.form("DELETE", &path, &me, &[]).await;
    switch_mfa_on(&cloud, &me).await;
    assert!(cloud.mails.next_to("me@example.com").await.contains("switched on"));
    let password = [("current_password", PASSWORD)];
    assert_eq!(cloud.form("PUT", "/v1/user/mfa-disable", &me, &password).await.status, 200);
    assert!(cloud.mails.next_to("me@example.com").await.contains("switched off"));
    let change = json!({"password": NEW_PASSWORD, "current_password": PASSWORD});
    assert_eq!(cloud.json("PUT", "/v1/user", &me, change).await.status, 200);
    let change = json!({"username": "you@example.com", "current_password": NEW_PASSWORD});
    assert_eq!(cloud.json("PUT", "/v1/user", &me, change).await.status, 200);
    let link = crate::accounts::token_in(&cloud.mails.next_to("you@example.com").await);
    assert_eq!(cloud.form("PUT", "/v1/user/username", &me, &[("token", &link)]).await.status, 200);
    let told = actions(&cloud, "/v1/user/audit", &me).await;
    assert_eq!(
        told[since..],
        [
            "token.created",
            "token.revoked",
            "oauth_client.created",
            "oauth_client.updated",
            "oauth_client.secret_created",
            "oauth_client.secret_ended",
            "oauth_client.deleted",
            "mfa.enabled",
            "mfa.disabled",
            "password.changed",
            "account.username_changed",
        ]
    );
    // The operator lets him guess again.
    let locked = mote_core::notices::Locked::parse("you@example.com").unwrap();
    cloud.mote.unlock(locked).await.unwrap();
    let lifted = entries(&cloud, "/v1/user/audit?action=lock", &me).await.remove(0);
    assert_eq!(
        (&lifted["actor"]["type"], &lifted["target"]["id"]),
        (&json!("operator"), &json!("you@example.com"))
    );
    let page = entries(&cloud, "/v1/user/audit", &me).await;
    assert_eq!(page[1]["target"]["name"], "me@example.com");
    assert_eq!(page[1]["details"], json!({"username": "you@example.com"}));
    for value in ["one", "two"] {
        let body = json!({"value": value});
        assert_eq!(cloud.json("PUT", "/v1/secrets/API_KEY", &me, body).await.status, 200);
    }
    cloud.form("DELETE", "/v1/secrets/API_KEY", &me, &[]).await;
    let told = actions(&cloud, "/v1/user/audit?action=secret", &me).await;
    assert_eq!(told, ["secret.created", "secret.updated", "secret.deleted"]);
    // Who ends a token with nothing else in hand is known by that token.
    let revoked = page.iter().find(|entry| entry["action"] == "token.revoked").unwrap();
    assert_eq!(revoked["actor"], json!({"type": "bearer", "id": null, "name": ""}));
    let made = page.iter().find(|entry| entry["action"] == "token.created").unwrap();
    assert_eq!(revoked["target"]["id"], made["target"]["id"]);
    assert_eq!(made["details"], json!({"client": "particle"}));
}

async fn a_products_settings_and_end_are_told_of(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let (path, audit) = (format!("/v1/products/{}", product.id), of_product(&product));
    let change = json!({"description": "Measures", "settings": {"team_tokens": true}});
    assert_eq!(cloud.json("PUT", &path, &product.token, change).await.status, 200);
    let told = entries(&cloud, &audit, &product.token).await;
    assert_eq!(told[0]["action"], "product.settings_changed");
    assert_eq!(told[0]["details"], json!({"settings": {"team_tokens": true}}));
    assert_eq!(told[1]["action"], "product.updated");
    assert_eq!(told[2]["action"], "oauth_client.created");
    // Where the team's tokens are let in, an Administrator reads it with his own.
    assert_eq!(entries(&cloud, &audit, &owner).await, told);
    assert_eq!(cloud.form("DELETE", &path, &owner, &[]).await.status, 204);
    let export =
        mote_core::audit::AuditQuery { action: Some("product.deleted".into()), ..Default::default() };
    let mut export = cloud.mote.export_audit_for_operator(&export).unwrap();
    let deleted = cloud.mote.export_more(&mut export).await.unwrap();
    assert_eq!((deleted.len(), deleted[0].target_name.as_str()), (1, product.slug.as_str()));
    assert_eq!(deleted[0].actor_name, "owner@example.com");
}

async fn a_team_is_told_of(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let (team, audit) = (format!("/v1/products/{}/team", product.id), of_product(&product));
    let member = cloud.user("member@example.com").await;
    let token = invite(&cloud, &team, &owner, "member@example.com", "Developer").await;
    assert_eq!(accept(&cloud, &member, &token).await.status, 200);
    assert_eq!(set_role(&cloud, &team, &owner, "member@example.com", "Support").await.status, 200);
    assert_eq!(remove(&cloud, &team, &owner, "member@example.com").await.status, 200);
    invite(&cloud, &team, &owner, "guest@example.com", "Support").await;
    assert_eq!(remove(&cloud, &team, &owner, "guest@example.com").await.status, 200);
    let (name, _) = program(&cloud, &team, &owner, &["devices:list"]).await;
    assert_eq!(cloud.form("PUT", &format!("{team}/{name}/token"), &owner, &[]).await.status, 200);
    assert_eq!(remove(&cloud, &team, &owner, &name).await.status, 200);
    let told = actions(&cloud, &format!("{audit}?action=team"), &product.token).await;
    assert_eq!(
        told,
        [
            "team.member_invited",
            "team.member_added",
            "team.role_changed",
            "team.member_removed",
            "team.member_invited",
            "team.invitation_withdrawn",
        ]
    );
    let told = actions(&cloud, &format!("{audit}?action=api_user"), &product.token).await;
    assert_eq!(told, ["api_user.created", "api_user.token_regenerated", "api_user.deleted"]);
    let changed = entries(&cloud, &format!("{audit}?action=team.role_changed"), &product.token).await;
    assert_eq!(changed[0]["target"]["id"], "member@example.com");
    assert_eq!(changed[0]["details"], json!({"role": "Support", "role_before": "Developer"}));
    // An API user that may read it does, and one that may not does not.
    for (scope, status) in [("audit:list", 200), ("products:get", 403)] {
        let (_, token) = program(&cloud, &team, &owner, &[scope]).await;
        assert_eq!(cloud.get(&audit, &token).await.status, status, "{scope}");
    }
}

async fn devices_are_told_of(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let (devices, audit) = (format!("/v1/products/{}/devices", product.id), of_product(&product));
    let ids: Vec<String> = (0..12).map(|number| format!("e00fce68{number:016x}")).collect();
    cloud.json("POST", &devices, &product.token, json!({"ids": ids})).await;
    let again = cloud.json("POST", &devices, &product.token, json!({"ids": ids})).await;
    assert_eq!(again.status, 200);
    let imported = entries(&cloud, &format!("{audit}?action=device"), &product.token).await;
    assert_eq!(imported.len(), 1, "what was there before is no change");
    assert_eq!(imported[0]["details"], json!({"count": 12, "ids": ids}));
    let one = format!("{devices}/{}", ids[0]);
    assert_eq!(cloud.form("POST", "/v1/devices", &owner, &[("id", &ids[0])]).await.status, 200);
    cloud.json("PUT", &one, &product.token, json!({"name": "cellar", "development": true})).await;
    cloud.json("PUT", &one, &product.token, json!({"desired_firmware_version": null})).await;
    assert_eq!(cloud.form("DELETE", &format!("/v1/devices/{}", ids[0]), &owner, &[]).await.status, 200);
    let denied = cloud.form("DELETE", &one, &product.token, &[("deny", "true")]).await;
    assert_eq!(denied.status, 204);
    cloud.json("POST", &devices, &product.token, json!({"id": ids[0]})).await;
    assert_eq!(cloud.form("DELETE", &one, &product.token, &[]).await.status, 204);
    let told = actions(&cloud, &format!("{audit}?target={}", ids[0]), &product.token).await;
    assert_eq!(
        told,
        [
            "device.imported",
            "device.claimed",
            "device.updated",
            "device.firmware_unlocked",
            "device.released",
            "device.quarantine_denied",
            "device.quarantine_approved",
            "device.removed",
        ]
    );
    let own = actions(&cloud, "/v1/user/audit?action=device", &owner).await;
    assert_eq!(own, ["device.claimed", "device.updated", "device.firmware_unlocked", "device.released"]);
    let updated = entries(&cloud, &format!("{audit}?action=device.updated"), &product.token).await;
    assert_eq!(updated[0]["details"], json!({"fields": ["name", "development"]}));
    assert_eq!(updated[0]["target"], json!({"type": "device", "id": ids[0], "name": "cellar"}));
}
