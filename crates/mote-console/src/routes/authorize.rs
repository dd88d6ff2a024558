//! Where programs send people to let them act for them: the authorization endpoint (RFC 6749 section 3.1).

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use mote_api::frame::{CallerAddress, Guess};
use mote_core::accounts::{AskedAuthorization, Audience, AuthorizationRequest, Unauthorized};
use mote_core::passwords::Password;
use mote_core::{Error, Mote, OAuthError};
use serde::Deserialize;

use crate::address::Query;
use crate::failure::{Failure, told};
use crate::form::Form;
use crate::page::{Shell, page};
use crate::session::{Person, Visitor};

/// Where else than to this host the forms of a page may lead.
#[derive(Clone, Debug)]
pub(super) struct FormTarget(pub(super) String);

#[derive(Template)]
#[template(path = "authorize.html")]
struct AuthorizePage {
    shell: Shell,
    request: AuthorizationRequest,
    client: String,
    /// Host that the browser goes back to.
    host: String,
    /// Address of the account that is signed in; none where a customer is to sign in here.
    account: Option<String>,
    /// What the product is called whose customers sign in.
    product: String,
    username: String,
}

/// `GET /oauth/authorize`
pub(super) async fn ask(
    State(mote): State<Mote>,
    headers: HeaderMap,
    address: CallerAddress,
    visitor: Visitor,
    Query(request): Query<AuthorizationRequest>,
) -> Result<Response, Failure> {
    let asked = match mote.asked_authorization(&request).await {
        Ok(asked) => asked,
        Err(why) => return unauthorized(why),
    };
    match (asked.audience(), Person::find(&headers, address, &mote).await?) {
        (Audience::Accounts, None) => Err(Failure::SignIn { next: Some(path_of(&request)) }),
        (Audience::Accounts, Some(person)) => account_page(&mote, &person, request, &asked).await,
        (Audience::Customers(_), _) => {
            customer_page(&mote, &visitor, request, &asked, String::new(), None).await
        }
    }
}

/// The request as the address of this page.
fn path_of(request: &AuthorizationRequest) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(request.parameters());
    format!("/oauth/authorize?{}", query.finish())
}

fn unauthorized(why: Unauthorized) -> Result<Response, Failure> {
    match why {
        Unauthorized::Here(text) => Err(Failure::Unauthorized(text)),
        Unauthorized::Back(to) => Ok(Redirect::to(&to).into_response()),
        Unauthorized::Fault(error) => Err(error.into()),
    }
}

/// The page, whose form may lead to the client's address.
fn leading_back(asked: &AskedAuthorization, mut page: Response) -> Response {
    page.extensions_mut().insert(FormTarget(asked.origin().to_owned()));
    page
}

fn host_of(asked: &AskedAuthorization) -> String {
    asked.origin().rsplit('/').next().unwrap_or_default().to_owned()
}

async fn account_page(
    mote: &Mote,
    person: &Person,
    request: AuthorizationRequest,
    asked: &AskedAuthorization,
) -> Result<Response, Failure> {
    let access = mote.account_access(person.caller.clone())?;
    let account = mote.account(&access).await?.username;
    let shown = AuthorizePage {
        shell: Shell::new("Allow access", person),
        client: asked.client_name().to_owned(),
        host: host_of(asked),
        account: Some(account),
        product: String::new(),
        username: String::new(),
        request,
    };
    Ok(leading_back(asked, page(&shown)))
}

async fn customer_page(
    mote: &Mote,
    visitor: &Visitor,
    request: AuthorizationRequest,
    asked: &AskedAuthorization,
    username: String,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let shell = Shell { form_token: visitor.form_token.clone(), ..Shell::for_nobody("Sign in") };
    let shown = AuthorizePage {
        shell: shell.with_refused(refused),
        client: asked.client_name().to_owned(),
        host: host_of(asked),
        account: None,
        product: mote.name_for_customers(asked).await?,
        username,
        request,
    };
    Ok(leading_back(asked, visitor.shown(mote, page(&shown))))
}

/// What was decided. The request comes along, and is looked at again.
#[derive(Deserialize)]
pub(super) struct Decision {
    #[serde(flatten)]
    request: AuthorizationRequest,
    /// `allow`, or else not.
    #[serde(default, rename = "decision")]
    word: String,
    username: Option<String>,
    password: Option<String>,
}

/// `POST /oauth/authorize`
pub(super) async fn decide(
    State(mote): State<Mote>,
    headers: HeaderMap,
    address: CallerAddress,
    visitor: Visitor,
    Form(form): Form<Decision>,
) -> Result<Response, Failure> {
    let request = form.request;
    let asked = match mote.asked_authorization(&request).await {
        Ok(asked) => asked,
        Err(why) => return unauthorized(why),
    };
    if form.word != "allow" {
        return Ok(Redirect::to(&asked.denied(&mote.settings().public_url)).into_response());
    }
    if asked.audience() == Audience::Accounts {
        let person = Person::find(&headers, address, &mote).await?;
        let person = person.ok_or_else(|| Failure::SignIn { next: Some(path_of(&request)) })?;
        let access = mote.account_access(person.caller)?;
        return Ok(Redirect::to(&mote.authorize_by_account(&access, &asked).await?).into_response());
    }
    let username = form.username.unwrap_or_default();
    let password = Password::new(form.password.unwrap_or_default());
    match mote.authorize_by_customer(&asked, &username, password).await {
        Ok(to) => {
            let mut response = Redirect::to(&to).into_response();
            Guess::Right.tell(&mut response);
            Ok(response)
        }
        Err(error @ Error::OAuth(OAuthError::InvalidGrant(_))) => {
            let mut response =
                customer_page(&mote, &visitor, request, &asked, username, told(&error)).await?;
            Guess::Wrong.tell(&mut response);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}
