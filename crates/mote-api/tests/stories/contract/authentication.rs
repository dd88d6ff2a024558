use super::Group;
use crate::cloud::{Cloud, PASSWORD, basic, bearer};
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Authentication");
    let user = cloud.user("me@example.com").await;
    contract.check("Authentication-PostOauthToken", &cloud.sign_in("me@example.com").await);
    let listed = cloud.get("/v1/access_tokens", &basic("me@example.com", PASSWORD)).await;
    contract.check("Authentication-ListAccessTokens", &listed);
    let current = cloud.get("/v1/access_tokens/current", &user).await;
    let newer = [("/client_id", "newer clients read this name")];
    contract.check_with("Authentication-GetCurrentAccessToken", &current, &newer);
    let token = cloud.sign_in("me@example.com").await.text("/access_token");
    let ended = cloud.form("DELETE", &format!("/v1/access_tokens/{token}"), "", &[]).await;
    contract.check("Authentication-DeleteAccessToken", &ended);
    let other = bearer(&cloud.sign_in("me@example.com").await.text("/access_token"));
    let ended = cloud.form("DELETE", "/v1/access_tokens/current", &other, &[]).await;
    contract.check("Authentication-DeleteCurrentAccessToken", &ended);
    let ended = cloud.form("DELETE", "/v1/access_tokens", &user, &[]).await;
    contract.check("Authentication-DeleteActiveAccessTokens", &ended);
    contract.end();
}
