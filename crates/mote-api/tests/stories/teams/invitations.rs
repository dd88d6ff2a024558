//! Invitations: to an address, by mail, for a week, once.

use mote_core::authorization::SCOPE_NAMES;
use serde_json::json;

use super::{accept, invite, join, program, remove, roles, set_role, team_of};
use crate::addresses::move_to;
use crate::cloud::{Cloud, PASSWORD};
use crate::on_both_engines;

on_both_engines!(
    an_invitation_is_accepted_once_by_its_address,
    an_invitation_without_a_role_is_to_look,
    who_has_no_account_yet_can_come_later,
    an_invitation_tells_nothing_about_who_has_an_account,
    an_invitation_ends,
    an_invitation_is_worth_what_its_sender_still_is,
    an_invitation_of_a_program_is_worth_what_that_still_is,
    an_invitation_ends_with_its_product,
    a_team_waits_for_a_hundred_people_at_most,
    accepting_twice_at_once_joins_once,
);

async fn an_invitation_is_accepted_once_by_its_address(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    let member = cloud.user("me+team@example.com").await;
    let other = cloud.user("other@example.com").await;
    let token = invite(&cloud, &team, &owner, "me+team@example.com", "Developer").await;
    // The mail says all that is needed, and the list nothing of what it brought.
    assert!(!cloud.get(&team, &owner).await.body.to_string().contains(&token));
    // Having the mail is not enough, nor is having the address.
    let refused = accept(&cloud, &other, &token).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text("/error_description").contains("another address"));
    for wrong in ["", "x", &token[1..], &"0".repeat(40), &token.to_uppercase()] {
        assert_eq!(accept(&cloud, &member, wrong).await.error(), (400, "invalid_request".into()), "{wrong}");
    }
    assert_eq!(accept(&cloud, &product.token, &token).await.status, 403);
    assert_eq!(cloud.json("POST", "/v1/user/invitations", "", json!({"token": token})).await.status, 401);
    assert_eq!(cloud.get(&team, &member).await.status, 403);
    // A form will do, as in the mail.
    let joined = cloud.form("POST", "/v1/user/invitations", &member, &[("token", &token)]).await;
    assert_eq!(
        joined.body,
        json!({"ok": true, "joined": {"product_id": product.id.parse::<i64>().unwrap(), "role": "Developer"}})
    );
    assert_eq!(cloud.get(&team, &member).await.body["invitations"], json!([]));
    // Once: also after he was taken off again.
    assert_eq!(accept(&cloud, &member, &token).await.status, 400);
    assert_eq!(remove(&cloud, &team, &owner, "me+team@example.com").await.status, 200);
    assert_eq!(accept(&cloud, &member, &token).await.status, 400);
    assert_eq!(cloud.get(&team, &member).await.status, 403);
}

/// Particle-api-js names no role: it is the least then.
async fn an_invitation_without_a_role_is_to_look(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let invited = json!({"username": "me@example.com"});
    assert_eq!(cloud.json("POST", &team_of(&product), &owner, invited).await.status, 200);
    cloud.mails.next_to("me@example.com").await;
    assert_eq!(cloud.get(&team_of(&product), &owner).await.text("/invitations/0/role"), "View-only");
}

async fn who_has_no_account_yet_can_come_later(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let token = invite(&cloud, &team_of(&product), &owner, "new@example.com", "Support").await;
    // An account that comes to have the address will do too, but only while it has it.
    let renamed = cloud.user("old@example.com").await;
    assert_eq!(accept(&cloud, &renamed, &token).await.status, 403);
    move_to(&cloud, &renamed, "old@example.com", "new@example.com").await;
    move_to(&cloud, &renamed, "new@example.com", "old@example.com").await;
    assert_eq!(accept(&cloud, &renamed, &token).await.status, 403);

    let fields = [("username", "New@Example.com"), ("password", PASSWORD)];
    assert_eq!(cloud.form("POST", "/v1/users", "", &fields).await.status, 200);
    let member = crate::cloud::bearer(&cloud.sign_in("new@example.com").await.text("/access_token"));
    assert_eq!(accept(&cloud, &member, &token).await.text("/joined/role"), "Support");
}

