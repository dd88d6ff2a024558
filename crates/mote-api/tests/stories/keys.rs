//! The server key is replaced: everything goes on, and the old key opens nothing of it.

use mote_core::audit::AuditBreak;
use mote_core::keys::{Followed, ServerKey, ServerKeys};
use mote_core::mfa::totp;
use mote_core::{Error, SpaceKey};
use serde_json::json;

use crate::accounts::switch_mfa_on;
use crate::audit::chain::{seal, tamper};
use crate::cloud::{Cloud, Product, bearer};
use crate::on_both_engines;

on_both_engines!(
    what_was_there_goes_on_and_is_sealed_anew,
    another_server_takes_the_key_up_or_says_that_it_is_behind,
    only_the_present_key_opens_the_database,
    the_trail_is_one_chain_over_it,
    a_trail_that_begins_beside_it_is_one_chain,
    what_a_former_key_forges_is_found,
    one_of_two_is_first_and_no_key_comes_twice,
    the_oldest_generation_goes_where_nothing_needs_it,
);

/// Puts the database under a new key, as the command does.
async fn rotate(cloud: &Cloud) -> ServerKeys {
    let old = cloud.keys.reload().unwrap().all()[0].clone();
    let next = ServerKey::generate();
    let both = cloud.keys.replace(vec![old, next.clone()]).unwrap();
    cloud.mote.rotate_server_key(&next, false).await.unwrap();
    both.replace(vec![next]).unwrap()
}

/// Lets the time pass after which the new keys are made with.
async fn begin(cloud: &Cloud, generation: u16) {
    assert_eq!(cloud.mote.key_generation(), generation - 1);
    cloud.pass(10);
    assert_eq!(cloud.mote.follow_server_key().await.unwrap(), Followed::Took(generation));
    assert_eq!(cloud.mote.follow_server_key().await.unwrap(), Followed::Same);
}

/// Something of everything that is known by a digest or sealed.
pub(crate) struct Things {
    user: String,
    product: Product,
    totp: Vec<u8>,
    recovery: String,
    reset: String,
    device_key: String,
}

pub(crate) async fn furnish(cloud: &Cloud) -> Things {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Kept").await;
    assert_eq!(
        cloud.form("POST", "/v1/user/password-reset", "", &[("username", "me@example.com")]).await.status,
        200
    );
    let mail = cloud.mails.next_to("me@example.com").await;
    let reset = mail.split("token=").nth(1).unwrap()[..40].to_owned();
    for (name, value) in [("ONE", "first value"), ("TWO", "second value")] {
        let made = cloud.json("POST", "/v1/secrets", &user, json!({"name": name, "value": value})).await;
        assert_eq!(made.status, 201);
    }
    let hook = json!({
        "integration_type": "Webhook", "event": "e", "url": cloud.receiver.url("/hook"), "requestType": "POST"
    });
    assert_eq!(cloud.json("POST", "/v1/integrations", &user, hook).await.status, 201);
    let device_key = cloud.mote.device_server_key().await.unwrap().public_pem().unwrap();
    let (totp, recovery) = switch_mfa_on(cloud, &user).await;
    Things { user, product, totp, recovery, reset, device_key }
}

/// That all of it is as it was; `cloud.mote` may be any server.
pub(crate) async fn all_is_there(cloud: &Cloud, things: &Things) {
    assert_eq!(cloud.get("/v1/user", &things.user).await.text("/username"), "me@example.com");
    let mine = format!("/v1/products/{}", things.product.id);
    assert_eq!(cloud.get(&mine, &things.product.token).await.status, 200);
    let minted = cloud.mint(&things.product.client, &things.product.secret).await;
    assert_eq!(cloud.get(&mine, &bearer(&minted.text("/access_token"))).await.status, 200);
    // The list shows tokens again, which are sealed.
    let listed = cloud.get("/v1/access_tokens", &things.user).await;
    let tokens: Vec<_> = listed.body.as_array().unwrap().iter().map(|one| one["token"].as_str()).collect();
    assert!(tokens.contains(&things.user.strip_prefix("Bearer ")), "{}", listed.body);
    let account = cloud.get("/v1/user", &things.user).await.text("/id").parse().unwrap();
    let names = ["ONE".to_owned(), "TWO".to_owned()];
    let values = cloud.mote.secret_values(mote_core::SpaceKey::Account(account), &names).await.unwrap();
    let mut values: Vec<_> = values.values().map(|value| value.expose().to_owned()).collect();
    values.sort();
    assert_eq!(values, ["first value", "second value"]);
    let hooks = cloud.get("/v1/integrations", &things.user).await;
    assert_eq!(hooks.text("/0/url"), cloud.receiver.url("/hook"), "{}", hooks.body);
    let key = cloud.mote.device_server_key().await.unwrap().public_pem().unwrap();
    assert_eq!(key, things.device_key);
    // The second factor, with a code of the next half minute each time.
    cloud.pass(30);
    let code = totp::code_at(&things.totp, cloud.now()).unwrap();
    assert_eq!(sign_in_with(cloud, &code).await, 200);
}

