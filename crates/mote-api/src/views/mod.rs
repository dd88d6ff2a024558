//! The JSON shapes of the contract.

mod asked;
mod audit;
mod changed;
mod client_keys;
mod client_secrets;
mod clients;
mod configurations;
mod customers;
mod device_os;
mod devices;
mod environments;
mod events;
mod firmware;
mod fleet_metrics;
mod groups;
mod integrations;
mod ledgers;
mod libraries;
mod locations;
mod organizations;
mod products;
mod protection;
mod search;
mod secrets;
mod sims;
mod teams;
mod token_standards;
mod tokens;
mod users;
mod vitals;

pub(crate) use asked::{CallView, VariableView};
pub(crate) use audit::AuditView;
pub use audit::audit_lines;
pub(crate) use changed::ChangedView;
pub(crate) use client_keys::{KeyOfClientAnswer, KeysOfClientAnswer};
pub(crate) use client_secrets::{SecretOfClientAnswer, SecretsOfClientAnswer};
pub(crate) use clients::{ClientAnswer, ClientsAnswer};
pub(crate) use configurations::{ConfigurationAnswer, DeviceConfigurationAnswer};
pub(crate) use customers::CustomerPageView;
pub(crate) use device_os::{ReleaseView, ReleasesAnswer};
pub(crate) use devices::{DevicePageView, DeviceView, ImportedView};
pub(crate) use environments::{EnvironmentAnswer, RenderedAnswer, RolloutAnswer, RolloutStarted};
pub(crate) use events::EventBody;
pub(crate) use firmware::{FirmwareView, ImpactAnswer};
pub(crate) use fleet_metrics::{
    EventMetricsAnswer, FunctionMetricsAnswer, IntegrationMetricsAnswer, OnlineMetricsAnswer,
    VariableMetricsAnswer,
};
pub(crate) use groups::{GroupAnswer, GroupsAnswer};
pub(crate) use integrations::{CreatedIntegration, IntegrationAnswer, IntegrationView, TrialAnswer};
pub(crate) use ledgers::{InstanceAnswer, InstancesAnswer, LedgerAnswer, LedgersAnswer, VersionsAnswer};
pub(crate) use libraries::{LibrariesAnswer, LibraryAnswer};
pub(crate) use locations::{DeviceLocationView, FleetLocationsView, LocationPageView};
pub(crate) use organizations::{OrganizationAnswer, OrganizationsAnswer};
pub(crate) use products::{ProductAnswer, ProductsAnswer, RenderedProduct};
pub(crate) use protection::UnprotectAnswer;
pub(crate) use search::FoundView;
pub(crate) use secrets::{SecretAnswer, SecretsAnswer};
pub(crate) use sims::{
    FleetUsageView, ImportedSimsView, NetworkStatusView, SimAnswer, SimPageView, SimUsageView,
};
pub(crate) use teams::{
    CreatedAnswer, InvitedAnswer, JoinedAnswer, TeamAnswer, UpdatedApiUserAnswer, UpdatedMemberAnswer,
};
pub(crate) use token_standards::{IntrospectionView, Metadata};
pub(crate) use tokens::{ListedTokenView, TokenAnswer, TokenView};
pub(crate) use users::UserView;
pub(crate) use vitals::{LastVitalsView, VitalsHistoryView, vitals_table};

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

/// `{"ok":true}`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'static, str>>,
}

impl Done {
    pub(crate) const fn new() -> Self {
        Self { ok: true, message: None }
    }

    pub(crate) fn with(message: impl Into<Cow<'static, str>>) -> Self {
        Self { ok: true, message: Some(message.into()) }
    }
}

/// Which page an answer is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageMeta {
    page: i64,
    per_page: i64,
    total_pages: i64,
    /// How much there is on all pages.
    total: i64,
}
