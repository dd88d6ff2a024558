//! What can have been done that makes wrong what others have in memory.

use serde::{Deserialize, Serialize};

use super::Locked;
use crate::teams::TeamId;
use crate::{
    AccountId, ApiUserId, ClientKey, CustomerId, IntegrationId, Mote, OrganizationId, ProductId, SpaceKey,
    TokenId,
};

/// Something that was done, as far as it concerns memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Notice {
    /// A token or a session of the console was ended.
    TokenEnded(TokenId),
    /// All tokens that came of one by refreshes were ended.
    FamilyEnded(TokenId),
    /// An account's tokens and sessions were ended, or some of them.
    AccountSignedOut(AccountId),
    /// A customer's tokens were ended.
    CustomerSignedOut(CustomerId),
    /// The customers of a product are gone.
    CustomersEnded(ProductId),
    /// An API user's token was ended.
    ApiUserSignedOut(ApiUserId),
    /// A client was changed in what its tokens may do, or is gone.
    ClientChanged(ClientKey),
    /// A client has other secrets or public keys.
    ClientSecretsChanged(ClientKey),
    /// An account has another role in a team, or none.
    RoleChanged(TeamId, AccountId),
    /// A team is gone, with its API users.
    TeamDissolved(TeamId),
    /// An account is gone from all teams.
    LeftAllTeams(AccountId),
    /// A product was changed, or is gone.
    ProductChanged(ProductId),
    /// A product may have another owner.
    ProductHandedOn(ProductId),
    /// What products show of their owner was changed.
    ProductsOfOwnerChanged(AccountId),
    /// An organization is gone.
    OrganizationEnded(OrganizationId),
    /// A secret has another value.
    SecretChanged(#[serde(with = "Space")] SpaceKey, String),
    /// A secret is gone.
    SecretEnded(#[serde(with = "Space")] SpaceKey, String),
    /// An account, a product or an organization is gone with all that such have.
    SpaceEnded(#[serde(with = "Space")] SpaceKey),
    /// There is an integration more.
    IntegrationMade(#[serde(with = "Space")] SpaceKey),
    /// An integration was changed, or is gone.
    IntegrationChanged(#[serde(with = "Space")] SpaceKey, IntegrationId),
    /// Whoever was locked out by this address or name may guess again.
    Unlocked(Locked),
}

/// How a [`SpaceKey`] is written, which the store knows nothing of.
#[derive(Serialize, Deserialize)]
#[serde(remote = "SpaceKey")]
enum Space {
    Account(i64),
    Product(i64),
    Organization(i64),
}

impl Notice {
    /// As the store keeps it.
    pub(super) fn to_body(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// None where it is a word of another version.
    pub(super) fn of_body(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }
}

impl Mote {
    /// Has memory forget what a notice makes wrong; after the commit of what it tells of. The doors keep count of network
    /// addresses for themselves.
    pub(crate) fn heed(&self, notice: &Notice) {
        match notice {
            Notice::TokenEnded(id) => self.grants().drop_where(|grant| grant.id == *id),
            Notice::FamilyEnded(family) => self.grants().drop_where(|grant| grant.family == *family),
            Notice::AccountSignedOut(account) => self.forget_grants_of_account(*account),
            Notice::CustomerSignedOut(id) => self.forget_grants_of_customer(*id),
            Notice::CustomersEnded(product) => self.forget_grants_of_customers(*product),
            Notice::ApiUserSignedOut(id) => self.forget_grants_of_api_user(*id),
            Notice::ClientChanged(key) => self.forget_client(*key),
            // Grants do not depend on them.
            Notice::ClientSecretsChanged(key) => self.clients().drop_where(|client| client.key == *key),
            Notice::RoleChanged(team, account) => self.forget_role(*team, *account),
            Notice::TeamDissolved(team) => self.forget_dissolved(*team),
            Notice::LeftAllTeams(account) => self.forget_roles_of(*account),
            Notice::ProductChanged(id) => self.products().drop_one(*id),
            Notice::ProductHandedOn(id) => {
                self.products().drop_one(*id);
                self.forget_integrations_of(SpaceKey::Product(id.0));
            }
            Notice::ProductsOfOwnerChanged(account) => {
                self.products().drop_where(|product| product.owner == *account);
            }
            Notice::OrganizationEnded(id) => {
                self.organizations().drop_where(|organization| organization.id == *id);
            }
            Notice::SecretChanged(space, name) => self.secrets().forget(*space, name),
            Notice::SecretEnded(space, name) => {
                self.secrets().forget(*space, name);
                self.secrets().forget_touch(*space, name);
            }
            Notice::SpaceEnded(space) => self.forget_space(*space),
            Notice::IntegrationMade(space) => self.forget_triggers(*space),
            Notice::IntegrationChanged(space, id) => self.forget_integration(*space, *id),
            Notice::Unlocked(Locked::Name(name)) => self.guesses().forget(name),
            Notice::Unlocked(Locked::Address(_)) => {}
        }
    }
}

/// Reads a notice of another process: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(body: &str) {
    let Some(notice) = Notice::of_body(body) else { return };
    assert_eq!(Notice::of_body(&notice.to_body()), Some(notice));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_come_back_as_they_were_written() {
        for notice in [
            Notice::TokenEnded(TokenId(-7)),
            Notice::RoleChanged(TeamId::Organization(OrganizationId(7)), AccountId(i64::MAX)),
            Notice::SecretEnded(SpaceKey::Product(1001), "KEY".into()),
            Notice::IntegrationChanged(SpaceKey::Account(1), IntegrationId(8)),
            Notice::Unlocked(Locked::parse(" 192.0.2.1 ").unwrap()),
            Notice::Unlocked(Locked::parse("2001:db8::1").unwrap()),
            Notice::Unlocked(Locked::parse("Me@Example.com").unwrap()),
        ] {
            assert_eq!(Notice::of_body(&notice.to_body()), Some(notice));
        }
        assert_eq!(Notice::of_body(r#"{"MoonWaned":7}"#), None);
        assert!(Locked::parse("nobody").is_err());
    }
}
