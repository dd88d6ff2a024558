//! Reading the trail, in pages.

use mote_store::audit as rows;
use mote_store::audit::{Filter, Of};

use super::actor::is_account;
use super::{AuditEntry, action};
use crate::authorization::table::{AccountAudit, OrganizationAudit, ProductAudit};
use crate::authorization::{AccountAccess, OrganizationAccess, ProductAccess};
use crate::paging::Paging;
use crate::{AccountId, Error, Moment, Mote};

/// Entries on a page where the caller names no number.
const PER_PAGE: i64 = 100;
/// Characters of a name or ID that is looked for at most.
const LONGEST: usize = 255;

/// Which entries, as a request asks for them. All that is left out lets all through.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// What was done: an action (`team.role_changed`), or all that is done to one kind of thing (`team`).
    pub action: Option<String>,
    /// The caller's name at that time.
    pub actor: Option<String>,
    /// The ID of what it was done to.
    pub target: Option<String>,
    /// Not before: ISO 8601.
    pub since: Option<String>,
    /// Before: ISO 8601.
    pub until: Option<String>,
    /// Older than the entry of this ID.
    pub before: Option<String>,
    /// Entries on a page.
    pub per_page: Option<i64>,
}

/// Some entries, newest first.
#[derive(Debug)]
pub struct AuditPage {
    /// Them.
    pub entries: Vec<AuditEntry>,
    /// What `before` is for the next page; none where this is the last.
    pub next_before: Option<i64>,
}

impl AuditQuery {
    /// What the store is asked for.
    pub(super) fn filter(&self) -> Result<Filter, Error> {
        let present = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let short = |field: &'static str, text: &Option<String>| match present(text) {
            Some(text) if text.chars().count() > LONGEST || text.contains('\0') => {
                Err(Error::invalid(field, format!("is text of {LONGEST} characters at most")))
            }
            text => Ok(text),
        };
        let moment = |field: &'static str, text: &Option<String>| match present(text) {
            Some(text) => match Moment::from_date(&text) {
                Some(moment) => Ok(Some(moment.0)),
                None => Err(Error::invalid(field, "is a date of ISO 8601, as 2026-01-31T12:00:00Z")),
            },
            None => Ok(None),
        };
        let action = present(&self.action);
        if action.as_deref().is_some_and(|word| !action::is_known(word)) {
            let text = "is an action, as team.role_changed, or what its word begins with, as team";
            return Err(Error::invalid("action", text));
        }
        let before =
            match present(&self.before) {
                Some(text) => Some(text.parse().map_err(|_| {
                    Error::invalid("before", "is the ID of an entry: the next_before of a page")
                })?),
                None => None,
            };
        Ok(Filter {
            action,
            actor: short("actor", &self.actor)?,
            target: short("target", &self.target)?,
            since: moment("since", &self.since)?,
            until: moment("until", &self.until)?,
            before,
            after: None,
        })
    }
}

impl Mote {
    /// A page of what was done to the product and all that is its own.
    pub async fn product_audit(
        &self,
        access: &ProductAccess<ProductAudit>,
        query: &AuditQuery,
    ) -> Result<AuditPage, Error> {
        self.audit_page(Of::Product(access.product().id.0), query).await
    }

    /// A page of what was done to the organization and what is its own, and of the beginnings and ends of its products, which
    /// otherwise have trails of theirs.
    pub async fn organization_audit(
        &self,
        access: &OrganizationAccess<OrganizationAudit>,
        query: &AuditQuery,
    ) -> Result<AuditPage, Error> {
        self.audit_page(Of::Organization(access.organization().id.0), query).await
    }

    /// A page of what was done to the account and all that is its own. Of what others did, it does not show with which token,
    /// and from where.
    pub async fn account_audit(
        &self,
        access: &AccountAccess<AccountAudit>,
        query: &AuditQuery,
    ) -> Result<AuditPage, Error> {
        self.audit_page(Of::Account(access.account().0), query).await
    }

    async fn audit_page(&self, of: Of, query: &AuditQuery) -> Result<AuditPage, Error> {
        let filter = query.filter()?;
        let per_page = Paging::asked(None, query.per_page, PER_PAGE)?.per_page;
        let found = self.store().read(move |db| rows::list(db, of, &filter, true, per_page + 1)).await?;
        let mut entries = shown(of, found);
        let more = i64::try_from(entries.len()).is_ok_and(|count| count > per_page);
        if more {
            entries.pop();
        }
        let next_before = entries.last().filter(|_| more).map(|entry| entry.id);
        Ok(AuditPage { entries, next_before })
    }
}

/// Rows as whoever asks for them may see them.
pub(super) fn shown(of: Of, rows: Vec<rows::AuditRow>) -> Vec<AuditEntry> {
    let show = |row: rows::AuditRow| {
        let mut entry = AuditEntry::from(row);
        if let Of::Account(account) = of
            && !is_account(&entry.actor_kind, entry.actor_id, AccountId(account))
        {
            (entry.token_id, entry.address) = (None, None);
        }
        entry
    };
    rows.into_iter().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_checked() {
        let query = |action: &str, since: &str, before: &str| AuditQuery {
            action: Some(action.into()),
            since: Some(since.into()),
            before: Some(before.into()),
            ..AuditQuery::default()
        };
        let filter = query("token.revoked", "2026-01-01", "7").filter().unwrap();
        assert_eq!((filter.action.as_deref(), filter.before), (Some("token.revoked"), Some(7)));
        assert_eq!(query("", "", "").filter().unwrap(), Filter::default());
        assert!(query("oauth_client", "", "").filter().is_ok());
        for (action, since, before) in [
            ("token.", "", ""),
            ("tok", "", ""),
            ("%", "", ""),
            ("", "yesterday", ""),
            ("", "", "1.5"),
            ("", "", "99999999999999999999"),
        ] {
            assert!(query(action, since, before).filter().is_err(), "{action} {since} {before}");
        }
    }
}
