//! Integrations.

use mote_core::authorization::Space;
use mote_core::integrations::{Integration, IntegrationDetail, Kind, Trial};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An integration: what all of them have, and the settings of its type under their own names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntegrationView {
    /// 24 hex digits.
    id: String,
    /// What the names of the events begin with that fire it.
    event: String,
    name: String,
    /// ISO 8601.
    created_at: String,
    /// `Webhook`, `AzureIotHub` or `GoogleMaps`.
    integration_type: &'static str,
    /// The one device whose events fire it; absent for all.
    #[serde(rename = "deviceID", skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    /// True where it is switched off; absent otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disabled: bool,
    /// The settings of its type. Passwords and keys are `[[SENSITIVE]]`; sent back so, they stay, unless the request
    /// would go to another scheme, host or port, which is refused.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    settings: Map<String, Value>,
}

impl IntegrationView {
    fn new(integration: &Integration, settings: Map<String, Value>) -> Self {
        Self {
            id: integration.id.to_hex(),
            event: integration.event.clone(),
            name: integration.name.clone(),
            created_at: integration.created_at.to_iso(),
            integration_type: integration.kind.name(),
            device: integration.device.as_ref().map(ToString::to_string),
            disabled: integration.disabled,
            settings,
        }
    }
}

impl From<&Integration> for IntegrationView {
    fn from(integration: &Integration) -> Self {
        Self::new(integration, integration.settings.masked(integration.kind))
    }
}

/// One integration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntegrationAnswer {
    integration: DetailView,
}

#[derive(Debug, Serialize, ToSchema)]
struct DetailView {
    #[serde(flatten)]
    integration: IntegrationView,
    /// Its latest requests and what came of them, newest first: event, request, response, error. Where it is asked for alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    logs: Option<Vec<Value>>,
    /// `sleeping` after many failures in a row; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// Until when it sleeps; ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    sleeping_until: Option<String>,
}

impl From<Integration> for IntegrationAnswer {
    fn from(integration: Integration) -> Self {
        let integration = (&integration).into();
        Self { integration: DetailView { integration, logs: None, state: None, sleeping_until: None } }
    }
}

impl From<IntegrationDetail> for IntegrationAnswer {
    fn from(detail: IntegrationDetail) -> Self {
        let integration = DetailView {
            integration: (&detail.integration).into(),
            logs: Some(detail.logs),
            state: detail.sleeping_until.map(|_| "sleeping"),
            sleeping_until: detail.sleeping_until.map(mote_core::Moment::to_iso),
        };
        Self { integration }
    }
}

/// A new integration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedIntegration {
    ok: bool,
    #[serde(flatten)]
    integration: IntegrationView,
    /// Where a webhook is to be found.
    #[serde(rename = "hookUrl", skip_serializing_if = "Option::is_none")]
    hook_url: Option<String>,
    /// Where an integration of another type is to be found.
    #[serde(rename = "integrationUrl", skip_serializing_if = "Option::is_none")]
    integration_url: Option<String>,
}

impl CreatedIntegration {
    pub(crate) fn new(integration: &Integration, space: &Space, public_url: &str) -> Self {
        let of = match space {
            Space::Account(_) => String::new(),
            Space::Product(product) => format!("/products/{}", product.id),
            Space::Organization(organization) => format!("/orgs/{}", organization.slug),
        };
        let id = integration.id.to_hex();
        let url = |family: &str| Some(format!("{public_url}/v1{of}/{family}/{id}"));
        let (hook_url, integration_url, settings) = match integration.kind {
            // Of a webhook its address only, as the contract has it.
            Kind::Webhook => {
                let mut settings = integration.settings.as_json().clone();
                settings.retain(|name, _| name == "url");
                (url("webhooks"), None, settings)
            }
            Kind::AzureIotHub | Kind::GoogleMaps => {
                (None, url("integrations"), integration.settings.as_json().clone())
            }
        };
        let integration = IntegrationView::new(integration, settings);
        Self { ok: true, integration, hook_url, integration_url }
    }
}

/// What came of a trial.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrialAnswer {
    /// Whether the receiver answered 2xx.
    pass: bool,
    /// What it answered then.
    data: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl From<Trial> for TrialAnswer {
    fn from(trial: Trial) -> Self {
        Self { pass: trial.error.is_none(), data: trial.data, error: trial.error }
    }
}
