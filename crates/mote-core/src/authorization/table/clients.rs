//! OAuth clients.

use super::rights;

rights! {
    /// List the account's OAuth clients.
    AccountClientsList => Account, Some("clients:list"), ViewOnly, WhereOpened, ["GET /v1/clients"];
    /// Make an OAuth client of the account.
    AccountClientsCreate => Account, Some("clients:create"), ViewOnly, WhereOpened, ["POST /v1/clients"];
    /// Change an OAuth client of the account.
    AccountClientsUpdate => Account, Some("clients:update"), ViewOnly, WhereOpened, ["PUT /v1/clients/{clientId}"];
    /// Delete an OAuth client of the account.
    AccountClientsRemove => Account, Some("clients:remove"), ViewOnly, WhereOpened, ["DELETE /v1/clients/{clientId}"];
    /// List the product's OAuth clients.
    ClientsList => Product, Some("clients:list"), Developer, Always, ["GET /v1/products/{productIdOrSlug}/clients"];
    /// Make an OAuth client of the product. Its tokens open all of the product: hence an administrator's right.
    ClientsCreate => Product, Some("clients:create"), Administrator, Always, ["POST /v1/products/{productIdOrSlug}/clients"];
    /// Change an OAuth client of the product.
    ClientsUpdate => Product, Some("clients:update"), Administrator, Always, [
        "PUT /v1/products/{productIdOrSlug}/clients/{clientId}",
    ];
    /// Delete an OAuth client of the product.
    ClientsRemove => Product, Some("clients:remove"), Administrator, Always, [
        "DELETE /v1/products/{productIdOrSlug}/clients/{clientId}",
    ];
}
