//! Everybody who comes to the doors.

use mote_core::authorization::{Role, SCOPE_NAMES, Scopes};
use mote_core::teams::TeamId;
use mote_core::{OrganizationId, ProductId};
use serde_json::json;

use crate::cloud::{Cloud, Product, bearer};

/// A member for each role.
pub(super) type Team = Vec<(Role, String)>;

/// An API user: what it may do, and its token.
pub(super) struct ApiUser {
    pub(super) scopes: Scopes,
    pub(super) token: String,
}

/// An organization with a product.
pub(super) struct Makers {
    pub(super) id: String,
    pub(super) slug: String,
    pub(super) team: Team,
    pub(super) api_users: Vec<ApiUser>,
    /// Its product, open to product credentials only.
    pub(super) product: String,
    /// An API user of that product, with all scopes.
    pub(super) product_api_user: String,
}

pub(super) struct People {
    pub(super) stranger: String,
    /// Open to product credentials only.
    pub(super) closed: (Product, Team),
    /// Its API users.
    pub(super) api_users: Vec<ApiUser>,
    /// Open to its team's own tokens too.
    pub(super) opened: (Product, Team),
    /// Somebody else's.
    pub(super) other: Product,
    pub(super) makers: Makers,
    /// Somebody else's organization.
    pub(super) others: String,
    /// A customer of the closed product.
    pub(super) customer: String,
    /// One of the other product, of the same name.
    pub(super) namesake: String,
}

impl People {
    pub(super) async fn gather(cloud: &Cloud) -> Self {
        let owner = cloud.user("owner@example.com").await;
        let closed = cloud.product(&owner, "Closed").await;
        let opened = cloud.product(&owner, "Opened").await;
        let other = cloud.product(&owner, "Other").await;
        let open = json!({"settings": {"team_tokens": true}});
        let changed = cloud.json("PUT", &format!("/v1/products/{}", opened.id), &opened.token, open).await;
        assert_eq!(changed.status, 200);
        let others = cloud.form("POST", "/v1/orgs", &owner, &[("name", "Others")]).await;
        Self {
            customer: cloud.customer(&closed, "jane@example.com").await,
            namesake: cloud.customer(&other, "jane@example.com").await,
            stranger: cloud.user("stranger@example.com").await,
            api_users: api_users(cloud, &format!("/v1/products/{}/team", closed.id), &owner).await,
            makers: Makers::gather(cloud).await,
            closed: {
                let team = team_of(cloud, of_product(&closed.id)).await;
                (closed, team)
            },
            opened: {
                let team = team_of(cloud, of_product(&opened.id)).await;
                (opened, team)
            },
            other,
            others: others.text("/organization/id"),
        }
    }

    pub(super) fn tokens_of_api_users(&self) -> impl Iterator<Item = &String> {
        self.api_users.iter().chain(&self.makers.api_users).map(|api_user| &api_user.token)
    }

    pub(super) fn of_products(&self) -> impl Iterator<Item = &String> {
        self.api_users.iter().map(|api_user| &api_user.token)
    }
}

impl Makers {
    async fn gather(cloud: &Cloud) -> Self {
        let founder = cloud.user("founder@example.com").await;
        let made = cloud.form("POST", "/v1/orgs", &founder, &[("name", "Makers")]).await;
        let (id, slug) = (made.text("/organization/id"), made.text("/organization/slug"));
        let fields = [("name", "Shared"), ("platform_id", "13")];
        let product = cloud.form("POST", &format!("/v1/orgs/{id}/products"), &founder, &fields).await;
        let product = product.body["product"]["id"].to_string();
        let of_product = api_users(cloud, &format!("/v1/products/{product}/team"), &founder).await;
        Self {
            team: team_of(cloud, TeamId::Organization(OrganizationId::parse(&id).unwrap())).await,
            api_users: api_users(cloud, &format!("/v1/orgs/{id}/team"), &founder).await,
            product,
            product_api_user: of_product.into_iter().next().unwrap().token,
            id,
            slug,
        }
    }
}

fn of_product(id: &str) -> TeamId {
    TeamId::Product(ProductId(id.parse().unwrap()))
}

/// A user for each role on a team.
async fn team_of(cloud: &Cloud, of: TeamId) -> Team {
    let mut team = Vec::new();
    for role in Role::ALL {
        let name = match of {
            TeamId::Product(id) => format!("p{id}"),
            TeamId::Organization(id) => format!("o{id}"),
        };
        let username = format!("{}-{name}@example.com", role.number());
        let user = cloud.user(&username).await;
        cloud.mote.put_on_team(of, &username, role).await.unwrap();
        team.push((role, user));
    }
    team
}

/// An API user with all scopes, and two with one each.
async fn api_users(cloud: &Cloud, path: &str, owner: &str) -> Vec<ApiUser> {
    let mut made = Vec::new();
    for scopes in [&SCOPE_NAMES[..], &["devices:list"], &["clients:list"]] {
        let new = json!({"friendly_name": "program", "scopes": scopes});
        let token = bearer(&cloud.json("POST", path, owner, new).await.text("/created/tokens/0/token"));
        let names: Vec<_> = scopes.iter().map(|&name| name.to_owned()).collect();
        made.push(ApiUser { scopes: Scopes::parse(&names).unwrap(), token });
    }
    made
}
