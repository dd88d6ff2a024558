//! The table of contents of the API.

mod account_devices;
mod audit;
mod claim_codes;
mod client_secrets;
mod clients;
mod configurations;
mod connected_devices;
mod customers;
mod device_changes;
mod device_os;
mod diagnostics;
mod environments;
mod event_streams;
mod events;
mod files;
mod firmware;
mod fleet_metrics;
mod groups;
mod integrations;
mod ledger_instances;
mod ledgers;
mod libraries;
mod locations;
mod mfa;
mod oauth;
mod operations;
mod organizations;
mod product_devices;
mod products;
mod protection;
mod search;
mod secrets;
mod sims;
mod spaces;
mod teams;
mod token_standards;
mod tokens;
mod users;
mod webhooks;

use std::sync::LazyLock;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{StatusCode, header};
use mote_core::Mote;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::ApiError;
use crate::frame::{Metrics, health_routes};

#[derive(OpenApi)]
#[openapi(
    info(title = "Mote", description = "A self-hosted device cloud that speaks the Particle Cloud API."),
    modifiers(&Credentials)
)]
struct Api;

/// How a caller says who he is.
struct Credentials;

impl utoipa::Modify for Credentials {
    fn modify(&self, document: &mut Document) {
        use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        components.add_security_scheme("basic", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
    }
}

fn api() -> OpenApiRouter<Mote> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(products::list_of_user))
        .routes(routes!(products::list, products::create))
        .routes(routes!(products::see, products::update, products::delete))
        .routes(routes!(organizations::list, organizations::create))
        .routes(routes!(organizations::see, organizations::delete))
        .routes(routes!(organizations::list_products, organizations::create_product))
        .routes(spaces::only_of(spaces::ALL, routes!(teams::list, teams::add)))
        .routes(spaces::only_of(spaces::ALL, routes!(teams::update, teams::remove)))
        .routes(spaces::only_of(spaces::ALL, routes!(teams::regenerate, teams::regenerate_by_post)))
        .routes(routes!(teams::accept))
        .routes(spaces::also_of(spaces::ALL, routes!(integrations::list, integrations::create)))
        .routes(spaces::also_of(
            spaces::ALL,
            routes!(integrations::see, integrations::replace, integrations::delete),
        ))
        .routes(spaces::also_of(spaces::ALL, routes!(integrations::test)))
        .routes(spaces::also_of(spaces::ALL, routes!(webhooks::list, webhooks::create)))
        .routes(spaces::also_of(spaces::ALL, routes!(webhooks::see, webhooks::replace, webhooks::delete)))
        .routes(routes!(customers::list, customers::create))
        .routes(routes!(customers::request_password_reset))
        .routes(routes!(customers::update, customers::remove))
        .routes(routes!(customers::reset_password))
        .routes(routes!(claim_codes::create))
        .routes(routes!(claim_codes::create_for_product))
        .routes(routes!(account_devices::list, account_devices::claim))
        .routes(routes!(account_devices::see, account_devices::update, account_devices::release))
        .routes(routes!(connected_devices::ping_own))
        .routes(routes!(protection::unprotect_own))
        .routes(routes!(connected_devices::read_own, connected_devices::call_own))
        .routes(routes!(account_devices::provision))
        .routes(routes!(account_devices::look_up_serial_number))
        .routes(routes!(product_devices::list, product_devices::import, groups::assign))
        .routes(routes!(product_devices::see, product_devices::update, product_devices::remove))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::see, groups::update, groups::remove))
        .routes(routes!(firmware::impact))
        .routes(routes!(firmware::list, firmware::upload))
        .routes(routes!(firmware::release))
        .routes(routes!(firmware::see, firmware::update, firmware::remove))
        .routes(routes!(firmware::download))
        .routes(routes!(product_devices::release))
        .routes(routes!(connected_devices::ping))
        .routes(routes!(protection::unprotect))
        .routes(routes!(protection::unprotect_of_organization))
        .routes(routes!(connected_devices::read, connected_devices::call))
        .routes(routes!(events::publish))
        .routes(routes!(events::publish_to_product))
        .routes(routes!(events::publish_to_organization))
        .routes(event_streams::with_prefix(routes!(event_streams::of_prefix)))
        .routes(event_streams::with_prefix(routes!(event_streams::of_owner)))
        .routes(event_streams::with_prefix(routes!(event_streams::of_owner_device)))
        .routes(event_streams::with_prefix(routes!(event_streams::of_product)))
        .routes(event_streams::with_prefix(routes!(event_streams::of_product_device)))
        .routes(event_streams::with_prefix(routes!(event_streams::of_organization)))
        .routes(event_streams::with_prefix(routes!(event_streams::of_organization_product)))
        .routes(event_streams::with_prefix(routes!(event_streams::of_organization_device)))
        .routes(routes!(fleet_metrics::events))
        .routes(routes!(fleet_metrics::functions))
        .routes(routes!(fleet_metrics::integration))
        .routes(routes!(fleet_metrics::online))
        .routes(routes!(fleet_metrics::variables))
        .routes(spaces::also_of(spaces::PRODUCTS, routes!(sims::list)))
        .routes(routes!(sims::import))
        .routes(routes!(sims::fleet_usage))
        .routes(routes!(sims::check))
        .routes(spaces::also_of(spaces::PRODUCTS, routes!(sims::see, sims::update, sims::release)))
        .routes(spaces::also_of(spaces::PRODUCTS, routes!(sims::usage)))
        .routes(spaces::also_of(spaces::PRODUCTS, routes!(sims::network_status)))
        .routes(routes!(search::of_user))
        .routes(routes!(audit::of_user))
        .routes(routes!(audit::of_product))
        .routes(routes!(search::of_organization))
        .routes(routes!(diagnostics::history_of_own))
        .routes(routes!(diagnostics::last_of_own))
        .routes(routes!(diagnostics::refresh_own))
        .routes(routes!(diagnostics::history))
        .routes(routes!(diagnostics::last))
        .routes(routes!(diagnostics::refresh))
        .routes(routes!(locations::of_fleet))
        .routes(routes!(locations::of_devices))
        .routes(routes!(locations::of_device))
        .merge(credentials())
        .merge(kept())
        .merge(shared())
}

