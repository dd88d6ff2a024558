//! Proofs that a caller may do something, with what he may do it to.

use std::marker::PhantomData;
use std::sync::Arc;

use super::{
    AccountRight, Caller, Door, Kind, OrganizationRight, OwnerRight, ProductRight, Right, Role, SpaceRight,
    Standing, TeamRight, decide,
};
use crate::organizations::{Organization, OrganizationRef};
use crate::products::{Product, ProductRef};
use crate::teams::{Team, TeamId};
use crate::tokens::{Grant, Holder};
use crate::{AccountId, Error, Mote, OwnerId, ProductId, SpaceKey};

macro_rules! proof {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<R> {
            $($field: $of,)*
            caller: Caller,
            right: PhantomData<fn() -> R>,
        }

        impl<R> $name<R> {
            $(
                $(#[$field_doc])*
                #[must_use]
                pub fn $field(&self) -> &$of {
                    &self.$field
                }
            )*

            /// The token in hand.
            #[must_use]
            pub fn grant(&self) -> &Arc<Grant> {
                self.caller.grant()
            }

            /// Who calls.
            #[must_use]
            pub fn caller(&self) -> &Caller {
                &self.caller
            }
        }
    };
}

proof! {
    /// The holder of `grant` may use the right `R`, which any living token opens.
    TokenAccess {}
}

proof! {
    /// The caller may use the right `R` over the product.
    ProductAccess {
        /// The product.
        product: Arc<Product>,
    }
}

proof! {
    /// The caller may use the right `R` over the organization.
    OrganizationAccess {
        /// The organization.
        organization: Arc<Organization>,
    }
}

proof! {
    /// The caller may use the right `R` over what the account, product or organization has that the path names.
    SpaceAccess {
        /// Which.
        space: Space,
    }
}

proof! {
    /// The caller may use the right `R` over the team of the product or organization that the path names.
    TeamAccess {
        /// Whose.
        team: Team,
    }
}

/// The caller may use the right `R` over this account: his own.
#[derive(Debug)]
pub struct AccountAccess<R> {
    account: AccountId,
    caller: Caller,
    right: PhantomData<fn() -> R>,
}

impl<R> AccountAccess<R> {
    /// The account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The token in hand.
    #[must_use]
    pub fn grant(&self) -> &Arc<Grant> {
        self.caller.grant()
    }

    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}

/// The caller may use the right `R` over his own devices.
#[derive(Debug)]
pub struct OwnerAccess<R> {
    owner: OwnerId,
    product: Option<ProductId>,
    caller: Caller,
    right: PhantomData<fn() -> R>,
}

impl<R> OwnerAccess<R> {
    /// Whose devices.
    #[must_use]
    pub fn owner(&self) -> OwnerId {
        self.owner
    }

    /// The product that a customer is one of; none for an account, whose devices may be of any.
    #[must_use]
    pub fn product(&self) -> Option<ProductId> {
        self.product
    }

    /// The token in hand.
    #[must_use]
    pub fn grant(&self) -> &Arc<Grant> {
        self.caller.grant()
    }

    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}

/// Where things of one kind are kept that accounts, products and organizations all have.
#[derive(Clone, Debug)]
pub enum Space {
    /// An account: the vendor's "sandbox".
    Account(AccountId),
    /// A product.
    Product(Arc<Product>),
    /// An organization.
    Organization(Arc<Organization>),
}

impl Space {
    /// Its name in the store.
    #[must_use]
    pub fn key(&self) -> SpaceKey {
        match self {
            Self::Account(account) => SpaceKey::Account(account.0),
            Self::Product(product) => SpaceKey::Product(product.id.0),
            Self::Organization(organization) => SpaceKey::Organization(organization.id.0),
        }
    }

    /// Itself, or whoever owns the product: an organization or an account, where what all of its products share is kept.
    #[must_use]
    pub fn owner_key(&self) -> SpaceKey {
        match self {
            Self::Product(product) => product.owner_key(),
            Self::Account(_) | Self::Organization(_) => self.key(),
        }
    }
}

