//! How large a team can be, and on how many somebody can be: all lists are given whole.

use mote_core::OrganizationId;
use mote_store::api_users::{self, ApiUserRow};
use mote_store::teams::{self, Team};
use mote_store::{Db, StoreError};
use serde_json::json;

use super::{accept, invite, join, program, team_of};
use crate::cloud::{Answer, Cloud};
use crate::on_both_engines;

on_both_engines!(
    a_team_has_a_thousand_members_at_most,
    an_account_is_on_so_many_teams_at_most,
    a_product_has_a_thousand_api_users_at_most,
    an_organization_has_a_thousand_api_users_with_its_products_at_most,
);

/// As many as there can be of what is made one by one.
const MOST: i64 = 1000;

async fn fill(cloud: &Cloud, rows: impl Fn(&mut Db) -> Result<(), StoreError> + Send + 'static) {
    cloud.store.write(move |db| rows(db)).await.unwrap();
}

fn refused(answer: &Answer) {
    assert_eq!(answer.error(), (409, "conflict".into()), "{}", answer.body);
}

async fn a_team_has_a_thousand_members_at_most(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (team, id) = (team_of(&product), product.id.parse().unwrap());
    let developer = join(&cloud, &team, &owner, "dev@example.com", "Developer").await;
    // Two are there, and one is to come.
    fill(&cloud, move |db| {
        (1..=MOST - 3).try_for_each(|one| teams::insert(db, Team::Product(id), one, 1, 0))
    })
    .await;
    let token = invite(&cloud, &team, &owner, "last@example.com", "Developer").await;
    let fields = [("username", "more@example.com"), ("role", "Developer")];
    refused(&cloud.form("POST", &team, &owner, &fields).await);
    // The one who is invited has his place.
    let last = cloud.user("last@example.com").await;
    assert_eq!(accept(&cloud, &last, &token).await.status, 200);
    refused(&cloud.form("POST", &team, &owner, &fields).await);
    assert_eq!(cloud.get(&team, &developer).await.status, 200);
}

async fn an_account_is_on_so_many_teams_at_most(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    cloud.form("POST", "/v1/orgs", &owner, &[("name", "Makers")]).await;
    let member = cloud.user("me@example.com").await;
    let account = cloud.get("/v1/user", &member).await.text("/id").parse().unwrap();
    for (team, most) in [(team_of(&product), MOST), ("/v1/orgs/makers/team".to_owned(), 500)] {
        let token = invite(&cloud, &team, &owner, "me@example.com", "Developer").await;
        let of = move |id: i64| if most == MOST { Team::Product(-id) } else { Team::Organization(-id) };
        fill(&cloud, move |db| (1..=most).try_for_each(|id| teams::insert(db, of(id), account, 1, 0))).await;
        refused(&accept(&cloud, &member, &token).await);
        // It is not spent by that.
        fill(&cloud, move |db| teams::remove(db, of(1), account)).await;
        assert_eq!(accept(&cloud, &member, &token).await.status, 200);
    }
}

fn api_user(number: i64, team: Team) -> ApiUserRow {
    let (product_id, organization_id) = match team {
        Team::Product(id) => (Some(id), None),
        Team::Organization(id) => (None, Some(id)),
    };
    ApiUserRow {
        id: number,
        username: format!("x+{number:010}@api.mote.invalid"),
        friendly_name: "x".into(),
        product_id,
        organization_id,
        scopes: String::new(),
        created_at: 0,
    }
}

async fn a_product_has_a_thousand_api_users_at_most(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (team, id) = (team_of(&product), product.id.parse().unwrap());
    fill(&cloud, move |db| {
        (1..MOST).try_for_each(|one| api_users::insert(db, &api_user(one, Team::Product(id))))
    })
    .await;
    let (name, _) = program(&cloud, &team, &owner, &["devices:list"]).await;
    let new = json!({"friendly_name": "x", "scopes": ["devices:list"]});
    refused(&cloud.json("POST", &team, &owner, new.clone()).await);
    let listed = cloud.get(&team, &owner).await.body["team"].as_array().unwrap().len();
    assert_eq!(listed, 1001, "the owner and a thousand programs");
    super::remove(&cloud, &team, &owner, &name).await;
    assert_eq!(cloud.json("POST", &team, &owner, new).await.status, 200);
}

async fn an_organization_has_a_thousand_api_users_with_its_products_at_most(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let made = cloud.form("POST", "/v1/orgs", &owner, &[("name", "Makers")]).await;
    let organization = OrganizationId::parse(&made.text("/organization/id")).unwrap();
    let fields = [("name", "Shared"), ("platform_id", "13")];
    let made = cloud.form("POST", "/v1/orgs/makers/products", &owner, &fields).await;
    let id = made.body["product"]["id"].as_i64().unwrap();
    fill(&cloud, move |db| {
        for one in 1..MOST {
            let team = if one % 2 == 0 { Team::Product(id) } else { Team::Organization(organization.0) };
            api_users::insert(db, &api_user(one, team))?;
        }
        Ok(())
    })
    .await;
    program(&cloud, &format!("/v1/products/{id}/team"), &owner, &["devices:list"]).await;
    let new = json!({"friendly_name": "x", "scopes": ["devices:list"]});
    for team in ["/v1/orgs/makers/team".to_owned(), format!("/v1/products/{id}/team")] {
        refused(&cloud.json("POST", &team, &owner, new.clone()).await);
    }
    let listed = cloud.get("/v1/orgs/makers/team", &owner).await.body["team"].as_array().unwrap().len();
    assert_eq!(listed, 1001);
}
