//! Search. It finds devices, products and SIM cards alike, so no scope of one of them opens it.

use super::rights;

rights! {
    /// Search what the account has.
    UserSearch => Account, None, ViewOnly, WhereOpened, ["GET /v1/user/search"];
    /// Search what the organization has.
    OrganizationSearch => Organization, None, ViewOnly, WhereOpened, ["GET /v1/orgs/{orgIdOrSlug}/search"];
}
