//! Forgotten passwords of customers.

use std::net::IpAddr;

use mote_store::customers as rows;
use mote_store::{Db, challenges, tokens};

use super::change::entry;
use crate::accounts::For;
use crate::audit::{Action, Actor};
use crate::mail::Mail;
use crate::names::{CustomerName, Username};
use crate::notices::Notice;
use crate::passwords::{Password, check_strength};
use crate::products::{Product, ProductRef};
use crate::{CustomerId, Error, Mote};

impl Mote {
    /// Sends a customer a way to set a new password. The answer comes before anything is looked up, and is the same
    /// whether or not there is such a product, and it has such a customer with a password.
    pub fn request_customer_reset(&self, product: String, email: &str) -> Result<(), Error> {
        let name = CustomerName::parse(email)?;
        let mote = self.clone();
        tokio::spawn(async move {
            if let Err(error) = mote.send_customer_reset(&product, name).await {
                tracing::error!(%error, "a customer's password reset was not sent");
            }
        });
        Ok(())
    }

    async fn send_customer_reset(&self, product: &str, name: CustomerName) -> Result<(), Error> {
        let Some(to) = name.address() else { return Ok(()) };
        let Some(product) = self.find_product(&ProductRef::parse(product)).await? else { return Ok(()) };
        let id = product.id;
        let found = self.store().read(move |db| rows::by_username(db, id.0, name.as_str())).await?;
        let Some(row) = found.filter(|row| row.password_hash.is_some()) else { return Ok(()) };
        let (secret, challenge, most) =
            self.new_challenge(For::CustomerReset, CustomerId(row.id), Vec::new());
        let (mote, key) = (self.clone(), challenge.digest_key);
        if !self.store().write(move |db| mote.insert_link(db, &challenge, most)).await? {
            return Ok(());
        }
        self.mail_link(key, self.reset_mail(to, &product, &secret.expose())).await
    }

    fn reset_mail(&self, to: Username, product: &Product, token: &str) -> Mail {
        let (url, name) = (&self.settings().public_url, &product.name);
        let text = format!(
            "Somebody asked for a new password for you at {name}. If it was not you, there is nothing to do.\n\n\
             To set a new password within the next hour:\n\n\
             curl {url}/v1/password -d token={token} --data-urlencode password=YOUR-NEW-PASSWORD\n"
        );
        Mail { to, subject: format!("Your new password for {name}"), text }
    }

    /// Sets a new password with what [`Self::request_customer_reset`] sent; every token of the customer ends.
    pub async fn reset_customer_password(
        &self,
        token: &str,
        password: Password,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        let over = || Error::invalid("token", "is unknown, used or over; ask for a new one");
        let (token, mote) = (token.to_owned(), self.clone());
        let asked = token.clone();
        let row = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let waiting = mote.find_challenge(db, For::CustomerReset, &asked)?.ok_or_else(over)?;
                rows::get(db, waiting.account_id)?.ok_or_else(over)
            })
            .await?;
        check_strength(&password, &row.username)?;
        let hash = self.hasher().hash(password).await?;
        let (id, mote) = (row.id, self.clone());
        let recorder = self.recorder(Actor::owner(CustomerId(id).into(), address));
        let set = move |db: &mut Db| -> Result<(), Error> {
            // Two requests may bring the same link: one of them finds it spent.
            mote.find_challenge(db, For::CustomerReset, &token)?.ok_or_else(over)?;
            rows::set_password(db, id, &hash, mote.now().0)?;
            recorder.record(db, entry(Action::CustomerPasswordReset, &row))?;
            challenges::delete_of_account(db, id)?;
            tokens::delete_of_customers(db, &[id])?;
            Ok(())
        };
        self.write_and_forget(set, move |()| [Notice::CustomerSignedOut(CustomerId(id))]).await
    }
}
