//! Rolling out what was set.

use mote_store::environments as rows;

use super::use_cases::{OnDevice, who};
use super::variables::check_size;
use super::{Diff, Variables};
use crate::audit::Action;
use crate::authorization::SpaceAccess;
use crate::authorization::table::{EnvironmentGet, EnvironmentUpdate};
use crate::spaces::still_there;
use crate::{Error, Moment, Mote};

/// When devices get what is rolled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At once, if they are connected.
    Immediate = 1,
    /// When they connect.
    Connect = 2,
}

impl When {
    /// Reads what the API was sent.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "Immediate" => Ok(Self::Immediate),
            "Connect" => Ok(Self::Connect),
            _ => Err(Error::invalid("when", "is Immediate or Connect")),
        }
    }
}

/// What devices of a level have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// All variables, those inherited too.
    pub variables: Variables,
    /// When the level's own were last set.
    pub updated_at: Option<Moment>,
    /// When they were last rolled out.
    pub rollout_at: Option<Moment>,
    /// The ID of who did.
    pub rollout_by: Option<String>,
}

/// What a rollout would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// Of what was rolled out before.
    pub from_snapshot: Diff,
    /// Of what the device says that it has, if it does.
    pub from_device: Option<Diff>,
}

impl Mote {
    /// What devices of a space have that set nothing themselves, or what a device there has.
    pub async fn render_environment(
        &self,
        access: &SpaceAccess<EnvironmentGet>,
        device: Option<&str>,
    ) -> Result<Rendered, Error> {
        let level = self.level(access, device).await?;
        let state = self.store().read(move |db| level.load(db)).await?;
        Ok(Rendered {
            variables: state.rendered(),
            updated_at: state.row.updated_at.map(Moment),
            rollout_at: state.row.rollout_at.map(Moment),
            rollout_by: state.row.rollout_by,
        })
    }

    /// What a rollout would change.
    pub async fn review_rollout(
        &self,
        access: &SpaceAccess<EnvironmentGet>,
        device: Option<&str>,
    ) -> Result<Rollout, Error> {
        let level = self.level(access, device).await?;
        let state = self.store().read(move |db| level.load(db)).await?;
        let staged = state.staged();
        Ok(Rollout {
            from_snapshot: Diff::between(&state.rendered(), &staged),
            from_device: OnDevice::of(&state)?.map(|device| Diff::between(&device.variables, &staged)),
        })
    }

    /// Rolls out what is set: devices have it from then on, each as soon as it can be given it.
    pub async fn roll_out(
        &self,
        access: &SpaceAccess<EnvironmentUpdate>,
        device: Option<&str>,
        when: When,
    ) -> Result<(), Error> {
        let level = self.level(access, device).await?;
        let (who, now, rolled_out) = (who(access.grant()), self.now().0, level.clone());
        let (space, recorder) = (access.space().key(), self.recorder(access.caller()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                still_there(db, space)?;
                still_there(db, level.space())?;
                let mut state = level.load(db)?;
                // More may be inherited by now than when it was set.
                check_size(&state.staged())?;
                state.row.snapshot.clone_from(&state.row.latest);
                state.row.rollout_at = Some(now);
                state.row.rollout_by.clone_from(&who);
                state.row.rollout_when = Some(when as i16);
                recorder.record(db, level.entry(Action::EnvironmentRolledOut).of(space))?;
                Ok(rows::put(db, &state.row)?)
            })
            .await?;
        if when == When::Immediate {
            self.push_environment(rolled_out);
        }
        Ok(())
    }
}
