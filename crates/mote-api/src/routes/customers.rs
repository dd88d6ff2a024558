//! Customers of a product.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use mote_core::authorization::table::{CustomersCreate, CustomersList, CustomersRemove, CustomersUpdate};
use mote_core::customers::{CustomerMaker, NewCustomer};
use mote_core::passwords::Password;
use mote_core::products::ProductRef;
use mote_core::tokens::Minted;
use mote_core::{Error, Mote, OAuthError};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::ApiError;
use crate::access::{ClientCredentials, OfProduct};
use crate::body::{Input, Path, Query, lenient};
use crate::frame::CallerAddress;
use crate::views::{CustomerPageView, Done, TokenAnswer};

/// Bytes of `state` at most: it comes back within an address.
const LONGEST_STATE: usize = 1000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Listing {
    /// From 1.
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    /// Customers on a page: 25 unless asked otherwise, 1000 at most. Also as `perPage`.
    #[serde(default, alias = "perPage", deserialize_with = "lenient::integer")]
    per_page: Option<i64>,
}

/// List the product's customers
///
/// With their devices, ten thousand at most.
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/customers", tag = "Customers", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Listing),
    responses((status = 200, body = CustomerPageView), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<CustomersList>,
    Query(listing): Query<Listing>,
) -> Result<Json<CustomerPageView>, ApiError> {
    Ok(Json(mote.list_customers(&access, listing.page, listing.per_page).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = CustomerCreate)]
pub(super) struct Create {
    /// E-mail address, or another name that is unique within the product. Also as `username`.
    #[serde(default, alias = "username")]
    email: String,
    /// Password; at least 8 characters, and none of the notorious ones.
    password: Option<String>,
    /// Make a customer without a password, whom the product's server signs in.
    #[serde(default, deserialize_with = "lenient::bool")]
    no_password: Option<bool>,
    /// Client of the product, where it does not come by HTTP Basic, and no token is sent.
    client_id: Option<String>,
    /// Its secret, likewise. Never from a browser.
    client_secret: Option<String>,
    /// `token` from a browser, with the ID of a `web` client and no secret.
    response_type: Option<String>,
    /// From a browser, if it is sent: the address that is registered with the client.
    redirect_uri: Option<String>,
    /// From a browser: comes back with the token.
    state: Option<String>,
}

/// A customer to be made, and whoever has proved that he may make it: with a token, with a client and its secret, or as a
/// browser that knows a client's ID.
pub(super) struct Creation {
    maker: CustomerMaker,
    body: Create,
}

impl FromRequest<Mote> for Creation {
    type Rejection = ApiError;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let mut head = parts.clone();
        let Input(body): Input<Create> = Input::from_request(Request::from_parts(parts, body), mote).await?;
        let client =
            ClientCredentials::of(&head.headers, body.client_id.as_deref(), body.client_secret.as_deref())?;
        let Path(product): Path<String> = Path::from_request_parts(&mut head, mote).await?;
        let product = ProductRef::parse(&product);
        let CallerAddress(address) = CallerAddress::of(&head.extensions);
        let maker = match (body.response_type.as_deref().filter(|kind| !kind.is_empty()), client) {
            (None, Some(client)) => {
                mote.maker_by_client(&product, &client.id, client.secret.expose(), address).await?
            }
            (None, None) => {
                let OfProduct(access): OfProduct<CustomersCreate> =
                    OfProduct::from_request_parts(&mut head, mote).await?;
                access.into()
            }
            (Some("token"), Some(client)) => {
                mote.maker_in_browser(&product, &client.id, body.redirect_uri.as_deref(), address).await?
            }
            (Some("token"), None) => return Err(OAuthError::InvalidClient.into()),
            (Some(_), _) => {
                return Err(ApiError::bad_request("response_type is token, or left out"));
            }
        };
        Ok(Self { maker, body })
    }
}

/// Make a customer of the product
///
/// With a token that opens the product; or with a client of the product and its secret, by HTTP Basic or as `client_id` and
/// `client_secret`; or, from a browser, with `response_type=token` and the ID alone of a client of type `web`, in which case
/// the answer sends the browser on to the client's registered address, with the customer's token behind a `#`.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/customers", tag = "Customers",
    security(("bearer" = []), ("basic" = []), ()), request_body = Create,
    params(("productIdOrSlug" = String, Path)),
    responses(
        (status = 201, body = TokenAnswer),
        (status = 302, description = "From a browser: to the client's registered address"),
        (status = 400), (status = 401), (status = 403), (status = 409, description = "There is such a customer"),
    )
)]
pub(super) async fn create(
    State(mote): State<Mote>,
    Creation { maker, body }: Creation,
) -> Result<Response, ApiError> {
    if body.state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(ApiError::bad_request(format_args!("state is {LONGEST_STATE} bytes at most")));
    }
    let new = NewCustomer {
        email: body.email,
        password: body.password.map(Password::new),
        no_password: body.no_password.unwrap_or(false),
    };
    let made = mote.create_customer(&maker, new).await;
    if let Some(uri) = maker.redirect_uri() {
        return redirect(uri.as_str(), made, body.state.as_deref());
    }
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((StatusCode::CREATED, no_store, Json(TokenAnswer::from(made?))).into_response())
}

