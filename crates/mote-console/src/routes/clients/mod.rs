//! OAuth clients: of a product, in its **Authentication** tab, or of the account.

mod form;
pub(super) mod keys;
pub(super) mod secrets;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::table::{
    AccountClientsCreate, AccountClientsList, AccountClientsRemove, AccountClientsUpdate, ClientsCreate,
    ClientsList, ClientsRemove, ClientsUpdate,
};
use mote_core::authorization::{AccountRight, ProductRight};
use mote_core::clients::{Client, ClientChange, ClientKind, CreatedClient, LivingTokens};
use mote_core::keys::TokenSecret;
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::OfProductOrAccount;
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::frames::{Frame, ProductFrame};
use crate::page::{Done, Shell, page};
use crate::session::Person;
use form::{NewForm, OF_ACCOUNT, OF_PRODUCT, Purpose};

const TAB: &str = "Authentication";

type MayList = OfProductOrAccount<ClientsList, AccountClientsList>;
type MayCreate = OfProductOrAccount<ClientsCreate, AccountClientsCreate>;
type MayUpdate = OfProductOrAccount<ClientsUpdate, AccountClientsUpdate>;
type MayRemove = OfProductOrAccount<ClientsRemove, AccountClientsRemove>;

/// The frame around the pages of clients.
async fn framed<P: ProductRight, A: AccountRight>(
    mote: &Mote,
    person: &Person,
    access: &OfProductOrAccount<P, A>,
) -> Result<(Shell, Frame), Error> {
    match access {
        OfProductOrAccount::Product(access) => {
            let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
            Ok((shell, Frame::Product(frame)))
        }
        OfProductOrAccount::Account(_) => Ok((Shell::new("OAuth clients", person), Frame::Account)),
    }
}

/// The path of the list.
fn base<P, A>(access: &OfProductOrAccount<P, A>) -> String {
    match access {
        OfProductOrAccount::Product(access) => format!("/products/{}/authentication", access.product().slug),
        OfProductOrAccount::Account(_) => "/account/clients".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "clients.html")]
struct ListPage {
    shell: Shell,
    frame: Frame,
    base: String,
    clients: Vec<Client>,
    why_not: Option<String>,
}

/// `GET /products/{product}/authentication`; here and below, `/account/clients` in its place is about the account's own.
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    access: MayList,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let (shell, frame) = framed(&mote, &person, &access).await?;
    let shell = shell.with_done(done.done.as_deref());
    let clients = match &access {
        MayList::Product(access) => mote.product_clients(access).await?,
        MayList::Account(access) => mote.account_clients(access).await?,
    };
    let why_not = frame.why_not::<ClientsCreate>();
    Ok(page(&ListPage { shell, frame, base: base(&access), clients, why_not }))
}

#[derive(Template)]
#[template(path = "client_new.html")]
struct NewPage {
    shell: Shell,
    frame: Frame,
    base: String,
    form: NewForm,
    purposes: &'static [Purpose],
    /// The field that was refused.
    wrong: Option<&'static str>,
}

impl NewPage {
    fn is_wrong(&self, field: &str) -> bool {
        self.wrong == Some(field)
    }
}

async fn new_page(
    mote: &Mote,
    person: &Person,
    access: &MayCreate,
    form: NewForm,
    refused: Option<Error>,
) -> Result<Response, Failure> {
    let (shell, frame) = framed(mote, person, access).await?;
    let purposes: &[_] = if frame.is_account() { &OF_ACCOUNT } else { &OF_PRODUCT };
    let wrong = match refused {
        Some(Error::Invalid { field, .. }) => Some(field),
        _ => None,
    };
    let shell = shell.with_refused(refused.map(to_tell).transpose()?);
    Ok(page(&NewPage { shell, frame, base: base(access), form, purposes, wrong }))
}

/// `GET /products/{product}/authentication/new`
pub(super) async fn ask(
    State(mote): State<Mote>,
    person: Person,
    access: MayCreate,
) -> Result<Response, Failure> {
    new_page(&mote, &person, &access, NewForm::new(), None).await
}

/// The one page that shows a client's secret. It is the answer to a form, so that no browser keeps it to go back to.
#[derive(Template)]
#[template(path = "client_created.html")]
struct CreatedPage {
    title: &'static str,
    shell: Shell,
    frame: Frame,
    base: String,
    client: Client,
    secret: String,
    /// Trades it for a token.
    line: String,
}

