//! OAuth clients.

use super::rights;

rights! {
    /// List the account's OAuth clients, and what is known of their secrets and public keys.
    AccountClientsList => Account, Some("clients:list"), ViewOnly, WhereOpened, [
        "GET /v1/clients",
        "GET /v1/clients/{clientId}/secrets",
        "GET /v1/clients/{clientId}/keys",
    ];
    /// Make an OAuth client of the account.
    AccountClientsCreate => Account, Some("clients:create"), ViewOnly, WhereOpened, ["POST /v1/clients"];
    /// Change an OAuth client of the account, its secrets or public keys.
    AccountClientsUpdate => Account, Some("clients:update"), ViewOnly, WhereOpened, [
        "PUT /v1/clients/{clientId}",
        "POST /v1/clients/{clientId}/secrets",
        "DELETE /v1/clients/{clientId}/secrets/{secretId}",
        "POST /v1/clients/{clientId}/keys",
        "DELETE /v1/clients/{clientId}/keys/{keyId}",
    ];
    /// Delete an OAuth client of the account.
    AccountClientsRemove => Account, Some("clients:remove"), ViewOnly, WhereOpened, ["DELETE /v1/clients/{clientId}"];
    /// List the product's OAuth clients, and what is known of their secrets and public keys.
    ClientsList => Product, Some("clients:list"), Developer, Always, [
        "GET /v1/products/{productIdOrSlug}/clients",
        "GET /v1/products/{productIdOrSlug}/clients/{clientId}/secrets",
        "GET /v1/products/{productIdOrSlug}/clients/{clientId}/keys",
    ];
    /// Make an OAuth client of the product. Its tokens open all of the product: hence an administrator's right.
    ClientsCreate => Product, Some("clients:create"), Administrator, Always, ["POST /v1/products/{productIdOrSlug}/clients"];
    /// Change an OAuth client of the product, its secrets or public keys.
    ClientsUpdate => Product, Some("clients:update"), Administrator, Always, [
        "PUT /v1/products/{productIdOrSlug}/clients/{clientId}",
        "POST /v1/products/{productIdOrSlug}/clients/{clientId}/secrets",
        "DELETE /v1/products/{productIdOrSlug}/clients/{clientId}/secrets/{secretId}",
        "POST /v1/products/{productIdOrSlug}/clients/{clientId}/keys",
        "DELETE /v1/products/{productIdOrSlug}/clients/{clientId}/keys/{keyId}",
    ];
    /// Delete an OAuth client of the product.
    ClientsRemove => Product, Some("clients:remove"), Administrator, Always, [
        "DELETE /v1/products/{productIdOrSlug}/clients/{clientId}",
    ];
}
