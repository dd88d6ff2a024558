//! Customer tokens: for the customer's own password, or for whom the product's server says.

use mote_store::customers as rows;
use mote_store::customers::CustomerRow;
use mote_store::{Db, tokens};

use crate::accounts::Tried;
use crate::clients::{Client, ClientScope};
use crate::names::CustomerName;
use crate::passwords::Password;
use crate::tokens::{Holder, Lifetime, Minted, Seed};
use crate::{ClientKey, CustomerId, Error, Mote, OAuthError, ProductId};

/// That somebody knew the password of a customer when it was looked up: what an account's owner has in `accounts::Proof`.
#[must_use]
pub(crate) struct CustomerProof(CustomerRow);

impl CustomerProof {
    /// Whose password it was.
    pub(crate) fn customer(&self) -> CustomerId {
        CustomerId(self.0.id)
    }

    /// The customer as he is by now, for the transaction that works for whoever knew his password. Another may have been set
    /// while it was looked at: then this one is worth nothing any more.
    pub(crate) fn renew(&self, db: &mut Db) -> Result<CustomerRow, Error> {
        let same = |now: &CustomerRow| now.password_hash == self.0.password_hash;
        rows::get(db, self.0.id)?.filter(same).ok_or_else(|| Error::OAuth(OAuthError::wrong_user()))
    }
}

impl Mote {
    /// A customer token for the name and password of a customer of the client's product.
    ///
    /// Takes the same work for a name that is nobody's, for a shadow customer, and for a wrong password.
    pub(crate) async fn customer_password_grant(
        &self,
        client: ClientKey,
        product: ProductId,
        username: &str,
        password: Password,
        lifetime: Lifetime,
    ) -> Result<Minted, Error> {
        let proof = self.prove_customer(product, username, password).await?;
        let customer = proof.customer();
        self.mint_for_customer(client, customer, product, lifetime, move |db| proof.renew(db)).await
    }

    /// The customer of this name and password.
    ///
    /// Fails with [`OAuthError::InvalidGrant`] after the same work for a name that is nobody's, for a shadow customer, and for
    /// a wrong password.
    pub(crate) async fn prove_customer(
        &self,
        product: ProductId,
        username: &str,
        password: Password,
    ) -> Result<CustomerProof, Error> {
        let tried = CustomerName::parse(username).ok().map(|name| Tried::customer(product, &name));
        if let Some(tried) = &tried {
            self.guesses().look(tried, self.now())?;
        }
        let row = self.find_customer(product, username).await?;
        let hash = row.as_ref().and_then(|row| row.password_hash.clone());
        let fits = match &tried {
            Some(tried) => self.guess(tried, password, hash).await?,
            // As much work as for a name that could be somebody's.
            None => self.hasher().verify(password, None).await?,
        };
        if let Some(tried) = tried.filter(|_| fits) {
            self.guesses().right(&tried);
        }
        row.filter(|_| fits).map(CustomerProof).ok_or_else(|| Error::OAuth(OAuthError::wrong_user()))
    }

    /// A customer token for whomever the product's server names, with a client of the product and its secret: two-legged
    /// authentication (contract: Customers-PostOauthToken).
    ///
    /// Not for clients that are limited to making customers. These are in apps, where anybody can read their secrets.
    pub async fn customer_grant(
        &self,
        client: &Client,
        username: &str,
        lifetime: Lifetime,
    ) -> Result<Minted, Error> {
        let product = client.product()?;
        if client.scope != ClientScope::None {
            let text = "This client is limited to making customers; use the customer's password, or a client without a scope";
            return Err(Error::OAuth(OAuthError::UnauthorizedClient(text.into())));
        }
        let unknown = || {
            let text = "This product has no such customer: after customer= comes the address of one";
            Error::OAuth(OAuthError::InvalidScope(text.into()))
        };
        let id = self.find_customer(product, username).await?.ok_or_else(unknown)?.id;
        let still = move |db: &mut Db| rows::get(db, id)?.ok_or_else(unknown);
        self.mint_for_customer(client.key, CustomerId(id), product, lifetime, still).await
    }

    async fn find_customer(&self, product: ProductId, username: &str) -> Result<Option<CustomerRow>, Error> {
        let Ok(name) = CustomerName::parse(username) else { return Ok(None) };
        Ok(self.store().read(move |db| rows::by_username(db, product.0, name.as_str())).await?)
    }

    /// Makes the token, if the customer is `still` there and may have it.
    async fn mint_for_customer(
        &self,
        client: ClientKey,
        customer: CustomerId,
        product: ProductId,
        lifetime: Lifetime,
        still: impl Fn(&mut Db) -> Result<CustomerRow, Error> + Send + 'static,
    ) -> Result<Minted, Error> {
        let holder = Holder::Customer(customer, product);
        let (minted, token) = self.new_grant(Seed { client, holder, lifetime }, self.now());
        let mint = move |db: &mut Db| -> Result<(), Error> {
            still(db)?;
            Ok(tokens::insert(db, &token)?)
        };
        self.store().write(mint).await?;
        Ok(minted)
    }

    /// Drops what memory holds of the grants of a product's customers; after the commit that ended it.
    pub(crate) fn forget_grants_of_customers(&self, product: ProductId) {
        self.grants().drop_where(|grant| matches!(grant.holder(), Holder::Customer(_, of) if of == product));
    }

    /// Drops what memory holds of a customer's grants; after the commit that ended them.
    pub(crate) fn forget_grants_of_customer(&self, id: CustomerId) {
        self.grants().drop_where(|grant| matches!(grant.holder(), Holder::Customer(own, _) if own == id));
    }
}