async fn sign_in_with(cloud: &Cloud, code: &str) -> u16 {
    let begun = cloud.sign_in("me@example.com").await.text("/mfa_token");
    let fields = [("grant_type", "urn:custom:mfa-otp"), ("mfa_token", &*begun), ("otp", code)];
    cloud
        .form("POST", "/oauth/token", &crate::cloud::basic("particle", "particle"), &fields)
        .await
        .status
        .as_u16()
}

async fn what_was_there_goes_on_and_is_sealed_anew(cloud: Cloud) {
    let things = furnish(&cloud).await;
    all_is_there(&cloud, &things).await;
    rotate(&cloud).await;
    // Known, and not yet made with.
    all_is_there(&cloud, &things).await;
    assert_eq!(cloud.mote.key_state().await.unwrap().left, 0);
    begin(&cloud, 2).await;
    all_is_there(&cloud, &things).await;
    let state = cloud.mote.key_state().await.unwrap();
    // Tokens of the user, the second factor, two secrets, an integration, the key that devices know.
    assert!(state.left >= 8, "{state:?}");
    assert_eq!(cloud.mote.reseal().await.unwrap(), state.left.cast_unsigned());
    assert_eq!((cloud.mote.key_state().await.unwrap().left, cloud.mote.reseal().await.unwrap()), (0, 0));
    all_is_there(&cloud, &things).await;
    // As a server that starts finds it: nothing of it is in memory.
    let started = cloud.restarted().await;
    all_is_there(&started, &things).await;
    assert_eq!(sign_in_with(&started, &things.recovery).await, 200);
    assert_ne!(sign_in_with(&started, &things.recovery).await, 200, "once");
    let refreshed = started.refresh(&things.product, &things.product.refresh).await;
    assert_eq!(refreshed.status, 200);
    let fields = json!({"token": things.reset, "password": "another pass phrase of tests 8"});
    assert_eq!(started.json("PUT", "/v1/user/password-reset", "", fields).await.status, 200);
    // And once more: what is of three generations.
    rotate(&started).await;
    begin(&started, 3).await;
    let mine = format!("/v1/products/{}", things.product.id);
    let second = bearer(&refreshed.text("/access_token"));
    let third =
        bearer(&started.mint(&things.product.client, &things.product.secret).await.text("/access_token"));
    for token in [&things.product.token, &second, &third] {
        assert_eq!(started.get(&mine, token).await.status, 200);
    }
    // A token of any generation ends at once.
    for token in [&things.product.token, &second, &third] {
        let path = format!("/v1/access_tokens/{}", token.strip_prefix("Bearer ").unwrap());
        assert_eq!(started.form("DELETE", &path, "", &[]).await.status, 200);
        assert_eq!(started.get(&mine, token).await.status, 401);
    }
    let metrics = started.text("/metrics").await;
    assert!(metrics.contains("mote_key_generation 3"), "{metrics}");
}

async fn another_server_takes_the_key_up_or_says_that_it_is_behind(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Kept").await;
    let with_file = cloud.another(cloud.keys.clone()).await.unwrap();
    let with_variable = cloud.another(ServerKeys::from(&cloud.keys.all()[0])).await.unwrap();
    let both = {
        let next = ServerKey::generate();
        let text = format!("{},{}", *cloud.keys.all()[0].to_hex(), *next.to_hex());
        let both = ServerKeys::parse(&text).unwrap();
        cloud.keys.replace(both.all().to_vec()).unwrap();
        both
    };
    let with_both = cloud.another(both.clone()).await.unwrap();
    cloud.mote.rotate_server_key(&both.all()[1], false).await.unwrap();
    for one in [&with_file, &with_both] {
        assert_eq!(one.follow_server_key().await.unwrap(), Followed::Took(1));
    }
    assert_eq!(with_variable.follow_server_key().await.unwrap(), Followed::Behind);
    assert!(with_variable.key_progress().is_behind() && !with_file.key_progress().is_behind());
    begin(&cloud, 2).await;
    let minted = cloud.mint(&product.client, &product.secret).await.text("/access_token");
    // Even before it has noticed that it is to be made with.
    assert!(with_file.authenticate(&minted).await.is_ok());
    assert!(with_both.authenticate(&minted).await.is_ok());
    assert!(with_variable.authenticate(&minted).await.is_err());
    // What it knows goes on, and what it makes is known to the others.
    let old = product.token.strip_prefix("Bearer ").unwrap();
    assert!(with_variable.authenticate(old).await.is_ok());
    let client = with_variable.authenticate_client(&product.client, &product.secret).await.unwrap();
    let made = with_variable.mint_for_client(&client, mote_core::tokens::Lifetime::Never).await.unwrap();
    assert!(cloud.mote.authenticate(&made.access.expose()).await.is_ok());
    assert_eq!(with_file.follow_server_key().await.unwrap(), Followed::Took(2));
}

