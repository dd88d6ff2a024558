//! Making, listing, changing and deleting secrets.

use mote_store::Db;
use mote_store::secrets as rows;
use mote_store::secrets::{SecretRow, SecretUseRow};

use super::secret::place;
use super::{Secret, SecretValue};
use crate::audit::{Action, Entry};
use crate::authorization::table::{SecretsCreate, SecretsGet, SecretsList, SecretsRemove, SecretsUpdate};
use crate::authorization::{Caller, SpaceAccess};
use crate::keys::Purpose;
use crate::names::VariableName;
use crate::notices::Notice;
use crate::spaces::still_there;
use crate::{Error, Mote, SpaceKey};

/// Secrets that an account or an organization may have: bounds the list, which the API gives whole.
const MOST_SECRETS: i64 = 500;
/// Uses shown of one secret at most.
const MOST_USES: i64 = 1000;
/// Uses shown in a list of secrets at most.
const MOST_USES_LISTED: i64 = 10_000;
/// Users named in a refusal.
const NAMED: usize = 5;

impl Mote {
    /// The secrets of an account or organization, by name.
    pub async fn list_secrets(&self, access: &SpaceAccess<SecretsList>) -> Result<Vec<Secret>, Error> {
        let space = access.space().key();
        let (found, uses) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                Ok((rows::list(db, space, MOST_SECRETS)?, rows::all_uses(db, space, MOST_USES_LISTED)?))
            })
            .await?;
        // Both are in the order of the secrets' names.
        let mut uses = uses.into_iter().peekable();
        let mut secrets = Vec::with_capacity(found.len());
        for row in found {
            let mut own = Vec::new();
            while let Some(one) = uses.next_if(|one| one.name <= row.name) {
                if one.name == row.name {
                    own.push(one);
                }
            }
            secrets.push(self.shown_secret(space, row, own));
        }
        Ok(secrets)
    }

    /// A secret by its name.
    pub async fn get_secret(&self, access: &SpaceAccess<SecretsGet>, name: &str) -> Result<Secret, Error> {
        let (space, name) = (access.space().key(), name.to_owned());
        let found = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let row = rows::get(db, space, &name)?.ok_or_else(unknown)?;
                Ok((row, rows::uses(db, space, &name, MOST_USES)?))
            })
            .await?;
        Ok(self.shown_secret(space, found.0, found.1))
    }

    /// Makes a secret.
    pub async fn create_secret(
        &self,
        access: &SpaceAccess<SecretsCreate>,
        name: &str,
        value: &SecretValue,
    ) -> Result<Secret, Error> {
        self.write_secret(access.space().key(), access.caller(), name, value, true).await
    }

    /// Gives a secret another value, and makes it where there is none.
    pub async fn set_secret(
        &self,
        access: &SpaceAccess<SecretsUpdate>,
        name: &str,
        value: &SecretValue,
    ) -> Result<Secret, Error> {
        self.write_secret(access.space().key(), access.caller(), name, value, false).await
    }

    async fn write_secret(
        &self,
        space: SpaceKey,
        caller: &Caller,
        name: &str,
        value: &SecretValue,
        only_new: bool,
    ) -> Result<Secret, Error> {
        let name = VariableName::parse(name)
            .ok_or_else(|| Error::invalid("name", VariableName::RULE))?
            .into_string();
        let sealed =
            self.keys().sealer.seal(Purpose::CloudSecret, &place(space, &name), value.expose().as_bytes());
        let (now, key, recorder) = (self.now().0, name.clone(), self.recorder(caller));
        let write = move |db: &mut Db| -> Result<(SecretRow, Vec<SecretUseRow>), Error> {
            let known = rows::get(db, space, &name)?;
            still_there(db, space)?;
            let action = if known.is_some() { Action::SecretUpdated } else { Action::SecretCreated };
            let row = match known {
                Some(_) if only_new => {
                    return Err(Error::Conflict(format!(
                        "There is a secret {name} already; PUT gives it another value"
                    )));
                }
                Some(row) => {
                    rows::update(db, space, &name, &sealed, now)?;
                    SecretRow { updated_at: now, ..row }
                }
                None if rows::count(db, space)? >= MOST_SECRETS => {
                    return Err(Error::Conflict(format!(
                        "There are {MOST_SECRETS} secrets already; delete unused ones"
                    )));
                }
                None => {
                    let row = SecretRow {
                        space_kind: space.kind(),
                        space_id: space.id(),
                        name: name.clone(),
                        sealed: sealed.clone(),
                        created_at: now,
                        updated_at: now,
                        last_accessed_at: None,
                    };
                    rows::insert(db, &row)?;
                    row
                }
            };
            recorder.record(db, Entry::new(action, &name, &name).of(space))?;
            Ok((row, rows::uses(db, space, &name, MOST_USES)?))
        };
        let (row, uses) =
            self.write_and_forget(write, move |_| [Notice::SecretChanged(space, key.clone())]).await?;
        Ok(self.shown_secret(space, row, uses))
    }

    /// Deletes a secret that nothing uses.
    pub async fn delete_secret(&self, access: &SpaceAccess<SecretsRemove>, name: &str) -> Result<(), Error> {
        let (space, key, name) = (access.space().key(), name.to_owned(), name.to_owned());
        let recorder = self.recorder(access.caller());
        let write = move |db: &mut Db| -> Result<(), Error> {
            rows::get(db, space, &name)?.ok_or_else(unknown)?;
            let uses = rows::uses(db, space, &name, MOST_USES)?;
            if !uses.is_empty() {
                let named: Vec<_> = uses.iter().take(NAMED).map(|one| one.user_name.as_str()).collect();
                return Err(Error::Conflict(format!(
                    "{} use this secret ({}); take it out of them first",
                    uses.len(),
                    named.join(", ")
                )));
            }
            recorder.record(db, Entry::new(Action::SecretDeleted, &name, &name).of(space))?;
            Ok(rows::delete(db, space, &name)?)
        };
        self.write_and_forget(write, move |()| [Notice::SecretEnded(space, key.clone())]).await
    }

    /// With the last use that is not written yet.
    fn shown_secret(&self, space: SpaceKey, row: SecretRow, uses: Vec<SecretUseRow>) -> Secret {
        let touched = self.secrets().touched(space, &row.name);
        let mut secret = Secret::new(row, uses);
        secret.last_accessed_at = secret.last_accessed_at.max(touched);
        secret
    }
}

fn unknown() -> Error {
    Error::NotFound("There is no such secret here".into())
}
