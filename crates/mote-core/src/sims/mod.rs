//! SIM cards: a registry of which card is whose, may connect, and used how much. No carrier is asked or told: what one would
//! tell comes in through [`crate::Mote::record_sim_usage`], and until then nothing was used.

mod change;
mod day;
mod import;
mod listing;
mod network;
mod sim;
mod usage;

pub use change::{SimAction, SimChange};
pub use day::Day;
pub use import::ImportedSims;
pub(crate) use import::bring_cards;
pub use listing::{SimPage, SimQuery};
pub use network::{NetworkStatus, TaskState};
pub use sim::{ActivatedVia, LastAction, Sim, SimStatus};
pub use usage::{FleetUsage, SimUsage, UsedOn};

pub(crate) use sim::with_holders;
pub(crate) use usage::sweep;
