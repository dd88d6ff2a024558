//! What goes wrong, as a page.

use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use mote_api::frame::fault_id;
use mote_core::authorization::Denial;
use mote_core::{Error, Mote, Trouble};

use crate::page::{Shell, page_with};
use crate::session::{living_session, with_next};

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody is signed in: he is asked to be, and then sent on to `next`.
    SignIn {
        /// What he wanted to see.
        next: Option<String>,
    },
    /// The form is not one of this console's pages, or of a session that ended.
    Forged,
    /// Somebody is signed in, and the form is not one of his session's pages.
    NotOfSession,
    /// The form is not one that this page has.
    Malformed,
    /// The form is larger than what is taken of whoever sends it.
    TooLarge,
    /// The query of the address is not one that this page has, and why.
    Query(String),
    /// There is nothing here.
    NotFound,
    /// A program sent somebody here who cannot be sent back.
    Unauthorized(String),
    /// The use case failed.
    Core(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

#[derive(Clone, Template)]
#[template(path = "failure.html")]
struct FailurePage {
    shell: Shell,
    code: u16,
    what: String,
    todo: String,
}

fn shown(status: StatusCode, title: &str, what: impl Into<String>, todo: &str) -> Response {
    let shell = Shell::for_nobody(title);
    let page = FailurePage { shell, code: status.as_u16(), what: what.into(), todo: todo.into() };
    let mut response = page_with(status, &page);
    response.extensions_mut().insert(page);
    response
}

/// Whoever is signed in keeps his menu where something is not there, or not for him.
pub(crate) async fn with_menu(State(mote): State<Mote>, request: Request, next: Next) -> Response {
    let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    let Some(mut page) = response.extensions_mut().remove::<FailurePage>() else { return response };
    // Nothing more is asked of a server that has trouble itself.
    if response.status().is_client_error()
        && let Ok(Some((secret, _))) = living_session(&headers, &mote).await
    {
        let form_token = mote.console_form_token(&secret);
        page.shell = Shell { signed_in: true, path, form_token, ..page.shell };
        if let Ok(text) = page.render() {
            *response.body_mut() = Body::from(text);
        }
    }
    response
}

/// A parameter's name as people read it, at the beginning of a sentence.
fn label(field: &str) -> String {
    let word = |word: &str| match word {
        "id" => "ID".to_owned(),
        "ids" => "IDs".to_owned(),
        "uri" => "URI".to_owned(),
        "url" => "URL".to_owned(),
        other => other.to_owned(),
    };
    let mut text = field.split('_').map(word).collect::<Vec<_>>().join(" ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// What a person is told of a use case that refused; none where it is a fault of ours.
pub(crate) fn told(error: &Error) -> Option<String> {
    Some(match error {
        Error::Store(_) | Error::Blobs(_) | Error::Internal(_) => return None,
        Error::Invalid { field, why } => format!("{} {why}", label(field)),
        Error::WrongPassword(field) => format!("{} is not the account's present password", label(field)),
        Error::UnknownDevice => "No device with this ID was imported, registered or connected here.".into(),
        Error::WrongCredentials => "The address or the password is wrong.".into(),
        other => other.to_string(),
    })
}

/// The same, or the failure that a fault of ours is.
pub(crate) fn to_tell(error: Error) -> Result<String, Failure> {
    told(&error).ok_or_else(|| error.into())
}

fn of_core(error: &Error) -> Response {
    match error {
        Error::Denied(denial) => {
            let todo = match denial {
                Denial::NotOnTeam { .. } => "Check the address first: there may be nothing at it.",
                Denial::Role { .. } => "They can give you a role that allows it.",
                _ => "An administrator of the team can give you a role that allows it.",
            };
            shown(StatusCode::FORBIDDEN, "Not allowed", denial.to_string(), todo)
        }
        Error::NotFound(text) => {
            shown(StatusCode::NOT_FOUND, "Not found", text.clone(), "It may have been removed meanwhile.")
        }
        Error::UnknownDevice => shown(
            StatusCode::NOT_FOUND,
            "Not found",
            "There is no such device here.",
            "It may have been removed.",
        ),
        error if error.is_busy() => {
            let what = "The server is busy.";
            shown(StatusCode::SERVICE_UNAVAILABLE, "Busy", what, "Try again in a few seconds.")
        }
        Error::Locked { .. } => {
            let todo = "Whoever is signed in stays so. An operator can let you in before.";
            shown(StatusCode::TOO_MANY_REQUESTS, "Locked for a while", error.to_string(), todo)
        }
        Error::InvalidToken => Failure::SignIn { next: None }.into_response(),
        other => match told(other) {
            Some(text) => shown(StatusCode::BAD_REQUEST, "That did not work", text, "Go back and change it."),
            None => other.trouble().map_or_else(|| fault(other), |trouble| unusable(trouble, other)),
        },
    }
}

/// The place that data is in is full, or not to be reached; the cause goes to the log.
fn unusable(trouble: Trouble, cause: &Error) -> Response {
    let id = fault_id();
    tracing::error!(fault = %id, %cause, "the store cannot be used");
    let (status, title, what) = match trouble {
        Trouble::Full => (
            StatusCode::INSUFFICIENT_STORAGE,
            "Storage is full",
            "The server's storage is full, and nothing was changed.",
        ),
        Trouble::Away => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Storage cannot be used",
            "The server cannot use its storage at the moment. Look first whether a change was made.",
        ),
    };
    let todo = format!("Try again in a few seconds; if it stays, tell the operator {id}.");
    shown(status, title, what, &todo)
}

/// The cause goes to the log, under an ID that the page names.
pub(crate) fn fault(cause: &dyn std::fmt::Display) -> Response {
    let id = fault_id();
    tracing::error!(fault = %id, %cause, "internal fault");
    let what = format!("The server's log tells more under fault {id}.");
    shown(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong",
        what,
        "Try again; if it stays, tell the operator that ID.",
    )
}

/// What was refused before it came to any page, for a reason that says what to do.
pub(crate) fn refused(status: StatusCode, why: &str) -> Response {
    let title = match status {
        StatusCode::TOO_MANY_REQUESTS => "Too many requests",
        StatusCode::SERVICE_UNAVAILABLE => "Busy",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong",
        _ => "That did not work",
    };
    shown(status, title, format!("{why}."), "")
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn { next } => {
                Redirect::to(&with_next("/sign-in", next.as_deref().unwrap_or("/"))).into_response()
            }
            Self::Forged => {
                let what = "This form did not come from a page of this console, or the page is from a session that has ended.";
                shown(
                    StatusCode::FORBIDDEN,
                    "Form refused",
                    what,
                    "Go back, reload the page and send it again.",
                )
            }
            Self::NotOfSession => {
                let what = "You are signed in, and this form is not from a page of your session: perhaps its page was opened before you signed in.";
                let todo = "Reload the page and send it again, or go on from the home page. To sign in as somebody else, sign out first.";
                shown(StatusCode::FORBIDDEN, "Form refused", what, todo)
            }
            Self::Malformed => {
                let what = "This form is not one that this page has.";
                shown(
                    StatusCode::BAD_REQUEST,
                    "That did not work",
                    what,
                    "Go back, reload the page and try again.",
                )
            }
            Self::TooLarge => {
                let what = "This form is larger than what is taken here.";
                let todo = "Send less at a time, and sign in first if you are not.";
                shown(StatusCode::PAYLOAD_TOO_LARGE, "That did not work", what, todo)
            }
            Self::Query(why) => {
                let what = format!("What stands behind the ? of this address does not fit: {why}.");
                let todo = "Check the link that led here; if a program made it, tell whoever made that.";
                shown(StatusCode::BAD_REQUEST, "That address does not fit", what, todo)
            }
            Self::Unauthorized(what) => {
                let todo = "Go back to the program that sent you here, and tell whoever made it.";
                shown(StatusCode::BAD_REQUEST, "That program cannot ask you", what, todo)
            }
            Self::NotFound => {
                let what = "There is nothing at this address.";
                shown(
                    StatusCode::NOT_FOUND,
                    "Not found",
                    what,
                    "Check the address, or start from the home page.",
                )
            }
            Self::Core(error) => of_core(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn fields_are_named_as_people_write_them() {
        for (field, text) in [
            ("name", "Name"),
            ("redirect_uri", "Redirect URI"),
            ("id", "ID"),
            ("device_id", "Device ID"),
            ("ids", "IDs"),
            ("response_topic", "Response topic"),
        ] {
            assert_eq!(label(field), text);
        }
    }
}
