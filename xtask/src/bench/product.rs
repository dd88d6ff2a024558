//! A product API call with a valid token, the whole frame on.

use super::process::Server;
use super::table::{Figure, Goal, Row};
use super::workshop::Workshop;
use super::wrk::Shot;

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    let folder = shop.folder("product")?;
    let server = shop.serve(&folder)?;
    let people = shop.people(&server)?;
    let path = format!("/v1/products/{}", people.product);
    let body = folder.join("product.json");
    std::fs::write(&body, server.get(&path, Some(&people.token))?).map_err(|e| e.to_string())?;
    let mut bare = shop.helper("bare");
    bare.arg(&body);
    let bare = Server::start(bare, &folder)?;
    if bare.get(&path, None)? != server.get(&path, Some(&people.token))? {
        return Err("the bare server's answer is another".into());
    }
    let ours = Shot::get(format!("{}{path}", server.url), &people.token);
    let theirs = Shot::get(format!("{}{path}", bare.url), &people.token);
    let [baseline, measured] = shop.rounds(["bare axum", "product"], || {
        Ok([theirs.fire(shop.seconds)?.per_second, ours.fire(shop.seconds)?.per_second])
    })?;
    Ok(vec![Row::beside(
        "`GET /v1/products/:p`",
        Figure::PerSecond(measured),
        "bare axum",
        Figure::PerSecond(baseline),
        Goal::RatioAtLeast(0.75),
    )])
}
