//! Every cell of the table of rights, asked of the routes themselves.

use http::Request;
use mote_core::authorization::{Door, Role, TeamTokens, table::TABLE};
use serde_json::Value;

use crate::cloud::{Cloud, Product};
use crate::on_both_engines;

on_both_engines!(every_credential_opens_what_the_table_says);

/// `METHOD /path` of every route that the OpenAPI document has.
fn routes() -> Vec<String> {
    let document = serde_json::to_value(mote_api::document()).unwrap();
    let paths = document["paths"].as_object().unwrap().clone();
    let methods = |(path, item): (String, Value)| {
        let methods: Vec<_> =
            item.as_object().unwrap().keys().map(|m| format!("{} {path}", m.to_uppercase())).collect();
        methods
    };
    paths.into_iter().flat_map(methods).collect()
}

#[test]
fn every_route_has_one_row_and_every_row_its_routes() {
    let routes = routes();
    for route in &routes {
        let rows = TABLE.iter().filter(|row| row.endpoints.contains(&route.as_str())).count();
        assert_eq!(rows, 1, "{route} stands in {rows} rows of the table of rights");
    }
    for endpoint in TABLE.iter().flat_map(|row| row.endpoints) {
        let watcher = ["GET /healthz", "GET /readyz", "GET /metrics"].contains(endpoint);
        assert!(watcher || routes.iter().any(|route| route == endpoint), "{endpoint} has a row and no route");
    }
}

/// Sends a request without a body worth anything: what counts is whether it is refused, not what comes of it.
async fn status(cloud: &Cloud, endpoint: &str, product: &str, authorization: Option<&str>) -> (u16, Value) {
    let (method, path) = endpoint.split_once(' ').unwrap();
    let path = path.replace("{productIdOrSlug}", product).replace("{deviceId}", "e00fce680123456789abcdef");
    let path =
        path.replace("{clientId}", "nothing-0000").replace("{name}", "thing").replace("{serialNumber}", "X");
    let mut request = Request::builder().method(method).uri(path);
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    let answer = cloud.send(request.body(axum::body::Body::empty()).unwrap()).await;
    (answer.status.as_u16(), answer.body)
}

/// What ends the token, the product or the account that the next cell needs.
fn ends_things(endpoint: &str) -> bool {
    ["DELETE /v1/access_tokens/current", "DELETE /v1/access_tokens", "DELETE /v1/products/{productIdOrSlug}"]
        .contains(&endpoint)
}

async fn member(cloud: &Cloud, product: &Product, role: Role) -> String {
    let username = format!("{}-{}@example.com", role.number(), product.id);
    let user = cloud.user(&username).await;
    cloud.mote.put_on_team(product.id.parse().unwrap(), &username, role).await.unwrap();
    user
}

async fn every_credential_opens_what_the_table_says(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Closed").await;
    let opened = cloud.product(&owner, "Opened").await;
    let other = cloud.product(&owner, "Other").await;
    let stranger = cloud.user("stranger@example.com").await;
    let open = serde_json::json!({"settings": {"team_tokens": true}});
    assert_eq!(
        cloud.json("PUT", &format!("/v1/products/{}", opened.id), &opened.token, open).await.status,
        200
    );
    let mut members = Vec::new();
    for role in Role::ALL {
        members.push((role, member(&cloud, &product, role).await, member(&cloud, &opened, role).await));
    }
    for row in TABLE {
        for endpoint in row.endpoints.iter().filter(|endpoint| !ends_things(endpoint)) {
            let refused = |status: u16| status == 401 || status == 403;
            let nobody = status(&cloud, endpoint, &product.id, None).await.0;
            assert_eq!(nobody == 401, row.door != Door::Open, "{endpoint} without a token: {nobody}");
            match row.door {
                Door::Open => {}
                Door::Token => {
                    assert!(
                        !refused(status(&cloud, endpoint, &product.id, Some(&stranger)).await.0),
                        "{endpoint}"
                    );
                    assert!(
                        !refused(status(&cloud, endpoint, &product.id, Some(&product.token)).await.0),
                        "{endpoint}"
                    );
                }
                Door::Account => {
                    assert!(
                        !refused(status(&cloud, endpoint, &product.id, Some(&stranger)).await.0),
                        "{endpoint}"
                    );
                    assert_eq!(
                        status(&cloud, endpoint, &product.id, Some(&product.token)).await.0,
                        403,
                        "{endpoint}"
                    );
                }
                Door::Product => {
                    for named in [&product.id, &product.slug] {
                        assert!(
                            !refused(status(&cloud, endpoint, named, Some(&product.token)).await.0),
                            "{endpoint}"
                        );
                        let foreign = status(&cloud, endpoint, named, Some(&other.token)).await;
                        assert_eq!(foreign.0, 403, "{endpoint} with another product's token");
                        assert_eq!(foreign, status(&cloud, endpoint, "999999", Some(&other.token)).await);
                        let strange = status(&cloud, endpoint, named, Some(&stranger)).await;
                        assert_eq!(strange.0, 403, "{endpoint} with a stranger's token");
                        assert_eq!(
                            strange,
                            status(&cloud, endpoint, "no-such", Some(&stranger)).await,
                            "{endpoint}"
                        );
                        assert_eq!(
                            strange,
                            status(&cloud, endpoint, &opened.id, Some(&stranger)).await,
                            "{endpoint}"
                        );
                    }
                    for (role, of_closed, of_opened) in &members {
                        let reaches = *role >= row.least;
                        let closed = !refused(status(&cloud, endpoint, &product.id, Some(of_closed)).await.0);
                        assert_eq!(
                            closed,
                            reaches && row.team == TeamTokens::Always,
                            "{endpoint} as {role:?}"
                        );
                        let open = !refused(status(&cloud, endpoint, &opened.id, Some(of_opened)).await.0);
                        assert_eq!(open, reaches, "{endpoint} as {role:?} where team tokens are on");
                    }
                }
            }
        }
    }
}
