//! Every cell of the table of rights, asked of the routes themselves.

mod matrix;
mod people;

use http::Request;
use mote_core::authorization::{Door, Row, TeamTokens, table};
use serde_json::Value;

use crate::cloud::Cloud;
use crate::on_both_engines;
use people::{ApiUser, People};

on_both_engines!(every_credential_opens_what_the_table_says);

const OF_PRODUCT: &str = "/v1/products/{productIdOrSlug}/";
const OF_ORGANIZATION: &str = "/v1/orgs/{orgIdOrSlug}/";

/// `METHOD /path` of every route that the OpenAPI document has.
pub(crate) fn routes() -> Vec<String> {
    let document = serde_json::to_value(mote_api::document()).unwrap();
    let paths = document["paths"].as_object().unwrap().clone();
    let methods = |(path, item): (String, Value)| {
        let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
        methods.map(|m| format!("{} {path}", m.to_uppercase())).collect::<Vec<_>>()
    };
    paths.into_iter().flat_map(methods).collect()
}

/// The row of a route, and the door that it is at: for a right of all spaces or teams the one that the path says.
fn row_of(route: &str) -> (&'static Row, Door) {
    let rows = |wanted: &str| table::rows().filter(|row| row.endpoints.contains(&wanted)).collect::<Vec<_>>();
    let [plain, product, organization] = [
        (route.to_owned(), Door::Account),
        (route.replace(OF_PRODUCT, "/v1/"), Door::Product),
        (route.replace(OF_ORGANIZATION, "/v1/"), Door::Organization),
    ];
    match rows(route).as_slice() {
        [row] if row.door == Door::Space => return (row, plain.1),
        [row] if row.door == Door::Team => {
            let of_product = route.contains(OF_PRODUCT);
            return (row, if of_product { Door::Product } else { Door::Organization });
        }
        [row] => return (row, row.door),
        found => assert!(found.is_empty(), "{route} stands in {} rows of the table of rights", found.len()),
    }
    for (stripped, door) in [product, organization] {
        if let [row] = rows(&stripped).as_slice()
            && row.door == Door::Space
            && stripped != route
        {
            return (row, door);
        }
    }
    panic!("{route} stands in no row of the table of rights")
}

#[test]
fn every_route_has_one_row_and_every_row_its_routes() {
    let routes = routes();
    for route in &routes {
        row_of(route);
    }
    for endpoint in table::rows().flat_map(|row| row.endpoints) {
        let watcher = ["GET /healthz", "GET /readyz", "GET /metrics"].contains(endpoint);
        assert!(watcher || routes.iter().any(|route| route == endpoint), "{endpoint} has a row and no route");
    }
}

