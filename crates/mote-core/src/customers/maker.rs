//! Who may make a customer of a product, and how he proves it (contract: the three entries Customers-CreateCustomer).

use std::net::IpAddr;
use std::sync::Arc;

use crate::audit::Actor;
use crate::authorization::table::CustomersCreate;
use crate::authorization::{Door, Kind, ProductAccess, Right, Standing, decide};
use crate::clients::{Client, ClientKind, ClientOwner, RedirectUri};
use crate::products::{Product, ProductRef};
use crate::{ClientKey, CustomerId, Error, Mote, OAuthError, OwnerId};

/// Somebody who may make customers of the product. What came to it by a token, by a client with its secret, or by a browser
/// with a client's ID alone, has been asked the same question of the table of rights.
#[derive(Debug)]
pub struct CustomerMaker {
    product: Arc<Product>,
    client: ClientKey,
    redirect_uri: Option<RedirectUri>,
    by: By,
}

/// Who is told of as having made a customer.
#[derive(Clone, Copy, Debug)]
enum By {
    /// Somebody who is known.
    Known(Actor),
    /// The customer himself, from here.
    Himself(Option<IpAddr>),
}

impl CustomerMaker {
    /// The product.
    #[must_use]
    pub fn product(&self) -> &Arc<Product> {
        &self.product
    }

    /// Where the browser goes with the customer's token, if it is one that asks: what is registered with the client.
    #[must_use]
    pub fn redirect_uri(&self) -> Option<&RedirectUri> {
        self.redirect_uri.as_ref()
    }

    /// Who made this customer.
    pub(super) fn actor(&self, customer: CustomerId) -> Actor {
        match self.by {
            By::Known(actor) => actor,
            By::Himself(address) => Actor::owner(OwnerId::Customer(customer), address),
        }
    }

    /// What the customer's first token is made with.
    pub(super) fn client(&self) -> ClientKey {
        self.client
    }
}

impl From<ProductAccess<CustomersCreate>> for CustomerMaker {
    fn from(access: ProductAccess<CustomersCreate>) -> Self {
        Self {
            product: Arc::clone(access.product()),
            client: access.grant().client(),
            redirect_uri: None,
            by: By::Known(access.caller().into()),
        }
    }
}

impl Mote {
    /// The maker of customers that a client of the product with its secret is (RFC 6749 section 4.4).
    pub async fn maker_by_client(
        &self,
        named: &ProductRef<'_>,
        id: &str,
        secret: &str,
        address: Option<IpAddr>,
    ) -> Result<CustomerMaker, Error> {
        let client = self.authenticate_client(id, secret).await?;
        let product = self.product_of_maker(&client, named).await?;
        let by = By::Known(Actor::client(product.id, client.key, address));
        Ok(CustomerMaker { product, client: client.key, redirect_uri: None, by })
    }

    /// The maker of customers that a browser is, which knows a `web` client's ID and no more (RFC 6749 section 4.2). That
    /// is no secret: what the answer brings goes to the address that is registered with the client, and nowhere else.
    ///
    /// `redirect_uri` is what the request says of it, if it does: then it must be that very address (section 3.1.2.3).
    pub async fn maker_in_browser(
        &self,
        named: &ProductRef<'_>,
        id: &str,
        redirect_uri: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<CustomerMaker, Error> {
        let client = self.client(id).await?.ok_or(Error::OAuth(OAuthError::InvalidClient))?;
        let product = self.product_of_maker(&client, named).await?;
        let unauthorized = |text: &str| Error::OAuth(OAuthError::UnauthorizedClient(text.into()));
        let (ClientKind::Web, Some(registered)) = (client.kind, &client.redirect_uri) else {
            return Err(unauthorized(
                "response_type=token is for clients of type web; send the client's secret instead",
            ));
        };
        let registered = registered.usable().map_err(unauthorized)?;
        if redirect_uri.is_some_and(|asked| asked != registered.as_str()) {
            let text = "redirect_uri is not the one that is registered with the client; leave it out";
            return Err(Error::OAuth(OAuthError::InvalidRequest(text.into())));
        }
        let (redirect_uri, by) = (Some(registered.clone()), By::Himself(address));
        Ok(CustomerMaker { product, client: client.key, redirect_uri, by })
    }

    /// The product, where this client stands for it as its token would.
    async fn product_of_maker(&self, client: &Client, named: &ProductRef<'_>) -> Result<Arc<Product>, Error> {
        let product = self.find_product(named).await?;
        let own = |product: &Arc<Product>| client.owner == ClientOwner::Product(product.id);
        let standing = Standing {
            kind: Kind::Product,
            limits: client.scope.limits(),
            within_reach: product.as_ref().is_some_and(own),
            role: None,
            team_tokens: false,
        };
        decide(CustomersCreate::ROW, Door::Product, standing).map_err(Error::Denied)?;
        product.ok_or_else(|| Error::Internal("a right over a product that is not there".into()))
    }
}
