//! Accounts.

use axum::Json;
use axum::extract::State;
use mote_core::Mote;
use mote_core::accounts::{AccountChange, Changed, NewAccount, Updated};
use mote_core::authorization::table::{AccountChange as ChangeRight, AccountSee};
use mote_core::passwords::Password;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::OfAccount;
use crate::body::{Input, lenient};
use crate::frame::CallerAddress;
use crate::views::{Done, UserView};

#[derive(Deserialize, ToSchema)]
pub(super) struct SignUp {
    /// E-mail address.
    username: String,
    /// At least 8 characters, and none of the notorious ones.
    password: String,
    /// What its owner says of himself.
    #[serde(default)]
    #[schema(value_type = Object)]
    account_info: Map<String, Value>,
}

/// Make an account
///
/// The answer is the same where the address has an account already; its owner gets a mail then.
#[utoipa::path(
    post, path = "/v1/users", tag = "User", security(()), request_body = SignUp,
    responses((status = 200, body = Done), (status = 400), (status = 403, description = "Sign-up is closed"))
)]
pub(super) async fn sign_up(
    State(mote): State<Mote>,
    CallerAddress(address): CallerAddress,
    Input(body): Input<SignUp>,
) -> Result<Json<Done>, ApiError> {
    let new = NewAccount {
        username: body.username,
        password: Password::new(body.password),
        info: body.account_info,
    };
    mote.sign_up(new, address).await?;
    Ok(Json(Done::new()))
}

/// See the account
#[utoipa::path(
    get, path = "/v1/user", tag = "User", security(("bearer" = [])),
    responses((status = 200, body = UserView), (status = 401), (status = 403))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountSee>,
) -> Result<Json<UserView>, ApiError> {
    Ok(Json(mote.account(&access).await?.into()))
}

/// See who the account is, for analytics of apps
#[utoipa::path(
    get, path = "/v1/user/identify", tag = "User", security(("bearer" = [])),
    responses((status = 200, description = "`id` and `email`"), (status = 401), (status = 403))
)]
pub(super) async fn identify(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountSee>,
) -> Result<Json<Value>, ApiError> {
    let account = mote.account(&access).await?;
    Ok(Json(json!({"id": account.id.to_string(), "email": account.username})))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = UserUpdate)]
pub(super) struct Update {
    /// New address; the account has it once the link in the mail to it is followed.
    username: Option<String>,
    /// New password.
    password: Option<String>,
    /// The present password; needed for a new address or password.
    current_password: Option<String>,
    /// New words about oneself, in place of the old.
    #[schema(value_type = Option<Object>)]
    account_info: Option<Map<String, Value>>,
    /// Whether to end every token of the account.
    #[serde(default, deserialize_with = "lenient::bool")]
    invalidate_tokens: Option<bool>,
}

/// Change the account
///
/// Another address is only asked for: a mail goes to it, whose link makes the change. The answer is the same where somebody has
/// the address; its owner gets a mail then. With three links out, which live for an hour, no other is made (429).
#[utoipa::path(
    put, path = "/v1/user", tag = "User", security(("bearer" = [])), request_body = Update,
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 409), (status = 429))
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<ChangeRight>,
    Input(body): Input<Update>,
) -> Result<Json<Done>, ApiError> {
    let change = AccountChange {
        username: body.username,
        password: body.password.map(Password::new),
        info: body.account_info,
        current_password: body.current_password.map(Password::new),
        end_tokens: body.invalidate_tokens.unwrap_or(false),
    };
    let Updated { changed, address_asked } = mote.update_account(&access, change).await?;
    let changed = changed.map(|changed| match changed {
        Changed::Password => "User's password updated.",
        Changed::Info => "User's account info updated.",
        Changed::Tokens => "User's tokens invalidated.",
    });
    let asked = address_asked.then(|| {
        if mote.mails_reach_people() {
            "The link in a mail to the new address updates the user's username."
        } else {
            "No mail server is configured: the link that updates the user's username is in the server's log."
        }
    });
    let told: Vec<_> = changed.into_iter().chain(asked).collect();
    Ok(Json(Done::with(told.join(" "))))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = NewUsername)]
pub(super) struct NewUsername {
    /// From the mail.
    token: String,
}

/// Give the account the address that a mail went to
///
/// With what it brought after `PUT /v1/user`. A call of Mote's own.
#[utoipa::path(
    put, path = "/v1/user/username", tag = "User", security(("bearer" = [])), request_body = NewUsername,
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 409))
)]
pub(super) async fn set_username(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<ChangeRight>,
    Input(body): Input<NewUsername>,
) -> Result<Json<Done>, ApiError> {
    mote.confirm_address(&access, &body.token).await?;
    Ok(Json(Done::with("User's username updated.")))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Confirmation {
    /// The present password.
    password: Option<String>,
}

/// End the account
///
/// With its tokens and clients. Products and organizations of which it is the last Owner must be handed over, or gone, first.
#[utoipa::path(
    delete, path = "/v1/user", tag = "User", security(("bearer" = [])), request_body = Confirmation,
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 409))
)]
pub(super) async fn delete(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<ChangeRight>,
    Input(body): Input<Confirmation>,
) -> Result<Json<Done>, ApiError> {
    mote.delete_account(&access, body.password.map(Password::new)).await?;
    Ok(Json(Done::with("User's account has been deleted.")))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = ForgottenPassword)]
pub(super) struct Forgotten {
    /// E-mail address.
    username: String,
}

/// Ask for a new password
///
/// The answer is the same whether or not there is such an account.
#[utoipa::path(
    post, path = "/v1/user/password-reset", tag = "User", security(()), request_body = Forgotten,
    responses((status = 200, body = Done), (status = 400))
)]
pub(super) async fn request_password_reset(
    State(mote): State<Mote>,
    Input(body): Input<Forgotten>,
) -> Result<Json<Done>, ApiError> {
    mote.request_password_reset(&body.username)?;
    Ok(Json(Done::with("Password reset email sent.")))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Reset {
    /// From the mail.
    token: String,
    /// The new password.
    password: String,
}

/// Set a new password with what the mail brought
///
/// Every token of the account ends.
#[utoipa::path(
    put, path = "/v1/user/password-reset", tag = "User", security(()), request_body = Reset,
    responses((status = 200, body = Done), (status = 400))
)]
pub(super) async fn reset_password(
    State(mote): State<Mote>,
    CallerAddress(address): CallerAddress,
    Input(body): Input<Reset>,
) -> Result<Json<Done>, ApiError> {
    mote.reset_password(&body.token, Password::new(body.password), address).await?;
    Ok(Json(Done::with("User's password updated.")))
}
