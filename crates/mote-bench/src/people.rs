//! What a server needs before it can be measured, made as its users would.

use mote_testkit::{Answer, Request, call};

use crate::Fault;

/// Makes a product, a client of it, and a bearer token with that.
pub(crate) fn make(url: &str, email: &str, password: &str) -> Result<(), Fault> {
    let user = [
        ("grant_type", "password"),
        ("client_id", "particle"),
        ("client_secret", "particle"),
        ("username", email),
        ("password", password),
    ];
    let user = text(&post(url, "/oauth/token", None, &user)?, "/access_token")?;
    let form = [("name", "Bench"), ("platform_id", "13"), ("description", "A product to measure with")];
    let made = post(url, "/v1/products", Some(&user), &form)?;
    let product = made.body.pointer("/product/id").ok_or("the product has no ID")?;
    let form = [("name", "bench"), ("type", "installed")];
    let made = post(url, &format!("/v1/products/{product}/clients"), Some(&user), &form)?;
    let (client, secret) = (text(&made, "/client/id")?, text(&made, "/client/secret")?);
    let token = mint(url, &client, &secret)?;
    println!("product {product}\nclient {client}\nsecret {secret}\ntoken {token}");
    Ok(())
}

/// A bearer token of a client's product.
pub(crate) fn mint(url: &str, client: &str, secret: &str) -> Result<String, Fault> {
    let form = [("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret)];
    text(&post(url, "/oauth/token", None, &form)?, "/access_token")
}

/// Adds a webhook to a product.
pub(crate) fn add_hook(url: &str, product: &str, token: &str, event: &str, to: &str) -> Result<(), Fault> {
    let form = [("integration_type", "Webhook"), ("event", event), ("url", to), ("requestType", "POST")];
    post(url, &format!("/v1/products/{product}/integrations"), Some(token), &form)?;
    Ok(())
}

fn post(url: &str, path: &str, token: Option<&str>, form: &[(&str, &str)]) -> Result<Answer, Fault> {
    let authorization = token.map(|token| format!("Bearer {token}"));
    let answer = call(&Request { method: "POST", url: format!("{url}{path}"), authorization, form })?;
    if answer.status < 300 { Ok(answer) } else { Err(format!("POST {path}: {answer:?}").into()) }
}

fn text(answer: &Answer, at: &str) -> Result<String, Fault> {
    let found = answer.body.pointer(at).and_then(|value| value.as_str());
    Ok(found.ok_or_else(|| format!("no {at} in {answer:?}"))?.to_owned())
}
