//! Accounts.

use mote_core::accounts::NewAccount;
use mote_core::passwords::Password;

use super::{explain, operator};
use crate::Failure;
use crate::config::StoreOptions;

fn password_from_stdin() -> Result<Password, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|e| Failure::other(format!("cannot read the password: {e}")))?;
    Ok(Password::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

pub(super) async fn create(options: StoreOptions, email: String) -> Result<(), Failure> {
    let mote = operator(options, true).await?;
    let new = NewAccount { username: email, password: password_from_stdin()?, info: serde_json::Map::new() };
    mote.create_account(new).await.map_err(explain)?;
    println!("The account is made.");
    Ok(())
}

pub(super) async fn reset_password(options: StoreOptions, email: &str) -> Result<(), Failure> {
    let mote = operator(options, false).await?;
    mote.set_password_for_operator(email, password_from_stdin()?).await.map_err(explain)?;
    println!(
        "The password is set, and the account's tokens are ended; running servers know within a second or two."
    );
    Ok(())
}

pub(super) async fn disable_mfa(options: StoreOptions, email: &str) -> Result<(), Failure> {
    let mote = operator(options, false).await?;
    mote.disable_mfa_for_operator(email).await.map_err(explain)?;
    println!(
        "The second factor is off, and the account's tokens and sessions are ended; running servers know within a second or two."
    );
    Ok(())
}
