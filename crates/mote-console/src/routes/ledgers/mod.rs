//! The ledgers of a product: listed, made, changed, archived. [`instance`] has what they hold.

mod instance;

pub(super) use instance::{delete, see as see_instance, set};

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::table::{
    LedgerInstancesList, LedgersArchive, LedgersCreate, LedgersGet, LedgersList, LedgersUpdate, ProductsGet,
};
use mote_core::authorization::{ProductAccess, SpaceAccess};
use mote_core::ledgers::{
    Direction, InstancePage, Ledger, LedgerChange, LedgerPage, LedgerQuery, LedgerScope, NewLedger,
};
use mote_core::{Mote, SpaceKey};
use serde::Deserialize;

use crate::access::{OfProduct, OfSpace};
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::frames::ProductFrame;
use crate::page::{Shell, page};
use crate::session::Person;

const TAB: &str = "Ledgers";
/// Ledgers on a page.
const PER_PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "ledgers.html")]
struct ListPage {
    shell: Shell,
    frame: ProductFrame,
    found: LedgerPage,
    archived: bool,
    form: NewForm,
    may_not_create: Option<String>,
}

/// Which ledgers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    page: Option<i64>,
    archived: Option<String>,
    done: Option<String>,
}

/// A new ledger's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewForm {
    name: String,
    description: String,
    scope: String,
    direction: String,
}

async fn list_page(
    mote: &Mote,
    person: &Person,
    access: &SpaceAccess<LedgersList>,
    looking: &ProductAccess<ProductsGet>,
    asked: Asked,
    (form, refused): (NewForm, Option<String>),
) -> Result<Response, Failure> {
    let archived = asked.archived.is_some();
    let query = LedgerQuery { archived, page: asked.page, per_page: Some(PER_PAGE), scope: None };
    let found = mote.list_ledgers(access, query).await?;
    let (shell, frame) = ProductFrame::new(mote, person, looking, TAB).await?;
    let shell = shell.with_done(asked.done.as_deref()).with_refused(refused);
    let may_not_create = frame.why_not::<LedgersCreate>();
    Ok(page(&ListPage { shell, frame, found, archived, form, may_not_create }))
}

/// `GET /products/{product}/ledgers`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<LedgersList>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    list_page(&mote, &person, &access, &looking, asked, (NewForm::default(), None)).await
}

/// `POST /products/{product}/ledgers`
pub(super) async fn create(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<LedgersCreate>,
    OfSpace(listing): OfSpace<LedgersList>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Form(form): Form<NewForm>,
) -> Result<Response, Failure> {
    let new = NewLedger {
        name: form.name.trim().to_owned(),
        description: Some(form.description.clone()),
        scope: form.scope.clone(),
        direction: Some(form.direction.clone()),
    };
    match mote.create_ledger(&access, new).await {
        Ok(made) => Ok(to(&looking, &format!("/{}?done=saved", made.name))),
        Err(error) => {
            let form = (form, Some(to_tell(error)?));
            list_page(&mote, &person, &listing, &looking, Asked::default(), form).await
        }
    }
}

#[derive(Template)]
#[template(path = "ledger.html")]
struct LedgerPageOf {
    shell: Shell,
    frame: ProductFrame,
    ledger: Ledger,
    held: InstancePage,
    /// What the only instance that there can be is for; empty where there are several.
    only: String,
    may_not_update: Option<String>,
    may_not_archive: Option<String>,
}

/// The parameters of a ledger's path.
#[derive(Deserialize)]
pub(super) struct Named {
    ledger: String,
}

/// What a person who looks at a ledger has proved.
pub(super) struct Proofs<'a> {
    person: &'a Person,
    seeing: &'a SpaceAccess<LedgersGet>,
    listing: &'a SpaceAccess<LedgerInstancesList>,
    looking: &'a ProductAccess<ProductsGet>,
}

async fn ledger_page(
    mote: &Mote,
    proofs: Proofs<'_>,
    name: &str,
    asked: Asked,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let ledger = mote.get_ledger(proofs.seeing, name).await?;
    let held = mote.list_ledger_instances(proofs.listing, name, asked.page, None).await?;
    let (shell, frame) = ProductFrame::new(mote, proofs.person, proofs.looking, TAB).await?;
    let shell = shell.with_done(asked.done.as_deref()).with_refused(refused);
    let (may_not_update, may_not_archive) =
        (frame.why_not::<LedgersUpdate>(), frame.why_not::<LedgersArchive>());
    let product = &frame.product;
    let only = match (ledger.scope, product.owner_key()) {
        (LedgerScope::Device, _) => String::new(),
        (LedgerScope::Product, _) => product.id.to_string(),
        (LedgerScope::Owner, SpaceKey::Organization(id)) => mote_core::OrganizationId(id).to_hex(),
        (LedgerScope::Owner, SpaceKey::Account(id) | SpaceKey::Product(id)) => id.to_string(),
    };
    Ok(page(&LedgerPageOf { shell, frame, ledger, held, only, may_not_update, may_not_archive }))
}

/// `GET /products/{product}/ledgers/{ledger}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(seeing): OfSpace<LedgersGet>,
    OfSpace(listing): OfSpace<LedgerInstancesList>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let proofs = Proofs { person: &person, seeing: &seeing, listing: &listing, looking: &looking };
    ledger_page(&mote, proofs, &named.ledger, asked, None).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Change {
    description: String,
    direction: Option<String>,
}

/// `POST /products/{product}/ledgers/{ledger}`
pub(super) async fn update(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<LedgersUpdate>,
    (OfSpace(seeing), OfSpace(listing)): (OfSpace<LedgersGet>, OfSpace<LedgerInstancesList>),
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Form(form): Form<Change>,
) -> Result<Response, Failure> {
    let change = LedgerChange { description: Some(form.description), direction: form.direction, scope: None };
    match mote.update_ledger(&access, &named.ledger, change).await {
        Ok(_) => Ok(to(&looking, &format!("/{}?done=saved", named.ledger))),
        Err(error) => {
            let proofs = Proofs { person: &person, seeing: &seeing, listing: &listing, looking: &looking };
            let why = Some(to_tell(error)?);
            ledger_page(&mote, proofs, &named.ledger, Asked::default(), why).await
        }
    }
}

/// `POST /products/{product}/ledgers/{ledger}/archive`
pub(super) async fn archive(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgersArchive>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    mote.archive_ledger(&access, &named.ledger).await?;
    Ok(to(&looking, &format!("/{}?done=archived", named.ledger)))
}

/// On to a page of the ledgers.
fn to(looking: &ProductAccess<ProductsGet>, rest: &str) -> Response {
    Redirect::to(&format!("/products/{}/ledgers{rest}", looking.product().slug)).into_response()
}
