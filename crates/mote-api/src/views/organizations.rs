//! Organizations.

use mote_core::organizations::Organization;
use serde::Serialize;
use utoipa::ToSchema;

/// An organization (contract: Organizations-getOrganization).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganizationView {
    /// 24 hex digits.
    id: String,
    /// The name in URLs.
    slug: String,
    name: String,
}

impl From<&Organization> for OrganizationView {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id.to_hex(),
            slug: organization.slug.clone(),
            name: organization.name.clone(),
        }
    }
}

/// One organization.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganizationAnswer {
    organization: OrganizationView,
}

impl From<&Organization> for OrganizationAnswer {
    fn from(organization: &Organization) -> Self {
        Self { organization: organization.into() }
    }
}

/// Organizations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganizationsAnswer {
    organizations: Vec<OrganizationView>,
}

impl From<Vec<Organization>> for OrganizationsAnswer {
    fn from(organizations: Vec<Organization>) -> Self {
        Self { organizations: organizations.iter().map(Into::into).collect() }
    }
}
