//! Tokens.

use mote_core::tokens::Lifetime;

use super::{explain, operator};
use crate::Failure;
use crate::config::StoreOptions;

pub(super) async fn create(
    options: StoreOptions,
    email: &str,
    expires_in: Option<&str>,
) -> Result<(), Failure> {
    let mote = operator(options).await?;
    let lifetime =
        Lifetime::asked(expires_in, None, mote.now()).map_err(|e| Failure::usage(e.to_string()))?;
    let minted = mote.mint_for_operator(email, lifetime).await.map_err(explain)?;
    println!("{}", *minted.access.expose());
    Ok(())
}
