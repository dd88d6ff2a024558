//! What pages have around their content.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use mote_core::{Moment, Mote};

use crate::failure::fault;
use crate::menus::{self, Entry};
use crate::session::Person;

/// A rendered page.
pub(crate) fn page(template: &impl Template) -> Response {
    page_with(StatusCode::OK, template)
}

/// A rendered page with a status.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => fault(&error),
    }
}

/// A moment as pages show it.
pub(crate) struct Shown {
    /// For machines.
    pub(crate) iso: String,
    /// For people, in UTC.
    pub(crate) text: String,
}

/// A moment for people.
pub(crate) fn shown(moment: Moment) -> Shown {
    let iso = moment.to_iso();
    let text = format!("{} {}", iso.get(..10).unwrap_or_default(), iso.get(11..16).unwrap_or_default());
    Shown { iso, text }
}

/// The outermost frame of a page.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    pub(crate) title: String,
    pub(crate) signed_in: bool,
    /// The page's path, for the menus.
    pub(crate) path: String,
    /// What forms carry.
    pub(crate) form_token: String,
    /// What has just been done.
    pub(crate) done: Option<&'static str>,
    /// What could not be done, and why.
    pub(crate) refused: Option<String>,
}

impl Shell {
    /// For a page without forms, whoever looks at it.
    pub(crate) fn for_nobody(title: &str) -> Self {
        let (path, form_token) = (String::new(), String::new());
        Self { title: title.into(), signed_in: false, path, form_token, done: None, refused: None }
    }

    /// For somebody who is signed in.
    pub(crate) fn new(title: &str, person: &Person) -> Self {
        let (path, form_token) = (person.path.clone(), person.form_token.clone());
        Self { signed_in: true, path, form_token, ..Self::for_nobody(title) }
    }

    /// The menu at the top.
    pub(crate) fn menu(&self) -> Vec<Entry> {
        menus::top(&self.path)
    }

    /// The menu of the account.
    pub(crate) fn account_menu(&self) -> Vec<Entry> {
        menus::account(&self.path)
    }

    /// With a word about what has just been done, as the query names it.
    pub(crate) fn with_done(mut self, done: Option<&str>) -> Self {
        self.done = done.and_then(said);
        self
    }

    /// With what could not be done.
    pub(crate) fn with_refused(mut self, why: Option<String>) -> Self {
        self.refused = why;
        self
    }
}

/// The word that says that a mail was sent, or where no mail server is configured, that it is in the log.
pub(crate) fn mailed(mote: &Mote, word: &str) -> String {
    if mote.mails_reach_people() { word.to_owned() } else { format!("{word}-logged") }
}

/// The query of pages that one comes to from a form.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Done {
    pub(crate) done: Option<String>,
}

/// What a word in a query says: whatever else stands there says nothing.
fn said(done: &str) -> Option<&'static str> {
    Some(match done {
        "client-deleted" => "The client and its tokens are gone.",
        "secret-ended" => "The secret is ended.",
        "key-added" => {
            "The public key is known: programs that have its private half can prove themselves by it."
        }
        "key-ended" => "The public key is ended.",
        "client-changed" => "The client was changed.",
        "signed-out" => "You are signed out.",
        "signed-up" => "If the address had no account yet, it has one now: sign in with it.",
        "reset-sent-logged" => {
            "No mail server is configured: if there is an account with this address, the link is in the server's log."
        }
        "reset-sent" => "If there is an account with this address, a mail with a link is on its way to it.",
        "reset" => "The new password is set, and every session and token has ended. Sign in with it.",
        "address-asked-logged" => {
            "No mail server is configured: if nobody has this address, the link that makes it yours is in the server's log."
        }
        "address-asked" => {
            "A mail is on its way to the new address: if nobody has it, the link in it makes it yours."
        }
        "address" => "The account has its new address.",
        "set-up" => "The first account is made. Sign in with it.",
        "saved" => "Saved.",
        "archived" => "The ledger is archived: it can be read, and no more.",
        "organization-deleted" => "The organization is gone.",
        "deleted" => "Deleted.",
        "removed" => "Removed.",
        "invited" => "The invitation is on its way.",
        "invited-logged" => {
            "No mail server is configured: the link of the invitation is in the server's log. Pass it on by hand."
        }
        "joined" => "Welcome to the team.",
        "password" => "The new password is set; other sessions have ended.",
        "customer-password" => "The customer has the new password; links that reset it are over.",
        "mfa-off" => "The second factor is off.",
        "session-ended" => "The session has ended.",
        "sessions-ended" => "All other sessions have ended.",
        "token-ended" => "The token has ended.",
        "transfer-asked-logged" => {
            "No mail server is configured: what its owner was to be asked is in the server's log."
        }
        "transfer-asked" => "Its owner was asked to let it go.",
        "claimed" => "The device is yours.",
        "released" => "The device is free for others to claim.",
        "asked" => "The device was asked; what it tells appears here.",
        "sent" => "The event was published.",
        _ => return None,
    })
}
