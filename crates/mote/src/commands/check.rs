//! Looking whether a store is as it should be.

use super::operator;
use crate::Failure;
use crate::config::StoreOptions;

pub(super) async fn check(options: StoreOptions) -> Result<(), Failure> {
    let mote = operator(options).await?;
    let counts = mote.counts().await.map_err(Failure::other)?;
    println!("The schema is up to date, and the server key is the right one.");
    println!(
        "accounts: {}\nproducts: {}\ndevices: {}\ntokens: {}",
        counts.accounts, counts.products, counts.devices, counts.tokens
    );
    super::key::tell(&mote).await
}
