//! Customers of a product.

use super::rights;

rights! {
    /// List the product's customers.
    CustomersList => Product, Some("customers:list"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/customers",
    ];
    /// Make a customer of the product; also open to the product's OAuth clients, which the endpoint takes itself.
    CustomersCreate => Product, Some("customers:create"), Support, WhereOpened, [
        "POST /v1/products/{productIdOrSlug}/customers",
    ];
    /// Give a customer another password.
    CustomersUpdate => Product, Some("customers:update"), Support, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/customers/{customerEmail}",
    ];
    /// End a customer, with his tokens; his devices are free.
    CustomersRemove => Product, Some("customers:remove"), Developer, WhereOpened, [
        "DELETE /v1/products/{productIdOrSlug}/customers/{customerEmail}",
    ];
}
