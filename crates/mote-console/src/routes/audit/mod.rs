//! Audit trails: of a product, of an organization, and of the account. [`mod@line`] puts their entries into words.

mod line;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, header};
use mote_core::audit::{Action, AuditQuery};
use mote_core::authorization::table::{AccountAudit, OrganizationAudit, ProductAudit};
use mote_core::{Error, Mote};
use serde::Deserialize;

use self::line::{Line, kind_name};
use crate::access::OfAny;
use crate::address::Query;
use crate::failure::Failure;
use crate::frames::{Frame, OrganizationFrame, ProductFrame};
use crate::page::{Shell, page};
use crate::session::Person;

const TAB: &str = "Audit trail";
/// Entries on a page.
const PER_PAGE: i64 = 50;

/// Whose trail it is, for who may read it.
type Trail = OfAny<ProductAudit, OrganizationAudit, AccountAudit>;

/// What is looked for; all that is empty lets all through.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    action: String,
    actor: String,
    target: String,
    since: String,
    until: String,
    before: String,
}

impl Search {
    fn query(&self) -> AuditQuery {
        let some = |text: &str| Some(text.trim().to_owned());
        AuditQuery {
            action: some(&self.action),
            actor: some(&self.actor),
            target: some(&self.target),
            since: some(&self.since),
            until: some(&self.until),
            before: some(&self.before),
            per_page: Some(PER_PAGE),
        }
    }

    fn filters(&self) -> [(&'static str, &String); 5] {
        [
            ("action", &self.action),
            ("actor", &self.actor),
            ("target", &self.target),
            ("since", &self.since),
            ("until", &self.until),
        ]
    }

    fn is_narrow(&self) -> bool {
        self.filters().iter().any(|(_, value)| !value.is_empty())
    }

    /// The query of the newest that is looked for.
    fn newest(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.filters().iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// The query of what is older than an entry.
    fn older(&self, than: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(self.newest());
        query.append_pair("before", &than.to_string()).finish()
    }
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    frame: Frame,
    /// The path of the trail.
    base: String,
    search: Search,
    /// All that can be done, by what it is done to.
    kinds: Vec<&'static [Action]>,
    lines: Vec<Line>,
    next_before: Option<i64>,
    /// Days that entries are kept.
    days: u16,
}

/// The frame around a trail.
async fn framed(mote: &Mote, person: &Person, trail: &Trail) -> Result<(Shell, Frame), Error> {
    Ok(match trail {
        Trail::Product(access) => {
            let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
            (shell, Frame::Product(frame))
        }
        Trail::Organization(access) => {
            let (shell, frame) = OrganizationFrame::new(mote, person, access, TAB).await?;
            (shell, Frame::Organization(frame))
        }
        Trail::Account(_) => (Shell::new(TAB, person), Frame::Account),
    })
}

fn base(trail: &Trail) -> String {
    match trail {
        Trail::Product(access) => format!("/products/{}/audit", access.product().slug),
        Trail::Organization(access) => format!("/organizations/{}/audit", access.organization().slug),
        Trail::Account(_) => "/account/audit".to_owned(),
    }
}

/// `GET /products/{product}/audit`; here and below, `/organizations/{organization}` or `/account` in its place is that
/// one's.
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    trail: Trail,
    Query(search): Query<Search>,
) -> Result<Response, Failure> {
    let query = search.query();
    let found = match &trail {
        Trail::Product(access) => mote.product_audit(access, &query).await?,
        Trail::Organization(access) => mote.organization_audit(access, &query).await?,
        Trail::Account(access) => mote.account_audit(access, &query).await?,
    };
    let (shell, frame) = framed(&mote, &person, &trail).await?;
    Ok(page(&AuditPage {
        shell,
        frame,
        base: base(&trail),
        search,
        kinds: Action::ALL.chunk_by(|one, next| one.target_kind() == next.target_kind()).collect(),
        lines: found.entries.into_iter().map(Line::from).collect(),
        next_before: found.next_before,
        days: mote.settings().audit_days,
    }))
}

/// `GET /products/{product}/audit.ndjson`: all that is looked for, oldest first, as the API has it.
pub(super) async fn export(
    State(mote): State<Mote>,
    trail: Trail,
    Query(search): Query<Search>,
) -> Result<Response, Failure> {
    let query = search.query();
    let (export, of) = match &trail {
        Trail::Product(access) => {
            (mote.export_product_audit(access, &query)?, access.product().slug.as_str())
        }
        Trail::Organization(access) => {
            (mote.export_organization_audit(access, &query)?, access.organization().slug.as_str())
        }
        Trail::Account(access) => (mote.export_account_audit(access, &query)?, "account"),
    };
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{of}-audit.ndjson\""))
        .map_err(|error| Error::Internal(format!("a slug is in no header: {error}")))?;
    let mut response = mote_api::stream_of_audit(mote, export).await?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}
