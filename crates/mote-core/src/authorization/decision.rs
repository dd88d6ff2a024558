//! The one function that says yes or no.

use super::{Door, Limits, Role, Row, Scope, Scopes, TeamTokens};

/// The kind of credential that a caller came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A user token: speaks for an account.
    User,
    /// A product bearer token: speaks for one product.
    Product,
    /// A customer token: speaks for a customer of one product.
    Customer,
    /// An API user's token: works for one product or organization, within its scopes.
    ApiUser,
    /// A session of the web console: a person, with all that his account and his roles allow.
    Console,
}

/// Everything about a caller, and what he asks for, that decides.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// His credential.
    pub kind: Kind,
    /// What his credential is limited to.
    pub limits: Limits,
    /// A product's or API user's token: whether the product or organization asked for is within its reach.
    pub within_reach: bool,
    /// A user token or a console session: his role in the team of the product or organization asked for, if it exists.
    pub role: Option<Role>,
    /// Whether the server or the product opens product APIs to its team's own tokens.
    pub team_tokens: bool,
}

/// Why not. The texts say what to do instead, give no other product's existence away, and never say "access token", on
/// which the Particle CLI throws away the one it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// A user token at a product API; the same words whether or not there is such a product.
    #[error(
        "A user's token does not open product APIs. Make an OAuth client for the product (Authentication tab of the \
         console, or POST /v1/products/:productIdOrSlug/clients), trade its ID and secret at POST /oauth/token with \
         grant_type=client_credentials, and send the token that you get. For a team's own tools, such as the Particle CLI, an \
         administrator can open the product's API to its team instead (Settings of the console, or settings.team_tokens)"
    )]
    UserTokenAtProduct,
    /// A user token where team members are let in, of somebody who is none; the same words for no such team.
    #[error("You are not on the team of such a {}. Ask one of its administrators to invite you", of.name())]
    NotOnTeam {
        /// Whose team.
        of: Place,
    },
    /// A team member whose role does not reach.
    #[error("Your role in this team does not allow this: it takes {}. Ask an administrator", needed.name())]
    Role {
        /// The least role that does.
        needed: Role,
    },
    /// A token that works for one product or organization, at another; the same words whether or not there is such a one.
    #[error("This token opens another {0}. Use one made for the {0} that you ask for", of.name())]
    OutOfReach {
        /// What was asked for.
        of: Place,
    },
    /// A product token where none is taken.
    #[error(
        "A product's token opens that product only, no account and no organization. Use a user's token here"
    )]
    ProductTokenElsewhere,
    /// A customer token where none is taken.
    #[error("A customer's token opens that customer's own devices only")]
    CustomerTokenElsewhere,
    /// An API user's token where none is taken.
    #[error(
        "An API user's token opens its product or organization only, no account. Use a user's token here"
    )]
    ApiUserTokenAtAccount,
    /// Somebody of a team who is to be changed by one whose role is less.
    #[error("This member's role, {}, is above yours: you cannot change or remove them", needed.name())]
    MemberAbove {
        /// The least role that does.
        needed: Role,
    },
    /// A role to be given by one whose own is less.
    #[error("You cannot give a role above your own, which is {}", own.name())]
    RoleAbove {
        /// The role of the one who would give it.
        own: Role,
    },
    /// Scopes to be handed out by one who has not got them.
    #[error("You cannot hand out what you may not do yourself{}", beyond_hint(*beyond))]
    ScopesAbove {
        /// Those that he has not got.
        beyond: Scopes,
    },
    /// Secrets of whoever owns a product, named in an integration by somebody who could not give them a value.
    #[error(
        "The secrets that an integration names are those of {}: whoever names one, or changes what is done with it, could read \
         it. Let {} save this integration, at the console or with a user's token, or name no secrets in it",
        owner_of_secrets(*of), keeper_of_secrets(*of)
    )]
    SecretsOfOwner {
        /// What owns them; none for an account.
        of: Option<Place>,
    },
    /// A token that is limited to something else.
    #[error("The credential that you sent is limited to other scopes{}", scope_hint(*scope))]
    Scope {
        /// The scope that would do, if any.
        scope: Option<Scope>,
    },
}

