//! The SIM cards of a product.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{
    ProductsGet, SimsFleetUsage, SimsGet, SimsImport, SimsList, SimsRemove, SimsUpdate, SimsUsage,
};
use mote_core::sims::{ImportedSims, Sim, SimAction, SimChange, SimPage, SimQuery, SimStatus, UsedOn};
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::{OfProduct, OfSpace};
use crate::address::{Path, Query};
use crate::chart::Chart;
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::frames::ProductFrame;
use crate::page::{Done, Shell, page};
use crate::session::Person;

const TAB: &str = "SIM cards";
/// Cards on a page.
const PER_PAGE: i64 = 50;
/// Refused numbers that are shown; the count says how many there are.
const MOST_SHOWN: usize = 200;

/// What was used, day by day.
fn usage_chart(days: &[UsedOn]) -> Chart {
    let points: Vec<_> = days.iter().map(|used| (used.day.to_string(), Some(used.mbs))).collect();
    Chart::new("MB a day", &points)
}

#[derive(Template)]
#[template(path = "sims.html")]
struct ListPage {
    shell: Shell,
    frame: ProductFrame,
    found: SimPage,
    pages: i64,
    iccid: String,
    total_mbs: f64,
    active_cards: i64,
    chart: Chart,
    /// What has just been imported.
    imported: Option<ImportedSims>,
    pasted: String,
    may_not_import: Option<String>,
}

/// Which cards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    iccid: String,
    page: Option<i64>,
    done: Option<String>,
}

/// The rights to all that the list shows.
type Seeing = (OfSpace<SimsList>, OfProduct<SimsFleetUsage>);

async fn list_page(
    mote: &Mote,
    person: &Person,
    (OfSpace(access), OfProduct(looking)): &Seeing,
    asked: Asked,
    imported: Option<ImportedSims>,
    (pasted, refused): (String, Option<String>),
) -> Result<Response, Failure> {
    let iccid = Some(asked.iccid.trim().to_owned());
    let query = SimQuery { iccid, page: asked.page, per_page: Some(PER_PAGE), ..SimQuery::default() };
    let found = mote.list_sims(access, query).await?;
    let usage = mote.fleet_usage(looking).await?;
    let (shell, frame) = ProductFrame::new(mote, person, looking, TAB).await?;
    let shell = shell.with_done(asked.done.as_deref()).with_refused(refused);
    let may_not_import = frame.why_not::<SimsImport>();
    Ok(page(&ListPage {
        shell,
        frame,
        pages: (found.total + PER_PAGE - 1) / PER_PAGE,
        found,
        iccid: asked.iccid,
        total_mbs: usage.total_mbs,
        active_cards: usage.active_cards,
        chart: usage_chart(&usage.days),
        imported,
        pasted,
        may_not_import,
    }))
}

/// `GET /products/{product}/sims`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    seeing: Seeing,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    list_page(&mote, &person, &seeing, asked, None, (String::new(), None)).await
}

/// Numbers of cards, pasted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pasted {
    iccids: String,
}

/// `POST /products/{product}/sims`: the page names each number that was refused.
pub(super) async fn import(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<SimsImport>,
    seeing: Seeing,
    Form(form): Form<Pasted>,
) -> Result<Response, Failure> {
    let parts = form.iccids.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let iccids = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let (imported, tried) = match mote.import_sims(&access, iccids).await {
        Ok(imported) => (Some(imported), (String::new(), None)),
        Err(error) => (None, (form.iccids, Some(to_tell(error)?))),
    };
    list_page(&mote, &person, &seeing, Asked::default(), imported, tried).await
}

#[derive(Template)]
#[template(path = "sim.html")]
struct SimPageOf {
    shell: Shell,
    frame: ProductFrame,
    sim: Sim,
    used: f64,
    chart: Chart,
    may_not_update: Option<String>,
    may_not_remove: Option<String>,
}

/// The parameters of a card's path.
#[derive(Deserialize)]
pub(super) struct Named {
    iccid: String,
}

/// The rights to all that a card's page shows.
type SeeingOne = (OfSpace<SimsGet>, OfSpace<SimsUsage>, OfProduct<ProductsGet>);

async fn sim_page(
    mote: &Mote,
    person: &Person,
    (OfSpace(access), OfSpace(of_usage), OfProduct(looking)): &SeeingOne,
    iccid: &str,
    (done, refused): (Option<&str>, Option<String>),
) -> Result<Response, Failure> {
    let (sim, _) = mote.sim(access, iccid).await?;
    let usage = mote.sim_usage(of_usage, iccid).await?;
    let (shell, frame) = ProductFrame::new(mote, person, looking, TAB).await?;
    let shell = shell.with_done(done).with_refused(refused);
    let (may_not_update, may_not_remove) = (frame.why_not::<SimsUpdate>(), frame.why_not::<SimsRemove>());
    let used = usage.days.last().map_or(0.0, |day| day.mbs_cumulative);
    let chart = usage_chart(&usage.days);
    Ok(page(&SimPageOf { shell, frame, sim, used, chart, may_not_update, may_not_remove }))
}

/// `GET /products/{product}/sims/{iccid}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    seeing: SeeingOne,
    Path(named): Path<Named>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    sim_page(&mote, &person, &seeing, &named.iccid, (done.done.as_deref(), None)).await
}

/// What is to be done to a card.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Change {
    action: Option<String>,
    mb_limit: Option<String>,
}

impl Change {
    fn read(&self) -> Result<SimChange, Error> {
        let action = match self.action.as_deref() {
            None => None,
            Some("deactivate") => Some(SimAction::Deactivate),
            Some("reactivate") => Some(SimAction::Reactivate),
            Some(_) => return Err(Error::invalid("action", "is deactivate or reactivate")),
        };
        let wrong = |_| Error::invalid("mb_limit", "is a number of megabytes, or 0 for no limit");
        let limit = self.mb_limit.as_deref().map(|text| text.trim().parse().map_err(wrong)).transpose()?;
        // A limit that was emptied is none.
        let mb_limit = if action.is_none() { limit.or(Some(0)) } else { limit };
        Ok(SimChange { action, mb_limit })
    }
}

/// `POST /products/{product}/sims/{iccid}`
pub(super) async fn update(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<SimsUpdate>,
    seeing: SeeingOne,
    Path(named): Path<Named>,
    Form(form): Form<Change>,
) -> Result<Response, Failure> {
    let changed = async { mote.update_sim(&access, &named.iccid, form.read()?).await };
    match changed.await {
        Ok(()) => Ok(back(&seeing.2.0, &format!("/{}?done=saved", named.iccid))),
        Err(error) => sim_page(&mote, &person, &seeing, &named.iccid, (None, Some(to_tell(error)?))).await,
    }
}

/// `POST /products/{product}/sims/{iccid}/release`
pub(super) async fn release(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SimsRemove>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    mote.release_sim(&access, &named.iccid).await?;
    Ok(back(&looking, "?done=removed"))
}

/// On to a page of the cards.
fn back(looking: &ProductAccess<ProductsGet>, rest: &str) -> Response {
    Redirect::to(&format!("/products/{}/sims{rest}", looking.product().slug)).into_response()
}
