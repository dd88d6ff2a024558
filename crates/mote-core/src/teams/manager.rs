//! What somebody who manages a team may hand out, and whom he may change: never more than he is himself.

use mote_store::{Db, products, teams as rows};

use super::{Team, TeamId};
use crate::authorization::{Denial, Door, Limits, Place, Role, Row, Scope, Scopes, table};
use crate::spaces::still_there;
use crate::tokens::{Grant, Holder};
use crate::{AccountId, Error, OrganizationId};

/// Somebody who manages a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manager {
    kind: ManagerKind,
    team: TeamId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ManagerKind {
    /// A member, in this role.
    Member(Role),
    /// The product itself, by its bearer token. Administrators make these: so it is one, though everything that has a scope
    /// is open to it.
    Product,
    /// An API user with these scopes, no more than an administrator either.
    ApiUser(Scopes),
}

impl Manager {
    /// Who the caller is, from within the transaction that works for him: whoever has just been taken off a team, or given
    /// a lesser role, does nothing any more.
    pub(super) fn of(db: &mut Db, grant: &Grant, team: &Team, right: &Row) -> Result<Self, Error> {
        still_there(db, team.id().into())?;
        let kind = match (grant.holder(), grant.limits()) {
            (Holder::User(account) | Holder::Console(account), _) => {
                let role = role_in_store(db, team.id(), team.organization_of_product(), account)?;
                let of = match team {
                    Team::Product(_) => Place::Product,
                    Team::Organization(_) => Place::Organization,
                };
                let role = role.ok_or(Error::Denied(Denial::NotOnTeam { of }))?;
                if role < right.least {
                    return Err(Error::Denied(Denial::Role { needed: right.least }));
                }
                ManagerKind::Member(role)
            }
            (Holder::Product(_), _) => {
                grant.still(db)?;
                ManagerKind::Product
            }
            (Holder::ApiUser(..), Limits::Only(scopes)) => {
                // Other scopes come with another token.
                grant.still(db)?;
                ManagerKind::ApiUser(scopes)
            }
            _ => return Err(Error::Internal(format!("a team is managed by grant {}", grant.id()))),
        };
        Ok(Self { kind, team: team.id() })
    }

    /// An API user of the team with these scopes.
    pub(super) fn of_api_user(team: TeamId, scopes: Scopes) -> Self {
        Self { kind: ManagerKind::ApiUser(scopes), team }
    }

    fn role(self) -> Role {
        match self.kind {
            ManagerKind::Member(role) => role,
            ManagerKind::Product | ManagerKind::ApiUser(_) => Role::Administrator,
        }
    }

    /// Whether he may change or remove somebody of this role.
    pub(super) fn may_change(self, role: Role) -> Result<(), Error> {
        if role <= self.role() { Ok(()) } else { Err(Error::Denied(Denial::MemberAbove { needed: role })) }
    }

    /// Whether he may give this role to somebody who has none, or a lesser one.
    pub(super) fn may_give(self, role: Role) -> Result<(), Error> {
        if role > self.role() {
            return Err(Error::Denied(Denial::RoleAbove { own: self.role() }));
        }
        let ManagerKind::ApiUser(own) = self.kind else { return Ok(()) };
        // A role is worth all the scopes that it opens.
        let opened: Vec<&Row> = rights_of(self.team).filter(|row| row.least <= role).collect();
        if opened.iter().all(|row| Limits::Only(own).allow(row.scope)) {
            return Ok(());
        }
        let beyond = opened.iter().filter_map(|row| row.scope).collect::<Scopes>().without(own);
        Err(Error::Denied(Denial::ScopesAbove { beyond }))
    }

    /// Whether he may end what has these scopes, or take some of them from it. A member may: what is out of hand must be ended at
    /// once, whoever made it.
    pub(super) fn may_take(self, scopes: Scopes) -> Result<(), Error> {
        match self.kind {
            ManagerKind::Member(_) | ManagerKind::Product => Ok(()),
            ManagerKind::ApiUser(_) => self.may_hand_out(scopes),
        }
    }

    /// Whether he may hand out a credential with these scopes.
    pub(super) fn may_hand_out(self, scopes: Scopes) -> Result<(), Error> {
        let beyond = match self.kind {
            ManagerKind::Member(role) => {
                let above = rights_of(self.team).filter(|row| row.least > role).filter_map(|row| row.scope);
                above.filter(|scope: &Scope| scopes.contain(*scope)).collect()
            }
            ManagerKind::Product => Scopes::default(),
            ManagerKind::ApiUser(own) => scopes.without(own),
        };
        if beyond.is_empty() { Ok(()) } else { Err(Error::Denied(Denial::ScopesAbove { beyond })) }
    }
}

/// The rights that a role in this team opens, or an API user's token; an organization's reach its products.
fn rights_of(team: TeamId) -> impl Iterator<Item = &'static Row> {
    let at_organization = table::rows()
        .filter(move |row| row.door == Door::Organization && matches!(team, TeamId::Organization(_)));
    rights_at_products().chain(at_organization)
}