/// What the parameters of a path stand for in these requests; what is not named here is `thing`.
fn filled(path: &str, place: &str) -> String {
    let segment = |segment: &str| match segment {
        "{productIdOrSlug}" | "{orgIdOrSlug}" => place.to_owned(),
        "{deviceId}" => "e00fce680123456789abcdef".to_owned(),
        "{clientId}" => "nothing-0000".to_owned(),
        parameter if parameter.starts_with('{') => "thing".to_owned(),
        plain => plain.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// Sends a request without a body worth anything: what counts is whether it is refused, not what comes of it.
async fn status(cloud: &Cloud, route: &str, place: &str, authorization: Option<&str>) -> (u16, Value) {
    let (method, path) = route.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(filled(path, place));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    let answer = cloud.send(request.body(axum::body::Body::empty()).unwrap()).await;
    (answer.status.as_u16(), answer.body)
}

/// What ends the token, the product or the account that the next cell needs.
fn ends_things(route: &str) -> bool {
    [
        "DELETE /v1/access_tokens/current",
        "DELETE /v1/access_tokens",
        "DELETE /v1/products/{productIdOrSlug}",
        "DELETE /v1/orgs/{orgIdOrSlug}",
    ]
    .contains(&route)
}

fn refused(status: u16) -> bool {
    status == 401 || status == 403
}

async fn every_credential_opens_what_the_table_says(cloud: Cloud) {
    let people = People::gather(&cloud).await;
    for route in routes().iter().filter(|route| !ends_things(route)) {
        let (row, door) = row_of(route);
        let nobody = status(&cloud, route, &people.closed.0.id, None).await.0;
        assert_eq!(nobody == 401, door != Door::Open, "{route} without a token: {nobody}");
        match door {
            Door::Open => {}
            Door::Token => at_token(&cloud, route, &people).await,
            Door::Account | Door::Space => at_account(&cloud, route, &people).await,
            Door::Owner => at_owner(&cloud, route, &people).await,
            Door::Product => {
                at_product(&cloud, route, row, &people).await;
                at_product_of_organization(&cloud, route, row, &people).await;
            }
            Door::Organization | Door::Team => at_organization(&cloud, route, row, &people).await,
        }
    }
}

async fn at_token(cloud: &Cloud, route: &str, people: &People) {
    let tokens = [&people.stranger, &people.closed.0.token, &people.customer];
    for token in tokens.into_iter().chain(people.tokens_of_api_users()) {
        assert!(!refused(status(cloud, route, "", Some(token)).await.0), "{route}");
    }
}

async fn at_account(cloud: &Cloud, route: &str, people: &People) {
    assert!(!refused(status(cloud, route, "", Some(&people.stranger)).await.0), "{route}");
    let tokens = [&people.closed.0.token, &people.customer];
    for token in tokens.into_iter().chain(people.tokens_of_api_users()) {
        assert_eq!(status(cloud, route, "", Some(token)).await.0, 403, "{route}");
    }
}

/// Somebody's own devices: an account's, or a customer's. Where the path names a product too, the account is on its team, and
/// the customer is its own.
async fn at_owner(cloud: &Cloud, route: &str, people: &People) {
    let closed = &people.closed.0;
    let (member, place) = if route.contains(OF_PRODUCT) {
        for token in [&people.stranger, &people.namesake, &people.other.token] {
            let refusal = status(cloud, route, &closed.id, Some(token)).await;
            assert_eq!(refusal.0, 403, "{route}");
            assert_eq!(refusal, status(cloud, route, "999999", Some(token)).await, "{route}");
        }
        (&people.closed.1[0].1, closed.id.as_str())
    } else {
        (&people.stranger, "")
    };
    for token in [member, &people.customer] {
        assert!(!refused(status(cloud, route, place, Some(token)).await.0), "{route}");
    }
    for token in std::iter::once(&closed.token).chain(people.tokens_of_api_users()) {
        assert_eq!(status(cloud, route, place, Some(token)).await.0, 403, "{route}");
    }
}

/// API users open what is within their scopes, in their own place; elsewhere nothing, and they learn nothing either.
async fn as_api_users(
    cloud: &Cloud,
    route: &str,
    row: &Row,
    api_users: &[ApiUser],
    (own, foreign): (&str, &str),
) {
    for ApiUser { scopes, token } in api_users {
        let open = !refused(status(cloud, route, own, Some(token)).await.0);
        let within = row.scope.is_some_and(|scope| scopes.contain(scope));
        assert_eq!(open, within, "{route} with the scopes {scopes:?}");
        let refusal = status(cloud, route, foreign, Some(token)).await;
        assert_eq!(refusal.0, 403, "{route} with another place's API user");
        assert_eq!(refusal, status(cloud, route, "999999", Some(token)).await, "{route}");
    }
}

async fn at_product(cloud: &Cloud, route: &str, row: &Row, people: &People) {
    let (closed, opened) = (&people.closed.0, &people.opened.0);
    let (stranger, foreign) = (Some(people.stranger.as_str()), Some(people.other.token.as_str()));
    for named in [&closed.id, &closed.slug] {
        assert!(!refused(status(cloud, route, named, Some(&closed.token)).await.0), "{route}");
        let refusal = status(cloud, route, named, foreign).await;
        assert_eq!(refusal.0, 403, "{route} with another product's token");
        assert_eq!(refusal, status(cloud, route, "999999", foreign).await, "{route}");
        let refusal = status(cloud, route, named, stranger).await;
        assert_eq!(refusal.0, 403, "{route} with a stranger's token");
        assert_eq!(refusal, status(cloud, route, "no-such", stranger).await, "{route}");
        assert_eq!(refusal, status(cloud, route, &opened.id, stranger).await, "{route}");
    }
    for customer in [&people.customer, &people.namesake] {
        let refusal = status(cloud, route, &closed.id, Some(customer)).await;
        assert_eq!(refusal.0, 403, "{route} with a customer's token");
        assert_eq!(refusal, status(cloud, route, "999999", Some(customer)).await, "{route}");
    }
    for (role, member) in &people.closed.1 {
        let open = !refused(status(cloud, route, &closed.id, Some(member)).await.0);
        assert_eq!(open, *role >= row.least && row.team == TeamTokens::Always, "{route} as {role:?}");
    }
    for (role, member) in &people.opened.1 {
        let open = !refused(status(cloud, route, &opened.id, Some(member)).await.0);
        assert_eq!(open, *role >= row.least, "{route} as {role:?} where team tokens are on");
    }
    as_api_users(cloud, route, row, &people.api_users, (&closed.id, &people.other.id)).await;
}

/// A role in an organization, and the scopes of its API users, reach its products.
async fn at_product_of_organization(cloud: &Cloud, route: &str, row: &Row, people: &People) {
    let makers = &people.makers;
    for (role, member) in &makers.team {
        let open = !refused(status(cloud, route, &makers.product, Some(member)).await.0);
        assert_eq!(
            open,
            *role >= row.least && row.team == TeamTokens::Always,
            "{route} as {role:?} of makers"
        );
        let refusal = status(cloud, route, &people.closed.0.id, Some(member)).await;
        assert_eq!(refusal.0, 403, "{route} as {role:?} of makers at another's product");
        assert_eq!(refusal, status(cloud, route, "999999", Some(member)).await, "{route}");
    }
    as_api_users(cloud, route, row, &makers.api_users, (&makers.product, &people.closed.0.id)).await;
}

async fn at_organization(cloud: &Cloud, route: &str, row: &Row, people: &People) {
    let (makers, stranger) = (&people.makers, Some(people.stranger.as_str()));
    for named in [&makers.id, &makers.slug] {
        for (role, member) in &makers.team {
            let open = !refused(status(cloud, route, named, Some(member)).await.0);
            assert_eq!(open, *role >= row.least, "{route} as {role:?}");
        }
        let refusal = status(cloud, route, named, stranger).await;
        assert_eq!(refusal.0, 403, "{route} with a stranger's token");
        assert_eq!(refusal, status(cloud, route, "no-such", stranger).await, "{route}");
    }
    // Neither a product nor its API users and customers reach the organization that it belongs to.
    let tokens = [&people.closed.0.token, &makers.product_api_user, &people.customer];
    for token in tokens.into_iter().chain(people.of_products()) {
        assert_eq!(status(cloud, route, &makers.id, Some(token)).await.0, 403, "{route}");
    }
    as_api_users(cloud, route, row, &makers.api_users, (&makers.id, &people.others)).await;
}
