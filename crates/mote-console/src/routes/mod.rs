//! The pages, one line each.

mod account;
mod audit;
mod authorize;
mod clients;
mod configuration;
mod customers;
mod devices;
mod events;
mod firmware;
mod groups;
mod home;
mod integrations;
mod ledgers;
mod organizations;
mod overview;
mod own_devices;
mod products;
mod set_up;
mod settings;
mod sign_in;
mod sign_up;
mod sims;
mod team;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::Poll;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderName, HeaderValue, header};
use mote_api::frame::Pages;
use mote_core::Mote;
use tower::ServiceExt;

use crate::assets;
use crate::failure::{self, Failure, fault, refused};
use authorize::FormTarget;

fn pages() -> Router<Mote> {
    Router::new()
        .merge(pages_of_account())
        .route("/", get(home::see))
        .route("/products", get(home::of_products))
        .route("/sign-in", get(sign_in::ask).post(sign_in::sign_in))
        .route("/sign-in/code", post(sign_in::with_code))
        .route("/oauth/authorize", get(authorize::ask).post(authorize::decide))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/sign-up", get(sign_up::ask).post(sign_up::sign_up))
        .route("/forgotten-password", get(sign_up::ask_address).post(sign_up::send_reset))
        .route("/reset-password", get(sign_up::ask_password).post(sign_up::reset))
        .route("/change-address", get(account::address::see).post(account::address::change))
        .route("/set-up", get(set_up::ask).post(set_up::set_up))
        .route("/products/new", get(products::ask).post(products::create))
        .route("/products/{product}", get(overview::see))
        .route("/products/{product}/authentication", get(clients::list).post(clients::create))
        .route("/products/{product}/authentication/new", get(clients::ask))
        .route("/products/{product}/authentication/{client}", get(clients::see).post(clients::update))
        .route("/products/{product}/authentication/{client}/delete", post(clients::delete))
        .route("/products/{product}/authentication/{client}/secrets", post(clients::secrets::create))
        .route(
            "/products/{product}/authentication/{client}/secrets/{secret}/end",
            post(clients::secrets::end),
        )
        .route("/products/{product}/authentication/{client}/keys", post(clients::keys::add))
        .route("/products/{product}/authentication/{client}/keys/{key}/end", post(clients::keys::end))
        .route("/products/{product}/devices", get(devices::list))
        .route("/products/{product}/devices.csv", get(devices::export))
        .route("/products/{product}/devices/import", get(devices::ask).post(devices::import))
        .route("/products/{product}/devices/{device}", get(devices::see).post(devices::update))
        .route("/products/{product}/devices/{device}/release", post(devices::release))
        .route("/products/{product}/devices/{device}/remove", post(devices::remove))
        .route("/products/{product}/devices/{device}/call", post(devices::call))
        .route("/products/{product}/devices/{device}/read", post(devices::read))
        .route("/products/{product}/devices/{device}/vitals", post(devices::refresh))
        .route("/products/{product}/devices/{device}/events/stream", get(events::stream_of_device))
        .route(
            "/products/{product}/devices/{device}/configuration",
            get(configuration::see).post(configuration::set),
        )
        .route("/products/{product}/devices/{device}/configuration/schema", post(configuration::set_schema))
        .route("/products/{product}/configuration", get(configuration::see).post(configuration::set))
        .route("/products/{product}/configuration/schema", post(configuration::set_schema))
        .route("/products/{product}/ledgers", get(ledgers::list).post(ledgers::create))
        .route("/products/{product}/ledgers/{ledger}", get(ledgers::see).post(ledgers::update))
        .route("/products/{product}/ledgers/{ledger}/archive", post(ledgers::archive))
        .route("/products/{product}/ledgers/{ledger}/instance", get(ledgers::see_instance).post(ledgers::set))
        .route("/products/{product}/ledgers/{ledger}/instance/delete", post(ledgers::delete))
        .route("/products/{product}/sims", get(sims::list).post(sims::import))
        .route("/products/{product}/sims/{iccid}", get(sims::see).post(sims::update))
        .route("/products/{product}/sims/{iccid}/release", post(sims::release))
        .route("/products/{product}/groups", get(groups::list).post(groups::create))
        .route("/products/{product}/groups/{group}", get(groups::see).post(groups::update))
        .route("/products/{product}/groups/{group}/delete", post(groups::delete))
        .route("/products/{product}/firmware", get(firmware::list).post(firmware::upload))
        .route("/products/{product}/firmware/{version}/release", post(firmware::release))
        .route("/products/{product}/firmware/{version}/delete", post(firmware::delete))
        .route("/products/{product}/customers", get(customers::list))
        .route("/products/{product}/customers/password", post(customers::set_password))
        .route("/products/{product}/customers/delete", post(customers::delete))
        .route("/products/{product}/events", get(events::see).post(events::publish))
        .route("/products/{product}/events/stream", get(events::stream))
        .route("/products/{product}/integrations", get(integrations::list).post(integrations::create))
        .route("/products/{product}/integrations/new", get(integrations::ask))
        .route("/products/{product}/integrations/preview", post(integrations::preview))
        .route("/products/{product}/integrations/{id}", get(integrations::see).post(integrations::update))
        .route("/products/{product}/integrations/{id}/edit", get(integrations::edit))
        .route("/products/{product}/integrations/{id}/test", post(integrations::test))
        .route("/products/{product}/integrations/{id}/switch", post(integrations::switch))
        .route("/products/{product}/integrations/{id}/delete", post(integrations::delete))
        .route("/products/{product}/team", get(team::list).post(team::invite))
        .route("/products/{product}/team/role", post(team::change_role))
        .route("/products/{product}/team/remove", post(team::remove))
        .route("/products/{product}/team/api-users", post(team::create))
        .route("/products/{product}/team/api-users/new", get(team::ask))
        .route("/products/{product}/team/api-users/{username}/token", post(team::renew))
        .route("/products/{product}/audit", get(audit::see))
        .route("/products/{product}/audit.ndjson", get(audit::export))
        .route("/products/{product}/settings", get(settings::see).post(settings::update))
        .route("/products/{product}/delete", post(settings::delete))
        .route("/organizations", get(organizations::list).post(organizations::create))
        .route("/organizations/{organization}", get(organizations::see))
        .route("/organizations/{organization}/settings", get(organizations::settings))
        .route("/organizations/{organization}/delete", post(organizations::delete))
        .route("/organizations/{organization}/audit", get(audit::see))
        .route("/organizations/{organization}/audit.ndjson", get(audit::export))
        .route("/organizations/{organization}/team", get(team::list).post(team::invite))
        .route("/organizations/{organization}/team/role", post(team::change_role))
        .route("/organizations/{organization}/team/remove", post(team::remove))
        .route("/organizations/{organization}/team/api-users", post(team::create))
        .route("/organizations/{organization}/team/api-users/new", get(team::ask))
        .route("/organizations/{organization}/team/api-users/{username}/token", post(team::renew))
        .route("/join", get(team::ask_to_join).post(team::join))
        .route("/devices", get(own_devices::list).post(own_devices::claim))
        .route("/devices/{device}/release", post(own_devices::release))
}

