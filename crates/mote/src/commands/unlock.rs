//! Letting in whoever was locked out for wrong passwords.

use mote_core::notices::Locked;

use super::{explain, operator};
use crate::Failure;
use crate::config::StoreOptions;

pub(super) async fn unlock(options: StoreOptions, who: &str) -> Result<(), Failure> {
    let who = Locked::parse(who).map_err(explain)?;
    operator(options).await?.unlock(who).await.map_err(explain)?;
    println!("Unlocked: running servers know within a second or two.");
    Ok(())
}
