//! Customer tokens: for the customer's own password, or for whom the product's server says.

use mote_store::customers as rows;
use mote_store::customers::CustomerRow;
use mote_store::tokens;

use crate::accounts::Tried;
use crate::clients::{Client, ClientScope};
use crate::names::CustomerName;
use crate::passwords::Password;
use crate::tokens::{Holder, Lifetime, Minted, Seed};
use crate::{ClientKey, CustomerId, Error, Mote, OAuthError, ProductId};

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
        let row = self.prove_customer(product, username, password).await?;
        let proven = row.password_hash.clone();
        // Another password may have been set while this one was looked at: then this one is worth nothing any more.
        let still = move |present: &CustomerRow| present.password_hash == proven;
        let wrong = || Error::OAuth(OAuthError::wrong_user());
        self.mint_for_customer(client, &row, lifetime, still).await?.ok_or_else(wrong)
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
    ) -> Result<CustomerRow, Error> {
        let tried = CustomerName::parse(username).ok().map(|name| Tried::customer(product, &name));
        if let Some(tried) = &tried {
            self.guesses().look(tried, self.now())?;
        }
        let row = self.find_customer(product, username).await?;
        let hash = row.as_ref().and_then(|row| row.password_hash.clone());
        let fits = self.hasher().verify(password, hash).await?;
        match tried {
            Some(tried) if fits => self.guesses().right(&tried),
            Some(tried) => self.guesses().wrong(tried, self.now()),
            None => {}
        }
        row.filter(|_| fits).ok_or_else(|| Error::OAuth(OAuthError::wrong_user()))
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
        let row = self.find_customer(product, username).await?.ok_or_else(unknown)?;
        self.mint_for_customer(client.key, &row, lifetime, |_| true).await?.ok_or_else(unknown)
    }

    async fn find_customer(&self, product: ProductId, username: &str) -> Result<Option<CustomerRow>, Error> {
        let Ok(name) = CustomerName::parse(username) else { return Ok(None) };
        Ok(self.store().read(move |db| rows::by_username(db, product.0, name.as_str())).await?)
    }

    /// Makes the token, if the customer is still there and is `still` as he was.
    async fn mint_for_customer(
        &self,
        client: ClientKey,
        row: &CustomerRow,
        lifetime: Lifetime,
        still: impl Fn(&CustomerRow) -> bool + Send + 'static,
    ) -> Result<Option<Minted>, Error> {
        let id = row.id;
        let holder = Holder::Customer(CustomerId(id), ProductId(row.product_id));
        let (minted, token) = self.new_grant(Seed { client, holder, lifetime }, self.now());
        let made = self
            .store()
            .write(move |db| -> Result<bool, Error> {
                let present = rows::get(db, id)?.is_some_and(|row| still(&row));
                if present {
                    tokens::insert(db, &token)?;
                }
                Ok(present)
            })
            .await?;
        Ok(made.then_some(minted))
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
