//! The table of contents of the API.

mod account_devices;
mod audit;
mod browser;
mod claim_codes;
mod client_keys;
mod client_secrets;
mod clients;
mod configurations;
mod connected_devices;
mod customers;
mod described;
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
mod pages;
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

use axum::Router;
use http::StatusCode;
use mote_core::Mote;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::ApiError;
use crate::frame::{Metrics, health_routes};
use described::{Routes, routes};

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

fn api() -> Vec<Routes> {
    let mut all = vec![
        routes!(products::list_of_user),
        routes!(products::list, products::create),
        routes!(products::see, products::update, products::delete),
        routes!(organizations::list, organizations::create),
        routes!(organizations::see, organizations::delete),
        routes!(organizations::list_products, organizations::create_product),
        spaces::only_of(spaces::ALL, routes!(teams::list, teams::add)),
        spaces::only_of(spaces::ALL, routes!(teams::update, teams::remove)),
        spaces::only_of(spaces::ALL, routes!(teams::regenerate, teams::regenerate_by_post)),
        routes!(teams::accept),
        spaces::also_of(spaces::ALL, routes!(integrations::list, integrations::create)),
        spaces::also_of(spaces::ALL, routes!(integrations::see, integrations::replace, integrations::delete)),
        spaces::also_of(spaces::ALL, routes!(integrations::test)),
        spaces::also_of(spaces::ALL, routes!(webhooks::list, webhooks::create)),
        spaces::also_of(spaces::ALL, routes!(webhooks::see, webhooks::replace, webhooks::delete)),
        routes!(customers::list, customers::create),
        routes!(customers::request_password_reset),
        routes!(customers::update, customers::remove),
        routes!(customers::reset_password),
        routes!(claim_codes::create),
        routes!(claim_codes::create_for_product),
        routes!(account_devices::list, account_devices::claim),
        routes!(account_devices::see, account_devices::update, account_devices::release),
        routes!(connected_devices::ping_own),
        routes!(protection::unprotect_own),
        routes!(connected_devices::read_own, connected_devices::call_own),
        routes!(account_devices::provision),
        routes!(account_devices::look_up_serial_number),
        routes!(product_devices::list, product_devices::import, groups::assign),
        routes!(product_devices::see, product_devices::update, product_devices::remove),
        routes!(groups::list, groups::create),
        routes!(groups::see, groups::update, groups::remove),
        routes!(firmware::impact),
        routes!(firmware::list, firmware::upload),
        routes!(firmware::release),
        routes!(firmware::see, firmware::update, firmware::remove),
        routes!(firmware::download),
        routes!(product_devices::release),
        routes!(connected_devices::ping),
        routes!(protection::unprotect),
        routes!(protection::unprotect_of_organization),
        routes!(connected_devices::read, connected_devices::call),
        routes!(events::publish),
        routes!(events::publish_to_product),
        routes!(events::publish_to_organization),
        event_streams::with_prefix(routes!(event_streams::of_prefix)),
        event_streams::with_prefix(routes!(event_streams::of_owner)),
        event_streams::with_prefix(routes!(event_streams::of_owner_device)),
        event_streams::with_prefix(routes!(event_streams::of_product)),
        event_streams::with_prefix(routes!(event_streams::of_product_device)),
        event_streams::with_prefix(routes!(event_streams::of_organization)),
        event_streams::with_prefix(routes!(event_streams::of_organization_product)),
        event_streams::with_prefix(routes!(event_streams::of_organization_device)),
        routes!(fleet_metrics::events),
        routes!(fleet_metrics::functions),
        routes!(fleet_metrics::integration),
        routes!(fleet_metrics::online),
        routes!(fleet_metrics::variables),
        spaces::also_of(spaces::PRODUCTS, routes!(sims::list)),
        routes!(sims::import),
        routes!(sims::fleet_usage),
        routes!(sims::check),
        spaces::also_of(spaces::PRODUCTS, routes!(sims::see, sims::update, sims::release)),
        spaces::also_of(spaces::PRODUCTS, routes!(sims::usage)),
        spaces::also_of(spaces::PRODUCTS, routes!(sims::network_status)),
        routes!(search::of_user),
        routes!(audit::of_user),
        routes!(audit::of_product),
        routes!(audit::of_organization),
        routes!(search::of_organization),
        routes!(diagnostics::history_of_own),
        routes!(diagnostics::last_of_own),
        routes!(diagnostics::refresh_own),
        routes!(diagnostics::history),
        routes!(diagnostics::last),
        routes!(diagnostics::refresh),
        routes!(locations::of_fleet),
        routes!(locations::of_devices),
        routes!(locations::of_device),
    ];
    all.extend(credentials());
    all.extend(kept());
    all.extend(shared());
    all
}

