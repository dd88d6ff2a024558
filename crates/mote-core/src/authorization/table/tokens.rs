//! Tokens, and what needs no right at all.

use super::rights;

rights! {
    /// What needs no right: signing up and in, health, documents.
    Nothing => Open, None, ViewOnly, WhereOpened, [
        "POST /oauth/token",
        "POST /oauth/introspect",
        "POST /oauth/revoke",
        "GET /.well-known/oauth-authorization-server",
        "POST /v1/users",
        "POST /v1/user/password-reset",
        "PUT /v1/user/password-reset",
        "POST /v1/products/{productIdOrSlug}/customers/reset_password",
        "POST /v1/password",
        "DELETE /v1/access_tokens/{token}",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    ];
    /// See the token in hand.
    TokenSee => Token, None, ViewOnly, WhereOpened, ["GET /v1/access_tokens/current"];
    /// Give back the token in hand.
    TokenEnd => Token, None, ViewOnly, WhereOpened, ["DELETE /v1/access_tokens/current"];
    /// List the account's tokens; also open to its username and password by HTTP Basic.
    TokensList => Account, None, ViewOnly, WhereOpened, ["GET /v1/access_tokens"];
    /// End all tokens of the account.
    TokensEnd => Account, None, ViewOnly, WhereOpened, ["DELETE /v1/access_tokens"];
}
