//! What was done, as the audit trail tells it.

use mote_core::audit::{AuditEntry, AuditPage};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A page of the audit trail, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditView {
    ok: bool,
    entries: Vec<AuditEntryView>,
    /// What `before` is for the next page; null on the last.
    next_before: Option<String>,
}

impl From<AuditPage> for AuditView {
    fn from(page: AuditPage) -> Self {
        Self {
            ok: true,
            next_before: page.next_before.map(|id| id.to_string()),
            entries: page.entries.into_iter().map(Into::into).collect(),
        }
    }
}

/// An entry of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntryView {
    /// ID; later ones are greater.
    id: String,
    /// When, ISO 8601.
    at: String,
    /// Who.
    actor: ActorView,
    /// ID of the token or console session that he came with, never itself; null where he came with none, or somebody else
    /// did it to your account.
    token_id: Option<String>,
    /// The network address that he came from; null likewise.
    address: Option<String>,
    /// What he did, as `team.role_changed`.
    action: String,
    /// To what.
    target: TargetView,
    /// The account that it concerns.
    account_id: Option<String>,
    /// The product that it concerns.
    product_id: Option<i64>,
    /// The organization that it concerns.
    organization_id: Option<String>,
    /// More about it, by action.
    #[schema(value_type = Object)]
    details: Value,
    /// Its place in the chain of all entries of the server, which has no gaps; null for a moment after it was written.
    number: Option<i64>,
    /// The hash of the entry before, in hex.
    previous_hash: Option<String>,
    /// Its own: BLAKE3 with the server's key over the hash before, the number and what the entry says.
    hash: Option<String>,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
struct ActorView {
    /// `user`, `console`, `product`, `customer`, `api_user`, `operator`; or `bearer`, of whom no more is known than that he
    /// had the token.
    #[serde(rename = "type")]
    kind: String,
    /// ID of the account, the product, the customer or the API user.
    id: Option<String>,
    /// Name at that time: the address of an account, the client ID of a product's token.
    name: String,
}

/// What something was done to.
#[derive(Debug, Serialize, ToSchema)]
struct TargetView {
    /// What stands before the point in the action.
    #[serde(rename = "type")]
    kind: String,
    /// ID.
    id: String,
    /// Name at that time; empty where it has none.
    name: String,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        let text = |number: Option<i64>| number.map(|number| number.to_string());
        Self {
            id: entry.id.to_string(),
            at: entry.at.to_iso(),
            target: TargetView {
                kind: entry.target_kind().to_owned(),
                id: entry.target_id,
                name: entry.target_name,
            },
            actor: ActorView { kind: entry.actor_kind, id: text(entry.actor_id), name: entry.actor_name },
            token_id: text(entry.token_id),
            address: entry.address,
            action: entry.action,
            account_id: text(entry.account),
            product_id: entry.product,
            organization_id: entry.organization.map(|id| mote_core::OrganizationId(id).to_hex()),
            details: entry.details,
            number: entry.number,
            previous_hash: entry.previous_hash.map(|hash| hash.to_string()),
            hash: entry.hash.map(|hash| hash.to_string()),
        }
    }
}

/// Entries as lines of JSON (NDJSON).
#[must_use]
pub fn audit_lines(entries: Vec<AuditEntry>) -> String {
    let mut lines = String::new();
    for entry in entries {
        // A view of texts and numbers is always JSON.
        if let Ok(line) = serde_json::to_string(&AuditEntryView::from(entry)) {
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    lines
}