/// Accounts, their tokens, and OAuth clients.
fn credentials() -> OpenApiRouter<Mote> {
    OpenApiRouter::new()
        .routes(routes!(oauth::mint))
        .routes(routes!(token_standards::introspect))
        .routes(routes!(token_standards::revoke))
        .routes(routes!(token_standards::metadata))
        .routes(routes!(tokens::list, tokens::end_all))
        .routes(routes!(tokens::see, tokens::end_current))
        .routes(routes!(tokens::end))
        .routes(routes!(users::sign_up))
        .routes(routes!(users::see, users::update, users::delete))
        .routes(routes!(users::identify))
        .routes(routes!(users::request_password_reset, users::reset_password))
        .routes(routes!(mfa::begin, mfa::confirm))
        .routes(routes!(mfa::disable))
        .routes(routes!(clients::list_of_account, clients::create_for_account))
        .routes(routes!(clients::update_of_account, clients::delete_of_account))
        .routes(routes!(clients::list_of_product, clients::create_for_product))
        .routes(routes!(clients::update_of_product, clients::delete_of_product))
        .routes(routes!(client_secrets::list_of_account, client_secrets::create_for_account))
        .routes(routes!(client_secrets::delete_of_account))
        .routes(routes!(client_secrets::list_of_product, client_secrets::create_for_product))
        .routes(routes!(client_secrets::delete_of_product))
}