/// What has a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A product.
    Product,
    /// An organization.
    Organization,
}

impl Place {
    const fn name(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Organization => "organization",
        }
    }
}

fn scope_hint(scope: Option<Scope>) -> String {
    scope.map_or_else(String::new, |scope| format!("; this takes {}", scope.name()))
}

fn owner_of_secrets(of: Option<Place>) -> String {
    of.map_or_else(|| "the account that owns the product".into(), |place| format!("the {}", place.name()))
}

fn keeper_of_secrets(of: Option<Place>) -> String {
    of.map_or_else(|| "its owner".into(), |place| format!("an Administrator of the {}'s team", place.name()))
}

fn beyond_hint(beyond: Scopes) -> String {
    let names: Vec<_> = beyond.names().collect();
    if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) }
}

/// Whether a caller with this standing may use the right of this row at this door. Every right is at one door only, but
/// for those of [`Door::Space`], where the path says which.
pub fn decide(row: &Row, door: Door, who: Standing) -> Result<(), Denial> {
    match door {
        Door::Open | Door::Token => return Ok(()),
        Door::Owner if who.kind == Kind::Customer => return Ok(()),
        Door::Account | Door::Owner | Door::Space => at_account(who.kind)?,
        Door::Product => at_product(row, who)?,
        // A team's path says which of the two it is.
        Door::Organization | Door::Team => at_organization(row, who)?,
    }
    if who.limits.allow(row.scope) { Ok(()) } else { Err(Denial::Scope { scope: row.scope }) }
}

fn at_account(kind: Kind) -> Result<(), Denial> {
    match kind {
        Kind::User | Kind::Console => Ok(()),
        Kind::Product => Err(Denial::ProductTokenElsewhere),
        Kind::Customer => Err(Denial::CustomerTokenElsewhere),
        Kind::ApiUser => Err(Denial::ApiUserTokenAtAccount),
    }
}

fn at_product(row: &Row, who: Standing) -> Result<(), Denial> {
    let of = Place::Product;
    match (who.kind, row.team, who.role) {
        (Kind::Product | Kind::ApiUser, ..) if who.within_reach => Ok(()),
        (Kind::Product | Kind::ApiUser, ..) => Err(Denial::OutOfReach { of }),
        (Kind::Customer, ..) => Err(Denial::CustomerTokenElsewhere),
        (Kind::Console, _, None) | (Kind::User, TeamTokens::Always, None) => Err(Denial::NotOnTeam { of }),
        (Kind::User, TeamTokens::WhereOpened, None) => Err(Denial::UserTokenAtProduct),
        (Kind::User, TeamTokens::WhereOpened, Some(_)) if !who.team_tokens => Err(Denial::UserTokenAtProduct),
        // The switch is about programs; people at the console have what their role has.
        (Kind::User | Kind::Console, _, Some(role)) => reaches(role, row.least),
    }
}

/// An organization has no product credentials: its members come with their own tokens.
fn at_organization(row: &Row, who: Standing) -> Result<(), Denial> {
    let of = Place::Organization;
    match (who.kind, who.role) {
        (Kind::ApiUser, _) if who.within_reach => Ok(()),
        (Kind::ApiUser, _) => Err(Denial::OutOfReach { of }),
        (Kind::Product, _) => Err(Denial::ProductTokenElsewhere),
        (Kind::Customer, _) => Err(Denial::CustomerTokenElsewhere),
        (Kind::User | Kind::Console, None) => Err(Denial::NotOnTeam { of }),
        (Kind::User | Kind::Console, Some(role)) => reaches(role, row.least),
    }
}

fn reaches(role: Role, needed: Role) -> Result<(), Denial> {
    if role >= needed { Ok(()) } else { Err(Denial::Role { needed }) }
}