async fn only_the_present_key_opens_the_database(cloud: Cloud) {
    let old = ServerKeys::from(&cloud.keys.all()[0]);
    let new = rotate(&cloud).await;
    let refused = |answer: Result<_, Error>| match answer {
        Err(Error::Forbidden(text)) => text,
        other => panic!("{}", other.map(|_: mote_core::Mote| ()).is_ok()),
    };
    let text = refused(cloud.another(old.clone()).await);
    assert!(text.contains("mote key rotate") && text.contains("nothing was changed"), "{text}");
    let text = refused(cloud.another(ServerKeys::from(&ServerKey::generate())).await);
    assert!(text.contains("another server key"), "{text}");
    assert!(cloud.another(new.clone()).await.is_ok());
    // Whichever of two it is under: what a rotation that was cut off leaves.
    let either = |keys: Vec<ServerKey>| ServerKeys::from(&keys[0]).replace(keys).unwrap();
    let (old, new, other) = (old.all()[0].clone(), new.all()[0].clone(), ServerKey::generate());
    assert!(cloud.another(either(vec![old.clone(), new.clone()])).await.is_ok());
    assert!(cloud.another(either(vec![new, other.clone()])).await.is_ok());
    assert!(refused(cloud.another(either(vec![old, other])).await).contains("mote key rotate"));
}

async fn the_trail_is_one_chain_over_it(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    seal(&cloud).await;
    let place = cloud.mote.verify_audit(None).await.unwrap().unwrap().last;
    // One that waits for its place while the key is replaced.
    let product = cloud.product(&user, "Kept").await;
    let bystander = cloud.another(cloud.keys.clone()).await.unwrap();
    rotate(&cloud).await;
    // Another server has not heard of it yet: it finds it out.
    let found = bystander.verify_audit(Some(place)).await.unwrap().unwrap();
    assert!(found.waiting > 0);
    while bystander.seal_audit().await.unwrap() {}
    let before = found.entries;
    begin(&cloud, 2).await;
    cloud.product(&user, "Another").await;
    seal(&cloud).await;
    let found = cloud.mote.verify_audit(Some(place)).await.unwrap().unwrap();
    assert!(found.entries > before && found.waiting == 0);
    rotate(&cloud).await;
    begin(&cloud, 3).await;
    seal(&cloud).await;
    assert!(cloud.mote.verify_audit(Some(found.last)).await.unwrap().is_ok());
    let entries = cloud.mote.export_audit_for_operator(&mote_core::audit::AuditQuery::default());
    let mut entries = entries.unwrap();
    let words: Vec<_> =
        cloud.mote.export_more(&mut entries).await.unwrap().into_iter().map(|one| one.action).collect();
    assert_eq!(words.iter().filter(|word| *word == "server_key.rotated").count(), 2, "{words:?}");
    // What is over goes from the old end, generation by generation.
    cloud.pass(366 * 86_400);
    while cloud.mote.sweep().await.unwrap() {}
    let found = cloud.mote.verify_audit(None).await.unwrap().unwrap();
    assert_eq!((found.entries, found.start), (0, found.last));
    drop(product);
}

/// No entry has its place yet when the key is replaced, and another server gives them theirs before it has heard of it.
async fn a_trail_that_begins_beside_it_is_one_chain(cloud: Cloud) {
    cloud.user("me@example.com").await;
    let bystander = cloud.another(cloud.keys.clone()).await.unwrap();
    rotate(&cloud).await;
    while bystander.seal_audit().await.unwrap() {
        bystander.follow_server_key().await.unwrap();
    }
    begin(&cloud, 2).await;
    rotate(&cloud).await;
    seal(&cloud).await;
    let found = cloud.mote.verify_audit(None).await.unwrap().unwrap();
    assert!(found.entries >= 3 && found.waiting == 0);
}

