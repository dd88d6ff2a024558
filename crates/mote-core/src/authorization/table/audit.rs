//! The audit trail.

use super::rights;

rights! {
    /// See who did what to the product and what is its own. No scope is documented for it: it names people, and where they
    /// came from, as no other does.
    ProductAudit => Product, Some("audit:list"), Administrator, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/audit",
    ];
    /// See who did what to the organization and what is its own; its products have trails of theirs.
    OrganizationAudit => Organization, Some("audit:list"), Administrator, WhereOpened, [
        "GET /v1/orgs/{orgIdOrSlug}/audit",
    ];
    /// See who did what to the account and what is its own.
    AccountAudit => Account, None, ViewOnly, WhereOpened, ["GET /v1/user/audit"];
}
