//! Seeing and changing variables.

use std::collections::BTreeMap;

use std::collections::BTreeSet;

use mote_store::environments as rows;

use super::changes::{apply, check};
use super::level::State;
use super::variables::{check_size, from_json, to_json};
use super::{EnvChange, Origin, Variables};
use crate::audit::Action;
use crate::authorization::SpaceAccess;
use crate::authorization::table::{EnvironmentGet, EnvironmentUpdate};
use crate::spaces::still_there;
use crate::tokens::{Grant, Holder};
use crate::{Error, Moment, Mote};

/// The variables of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// What is set there.
    pub latest: Variables,
    /// What was rolled out of it.
    pub snapshot: Variables,
    /// What was rolled out above: of each the nearest value, and where it is from.
    pub inherited: BTreeMap<String, (Origin, String)>,
    /// First set.
    pub created_at: Option<Moment>,
    /// The ID of who did; none for a product's token.
    pub created_by: Option<String>,
    /// Last set.
    pub updated_at: Option<Moment>,
    /// The ID of who did.
    pub updated_by: Option<String>,
    /// Last rolled out.
    pub rollout_at: Option<Moment>,
    /// The ID of who did.
    pub rollout_by: Option<String>,
    /// Whether the level is a device's.
    pub of_device: bool,
    /// What the device says that it has; none as long as it says nothing.
    pub on_device: Option<OnDevice>,
}

/// What a device says that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDevice {
    /// All variables, as it has them.
    pub variables: Variables,
    /// When it said so.
    pub reported_at: Moment,
}

impl OnDevice {
    pub(super) fn of(state: &State) -> Result<Option<Self>, Error> {
        let (Some(text), Some(at)) = (&state.row.reported, state.row.reported_at) else { return Ok(None) };
        Ok(Some(Self { variables: from_json(text)?, reported_at: Moment(at) }))
    }
}

impl Environment {
    pub(super) fn new(state: State, of_device: bool) -> Result<Self, Error> {
        let reported = OnDevice::of(&state)?;
        let row = state.row;
        Ok(Self {
            latest: state.latest,
            snapshot: state.snapshot,
            inherited: state.inherited,
            created_at: row.created_at.map(Moment),
            created_by: row.created_by,
            updated_at: row.updated_at.map(Moment),
            updated_by: row.updated_by,
            rollout_at: row.rollout_at.map(Moment),
            rollout_by: row.rollout_by,
            of_device,
            on_device: reported,
        })
    }
}

/// The ID of whoever holds a token, as the API shows it; a product's token is nobody's.
pub(super) fn who(grant: &Grant) -> Option<String> {
    match grant.holder() {
        Holder::User(account) | Holder::Console(account) => Some(account.to_string()),
        Holder::ApiUser(api_user, _) => Some(api_user.to_string()),
        Holder::Product(_) | Holder::Customer(..) => None,
    }
}

/// Names of the variables that differ; never their values, some of which are secret.
fn changed(before: &Variables, after: &Variables) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

impl Mote {
    /// The variables of a space, or of a device there.
    pub async fn environment(
        &self,
        access: &SpaceAccess<EnvironmentGet>,
        device: Option<&str>,
    ) -> Result<Environment, Error> {
        let level = self.level(access, device).await?;
        let is_device = level.is_device();
        Environment::new(self.store().read(move |db| level.load(db)).await?, is_device)
    }

    /// Changes variables of a space, or of a device there, all or none; devices get them with the next rollout.
    pub async fn update_environment(
        &self,
        access: &SpaceAccess<EnvironmentUpdate>,
        device: Option<&str>,
        changes: Vec<EnvChange>,
    ) -> Result<Environment, Error> {
        check(&changes)?;
        self.change_environment(access, device, move |variables| apply(variables, &changes)).await
    }

    /// Takes a variable away that is set there.
    pub async fn unset_variable(
        &self,
        access: &SpaceAccess<EnvironmentUpdate>,
        device: Option<&str>,
        name: &str,
    ) -> Result<Environment, Error> {
        let name = name.to_owned();
        let unset = move |variables: &mut Variables| match variables.remove(&name) {
            Some(_) => Ok(()),
            None => Err(Error::NotFound("There is no such variable at this level".into())),
        };
        self.change_environment(access, device, unset).await
    }

    async fn change_environment(
        &self,
        access: &SpaceAccess<EnvironmentUpdate>,
        device: Option<&str>,
        change: impl Fn(&mut Variables) -> Result<(), Error> + Send + 'static,
    ) -> Result<Environment, Error> {
        let level = self.level(access, device).await?;
        let (who, now) = (who(access.grant()), self.now().0);
        let (space, recorder) = (access.space().key(), self.recorder(access.caller()));
        self.store()
            .write(move |db| {
                still_there(db, space)?;
                still_there(db, level.space())?;
                let mut state = level.load(db)?;
                let before = state.latest.clone();
                change(&mut state.latest)?;
                check_size(&state.staged())?;
                if state.row.created_at.is_none() {
                    state.row.created_at = Some(now);
                    state.row.created_by.clone_from(&who);
                }
                state.row.updated_at = Some(now);
                state.row.updated_by.clone_from(&who);
                state.row.latest = to_json(&state.latest)?;
                rows::put(db, &state.row)?;
                let entry = level.entry(Action::EnvironmentUpdated).of(space);
                recorder.record(db, entry.with("variables", changed(&before, &state.latest)))?;
                Environment::new(state, level.is_device())
            })
            .await
    }
}