async fn created_page<P: ProductRight, A: AccountRight>(
    mote: &Mote,
    person: &Person,
    access: &OfProductOrAccount<P, A>,
    client: Client,
    secret: &TokenSecret,
    title: &'static str,
) -> Result<Response, Failure> {
    let (shell, frame) = framed(mote, person, access).await?;
    let (secret, url) = (secret.expose().to_string(), &mote.settings().public_url);
    let grant = if frame.is_account() {
        "grant_type=password --data-urlencode username=ADDRESS --data-urlencode password=PASSWORD"
    } else {
        "grant_type=client_credentials"
    };
    let line = format!("curl {url}/oauth/token -u \"{}:{secret}\" -d {grant}", client.id);
    Ok(page(&CreatedPage { title, shell, frame, base: base(access), client, secret, line }))
}

/// `POST /products/{product}/authentication`
pub(super) async fn create(
    State(mote): State<Mote>,
    person: Person,
    access: MayCreate,
    Form(form): Form<NewForm>,
) -> Result<Response, Failure> {
    let made = match &access {
        MayCreate::Product(access) => mote.create_product_client(access, form.new_client()).await,
        MayCreate::Account(access) => mote.create_account_client(access, form.new_client()).await,
    };
    match made {
        Ok(CreatedClient { client, secret }) => {
            created_page(&mote, &person, &access, client, &secret, "Your client is ready").await
        }
        Err(error) => new_page(&mote, &person, &access, form, Some(error)).await,
    }
}

#[derive(Template)]
#[template(path = "client.html")]
struct ClientPage {
    shell: Shell,
    frame: Frame,
    base: String,
    client: Client,
    tokens: String,
    may_not_update: Option<String>,
    may_not_remove: Option<String>,
}

/// The parameters of a client's path.
#[derive(Deserialize)]
pub(super) struct Named {
    client: String,
}

/// `GET /products/{product}/authentication/{client}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    access: MayList,
    Path(named): Path<Named>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let (client, tokens) = match &access {
        MayList::Product(access) => mote.product_client(access, &named.client).await?,
        MayList::Account(access) => mote.account_client(access, &named.client).await?,
    };
    let (shell, frame) = framed(&mote, &person, &access).await?;
    let shell = shell.with_done(done.done.as_deref());
    let tokens = match tokens {
        LivingTokens::Count(0) => "It has no living tokens.".to_owned(),
        LivingTokens::Count(1) => "1 living token ends with it.".to_owned(),
        LivingTokens::Count(count) => format!("{count} living tokens end with it."),
        LivingTokens::Beyond(count) => format!("More than {count} living tokens end with it."),
    };
    let (may_not_update, may_not_remove) =
        (frame.why_not::<ClientsUpdate>(), frame.why_not::<ClientsRemove>());
    let base = base(&access);
    Ok(page(&ClientPage { shell, frame, base, client, tokens, may_not_update, may_not_remove }))
}

#[derive(Deserialize)]
pub(super) struct Change {
    name: Option<String>,
    scope: Option<String>,
}

/// `POST /products/{product}/authentication/{client}`
pub(super) async fn update(
    State(mote): State<Mote>,
    access: MayUpdate,
    Path(named): Path<Named>,
    Form(form): Form<Change>,
) -> Result<Redirect, Failure> {
    let change = ClientChange { name: form.name, scope: form.scope, ..ClientChange::default() };
    match &access {
        MayUpdate::Product(access) => mote.update_product_client(access, &named.client, change).await?,
        MayUpdate::Account(access) => mote.update_account_client(access, &named.client, change).await?,
    };
    Ok(back(&access, "client-changed"))
}

/// `POST /products/{product}/authentication/{client}/delete`
pub(super) async fn delete(
    State(mote): State<Mote>,
    access: MayRemove,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    match &access {
        MayRemove::Product(access) => mote.delete_product_client(access, &named.client).await?,
        MayRemove::Account(access) => mote.delete_account_client(access, &named.client).await?,
    }
    Ok(back(&access, "client-deleted").into_response())
}

fn back<P, A>(access: &OfProductOrAccount<P, A>, done: &str) -> Redirect {
    Redirect::to(&format!("{}?done={done}", base(access)))
}