/// The answer to a browser (RFC 6749 sections 4.2.2 and 4.2.2.1): to the registered address, with a token, or with what the
/// person can mend. No refresh token: a page cannot keep one.
fn redirect(uri: &str, made: Result<Minted, Error>, state: Option<&str>) -> Result<Response, ApiError> {
    let mut fragment = form_urlencoded::Serializer::new(String::new());
    match made {
        Ok(minted) => {
            fragment
                .append_pair("access_token", &minted.access.expose())
                .append_pair("token_type", "bearer")
                .append_pair("expires_in", &minted.lifetime.expires_in().to_string());
        }
        Err(error @ (Error::Invalid { .. } | Error::Conflict(_))) => {
            fragment
                .append_pair("error", "invalid_request")
                .append_pair("error_description", &error.to_string());
        }
        Err(error) => return Err(error.into()),
    }
    if let Some(state) = state {
        fragment.append_pair("state", state);
    }
    let location = HeaderValue::try_from(format!("{uri}#{}", fragment.finish()))
        .map_err(|error| ApiError::fault(&error))?;
    let no_store = HeaderValue::from_static("no-store");
    Ok((StatusCode::FOUND, [(header::LOCATION, location), (header::CACHE_CONTROL, no_store)]).into_response())
}

#[derive(Deserialize, ToSchema)]
#[schema(as = CustomerUpdate)]
pub(super) struct Update {
    /// The new password.
    password: String,
    /// Whether to end every token of the customer.
    #[serde(default, deserialize_with = "lenient::bool")]
    invalidate_tokens: Option<bool>,
}

/// Give a customer another password
///
/// Not for customers without one.
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/customers/{customerEmail}", tag = "Customers",
    security(("bearer" = [])), request_body = Update,
    params(("productIdOrSlug" = String, Path), ("customerEmail" = String, Path)),
    responses(
        (status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)
    )
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<CustomersUpdate>,
    Path((_, customer)): Path<(String, String)>,
    Input(body): Input<Update>,
) -> Result<Json<Done>, ApiError> {
    let (password, end_tokens) = (Password::new(body.password), body.invalidate_tokens.unwrap_or(false));
    mote.update_customer(&access, &customer, password, end_tokens).await?;
    Ok(Json(Done::new()))
}

/// Remove a customer from the product
///
/// His tokens and claim codes end at once, and his devices are free.
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/customers/{customerEmail}", tag = "Customers",
    security(("bearer" = [])), params(("productIdOrSlug" = String, Path), ("customerEmail" = String, Path)),
    responses((status = 200, body = Done), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn remove(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<CustomersRemove>,
    Path((_, customer)): Path<(String, String)>,
) -> Result<Json<Done>, ApiError> {
    mote.delete_customer(&access, &customer).await?;
    Ok(Json(Done::new()))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = ForgottenCustomerPassword)]
pub(super) struct Forgotten {
    /// E-mail address of the customer. Also as `username`.
    #[serde(alias = "username")]
    email: String,
}

/// Ask for a new password for a customer
///
/// The answer is the same whether or not there is such a customer, or such a product.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/customers/reset_password", tag = "Customers", security(()),
    request_body = Forgotten, params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = Done), (status = 400))
)]
pub(super) async fn request_password_reset(
    State(mote): State<Mote>,
    Path(product): Path<String>,
    Input(body): Input<Forgotten>,
) -> Result<Json<Done>, ApiError> {
    mote.request_customer_reset(product, &body.email)?;
    Ok(Json(Done::with("Password reset email sent.")))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Reset {
    /// From the mail.
    token: String,
    /// The new password.
    password: String,
}

/// Set a customer's new password with what the mail brought
///
/// Every token of the customer ends.
#[utoipa::path(
    post, path = "/v1/password", tag = "Customers", security(()), request_body = Reset,
    responses((status = 200, body = Done), (status = 400))
)]
pub(super) async fn reset_password(
    State(mote): State<Mote>,
    CallerAddress(address): CallerAddress,
    Input(body): Input<Reset>,
) -> Result<Json<Done>, ApiError> {
    mote.reset_customer_password(&body.token, Password::new(body.password), address).await?;
    Ok(Json(Done::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn whatever_the_state_a_browser_goes_to_the_registered_address(state in ".*") {
            let refused = Err(Error::Conflict("taken".into()));
            let answer = redirect("https://app.example.com/cb", refused, Some(&state)).unwrap();
            let location = answer.headers()[header::LOCATION].to_str().unwrap();
            let fragment = location.strip_prefix("https://app.example.com/cb#").unwrap();
            let fields: Vec<_> = form_urlencoded::parse(fragment.as_bytes()).into_owned().collect();
            proptest::prop_assert_eq!(fields.len(), 3);
            proptest::prop_assert_eq!(&fields[2], &("state".to_owned(), state));
        }
    }
}
