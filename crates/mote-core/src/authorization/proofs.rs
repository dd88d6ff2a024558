//! Proofs that a caller may do something, with what he may do it to.

use std::marker::PhantomData;
use std::sync::Arc;

use super::{AccountRight, Door, Kind, ProductRight, Right, Role, Standing, decide};
use crate::products::{Product, ProductRef};
use crate::tokens::{Grant, Holder};
use crate::{AccountId, Error, Mote};

/// The holder of `grant` may use the right `R`, which any living token opens.
#[derive(Debug)]
pub struct TokenAccess<R> {
    grant: Arc<Grant>,
    right: PhantomData<fn() -> R>,
}

impl<R> TokenAccess<R> {
    /// The token in hand.
    #[must_use]
    pub fn grant(&self) -> &Arc<Grant> {
        &self.grant
    }
}

/// The caller may use the right `R` over this account: his own.
#[derive(Debug)]
pub struct AccountAccess<R> {
    account: AccountId,
    grant: Arc<Grant>,
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
        &self.grant
    }
}

/// The caller may use the right `R` over this product.
#[derive(Debug)]
pub struct ProductAccess<R> {
    product: Arc<Product>,
    grant: Arc<Grant>,
    right: PhantomData<fn() -> R>,
}

impl<R> ProductAccess<R> {
    /// The product.
    #[must_use]
    pub fn product(&self) -> &Arc<Product> {
        &self.product
    }

    /// The token in hand.
    #[must_use]
    pub fn grant(&self) -> &Arc<Grant> {
        &self.grant
    }
}

impl Mote {
    /// Proves that the token in hand opens `R`.
    pub fn token_access<R: Right>(&self, grant: Arc<Grant>) -> Result<TokenAccess<R>, Error> {
        if R::ROW.door != Door::Token {
            return Err(Error::Internal(format!("{} is not at the door of tokens", R::ROW.name)));
        }
        Ok(TokenAccess { grant, right: PhantomData })
    }

    /// Proves that the caller may use `R` over his account.
    pub fn account_access<R: AccountRight>(&self, grant: Arc<Grant>) -> Result<AccountAccess<R>, Error> {
        let (kind, account) = match grant.holder() {
            Holder::User(account) => (Kind::User, Some(account)),
            Holder::Product(_) => (Kind::Product, None),
        };
        let standing =
            Standing { kind, limits: grant.limits(), own_product: false, role: None, team_tokens: false };
        decide(R::ROW, standing).map_err(Error::Denied)?;
        let account =
            account.ok_or_else(|| Error::Internal("an account's right without an account".into()))?;
        Ok(AccountAccess { account, grant, right: PhantomData })
    }

    /// Proves that the caller may use `R` over the product that `named` stands for.
    pub async fn product_access<R: ProductRight>(
        &self,
        grant: Arc<Grant>,
        named: &ProductRef<'_>,
    ) -> Result<ProductAccess<R>, Error> {
        let product = self.find_product(named).await?;
        let (kind, own_product, role) = match grant.holder() {
            Holder::Product(own) => (Kind::Product, product.as_ref().is_some_and(|p| p.id == own), None),
            Holder::User(account) => (Kind::User, false, self.role_of(product.as_deref(), account).await?),
        };
        let team_tokens =
            self.settings().team_tokens || product.as_ref().is_some_and(|p| p.settings.team_tokens());
        let standing = Standing { kind, limits: grant.limits(), own_product, role, team_tokens };
        decide(R::ROW, standing).map_err(Error::Denied)?;
        let product =
            product.ok_or_else(|| Error::Internal("a right over a product that is not there".into()))?;
        Ok(ProductAccess { product, grant, right: PhantomData })
    }

    async fn role_of(&self, product: Option<&Product>, account: AccountId) -> Result<Option<Role>, Error> {
        let Some(id) = product.map(|product| product.id) else { return Ok(None) };
        let number = self.store().read(move |db| mote_store::teams::role(db, id.0, account.0)).await?;
        Ok(number.and_then(Role::from_number))
    }
}
