//! OAuth clients.

use mote_core::clients::{Client, ClientOwner, CreatedClient};
use serde::Serialize;
use utoipa::ToSchema;

/// An OAuth client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientView {
    /// Client ID: the name as a slug, a hyphen and four digits.
    id: String,
    name: String,
    /// `installed` or `web`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The secret, 40 hex digits; in the answer to its creation and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Clients of type `web` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
    /// What its tokens are limited to; absent for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    /// The product it belongs to, if it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<i64>,
    /// ISO 8601.
    created_at: String,
}

impl From<Client> for ClientView {
    fn from(client: Client) -> Self {
        Self {
            id: client.id,
            name: client.name,
            kind: client.kind.name(),
            secret: None,
            redirect_uri: client.redirect_uri.map(|uri| uri.as_str().to_owned()),
            scope: client.scope.name(),
            product_id: match client.owner {
                ClientOwner::Product(product) => Some(product.0),
                ClientOwner::Account(_) | ClientOwner::BuiltIn => None,
            },
            created_at: client.created_at.to_iso(),
        }
    }
}

/// One client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientAnswer {
    ok: bool,
    client: ClientView,
}

impl From<Client> for ClientAnswer {
    fn from(client: Client) -> Self {
        Self { ok: true, client: client.into() }
    }
}

impl From<CreatedClient> for ClientAnswer {
    fn from(created: CreatedClient) -> Self {
        let secret = Some(created.secret.expose().to_string());
        Self { ok: true, client: ClientView { secret, ..created.client.into() } }
    }
}

/// Clients.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientsAnswer {
    ok: bool,
    clients: Vec<ClientView>,
}

impl From<Vec<Client>> for ClientsAnswer {
    fn from(clients: Vec<Client>) -> Self {
        Self { ok: true, clients: clients.into_iter().map(Into::into).collect() }
    }
}