/// Somebody has the old key, and writes to the database.
async fn what_a_former_key_forges_is_found(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    cloud.product(&user, "Kept").await;
    seal(&cloud).await;
    tamper(
        &cloud,
        "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_ends AS SELECT * FROM audit_ends",
    )
    .await;
    let last = cloud.mote.verify_audit(None).await.unwrap().unwrap().last;
    rotate(&cloud).await;
    begin(&cloud, 2).await;
    cloud.pass(2 * 86_400);
    cloud.product(&user, "Later").await;
    seal(&cloud).await;
    assert!(cloud.mote.verify_audit(None).await.unwrap().is_ok());
    // He cuts off what came later: the end that the old key proves is believed no more.
    tamper(
        &cloud,
        "CREATE TABLE kept_new AS SELECT * FROM audit_ends; DELETE FROM audit_ends; \
        INSERT INTO audit_ends SELECT * FROM kept_ends",
    )
    .await;
    let found = cloud.mote.verify_audit(None).await.unwrap().unwrap_err();
    assert_eq!(found, AuditBreak::End("end"));
    assert!(cloud.mote.seal_audit().await.is_ok_and(|more| !more), "nothing waits");
    tamper(&cloud, "DELETE FROM audit_ends; INSERT INTO audit_ends SELECT * FROM kept_new").await;
    assert!(cloud.mote.verify_audit(None).await.unwrap().is_ok());
    // He puts a copy of an entry that the old key proves to those that wait.
    tamper(
        &cloud,
        &format!(
            "UPDATE audit SET number = NULL, hash = NULL, previous_hash = NULL WHERE number = {}",
            last.number
        ),
    )
    .await;
    let found = cloud.mote.verify_audit(None).await.unwrap().unwrap_err();
    assert_eq!(found, AuditBreak::Missing { from: last.number, to: last.number });
}

async fn one_of_two_is_first_and_no_key_comes_twice(cloud: Cloud) {
    let conflict = |answer: Result<u16, Error>| matches!(answer, Err(Error::Conflict(_)));
    let old = cloud.keys.all()[0].clone();
    let other = cloud.another(cloud.keys.clone()).await.unwrap();
    let (one, two) = (ServerKey::generate(), ServerKey::generate());
    cloud.keys.replace(vec![old.clone(), one.clone()]).unwrap();
    let (first, second) =
        tokio::join!(cloud.mote.rotate_server_key(&one, false), other.rotate_server_key(&one, false));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert!(conflict(if first.is_ok() { second } else { first }));
    cloud.mote.follow_server_key().await.unwrap();
    for used in [&old, &one] {
        assert!(conflict(cloud.mote.rotate_server_key(used, false).await));
    }
    cloud.keys.replace(vec![one, two.clone()]).unwrap();
    assert_eq!(cloud.mote.rotate_server_key(&two, false).await.unwrap(), 3);
}

async fn the_oldest_generation_goes_where_nothing_needs_it(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Kept").await;
    let never = [("grant_type", "client_credentials"), ("expires_in", "0")];
    let client = crate::cloud::basic(&product.client, &product.secret);
    let old = bearer(&cloud.form("POST", "/oauth/token", &client, &never).await.text("/access_token"));
    let secret = json!({"name": "ONE", "value": "first value"});
    assert_eq!(cloud.json("POST", "/v1/secrets", &user, secret).await.status, 201);
    let account = cloud.get("/v1/user/identify", &user).await.text("/id").parse().unwrap();
    let secrets = async || cloud.mote.secret_values(SpaceKey::Account(account), &["ONE".into()]).await;
    assert_eq!(secrets().await.unwrap()["ONE"].expose(), "first value");
    seal(&cloud).await;
    for generation in 2..=16 {
        rotate(&cloud).await;
        begin(&cloud, generation).await;
    }
    let present = cloud.keys.reload().unwrap().all()[0].clone();
    let next = ServerKey::generate();
    cloud.keys.replace(vec![present, next.clone()]).unwrap();
    let refused = async |end_oldest| match cloud.mote.rotate_server_key(&next, end_oldest).await {
        Err(Error::Conflict(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(refused(false).await.contains("--end-oldest"));
    assert!(refused(true).await.contains("re-sealed"));
    cloud.mote.reseal().await.unwrap();
    assert!(refused(true).await.contains("audit trail"));
    seal(&cloud).await;
    cloud.pass(366 * 86_400);
    while cloud.mote.sweep().await.unwrap() {}
    let mine = format!("/v1/products/{}", product.id);
    assert_eq!(cloud.get(&mine, &old).await.status, 200);
    assert_eq!(cloud.mote.rotate_server_key(&next, true).await.unwrap(), 17);
    // What was sealed anew still opens, and what was made with it has ended, also where memory had it.
    assert_eq!(secrets().await.unwrap()["ONE"].expose(), "first value");
    assert!(cloud.mote.authenticate(old.strip_prefix("Bearer ").unwrap()).await.is_err());
    // Likewise where a server starts.
    let started = cloud.restarted().await;
    assert!(started.mote.authenticate(old.strip_prefix("Bearer ").unwrap()).await.is_err());
    assert!(started.mote.authenticate_client(&product.client, &product.secret).await.is_err());
    assert!(started.mote.verify_audit(None).await.unwrap().is_ok());
}