/// What is kept for integrations and devices: secrets, ledgers, configurations, environment variables.
fn kept() -> OpenApiRouter<Mote> {
    OpenApiRouter::new()
        .routes(spaces::also_of(spaces::ORGANIZATIONS, routes!(secrets::list, secrets::create)))
        .routes(spaces::also_of(
            spaces::ORGANIZATIONS,
            routes!(secrets::see, secrets::update, secrets::delete),
        ))
        .routes(spaces::also_of(spaces::ALL, routes!(ledgers::list, ledgers::create)))
        .routes(spaces::also_of(spaces::ALL, routes!(ledgers::see, ledgers::update, ledgers::archive)))
        .routes(spaces::also_of(spaces::ALL, routes!(ledger_instances::list)))
        .routes(spaces::also_of(
            spaces::ALL,
            routes!(ledger_instances::see, ledger_instances::set, ledger_instances::delete),
        ))
        .routes(spaces::also_of(spaces::ALL, routes!(ledger_instances::list_versions)))
        .routes(spaces::also_of(spaces::ALL, routes!(ledger_instances::see_version)))
        .routes(routes!(
            configurations::see_of_product,
            configurations::set_of_product,
            configurations::delete_of_product
        ))
        .routes(routes!(
            configurations::see_of_device,
            configurations::set_of_device,
            configurations::delete_of_device
        ))
        .routes(spaces::also_of(spaces::ALL, routes!(environments::see, environments::update)))
        .routes(spaces::also_of(spaces::ALL, routes!(environments::render)))
        .routes(spaces::also_of(spaces::ALL, routes!(environments::review, environments::roll_out)))
        .routes(spaces::also_of(
            spaces::ALL,
            routes!(
                environments::see_of_device,
                environments::update_of_device,
                environments::set,
                environments::unset
            ),
        ))
        .routes(spaces::also_of(
            spaces::ALL,
            routes!(environments::set_of_device, environments::unset_of_device),
        ))
        .routes(spaces::also_of(spaces::ALL, routes!(environments::render_of_device)))
        .routes(spaces::also_of(
            spaces::ALL,
            routes!(environments::review_of_device, environments::roll_out_of_device),
        ))
}

/// What makers share, and what the operator has for all of them: libraries, releases of Device OS.
fn shared() -> OpenApiRouter<Mote> {
    OpenApiRouter::new()
        .routes(routes!(libraries::list, libraries::contribute))
        .routes(routes!(libraries::see, libraries::publish, libraries::delete))
        .routes(routes!(libraries::list_versions))
        .routes(routes!(libraries::download))
        .routes(routes!(device_os::list))
        .routes(routes!(device_os::see))
        .routes(routes!(device_os::download))
}

/// The API's routes and its OpenAPI document, made from the handlers.
fn api_and_document() -> (Router<Mote>, Document) {
    let (router, mut document) = api().split_for_parts();
    operations::name(&mut document);
    (router, document)
}

pub use event_streams::opened as stream_of_events;

/// The OpenAPI document, made from the handlers.
#[must_use]
pub fn document() -> Document {
    api_and_document().1
}

async fn openapi() -> Response {
    static TEXT: LazyLock<Result<Bytes, serde_json::Error>> =
        LazyLock::new(|| serde_json::to_vec(&document()).map(Bytes::from));
    match &*TEXT {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text.clone()).into_response(),
        Err(error) => ApiError::fault(error).into_response(),
    }
}

/// Every route: the API, its document at `/openapi.json` with a page to browse it at `/docs`, and those for watchers.
pub fn router(mote: Mote, metrics: Metrics) -> Router {
    // The document takes several megabytes of memory as long as it is no text, so it is made when somebody asks for it.
    let (api, _) = api_and_document();
    Router::new()
        .merge(SwaggerUi::new("/docs").config(Config::from("/openapi.json")))
        .route("/openapi.json", get(openapi))
        .merge(api.merge(health_routes(metrics)).with_state(mote))
        .method_not_allowed_fallback(async || {
            let text = "This address does not take that method; /docs lists what it takes";
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
        })
        .fallback(async || {
            ApiError::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "There is nothing at this address; /docs lists what there is",
            )
        })
}