/// Accounts, their tokens, and OAuth clients.
fn credentials() -> Vec<Routes> {
    vec![
        routes!(oauth::mint),
        routes!(token_standards::introspect),
        routes!(token_standards::revoke),
        routes!(token_standards::metadata),
        routes!(tokens::list, tokens::end_all),
        routes!(tokens::see, tokens::end_current),
        routes!(tokens::end),
        routes!(users::sign_up),
        routes!(users::see, users::update, users::delete),
        routes!(users::identify),
        routes!(users::request_password_reset, users::reset_password),
        routes!(users::set_username),
        routes!(mfa::begin, mfa::confirm),
        routes!(mfa::disable),
        routes!(clients::list_of_account, clients::create_for_account),
        routes!(clients::update_of_account, clients::delete_of_account),
        routes!(clients::list_of_product, clients::create_for_product),
        routes!(clients::update_of_product, clients::delete_of_product),
        routes!(client_secrets::list_of_account, client_secrets::create_for_account),
        routes!(client_secrets::delete_of_account),
        routes!(client_secrets::list_of_product, client_secrets::create_for_product),
        routes!(client_secrets::delete_of_product),
        routes!(client_keys::list_of_account, client_keys::add_to_account),
        routes!(client_keys::delete_of_account),
        routes!(client_keys::list_of_product, client_keys::add_to_product),
        routes!(client_keys::delete_of_product),
    ]
}

/// What is kept for integrations and devices: secrets, ledgers, configurations, environment variables.
fn kept() -> Vec<Routes> {
    vec![
        spaces::also_of(spaces::ORGANIZATIONS, routes!(secrets::list, secrets::create)),
        spaces::also_of(spaces::ORGANIZATIONS, routes!(secrets::see, secrets::update, secrets::delete)),
        spaces::also_of(spaces::ALL, routes!(ledgers::list, ledgers::create)),
        spaces::also_of(spaces::ALL, routes!(ledgers::see, ledgers::update, ledgers::archive)),
        spaces::also_of(spaces::ALL, routes!(ledger_instances::list)),
        spaces::also_of(
            spaces::ALL,
            routes!(ledger_instances::see, ledger_instances::set, ledger_instances::delete),
        ),
        spaces::also_of(spaces::ALL, routes!(ledger_instances::list_versions)),
        spaces::also_of(spaces::ALL, routes!(ledger_instances::see_version)),
        routes!(
            configurations::see_of_product,
            configurations::set_of_product,
            configurations::delete_of_product
        ),
        routes!(
            configurations::see_of_device,
            configurations::set_of_device,
            configurations::delete_of_device
        ),
        spaces::also_of(spaces::ALL, routes!(environments::see, environments::update)),
        spaces::also_of(spaces::ALL, routes!(environments::render)),
        spaces::also_of(spaces::ALL, routes!(environments::review, environments::roll_out)),
        spaces::also_of(
            spaces::ALL,
            routes!(
                environments::see_of_device,
                environments::update_of_device,
                environments::set,
                environments::unset
            ),
        ),
        spaces::also_of(spaces::ALL, routes!(environments::set_of_device, environments::unset_of_device)),
        spaces::also_of(spaces::ALL, routes!(environments::render_of_device)),
        spaces::also_of(
            spaces::ALL,
            routes!(environments::review_of_device, environments::roll_out_of_device),
        ),
    ]
}

/// What makers share, and what the operator has for all of them: libraries, releases of Device OS.
fn shared() -> Vec<Routes> {
    vec![
        routes!(libraries::list, libraries::contribute),
        routes!(libraries::see, libraries::publish, libraries::delete),
        routes!(libraries::list_versions),
        routes!(libraries::download),
        routes!(device_os::list),
        routes!(device_os::see),
        routes!(device_os::download),
    ]
}

pub use audit::stream_of_audit;
pub use event_streams::opened as stream_of_events;

/// The OpenAPI document, made from the handlers.
#[must_use]
pub fn document() -> Document {
    let mut document = Api::openapi();
    described::describe_in(&mut document, &api());
    operations::name(&mut document);
    operations::take_forms(&mut document);
    document
}

/// What is said where there is no route.
#[must_use]
pub fn no_such_route() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "There is nothing at this address; /docs lists what there is",
    )
}

/// Every route: the API, its document at `/openapi.json` with a page to browse it at `/docs`, and those for watchers.
pub fn router(mote: Mote, metrics: Metrics) -> Router {
    Router::new()
        .merge(browser::routes())
        .merge(described::router(api()).merge(health_routes(metrics)).with_state(mote))
        .method_not_allowed_fallback(async || {
            let text = "This address does not take that method; /docs lists what it takes";
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
        })
        .fallback(async || no_such_route())
}
