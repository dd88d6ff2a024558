//! Ledgers of accounts, products and organizations.

use super::rights;

rights! {
    /// List ledgers.
    LedgersList => Space, Some("ledger.definitions:list"), ViewOnly, WhereOpened, ["GET /v1/ledgers"];
    /// See a ledger's definition.
    LedgersGet => Space, Some("ledger.definitions:get"), ViewOnly, WhereOpened, ["GET /v1/ledgers/{ledgerName}"];
    /// Make a ledger.
    LedgersCreate => Space, Some("ledger.definitions:create"), Developer, WhereOpened, ["POST /v1/ledgers"];
    /// Change a ledger's definition.
    LedgersUpdate => Space, Some("ledger.definitions:update"), Developer, WhereOpened, [
        "PUT /v1/ledgers/{ledgerName}",
    ];
    /// Archive a ledger.
    LedgersArchive => Space, Some("ledger.definitions:archive"), Developer, WhereOpened, [
        "DELETE /v1/ledgers/{ledgerName}",
    ];
    /// List what a ledger holds.
    LedgerInstancesList => Space, Some("ledger.instances:list"), ViewOnly, WhereOpened, [
        "GET /v1/ledgers/{ledgerName}/instances",
    ];
    /// See what a ledger holds for one device, product or owner.
    LedgerInstancesGet => Space, Some("ledger.instances:get"), ViewOnly, WhereOpened, [
        "GET /v1/ledgers/{ledgerName}/instances/{scopeValue}",
    ];
    /// Write what a ledger holds.
    LedgerInstancesSet => Space, Some("ledger.instances:set"), Developer, WhereOpened, [
        "PUT /v1/ledgers/{ledgerName}/instances/{scopeValue}",
    ];
    /// Delete what a ledger holds.
    LedgerInstancesRemove => Space, Some("ledger.instances:remove"), Developer, WhereOpened, [
        "DELETE /v1/ledgers/{ledgerName}/instances/{scopeValue}",
    ];
    /// List what a ledger held before.
    LedgerVersionsList => Space, Some("ledger.instances.versions:list"), ViewOnly, WhereOpened, [
        "GET /v1/ledgers/{ledgerName}/instances/{scopeValue}/versions",
    ];
    /// See what a ledger held before.
    LedgerVersionsGet => Space, Some("ledger.instances.versions:get"), ViewOnly, WhereOpened, [
        "GET /v1/ledgers/{ledgerName}/instances/{scopeValue}/versions/{version}",
    ];
}
