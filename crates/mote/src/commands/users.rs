//! Accounts.

use mote_core::Settings;
use mote_core::mail::Mailer;
use mote_core::passwords::Password;
use mote_store::Location;

use super::{Named, explain, new_account, operator};
use crate::config::StoreOptions;
use crate::open::open;
use crate::{Failure, logging};

fn password_from_stdin() -> Result<Password, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|e| Failure::other(format!("cannot read the password: {e}")))?;
    Ok(Password::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

pub(super) async fn create(options: StoreOptions, email: String) -> Result<(), Failure> {
    logging::start_for_command();
    let config = options.with_file()?.decide()?;
    let named = Named { email: "--email", password: "the password" };
    let new = new_account(email, password_from_stdin()?, &named)?;
    let database = config.database.clone();
    let is_new = matches!(&database, Location::Sqlite(path) if !path.exists());
    let mote = open(config, Settings::default(), Mailer::Log, true).await?;
    if is_new {
        println!("There was no database yet: a new one is made at {database}.");
    }
    mote.create_account(new).await.map_err(explain)?;
    println!("The account is made.");
    Ok(())
}

pub(super) async fn reset_password(options: StoreOptions, email: &str) -> Result<(), Failure> {
    let mote = operator(options).await?;
    mote.set_password_for_operator(email, password_from_stdin()?).await.map_err(explain)?;
    println!(
        "The password is set, and the account's tokens are ended; running servers know within a second or two."
    );
    Ok(())
}

pub(super) async fn change_address(options: StoreOptions, email: &str, new: &str) -> Result<(), Failure> {
    let mote = operator(options).await?;
    mote.change_address_for_operator(email, new).await.map_err(explain)?;
    println!("The account has its new address.");
    Ok(())
}

pub(super) async fn disable_mfa(options: StoreOptions, email: &str) -> Result<(), Failure> {
    let mote = operator(options).await?;
    mote.disable_mfa_for_operator(email).await.map_err(explain)?;
    println!(
        "The second factor is off, and the account's tokens and sessions are ended; running servers know within a second or two."
    );
    Ok(())
}