/// The rights over a product.
pub(crate) fn rights_at_products() -> impl Iterator<Item = &'static Row> {
    table::rows().filter(|row| match row.door {
        Door::Product | Door::Team | Door::Space => true,
        Door::Organization | Door::Open | Door::Token | Door::Account | Door::Owner => false,
    })
}

/// The role of an account at a product or organization, as the store has it now: in its team, or in that of the product's
/// organization, whichever reaches further.
pub(crate) fn role_in_store(
    db: &mut Db,
    team: TeamId,
    organization: Option<OrganizationId>,
    account: AccountId,
) -> Result<Option<Role>, Error> {
    let own = rows::role(db, team.rows(), account.0)?;
    let shared = match organization {
        Some(organization) => rows::role(db, rows::Team::Organization(organization.0), account.0)?,
        None => None,
    };
    Ok(own.max(shared).and_then(Role::from_number))
}

/// The organization of the product whose team this is, as the store has it.
pub(super) fn organization_in_store(db: &mut Db, team: TeamId) -> Result<Option<OrganizationId>, Error> {
    let TeamId::Product(id) = team else { return Ok(None) };
    let found = products::get(db, id.0)?;
    Ok(found.and_then(|(row, ..)| row.organization_id).map(OrganizationId))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProductId;
    use crate::authorization::SCOPE_NAMES;

    const PRODUCT: TeamId = TeamId::Product(ProductId(1001));
    const ORGANIZATION: TeamId = TeamId::Organization(OrganizationId(7));

    fn member(role: Role) -> Manager {
        Manager { kind: ManagerKind::Member(role), team: PRODUCT }
    }

    fn api_user(team: TeamId, scopes: Scopes) -> Manager {
        Manager { kind: ManagerKind::ApiUser(scopes), team }
    }

    fn all() -> Scopes {
        SCOPE_NAMES.into_iter().filter_map(Scope::parse).collect()
    }

    #[test]
    fn nobody_reaches_above_his_role() {
        for role in Role::ALL {
            for other in Role::ALL {
                assert_eq!(member(role).may_change(other).is_ok(), other <= role);
                assert_eq!(member(role).may_give(other).is_ok(), other <= role);
            }
        }
        for manager in [
            Manager { kind: ManagerKind::Product, team: PRODUCT },
            api_user(PRODUCT, all()),
            api_user(ORGANIZATION, all()),
        ] {
            for role in Role::ALL {
                assert_eq!(manager.may_change(role).is_ok(), role <= Role::Administrator, "{manager:?}");
                assert_eq!(manager.may_give(role).is_ok(), role <= Role::Administrator, "{manager:?}");
            }
        }
    }

    #[test]
    fn an_api_user_gives_only_roles_whose_scopes_it_has() {
        let of_role = |role: Role| rights_of(PRODUCT).filter(move |row| row.least <= role);
        let scopes: Scopes = of_role(Role::Support).filter_map(|row| row.scope).collect();
        let manager = api_user(PRODUCT, scopes);
        assert!(manager.may_give(Role::ViewOnly).is_ok() && manager.may_give(Role::Support).is_ok());
        let Err(Error::Denied(Denial::ScopesAbove { beyond })) = manager.may_give(Role::Developer) else {
            panic!("it gives what it has not")
        };
        assert!(
            beyond.contain(Scope::named("devices:import")) && !beyond.contain(Scope::named("devices:list"))
        );
        let invites = Scopes::one(Scope::named("teams.users:invite"));
        assert!(api_user(PRODUCT, invites).may_give(Role::ViewOnly).is_err());
    }

    #[test]
    fn scopes_are_handed_out_within_ones_own() {
        let [list, invite] = ["devices:list", "teams.users:invite"].map(Scope::named).map(Scopes::one);
        assert!(api_user(PRODUCT, list).may_hand_out(list).is_ok());
        assert!(api_user(PRODUCT, invite).may_hand_out(list).is_err());
        assert!(api_user(PRODUCT, list).may_take(list).is_ok());
        assert!(api_user(PRODUCT, invite).may_take(list).is_err());
        assert!(member(Role::Administrator).may_take(all()).is_ok());
        let ends = Scopes::one(Scope::named("products:remove"));
        assert!(member(Role::Owner).may_hand_out(all()).is_ok());
        assert!(member(Role::Administrator).may_hand_out(ends).is_err());
        assert!(member(Role::Administrator).may_hand_out(all().without(ends)).is_ok());
        // What an organization's right takes is nothing at a product.
        let founds = Scopes::one(Scope::named("products:create"));
        assert!(api_user(PRODUCT, all().without(founds)).may_give(Role::Administrator).is_ok());
        assert!(api_user(ORGANIZATION, all().without(founds)).may_give(Role::Administrator).is_err());
    }
}
