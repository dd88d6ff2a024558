//! Organizations: teams that have products.

mod cache;
mod use_cases;

pub use cache::OrganizationCache;
pub(crate) use use_cases::MOST_ORGANIZATIONS;
pub use use_cases::NewOrganization;

use mote_store::organizations::OrganizationRow;

use crate::OrganizationId;

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Key.
    pub id: OrganizationId,
    /// Its name in URLs.
    pub slug: String,
    /// Name.
    pub name: String,
}

impl From<OrganizationRow> for Organization {
    fn from(row: OrganizationRow) -> Self {
        Self { id: OrganizationId(row.id), slug: row.slug, name: row.name }
    }
}

/// What stands for an organization in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationRef<'a> {
    /// Its ID: 24 hex digits.
    Id(OrganizationId),
    /// Its slug: anything else.
    Slug(&'a str),
}

impl<'a> OrganizationRef<'a> {
    /// Reads a path segment. No slug is 24 hex digits, so the two cannot be confused.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        OrganizationId::parse(text).map_or(Self::Slug(text), Self::Id)
    }
}
