use serde_json::json;

use super::Group;
use crate::cloud::{Cloud, PASSWORD};
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("User");
    let fields = [("username", "you@example.com"), ("password", PASSWORD)];
    contract.check("User-CreateUser", &cloud.form("POST", "/v1/users", "", &fields).await);
    let user = cloud.user("me@example.com").await;
    let info =
        json!({"account_info": {"first_name": "Test", "last_name": "User", "business_account": false}});
    contract.check("User-UpdateUser", &cloud.json("PUT", "/v1/user", &user, info).await);
    let seen = cloud.get("/v1/user", &user).await;
    contract.check_with("User-GetUser", &seen, &[("/id", "what particle-api-js calls identity")]);
    let reset = [("username", "me@example.com")];
    contract
        .check("User-UserPasswordForgot", &cloud.form("POST", "/v1/user/password-reset", "", &reset).await);
    let ended = cloud.form("DELETE", "/v1/user", &user, &[("password", PASSWORD)]).await;
    contract.check("User-deleteUser", &ended);
    contract.end();
}
