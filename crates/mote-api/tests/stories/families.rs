//! What ends with a token: of a chain of refreshes, all that must, and no more.

use crate::cloud::{Answer, Cloud, Product, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    the_newest_token_takes_its_family_along,
    a_token_that_was_replaced_ends_alone,
    of_two_answers_to_one_refresh_each_ends_alone,
    a_refresh_token_that_is_revoked_takes_its_family_along,
);

/// A pair of tokens.
struct Pair {
    access: String,
    refresh: String,
}

impl From<&Answer> for Pair {
    fn from(minted: &Answer) -> Self {
        assert_eq!(minted.status, 200, "{}", minted.body);
        Self { access: minted.text("/access_token"), refresh: minted.text("/refresh_token") }
    }
}

/// A product whose token is tried.
struct Desk {
    cloud: Cloud,
    product: Product,
}

impl Desk {
    async fn new(cloud: Cloud) -> Self {
        let user = cloud.user("me@example.com").await;
        let product = cloud.product(&user, "Families").await;
        Self { cloud, product }
    }

    async fn mint(&self) -> Pair {
        Pair::from(&self.cloud.mint(&self.product.client, &self.product.secret).await)
    }

    /// What comes of a refresh token, and is used.
    async fn next(&self, pair: &Pair) -> Pair {
        let next = Pair::from(&self.cloud.refresh(&self.product, &pair.refresh).await);
        assert!(self.opens(&next).await);
        // A trade that arrives from now on is one after its use.
        self.cloud.pass(1);
        next
    }

    async fn opens(&self, pair: &Pair) -> bool {
        let path = format!("/v1/products/{}", self.product.id);
        match self.cloud.get(&path, &bearer(&pair.access)).await.status.as_u16() {
            200 => true,
            401 => false,
            other => panic!("{other}"),
        }
    }

    /// Whether it can be traded.
    async fn refreshes(&self, pair: &Pair) -> bool {
        let answer = self.cloud.refresh(&self.product, &pair.refresh).await;
        if answer.status != 200 {
            assert_eq!(answer.error(), (400, "invalid_grant".into()));
        }
        answer.status == 200
    }

    async fn end(&self, pair: &Pair, how: How) {
        let client = basic(&self.product.client, &self.product.secret);
        let revoke = async |token: &str| {
            self.cloud.form("POST", "/oauth/revoke", &client, &[("token", token)]).await.status
        };
        let delete = async |path: &str, credential: &str| {
            self.cloud.form("DELETE", path, credential, &[]).await.status
        };
        let status = match how {
            How::Current => delete("/v1/access_tokens/current", &bearer(&pair.access)).await,
            How::Named => delete(&format!("/v1/access_tokens/{}", pair.access), "").await,
            How::RevokeAccess => revoke(&pair.access).await,
            How::RevokeRefresh => revoke(&pair.refresh).await,
        };
        assert_eq!(status, 200, "{how:?}");
    }
}

/// How a token is ended.
#[derive(Clone, Copy, Debug)]
enum How {
    Current,
    Named,
    RevokeAccess,
    RevokeRefresh,
}

const BY_ACCESS_TOKEN: [How; 3] = [How::Current, How::Named, How::RevokeAccess];

async fn the_newest_token_takes_its_family_along(cloud: Cloud) {
    let desk = Desk::new(cloud).await;
    let bystander = desk.mint().await;
    for how in BY_ACCESS_TOKEN.into_iter().chain([How::RevokeRefresh]) {
        let first = desk.mint().await;
        let second = desk.next(&first).await;
        let third = desk.next(&second).await;
        desk.end(&third, how).await;
        for pair in [&first, &second, &third] {
            assert!(!desk.opens(pair).await, "{how:?}");
            assert!(!desk.refreshes(pair).await, "{how:?}");
        }
    }
    assert!(desk.opens(&bystander).await, "another family of the same client goes on");
}

async fn a_token_that_was_replaced_ends_alone(cloud: Cloud) {
    let desk = Desk::new(cloud).await;
    for how in BY_ACCESS_TOKEN {
        let first = desk.mint().await;
        let second = desk.next(&first).await;
        let third = desk.next(&second).await;
        desk.end(&second, how).await;
        assert!(!desk.opens(&second).await, "{how:?}");
        for spent in [&first, &second] {
            assert!(
                !desk.refreshes(spent).await,
                "{how:?}: it comes back to life with the end of what came of it"
            );
        }
        assert!(desk.opens(&third).await, "{how:?}");
        assert!(desk.refreshes(&third).await, "{how:?}");
    }
}

async fn of_two_answers_to_one_refresh_each_ends_alone(cloud: Cloud) {
    let desk = Desk::new(cloud).await;
    for how in BY_ACCESS_TOKEN {
        let first = desk.mint().await;
        // The answer to the first request was lost for long enough to ask again, and was found.
        let lost = Pair::from(&desk.cloud.refresh(&desk.product, &first.refresh).await);
        let asked_again = desk.next(&first).await;
        desk.end(&lost, how).await;
        assert!(!desk.opens(&lost).await && desk.opens(&asked_again).await, "{how:?}");
        assert!(!desk.refreshes(&first).await, "{how:?}");
        assert!(desk.refreshes(&asked_again).await, "{how:?}");
    }
}

async fn a_refresh_token_that_is_revoked_takes_its_family_along(cloud: Cloud) {
    let desk = Desk::new(cloud).await;
    let first = desk.mint().await;
    let second = desk.next(&first).await;
    // Also a spent one (RFC 7009 section 2.1): whoever revokes it wants nothing of that grant to live.
    desk.end(&first, How::RevokeRefresh).await;
    for pair in [&first, &second] {
        assert!(!desk.opens(pair).await && !desk.refreshes(pair).await);
    }
}
