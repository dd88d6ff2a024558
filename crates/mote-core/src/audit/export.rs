//! Reading all of the trail, oldest first, some at a time.

use mote_store::audit as rows;
use mote_store::audit::{Filter, Of};

use super::list::shown;
use super::{AuditEntry, AuditQuery, is_full};
use crate::authorization::table::{AccountAudit, OrganizationAudit, ProductAudit};
use crate::authorization::{AccountAccess, OrganizationAccess, ProductAccess};
use crate::{Error, Mote};

/// Entries that are read at a time.
const BATCH: i64 = 500;

/// An export that has come so far. It holds what there was when it was begun, and nothing that came later: so it has an end,
/// however slowly it is read.
#[derive(Clone, Debug)]
pub struct AuditExport {
    of: Of,
    filter: Filter,
    done: bool,
}

impl Mote {
    /// Begins an export of what was done to the product; how many entries a page would have does not count.
    pub fn export_product_audit(
        &self,
        access: &ProductAccess<ProductAudit>,
        query: &AuditQuery,
    ) -> Result<AuditExport, Error> {
        self.begin_export(Of::Product(access.product().id.0), query)
    }

    /// The same of the organization.
    pub fn export_organization_audit(
        &self,
        access: &OrganizationAccess<OrganizationAudit>,
        query: &AuditQuery,
    ) -> Result<AuditExport, Error> {
        self.begin_export(Of::Organization(access.organization().id.0), query)
    }

    /// The same of the account.
    pub fn export_account_audit(
        &self,
        access: &AccountAccess<AccountAudit>,
        query: &AuditQuery,
    ) -> Result<AuditExport, Error> {
        self.begin_export(Of::Account(access.account().0), query)
    }

    /// The same of all that there is, for an operator.
    pub fn export_audit_for_operator(&self, query: &AuditQuery) -> Result<AuditExport, Error> {
        self.begin_export(Of::All, query)
    }

    fn begin_export(&self, of: Of, query: &AuditQuery) -> Result<AuditExport, Error> {
        let mut filter = query.filter()?;
        let now = self.new_key(self.now());
        filter.before = Some(filter.before.map_or(now, |before| before.min(now)));
        Ok(AuditExport { of, filter, done: false })
    }

    /// The next entries of an export; none when it is over.
    pub async fn export_more(&self, export: &mut AuditExport) -> Result<Vec<AuditEntry>, Error> {
        if export.done {
            return Ok(Vec::new());
        }
        let (of, filter) = (export.of, export.filter.clone());
        let found = self.store().read(move |db| rows::list(db, of, &filter, false, BATCH)).await?;
        export.done = !is_full(found.len(), BATCH);
        export.filter.after = found.last().map(|row| row.id).or(export.filter.after);
        Ok(shown(export.of, found))
    }
}
