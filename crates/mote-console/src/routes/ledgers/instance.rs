//! What a ledger holds for one device, product or owner, and held before.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{
    LedgerInstancesGet, LedgerInstancesRemove, LedgerInstancesSet, LedgerVersionsGet, LedgerVersionsList,
    LedgersGet, ProductsGet,
};
use mote_core::ledgers::{Direction, Instance, Ledger, SetMode, VersionQuery};
use mote_core::{Error, Moment, Mote};
use serde::Deserialize;

use super::{Named, TAB, to};
use crate::access::{OfProduct, OfSpace};
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{Form, object_in, pretty};
use crate::frames::ProductFrame;
use crate::page::{Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "ledger_instance.html")]
struct InstancePageOf {
    shell: Shell,
    frame: ProductFrame,
    ledger: Ledger,
    /// The ID of what it is for.
    of: String,
    /// What is held, or was then, where something is.
    seen: Option<Instance>,
    /// Whether `seen` is what was held before.
    is_past: bool,
    /// What is written, or was tried to be.
    data: String,
    versions: Vec<Instance>,
    has_more: bool,
    may_not_set: Option<String>,
    may_not_remove: Option<String>,
}

/// Which instance, and which version of it: the moment that it was written, in milliseconds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct Asked {
    of: String,
    version: Option<i64>,
    /// Versions that were replaced before this moment.
    before: Option<i64>,
    done: Option<String>,
}

/// The rights to all that the page shows.
type Seeing = (
    OfSpace<LedgersGet>,
    OfSpace<LedgerInstancesGet>,
    OfSpace<LedgerVersionsList>,
    OfSpace<LedgerVersionsGet>,
);

/// None where there is no such thing.
fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn instance_page(
    mote: &Mote,
    person: &Person,
    (OfSpace(defined), OfSpace(seeing), OfSpace(listing), OfSpace(past)): &Seeing,
    looking: &ProductAccess<ProductsGet>,
    (name, asked): (&str, &Asked),
    refused: Option<(String, String)>,
) -> Result<Response, Failure> {
    let ledger = mote.get_ledger(defined, name).await?;
    let of = asked.of.trim();
    let held = found(mote.get_ledger_instance(seeing, name, of).await)?;
    let query = VersionQuery { replaced_before: asked.before.map(Moment), replaced_after: None };
    let versions = found(mote.list_ledger_versions(listing, name, of, query).await)?;
    let seen = match asked.version {
        Some(version) => Some(mote.get_ledger_version(past, name, of, Moment(version)).await?),
        None => held,
    };
    let (shell, frame) = ProductFrame::new(mote, person, looking, TAB).await?;
    let (why, tried) = refused.unzip();
    let shell = shell.with_done(asked.done.as_deref()).with_refused(why);
    let data = match (tried, &seen) {
        (Some(tried), _) => tried,
        (None, Some(seen)) => pretty(&seen.data.fields()?),
        (None, None) => String::new(),
    };
    let (has_more, versions) = versions.map_or((false, Vec::new()), |of| (of.has_more, of.versions));
    let closed = match (ledger.archived_at, ledger.direction) {
        (Some(_), _) => Some("The ledger is archived: it can be read, and no more.".to_owned()),
        (None, Direction::Upstream) => Some("Only devices write this ledger.".to_owned()),
        _ => None,
    };
    let may_not_set = frame.why_not::<LedgerInstancesSet>().or(closed);
    let may_not_remove = frame
        .why_not::<LedgerInstancesRemove>()
        .or_else(|| ledger.archived_at.map(|_| "The ledger is archived.".to_owned()));
    Ok(page(&InstancePageOf {
        shell,
        frame,
        of: seen.as_ref().map_or_else(|| of.to_owned(), |seen| seen.scope_value.clone()),
        ledger,
        is_past: seen.as_ref().is_some_and(|seen| seen.replaced_at.is_some()),
        seen,
        data,
        versions,
        has_more,
        may_not_set,
        may_not_remove,
    }))
}

/// `GET /products/{product}/ledgers/{ledger}/instance?of=…`
pub(in crate::routes) async fn see(
    State(mote): State<Mote>,
    person: Person,
    seeing: Seeing,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    instance_page(&mote, &person, &seeing, &looking, (&named.ledger, &asked), None).await
}

/// What is written for whom.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct Written {
    of: String,
    data: String,
}

/// The page of an instance, with a word.
fn back(looking: &ProductAccess<ProductsGet>, ledger: &str, of: &str, done: &str) -> Response {
    let query = form_urlencoded::Serializer::new(String::new());
    let query = { query }.append_pair("of", of).append_pair("done", done).finish();
    to(looking, &format!("/{ledger}/instance?{query}"))
}

/// `POST /products/{product}/ledgers/{ledger}/instance`
pub(in crate::routes) async fn set(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<LedgerInstancesSet>,
    seeing: Seeing,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Form(form): Form<Written>,
) -> Result<Response, Failure> {
    let set = async {
        let data = object_in("data", &form.data)?.unwrap_or_default();
        mote.set_ledger_instance(&access, &named.ledger, form.of.trim(), SetMode::Replace, data).await
    };
    match set.await {
        Ok(set) => Ok(back(&looking, &named.ledger, &set.scope_value, "saved")),
        Err(error) => {
            let asked = Asked { of: form.of, ..Asked::default() };
            let refused = Some((to_tell(error)?, form.data));
            instance_page(&mote, &person, &seeing, &looking, (&named.ledger, &asked), refused).await
        }
    }
}

/// `POST /products/{product}/ledgers/{ledger}/instance/delete`
pub(in crate::routes) async fn delete(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgerInstancesRemove>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Form(form): Form<Written>,
) -> Result<Response, Failure> {
    mote.delete_ledger_instance(&access, &named.ledger, form.of.trim()).await?;
    Ok(to(&looking, &format!("/{}?done=deleted", named.ledger)))
}
