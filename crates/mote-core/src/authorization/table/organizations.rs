//! Organizations.

use super::rights;

rights! {
    /// List the organizations on whose team the account is.
    OrganizationsList => Account, None, ViewOnly, WhereOpened, ["GET /v1/orgs"];
    /// Make an organization.
    OrganizationsCreate => Account, None, ViewOnly, WhereOpened, ["POST /v1/orgs"];
    /// End the organization.
    OrganizationsRemove => Organization, None, Owner, WhereOpened, ["DELETE /v1/orgs/{orgIdOrSlug}"];
    /// See the organization.
    OrganizationsGet => Organization, Some("organization:get"), ViewOnly, WhereOpened, ["GET /v1/orgs/{orgIdOrSlug}"];
}
