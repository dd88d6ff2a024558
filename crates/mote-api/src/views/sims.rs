//! SIM cards.

use mote_core::sims::{FleetUsage, ImportedSims, NetworkStatus, Sim, SimPage, SimUsage, TaskState, UsedOn};
use serde::Serialize;
use utoipa::ToSchema;

use super::PageMeta;

/// A SIM card (contract: Sims-listSim). What only a carrier knows is null: none is connected.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimView {
    /// ICCID.
    #[serde(rename = "_id")]
    iccid: String,
    activations_count: i32,
    deactivations_count: i32,
    base_country_code: Option<String>,
    /// Cents.
    base_monthly_rate: Option<i64>,
    /// Cents.
    overage_monthly_rate: Option<i64>,
    /// ISO 8601.
    first_activated_on: String,
    /// ISO 8601.
    last_activated_on: String,
    /// `user_setup`, `product_import` or `reactivation`.
    last_activated_via: &'static str,
    /// `activate`, `deactivate` or `reactivate`.
    last_status_change_action: &'static str,
    /// Whether that failed; here it never is halfway.
    last_status_change_action_error: &'static str,
    msisdn: Option<String>,
    /// `active`, `paused` (at its data limit until next month) or `deactivated`.
    status: &'static str,
    stripe_plan_slug: Option<String>,
    /// ISO 8601.
    updated_at: String,
    /// The account it belongs to; null if it is a product's.
    user_id: Option<String>,
    /// The product it belongs to, if it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<String>,
    carrier: Option<String>,
    /// The device that has it.
    last_device_id: Option<String>,
    last_device_name: Option<String>,
    /// MB that it may use a month; absent for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    mb_limit: Option<i32>,
}

impl From<Sim> for SimView {
    fn from(sim: Sim) -> Self {
        let (device_id, device_name) = sim.device.unzip();
        Self {
            iccid: sim.iccid,
            activations_count: sim.activations,
            deactivations_count: sim.deactivations,
            base_country_code: None,
            base_monthly_rate: None,
            overage_monthly_rate: None,
            first_activated_on: sim.first_activated_at.to_iso(),
            last_activated_on: sim.last_activated_at.to_iso(),
            last_activated_via: sim.last_activated_via.name(),
            last_status_change_action: sim.last_action.name(),
            last_status_change_action_error: "no",
            msisdn: None,
            status: sim.status.name(),
            stripe_plan_slug: None,
            updated_at: sim.updated_at.to_iso(),
            user_id: sim.account.map(|account| account.to_string()),
            product_id: sim.product.map(|product| product.to_string()),
            carrier: None,
            last_device_id: device_id,
            last_device_name: device_name.filter(|name| !name.is_empty()),
            mb_limit: sim.mb_limit,
        }
    }
}

/// SIM cards.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimPageView {
    sims: Vec<SimView>,
    /// Of a product's cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<PageMeta>,
}

impl From<SimPage> for SimPageView {
    fn from(page: SimPage) -> Self {
        let meta = page.of_product.then(|| PageMeta {
            page: page.page,
            per_page: page.per_page,
            total_pages: (page.total + page.per_page - 1) / page.per_page,
            total: page.total,
        });
        Self { sims: page.sims.into_iter().map(Into::into).collect(), meta }
    }
}

/// One SIM card.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimAnswer {
    sim: OwnedSimView,
}

#[derive(Debug, Serialize, ToSchema)]
struct OwnedSimView {
    #[serde(flatten)]
    sim: SimView,
    /// Address of the account that has it; null if it is a product's.
    owner: Option<String>,
}

impl SimAnswer {
    pub(crate) fn new(sim: Sim, owner: Option<String>) -> Self {
        Self { sim: OwnedSimView { sim: sim.into(), owner } }
    }
}

/// What became of SIM cards that were to be imported: those that were not, as the request had them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct ImportedSimsView {
    ok: bool,
    /// Were the product's before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    existing_sims: Vec<String>,
    /// Refused: another product's, or somebody's who is not on the team.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nonmember_sims: Vec<String>,
    /// Refused: no ICCIDs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invalid_sims: Vec<String>,
}

impl From<ImportedSims> for ImportedSimsView {
    fn from(imported: ImportedSims) -> Self {
        Self {
            ok: true,
            existing_sims: imported.existing,
            nonmember_sims: imported.nonmember,
            invalid_sims: imported.invalid,
        }
    }
}

/// What was used on a day.
#[derive(Debug, Serialize, ToSchema)]
struct UsedOnView {
    /// `2017-02-24`.
    date: String,
    mbs_used: f64,
    /// Since the first of the month.
    mbs_used_cumulative: f64,
}

impl From<UsedOn> for UsedOnView {
    fn from(used: UsedOn) -> Self {
        Self { date: used.day.to_string(), mbs_used: used.mbs, mbs_used_cumulative: used.mbs_cumulative }
    }
}

/// What a SIM card used this month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimUsageView {
    iccid: String,
    usage_by_day: Vec<UsedOnView>,
}

impl From<SimUsage> for SimUsageView {
    fn from(usage: SimUsage) -> Self {
        Self { iccid: usage.iccid, usage_by_day: usage.days.into_iter().map(Into::into).collect() }
    }
}

/// What a product's SIM cards used this month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FleetUsageView {
    total_mbs_used: f64,
    /// Those that are paused at their limit too.
    total_active_sim_cards: i64,
    usage_by_day: Vec<UsedOnView>,
}

impl From<FleetUsage> for FleetUsageView {
    fn from(usage: FleetUsage) -> Self {
        Self {
            total_mbs_used: usage.total_mbs,
            total_active_sim_cards: usage.active_cards,
            usage_by_day: usage.days.into_iter().map(Into::into).collect(),
        }
    }
}

/// Whether a SIM card is connected, in two steps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NetworkStatusView {
    ok: bool,
    meta: TaskView,
    sim_status: ConnectionView,
    /// Why there is no answer, when it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<&'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TaskView {
    /// ISO 8601.
    created_at: String,
    /// ISO 8601.
    expires_at: String,
    /// ISO 8601.
    check_again_after: String,
    /// `pending` or `complete`.
    state: &'static str,
    method: &'static str,
    task_id: String,
}

/// All null: only a carrier could tell.
#[derive(Debug, Serialize, ToSchema)]
struct ConnectionView {
    connected: Option<bool>,
    gsm_connection: Option<bool>,
    data_connection: Option<bool>,
}

impl From<NetworkStatus> for NetworkStatusView {
    fn from(asked: NetworkStatus) -> Self {
        let complete = asked.state == TaskState::Complete;
        let meta = TaskView {
            created_at: asked.created_at.to_iso(),
            expires_at: asked.expires_at.to_iso(),
            check_again_after: asked.check_again_after.to_iso(),
            state: if complete { "complete" } else { "pending" },
            method: "async",
            task_id: format!("{:x}", asked.task),
        };
        let info = "No carrier is connected to this server: the state of the network is not known";
        Self {
            ok: true,
            meta,
            sim_status: ConnectionView { connected: None, gsm_connection: None, data_connection: None },
            info: complete.then_some(info),
        }
    }
}
