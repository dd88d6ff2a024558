//! The secrets that integrations use: which they are, and who may have one sent somewhere.

use mote_store::secrets::{self, UserKind};
use mote_store::{Db, SpaceKey, products};

use super::Settings;
use super::integration::Hook;
use super::use_cases::not_here;
use crate::authorization::table::SecretsUpdate;
use crate::authorization::{Denial, Door, Place, Right, Standing, decide, standing};
use crate::products::Product;
use crate::teams::{TeamId, role_in_store};
use crate::tokens::{Grant, Holder};
use crate::{AccountId, Error, OrganizationId};

/// The space whose secrets the integrations of `space` use, as the store has it now: that itself, or the owner of a product.
fn owner_in_store(db: &mut Db, space: SpaceKey) -> Result<SpaceKey, Error> {
    let SpaceKey::Product(id) = space else { return Ok(space) };
    let named = products::get(db, id)?.ok_or_else(not_here)?;
    let product = Product::load(db, vec![named])?.pop().ok_or_else(not_here)?;
    Ok(product.owner_key())
}

/// Whether the holder of a token may have secrets of `owner` sent to where he says. Whoever names a secret learns it; so it
/// takes the right to give it a value. Looked at in the write itself, since the integration outlasts the token.
fn may_send(db: &mut Db, grant: &Grant, owner: SpaceKey) -> Result<(), Error> {
    grant.still(db)?;
    let account = grant.holder().account();
    let decided = match owner {
        SpaceKey::Organization(id) => {
            let team = TeamId::Organization(OrganizationId(id));
            let role = match account {
                Some(account) => role_in_store(db, team, None, account)?,
                None => None,
            };
            let within_reach = matches!(grant.holder(), Holder::ApiUser(_, of) if of == team);
            decide(SecretsUpdate::ROW, Door::Organization, Standing { within_reach, role, ..standing(grant) })
        }
        SpaceKey::Account(id) if account == Some(AccountId(id)) => {
            decide(SecretsUpdate::ROW, Door::Account, standing(grant))
        }
        SpaceKey::Account(_) | SpaceKey::Product(_) => Err(Denial::SecretsOfOwner { of: None }),
    };
    decided.map_err(|denial| {
        Error::Denied(match (denial, owner) {
            (Denial::Scope { .. }, _) => denial,
            (_, SpaceKey::Organization(_)) => Denial::SecretsOfOwner { of: Some(Place::Organization) },
            _ => Denial::SecretsOfOwner { of: None },
        })
    })
}

/// Notes which secrets an integration uses. One that is not there is refused, and so is whoever has no right over the owner's
/// secrets, unless the integration does with them what it did before.
pub(super) fn use_secrets(
    db: &mut Db,
    grant: &Grant,
    hook: &Hook,
    before: Option<&Settings>,
) -> Result<(), Error> {
    let (integration, names) = (&hook.integration, hook.secrets());
    let user = (UserKind::Integration, integration.id.0);
    let owner = owner_in_store(db, integration.space)?;
    if !names.is_empty() {
        let known = secrets::uses_of(db, user)?;
        let same = before.is_some_and(|before| before.same_but_secrets(&integration.settings));
        let has = |name: &String| known.iter().any(|(space, used)| *space == owner && used == name);
        if !(same && names.iter().all(has)) {
            may_send(db, grant, owner)?;
        }
    }
    for name in names {
        if secrets::get(db, owner, name)?.is_none() {
            let text =
                format!("names {name}, and there is no such secret; make it first (PUT /v1/secrets/{name})");
            return Err(Error::invalid("secrets", text));
        }
    }
    Ok(secrets::set_uses(db, owner, user, &integration.name, names)?)
}
