//! Products.

use super::rights;

rights! {
    /// List the products on whose team the account is.
    ProductsList => Account, Some("products:list"), ViewOnly, WhereOpened, ["GET /v1/user/products", "GET /v1/products"];
    /// Make a product.
    ProductsCreate => Account, Some("products:create"), ViewOnly, WhereOpened, ["POST /v1/products"];
    /// List the products of the organization.
    OrganizationProductsList => Organization, Some("products:list"), ViewOnly, WhereOpened, [
        "GET /v1/orgs/{orgIdOrSlug}/products",
    ];
    /// Make a product of the organization.
    OrganizationProductsCreate => Organization, Some("products:create"), Administrator, WhereOpened, [
        "POST /v1/orgs/{orgIdOrSlug}/products",
    ];
    /// See the product.
    ProductsGet => Product, Some("products:get"), ViewOnly, WhereOpened, ["GET /v1/products/{productIdOrSlug}"];
    /// Change the product and its settings.
    ProductsUpdate => Product, Some("products:update"), Administrator, WhereOpened, ["PUT /v1/products/{productIdOrSlug}"];
    /// End the product.
    ProductsRemove => Product, Some("products:remove"), Owner, WhereOpened, ["DELETE /v1/products/{productIdOrSlug}"];
}