/// What is about the account alone.
fn pages_of_account() -> Router<Mote> {
    Router::new()
        .route("/account", get(account::see))
        .route("/account/address", post(account::address::ask))
        .route("/account/password", post(account::change_password))
        .route("/account/delete", post(account::delete))
        .route("/account/second-factor", post(account::begin_mfa))
        .route("/account/second-factor/confirm", post(account::confirm_mfa))
        .route("/account/second-factor/off", post(account::disable_mfa))
        .route("/account/tokens", get(account::tokens).post(account::create_token))
        .route("/account/tokens/{id}/end", post(account::end_token))
        .route("/account/clients", get(clients::list).post(clients::create))
        .route("/account/clients/new", get(clients::ask))
        .route("/account/clients/{client}", get(clients::see).post(clients::update))
        .route("/account/clients/{client}/delete", post(clients::delete))
        .route("/account/clients/{client}/secrets", post(clients::secrets::create))
        .route("/account/clients/{client}/secrets/{secret}/end", post(clients::secrets::end))
        .route("/account/clients/{client}/keys", post(clients::keys::add))
        .route("/account/clients/{client}/keys/{key}/end", post(clients::keys::end))
        .route("/account/audit", get(audit::see))
        .route("/account/audit.ndjson", get(audit::export))
        .route("/account/sessions", get(account::sessions))
        .route("/account/sessions/end-others", post(account::end_others))
        .route("/account/sessions/{id}/end", post(account::end_session))
}

/// Puts the console beside the HTTP API: what the API has no route for is the console's, but for what is under its roots.
pub fn beside(api: Router, mote: Mote) -> Router {
    // Made for the first person who comes: many servers have programs alone.
    let console = Arc::new(LazyLock::new(|| console(mote)));
    api.fallback(async move |request: Request| {
        if is_of_api(request.uri().path()) {
            return mote_api::no_such_route().into_response();
        }
        match Router::clone(&console).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    })
}

/// What shows people a refusal of the frame that is around both.
pub const PAGES: Pages = Pages {
    has: |path| !is_of_api(path),
    refusal: |status, why| {
        let mut page = refused(status, why);
        put_headers(&mut page);
        page
    },
};

fn console(mote: Mote) -> Router {
    pages()
        .fallback(async || Failure::NotFound)
        .method_not_allowed_fallback(async || Failure::NotFound)
        .layer(middleware::from_fn_with_state(mote.clone(), failure::with_menu))
        .layer(middleware::from_fn(around))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .with_state(mote)
}

/// Whether an address is one that programs ask for. Of OAuth's endpoints one is for people.
fn is_of_api(path: &str) -> bool {
    path != "/oauth/authorize"
        && ["/v1", "/oauth"]
            .iter()
            .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Scripts and styles of ours alone, none of them in a page; no frames, neither around nor within; and forms that lead
/// nowhere else, but for those that let a program act for somebody, which lead back to it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// What every page carries.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    // Links that are secrets go to no other host. (`no-referrer` would hide from forms where they come from.)
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

fn put_headers(page: &mut Response) {
    for (name, value) in HEADERS {
        page.headers_mut().insert(name, value);
    }
}

/// Around every page: its headers, and a page for a handler that panics.
async fn around(request: Request, next: Next) -> Response {
    let mut handled = pin!(next.run(request));
    let guarded = std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| handled.as_mut().poll(context))) {
            Ok(poll) => poll,
            Err(_) => Poll::Ready(fault(&"a handler panicked").into_response()),
        }
    });
    let mut response = guarded.await;
    put_headers(&mut response);
    if let Some(FormTarget(origin)) = response.extensions_mut().remove()
        && let Ok(policy) = HeaderValue::from_str(&format!("{POLICY} {origin}"))
    {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
