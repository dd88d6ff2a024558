//! The form of a new client: what it is for decides what it is.

use mote_core::clients::NewClient;
use serde::Deserialize;

/// What a client can be for: a word, a name, and when to choose it.
pub(super) type Purpose = (&'static str, &'static str, &'static str);

const CUSTOM: Purpose = ("custom", "Custom", "Choose the type and the scope by hand.");

/// What a product's can be for.
pub(super) const OF_PRODUCT: [Purpose; 4] = [
    (
        "server",
        "Two-legged Auth (Server)",
        "For your own server, which keeps the secret and may do everything in this product.",
    ),
    (
        "mobile",
        "Simple Auth (Mobile App)",
        "For an app on phones: it only signs customers up, and its secret may be found out.",
    ),
    (
        "web",
        "Simple Auth (Web App)",
        "For a page in the browser: customers are made there and come back to your redirect URI.",
    ),
    CUSTOM,
];

/// What an account's can be for.
pub(super) const OF_ACCOUNT: [Purpose; 2] = [
    (
        "server",
        "Password grant (your own program)",
        "For a program in which people sign in with address and password: its tokens open their accounts.",
    ),
    CUSTOM,
];

/// A new client's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct NewForm {
    pub(super) name: String,
    pub(super) purpose: String,
    pub(super) redirect_uri: String,
    pub(super) kind: String,
    pub(super) scope: String,
}

impl NewForm {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self { purpose: "server".into(), ..Self::default() }
    }

    /// What the purpose comes to. Fields of the other purposes may be filled in: without scripts all of them are in sight.
    pub(super) fn new_client(&self) -> NewClient {
        let web = Some(self.redirect_uri.clone());
        let customers = Some("create_customer".to_owned());
        let (kind, redirect_uri, scope) = match self.purpose.as_str() {
            "mobile" => ("installed", None, customers),
            "web" => ("web", web, customers),
            "custom" => {
                let redirect_uri = web.filter(|uri| self.kind == "web" || !uri.is_empty());
                (self.kind.as_str(), redirect_uri, Some(self.scope.clone()))
            }
            _ => ("installed", None, None),
        };
        NewClient { name: self.name.clone(), kind: kind.to_owned(), redirect_uri, scope }
    }
}