async fn an_invitation_tells_nothing_about_who_has_an_account(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    cloud.user("known@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (team, mut seen) = (team_of(&product), Vec::new());
    for username in ["known@example.com", "other@example.com"] {
        let fields = [("username", username), ("role", "View-only")];
        let invited = cloud.form("POST", &team, &owner, &fields).await;
        let mail = cloud.mails.next_to(username).await;
        let (_, secret) = mail.split_once("-d token=").unwrap();
        let text = mail.replace(secret.lines().next().unwrap(), "").replace(username, "");
        let changed = set_role(&cloud, &team, &owner, username, "Support").await;
        let listed = cloud.get(&team, &owner).await.body.to_string().replace(username, "");
        let removed = remove(&cloud, &team, &owner, username).await;
        let again = remove(&cloud, &team, &owner, username).await;
        assert_eq!(
            (changed.status.as_u16(), removed.status.as_u16(), again.status.as_u16()),
            (404, 200, 404)
        );
        let bodies = [invited.body, changed.body, removed.body, again.body].map(|body| body.to_string());
        seen.push((bodies.map(|body| body.replace(username, "")), listed, text));
    }
    assert_eq!(seen[0], seen[1]);
    // Whoever is on the team is on the list: that can be said.
    let fields = [("username", "Owner@example.com"), ("role", "View-only")];
    assert_eq!(cloud.form("POST", &team, &owner, &fields).await.status, 409);
}

async fn an_invitation_ends(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (team, me) = (team_of(&product), "me@example.com");
    let member = cloud.user(me).await;
    // Withdrawn.
    let token = invite(&cloud, &team, &owner, me, "Developer").await;
    assert_eq!(remove(&cloud, &team, &owner, me).await.body, json!({"ok": true}));
    assert_eq!(accept(&cloud, &member, &token).await.status, 400);
    // Replaced by another, which has the new role.
    let first = invite(&cloud, &team, &owner, me, "Developer").await;
    let second = invite(&cloud, &team, &owner, me, "Support").await;
    assert_eq!(cloud.get(&team, &owner).await.body["invitations"].as_array().unwrap().len(), 1);
    assert_eq!(accept(&cloud, &member, &first).await.status, 400);
    // Over: the list has it no more, and it cannot be withdrawn.
    cloud.pass(7 * 86_400 - 1);
    assert_eq!(cloud.get(&team, &owner).await.body["invitations"].as_array().unwrap().len(), 1);
    cloud.pass(1);
    assert_eq!(cloud.get(&team, &owner).await.body["invitations"], json!([]));
    assert_eq!(accept(&cloud, &member, &second).await.status, 400);
    let third = invite(&cloud, &team, &owner, me, "View-only").await;
    cloud.pass(7 * 86_400 + 1);
    assert_eq!(remove(&cloud, &team, &owner, me).await.status, 404);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(accept(&cloud, &member, &third).await.status, 400);
    assert_eq!(roles(&cloud, &team, &product.token).await, json!({"owner@example.com": "Owner"}));
}

async fn an_invitation_is_worth_what_its_sender_still_is(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    let admin = join(&cloud, &team, &owner, "admin@example.com", "Administrator").await;
    let second = cloud.user("second@example.com").await;
    let token = invite(&cloud, &team, &admin, "second@example.com", "Administrator").await;
    assert_eq!(remove(&cloud, &team, &owner, "admin@example.com").await.status, 200);
    assert_eq!(accept(&cloud, &second, &token).await.status, 400);
    assert_eq!(cloud.get(&team, &second).await.status, 403);
    // An invitation of the product itself has no such sender.
    let token = invite(&cloud, &team, &product.token, "second@example.com", "Administrator").await;
    assert_eq!(accept(&cloud, &second, &token).await.status, 200);
}

async fn an_invitation_of_a_program_is_worth_what_that_still_is(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    // A program that was limited, one that was removed, and a client that was deleted; each has invited two, one of whom came
    // before.
    let (limited, one) = program(&cloud, &team, &owner, &SCOPE_NAMES).await;
    let (removed, other) = program(&cloud, &team, &owner, &SCOPE_NAMES).await;
    let mut late = Vec::new();
    for (number, token) in [&one, &other, &product.token].into_iter().enumerate() {
        let (early, after) = (format!("early{number}@example.com"), format!("late{number}@example.com"));
        join(&cloud, &team, token, &early, "Developer").await;
        late.push((cloud.user(&after).await, invite(&cloud, &team, token, &after, "Developer").await));
    }
    let scopes = json!({"scopes": ["devices:list"]});
    assert_eq!(cloud.json("POST", &format!("{team}/{limited}"), &owner, scopes).await.status, 200);
    assert_eq!(cloud.form("DELETE", &format!("{team}/{removed}"), &owner, &[]).await.status, 200);
    let client = format!("/v1/products/{}/clients/{}", product.id, product.client);
    assert_eq!(cloud.form("DELETE", &client, &owner, &[]).await.status, 204);
    for (user, invitation) in late {
        assert_eq!(accept(&cloud, &user, &invitation).await.error(), (400, "invalid_request".into()));
    }
    assert_eq!(cloud.get(&team, &owner).await.body["team"].as_array().unwrap().len(), 5);
}

async fn an_invitation_ends_with_its_product(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let token = invite(&cloud, &team_of(&product), &owner, "me@example.com", "Developer").await;
    let path = format!("/v1/products/{}", product.id);
    assert_eq!(cloud.form("DELETE", &path, &product.token, &[]).await.status, 204);
    let member = cloud.user("me@example.com").await;
    assert_eq!(accept(&cloud, &member, &token).await.status, 400);
}

async fn a_team_waits_for_a_hundred_people_at_most(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    for number in 0..100 {
        invite(&cloud, &team, &owner, &format!("{number:02}@example.com"), "View-only").await;
    }
    let fields = [("username", "more@example.com"), ("role", "View-only")];
    assert_eq!(cloud.form("POST", &team, &owner, &fields).await.error(), (409, "conflict".into()));
    // One of them can be invited anew, and one who comes makes room.
    let token = invite(&cloud, &team, &owner, "07@example.com", "Support").await;
    let member = cloud.user("07@example.com").await;
    assert_eq!(accept(&cloud, &member, &token).await.status, 200);
    invite(&cloud, &team, &owner, "more@example.com", "View-only").await;
    let listed = cloud.get(&team, &owner).await;
    assert_eq!(listed.body["invitations"].as_array().unwrap().len(), 100);
}

async fn accepting_twice_at_once_joins_once(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    let member = cloud.user("me@example.com").await;
    let token = invite(&cloud, &team, &owner, "me@example.com", "Developer").await;
    let answers = tokio::join!(
        accept(&cloud, &member, &token),
        accept(&cloud, &member, &token),
        accept(&cloud, &member, &token),
    );
    let mut statuses = [answers.0, answers.1, answers.2].map(|answer| answer.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400]);
    assert_eq!(roles(&cloud, &team, &owner).await.as_object().unwrap().len(), 2);
}