/// What the path of a request names, of the three.
#[derive(Clone, Copy, Debug)]
pub enum SpaceRef<'a> {
    /// Nothing: the caller's own account.
    Account,
    /// A product.
    Product(ProductRef<'a>),
    /// An organization.
    Organization(OrganizationRef<'a>),
}

/// Whose team the path of a request names.
#[derive(Clone, Copy, Debug)]
pub enum TeamRef<'a> {
    /// A product's.
    Product(ProductRef<'a>),
    /// An organization's.
    Organization(OrganizationRef<'a>),
}

impl Mote {
    /// Proves that the token in hand opens `R`.
    pub fn token_access<R: Right>(&self, caller: Caller) -> Result<TokenAccess<R>, Error> {
        if matches!(caller.grant().holder(), Holder::Console(_)) {
            return Err(Error::InvalidToken);
        }
        if R::ROW.door != Door::Token {
            return Err(Error::Internal(format!("{} is not at the door of tokens", R::ROW.name)));
        }
        Ok(TokenAccess { caller, right: PhantomData })
    }

    /// Proves that the caller may use `R` over his account.
    pub fn account_access<R: AccountRight>(&self, caller: Caller) -> Result<AccountAccess<R>, Error> {
        let account = own_account::<R>(caller.grant(), Door::Account)?;
        Ok(AccountAccess { account, caller, right: PhantomData })
    }

    /// Proves that the caller may use `R` over his own devices.
    pub fn owner_access<R: OwnerRight>(&self, caller: Caller) -> Result<OwnerAccess<R>, Error> {
        let (owner, product) = match caller.grant().holder() {
            Holder::Customer(customer, product) => {
                decide(R::ROW, Door::Owner, standing(caller.grant())).map_err(Error::Denied)?;
                (customer.into(), Some(product))
            }
            _ => (own_account::<R>(caller.grant(), Door::Owner)?.into(), None),
        };
        Ok(OwnerAccess { owner, product, caller, right: PhantomData })
    }

    /// Proves that the caller may use `R` over the product that `named` stands for.
    pub async fn product_access<R: ProductRight>(
        &self,
        caller: Caller,
        named: &ProductRef<'_>,
    ) -> Result<ProductAccess<R>, Error> {
        let product = self.open_product::<R>(caller.grant(), named).await?;
        Ok(ProductAccess { product, caller, right: PhantomData })
    }

    /// Proves that the caller may use `R` over the organization that `named` stands for.
    pub async fn organization_access<R: OrganizationRight>(
        &self,
        caller: Caller,
        named: &OrganizationRef<'_>,
    ) -> Result<OrganizationAccess<R>, Error> {
        let organization = self.open_organization::<R>(caller.grant(), named).await?;
        Ok(OrganizationAccess { organization, caller, right: PhantomData })
    }

    /// Proves that the caller may use `R` over the team that the path names.
    pub async fn team_access<R: TeamRight>(
        &self,
        caller: Caller,
        named: TeamRef<'_>,
    ) -> Result<TeamAccess<R>, Error> {
        let team = match named {
            TeamRef::Product(named) => Team::Product(self.open_product::<R>(caller.grant(), &named).await?),
            TeamRef::Organization(named) => {
                Team::Organization(self.open_organization::<R>(caller.grant(), &named).await?)
            }
        };
        Ok(TeamAccess { team, caller, right: PhantomData })
    }

    /// Proves that the caller may use `R` over what the path names.
    pub async fn space_access<R: SpaceRight>(
        &self,
        caller: Caller,
        named: SpaceRef<'_>,
    ) -> Result<SpaceAccess<R>, Error> {
        let space = match named {
            SpaceRef::Account => Space::Account(own_account::<R>(caller.grant(), Door::Account)?),
            SpaceRef::Product(named) => Space::Product(self.open_product::<R>(caller.grant(), &named).await?),
            SpaceRef::Organization(named) => {
                Space::Organization(self.open_organization::<R>(caller.grant(), &named).await?)
            }
        };
        Ok(SpaceAccess { space, caller, right: PhantomData })
    }

    async fn open_product<R: Right>(
        &self,
        grant: &Grant,
        named: &ProductRef<'_>,
    ) -> Result<Arc<Product>, Error> {
        let product = self.find_product(named).await?;
        let within_reach = product.as_ref().is_some_and(|product| reaches_product(grant.holder(), product));
        let role = match (grant.holder().account(), &product) {
            (Some(account), Some(product)) => self.role_at(product, account).await?,
            _ => None,
        };
        let team_tokens =
            self.settings().team_tokens || product.as_ref().is_some_and(|p| p.settings.team_tokens());
        let standing = Standing { within_reach, role, team_tokens, ..standing(grant) };
        decide(R::ROW, Door::Product, standing).map_err(Error::Denied)?;
        product.ok_or_else(|| Error::Internal("a right over a product that is not there".into()))
    }

    async fn open_organization<R: Right>(
        &self,
        grant: &Grant,
        named: &OrganizationRef<'_>,
    ) -> Result<Arc<Organization>, Error> {
        let organization = self.find_organization(named).await?;
        let team = organization.as_ref().map(|organization| TeamId::Organization(organization.id));
        let (within_reach, role) = match (grant.holder(), team) {
            (Holder::ApiUser(_, of), Some(team)) => (of == team, None),
            (Holder::User(account) | Holder::Console(account), Some(team)) => {
                (false, self.role_in(team, account).await?)
            }
            _ => (false, None),
        };
        let standing = Standing { within_reach, role, ..standing(grant) };
        decide(R::ROW, Door::Organization, standing).map_err(Error::Denied)?;
        organization.ok_or_else(|| Error::Internal("a right over an organization that is not there".into()))
    }

    /// What else whoever holds this proof may do to the product, and why not: for pages that show it before it is tried.
    pub async fn standing_at<R: ProductRight>(&self, access: &ProductAccess<R>) -> Result<Standing, Error> {
        let product = access.product();
        let role = match access.grant().holder().account() {
            Some(account) => self.role_at(product, account).await?,
            None => None,
        };
        let team_tokens = self.settings().team_tokens || product.settings.team_tokens();
        let within_reach = reaches_product(access.grant().holder(), product);
        Ok(Standing { within_reach, role, team_tokens, ..standing(access.grant()) })
    }

    /// The same of an organization.
    pub async fn standing_in<R: OrganizationRight>(
        &self,
        access: &OrganizationAccess<R>,
    ) -> Result<Standing, Error> {
        let role = match access.grant().holder().account() {
            Some(account) => self.role_in(TeamId::Organization(access.organization().id), account).await?,
            None => None,
        };
        Ok(Standing { role, ..standing(access.grant()) })
    }

    /// The role of an account at a product: in its team, or in its organization's, whichever reaches further.
    pub(crate) async fn role_at(&self, product: &Product, account: AccountId) -> Result<Option<Role>, Error> {
        let own = self.role_in(TeamId::Product(product.id), account).await?;
        let Some(organization) = &product.organization else { return Ok(own) };
        let of_organization = self.role_in(TeamId::Organization(organization.id), account).await?;
        Ok(own.max(of_organization))
    }
}

/// What the grant alone says of a caller.
pub(crate) fn standing(grant: &Grant) -> Standing {
    let kind = match grant.holder() {
        Holder::User(_) => Kind::User,
        Holder::Product(_) => Kind::Product,
        Holder::Customer(..) => Kind::Customer,
        Holder::ApiUser(..) => Kind::ApiUser,
        Holder::Console(_) => Kind::Console,
    };
    Standing { kind, limits: grant.limits(), within_reach: false, role: None, team_tokens: false }
}

fn own_account<R: Right>(grant: &Grant, door: Door) -> Result<AccountId, Error> {
    decide(R::ROW, door, standing(grant)).map_err(Error::Denied)?;
    let without = || Error::Internal("an account's right without an account".into());
    grant.holder().account().ok_or_else(without)
}

/// Whether a token that works for products works for this one.
fn reaches_product(holder: Holder, product: &Product) -> bool {
    match holder {
        Holder::Product(own) | Holder::ApiUser(_, TeamId::Product(own)) => own == product.id,
        Holder::ApiUser(_, TeamId::Organization(own)) => {
            product.organization.as_ref().is_some_and(|organization| organization.id == own)
        }
        Holder::User(_) | Holder::Console(_) | Holder::Customer(..) => false,
    }
}
