//! The key of the server that devices know.

use super::operator;
use crate::Failure;
use crate::config::StoreOptions;

/// Its public half, in PEM.
pub(super) async fn print(options: StoreOptions) -> Result<(), Failure> {
    let mote = operator(options).await?;
    let key = mote.device_server_key().await.map_err(Failure::other)?;
    print!("{}", key.public_pem().map_err(Failure::other)?);
    Ok(())
}
