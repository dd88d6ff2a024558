//! Device groups.

use super::rights;

rights! {
    /// List the product's groups.
    GroupsList => Product, Some("groups:list"), ViewOnly, WhereOpened, ["GET /v1/products/{productIdOrSlug}/groups"];
    /// Make a group.
    GroupsCreate => Product, Some("groups:create"), Developer, WhereOpened, [
        "POST /v1/products/{productIdOrSlug}/groups",
    ];
    /// See a group.
    GroupsGet => Product, Some("groups:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/groups/{groupName}",
    ];
    /// Change a group.
    GroupsUpdate => Product, Some("groups:update"), Developer, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/groups/{groupName}",
    ];
    /// Delete a group.
    GroupsRemove => Product, Some("groups:remove"), Developer, WhereOpened, [
        "DELETE /v1/products/{productIdOrSlug}/groups/{groupName}",
    ];
    /// See how many devices a planned release would update.
    GroupsImpact => Product, Some("groups.impact:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/impact",
    ];
}
