//! Environment variables, as particle-api-js and the Particle CLI read them.

use std::collections::BTreeMap;

use mote_core::Moment;
use mote_core::environments::{Change, Diff, Environment, OnDevice, Rendered, Rollout, Variables};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
struct ValueView {
    value: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct InheritedView {
    /// The level that it is from: `Owner` (an account or organization) or `Product`.
    from: &'static str,
    value: String,
}

/// What was rolled out.
#[derive(Debug, Serialize, ToSchema)]
struct SnapshotView {
    own: BTreeMap<String, ValueView>,
    inherited: BTreeMap<String, InheritedView>,
    /// ISO 8601.
    rollout_at: Option<String>,
    /// The ID of who did; null for a product's token.
    rollout_by: Option<String>,
}

/// What is set.
#[derive(Debug, Serialize, ToSchema)]
struct LatestView {
    own: BTreeMap<String, ValueView>,
    inherited: BTreeMap<String, InheritedView>,
    /// ISO 8601.
    created_at: Option<String>,
    /// ISO 8601.
    updated_at: Option<String>,
    created_by: Option<String>,
    updated_by: Option<String>,
}

/// What a device says that it has.
#[derive(Debug, Serialize, ToSchema)]
struct OnDeviceView {
    rendered: Variables,
    /// ISO 8601.
    last_reported_at: String,
}

/// The variables of a space or a device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnvironmentAnswer {
    last_snapshot: SnapshotView,
    latest: LatestView,
    /// Of devices alone; null as long as the device has not said what it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_device: Option<Said>,
}

/// Whether a device has said what it has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum Said {
    Nothing,
    Something(OnDeviceView),
}

fn own(variables: Variables) -> BTreeMap<String, ValueView> {
    variables.into_iter().map(|(name, value)| (name, ValueView { value })).collect()
}

impl From<Environment> for EnvironmentAnswer {
    fn from(environment: Environment) -> Self {
        let inherited: BTreeMap<_, _> = environment
            .inherited
            .into_iter()
            .map(|(name, (origin, value))| (name, InheritedView { from: origin.name(), value }))
            .collect();
        let said = environment.on_device.map_or(Said::Nothing, |device: OnDevice| {
            let last_reported_at = device.reported_at.to_iso();
            Said::Something(OnDeviceView { rendered: device.variables, last_reported_at })
        });
        Self {
            last_snapshot: SnapshotView {
                own: own(environment.snapshot),
                inherited: inherited.clone(),
                rollout_at: environment.rollout_at.map(Moment::to_iso),
                rollout_by: environment.rollout_by,
            },
            latest: LatestView {
                own: own(environment.latest),
                inherited,
                created_at: environment.created_at.map(Moment::to_iso),
                updated_at: environment.updated_at.map(Moment::to_iso),
                created_by: environment.created_by,
                updated_by: environment.updated_by,
            },
            on_device: environment.of_device.then_some(said),
        }
    }
}

/// What devices have.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenderedAnswer {
    env: Variables,
    /// ISO 8601.
    last_updated_at: Option<String>,
    /// ISO 8601.
    rollout_at: Option<String>,
    rollout_by: Option<String>,
}

impl From<Rendered> for RenderedAnswer {
    fn from(rendered: Rendered) -> Self {
        Self {
            env: rendered.variables,
            last_updated_at: rendered.updated_at.map(Moment::to_iso),
            rollout_at: rendered.rollout_at.map(Moment::to_iso),
            rollout_by: rendered.rollout_by,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct ChangeView {
    /// `Added`, `Changed` or `Removed`.
    op: &'static str,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let op = match (&change.before, &change.after) {
            (None, _) => "Added",
            (Some(_), Some(_)) => "Changed",
            (Some(_), None) => "Removed",
        };
        Self { op, key: change.name, before: change.before, after: change.after }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct DiffView {
    changes: Vec<ChangeView>,
    unchanged: Variables,
}

impl From<Diff> for DiffView {
    fn from(diff: Diff) -> Self {
        Self { changes: diff.changes.into_iter().map(Into::into).collect(), unchanged: diff.unchanged }
    }
}

/// What a rollout would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RolloutAnswer {
    /// Of what was rolled out before.
    from_snapshot: DiffView,
    /// Of what the device says that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_device: Option<DiffView>,
}

impl From<Rollout> for RolloutAnswer {
    fn from(rollout: Rollout) -> Self {
        Self { from_snapshot: rollout.from_snapshot.into(), from_device: rollout.from_device.map(Into::into) }
    }
}

/// That variables were rolled out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RolloutStarted {
    success: bool,
}

impl RolloutStarted {
    pub(crate) const fn new() -> Self {
        Self { success: true }
    }
}
