//! Customers: made three ways, listed, given passwords, removed; and their tokens.

mod browser;
mod kept;
mod made;
mod tokens;

use crate::cloud::{Answer, Cloud, Product, basic};

const NEW_PASSWORD: &str = "another long one 99";

fn path(product: &Product) -> String {
    format!("/v1/products/{}/customers", product.id)
}

/// Signs a customer in with his password.
async fn sign_in(cloud: &Cloud, product: &Product, email: &str, password: &str) -> Answer {
    let fields = [("grant_type", "password"), ("username", email), ("password", password)];
    cloud.form("POST", "/oauth/token", &basic(&product.client, &product.secret), &fields).await
}

async fn names(cloud: &Cloud, product: &Product) -> Vec<String> {
    let listed = cloud.get(&path(product), &product.token).await;
    let customers = listed.body["customers"].as_array().unwrap().clone();
    customers.iter().map(|customer| customer["username"].as_str().unwrap().to_owned()).collect()
}
