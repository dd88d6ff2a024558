//! Ledgers and what they hold.

use mote_core::Moment;
use mote_core::ledgers::{Instance, InstanceData, InstancePage, Ledger, LedgerPage, Versions};
use serde::Serialize;
use utoipa::ToSchema;

use super::PageMeta;

/// A ledger's definition (contract: Ledger-GetV1LedgersLedgername).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerView {
    /// What there is one instance for each of: `Device`, `Product` or `Owner`.
    scope: &'static str,
    name: String,
    description: String,
    /// `Downstream` (to devices), `Upstream` (from devices) or `None` (for the cloud alone).
    direction: &'static str,
    /// ISO 8601.
    updated_at: String,
    /// ISO 8601.
    created_at: String,
    /// ISO 8601; null while it is in use.
    archived_at: Option<String>,
}

impl From<Ledger> for LedgerView {
    fn from(ledger: Ledger) -> Self {
        Self {
            scope: ledger.scope.name(),
            name: ledger.name,
            description: ledger.description,
            direction: ledger.direction.name(),
            updated_at: ledger.updated_at.to_iso(),
            created_at: ledger.created_at.to_iso(),
            archived_at: ledger.archived_at.map(Moment::to_iso),
        }
    }
}

/// One ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerAnswer {
    ledger: LedgerView,
}

impl From<Ledger> for LedgerAnswer {
    fn from(ledger: Ledger) -> Self {
        Self { ledger: ledger.into() }
    }
}

/// A page of ledgers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgersAnswer {
    ledgers: Vec<LedgerView>,
    meta: PageMeta,
}

impl From<LedgerPage> for LedgersAnswer {
    fn from(page: LedgerPage) -> Self {
        let LedgerPage { ledgers, page, per_page, total_pages, total } = page;
        let meta = PageMeta { page, per_page, total_pages, total };
        Self { ledgers: ledgers.into_iter().map(Into::into).collect(), meta }
    }
}

/// What a ledger holds, or held (contract: Ledger-GetV1LedgersLedgernameInstancesScopevalue).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstanceView {
    /// The ledger's name.
    name: String,
    scope: ScopeView,
    /// Bytes of `data` as JSON.
    size_bytes: i32,
    #[schema(value_type = Object)]
    data: InstanceData,
    /// When it was written, which names it among the versions; ISO 8601.
    updated_at: String,
    /// When the first version was written; ISO 8601.
    created_at: String,
    /// When other data took its place; absent for what is held now. ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_at: Option<String>,
}

/// What an instance is for.
#[derive(Debug, Serialize, ToSchema)]
struct ScopeView {
    /// `Device`, `Product` or `Owner`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The ID.
    value: String,
    /// The name, in listings.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// True in listings where it is gone, or no longer one of whose ledger this is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    not_owned: bool,
}

impl From<Instance> for InstanceView {
    fn from(instance: Instance) -> Self {
        Self {
            name: instance.ledger,
            scope: ScopeView {
                kind: instance.scope.name(),
                value: instance.scope_value,
                name: instance.scope_name,
                not_owned: !instance.owned,
            },
            size_bytes: instance.size_bytes,
            data: instance.data,
            updated_at: instance.updated_at.to_iso(),
            created_at: instance.created_at.to_iso(),
            replaced_at: instance.replaced_at.map(Moment::to_iso),
        }
    }
}

/// One instance, or a version of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstanceAnswer {
    instance: InstanceView,
}

impl From<Instance> for InstanceAnswer {
    fn from(instance: Instance) -> Self {
        Self { instance: instance.into() }
    }
}

/// A page of what a ledger holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstancesAnswer {
    instances: Vec<InstanceView>,
    meta: PageMeta,
}

impl From<InstancePage> for InstancesAnswer {
    fn from(page: InstancePage) -> Self {
        let InstancePage { instances, page, per_page, total_pages, total } = page;
        let meta = PageMeta { page, per_page, total_pages, total };
        Self { instances: instances.into_iter().map(Into::into).collect(), meta }
    }
}

/// Versions of an instance, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionsAnswer {
    versions: Vec<InstanceView>,
    meta: MoreMeta,
}

#[derive(Debug, Serialize, ToSchema)]
struct MoreMeta {
    /// Whether earlier ones are left: ask for those with `replaced_before` the last `replaced_at` here.
    has_more: bool,
}

impl From<Versions> for VersionsAnswer {
    fn from(found: Versions) -> Self {
        let meta = MoreMeta { has_more: found.has_more };
        Self { versions: found.versions.into_iter().map(Into::into).collect(), meta }
    }
}
