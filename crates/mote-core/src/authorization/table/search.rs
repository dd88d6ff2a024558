//! Search. It finds devices, products and SIM cards alike, so it has a scope of its own.

use super::rights;

rights! {
    /// Search what the account has.
    UserSearch => Account, None, ViewOnly, WhereOpened, ["GET /v1/user/search"];
    /// Search what the organization has.
    OrganizationSearch => Organization, Some("search:get"), ViewOnly, WhereOpened, ["GET /v1/orgs/{orgIdOrSlug}/search"];
}
