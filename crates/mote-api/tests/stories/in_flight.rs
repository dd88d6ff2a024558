//! What arrives while an account is shut: whoever still knew the password when he was asked for it gets nothing that lives on.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::json;

use crate::cloud::{Answer, Cloud, PASSWORD, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    nobody_signs_in_past_a_new_password,
    nobody_signs_in_past_the_end_of_an_account,
    of_two_new_passwords_the_one_that_knew_the_present_holds,
);

/// Enough to meet in the middle.
const AT_ONCE: usize = 12;

/// Has many sign in again and again while `work` goes on; its answer, and what they were answered.
async fn while_many_sign_in(cloud: &Cloud, work: impl Future<Output = Answer>) -> (Answer, Vec<Answer>) {
    let over = AtomicBool::new(false);
    let one = async || {
        let mut answers = Vec::new();
        while !over.load(Ordering::Relaxed) {
            answers.push(cloud.sign_in("me@example.com").await);
            // A refusal waits for nothing; the others, and the work, must come to their turn.
            tokio::task::yield_now().await;
        }
        answers
    };
    let work = async {
        let answer = work.await;
        over.store(true, Ordering::Relaxed);
        answer
    };
    let (answer, signed_in) = tokio::join!(work, join_all((0..AT_ONCE).map(|_| one())));
    (answer, signed_in.into_iter().flatten().collect())
}

/// That no token among these answers opens anything.
async fn are_worth_nothing(cloud: &Cloud, answers: &[Answer]) {
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        let token = bearer(&answer.text("/access_token"));
        assert_eq!(cloud.get("/v1/devices", &token).await.status, 401);
        let fields = [("name", "Orphan"), ("platform_id", "13")];
        assert_eq!(cloud.form("POST", "/v1/products", &token, &fields).await.status, 401);
    }
}

async fn nobody_signs_in_past_a_new_password(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let new =
        json!({"password": "another long one 99", "current_password": PASSWORD, "invalidate_tokens": true});
    let change = cloud.json("PUT", "/v1/user", &user, new);
    let (changed, signed_in) = while_many_sign_in(&cloud, change).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    are_worth_nothing(&cloud, &signed_in).await;
}

async fn nobody_signs_in_past_the_end_of_an_account(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let end = cloud.json("DELETE", "/v1/user", &user, json!({"password": PASSWORD}));
    let (ended, signed_in) = while_many_sign_in(&cloud, end).await;
    assert_eq!(ended.status, 200, "{}", ended.body);
    are_worth_nothing(&cloud, &signed_in).await;
}

async fn of_two_new_passwords_the_one_that_knew_the_present_holds(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let passwords: Vec<_> = (0..AT_ONCE).map(|number| format!("another long one {number}")).collect();
    let change = |password: &String| {
        let new = json!({"password": password, "current_password": PASSWORD});
        cloud.json("PUT", "/v1/user", &user, new)
    };
    let changed = join_all(passwords.iter().map(change)).await;
    // One was first; to the others, what they knew is not the present password any more.
    let (won, lost): (Vec<_>, Vec<_>) =
        passwords.iter().zip(&changed).partition(|(_, answer)| answer.status == 200);
    let [(password, _)] = won.as_slice() else { panic!("{} changes were made", won.len()) };
    assert!(lost.iter().all(|(_, answer)| matches!(answer.status.as_u16(), 400 | 409)));
    let fields =
        [("grant_type", "password"), ("username", "me@example.com"), ("password", password.as_str())];
    let signed_in = cloud.form("POST", "/oauth/token", &basic("particle", "particle"), &fields).await;
    assert_eq!(signed_in.status, 200);
}
