//! Making and listing organizations.

use mote_store::organizations as rows;
use mote_store::organizations::OrganizationRow;
use mote_store::{Db, teams};

use super::Organization;
use crate::audit::{Action, Actor, Entry};
use crate::authorization::table::{OrganizationsCreate, OrganizationsList, OrganizationsRemove};
use crate::authorization::{AccountAccess, OrganizationAccess, Role};
use crate::names::{ProductName, Slug};
use crate::notices::Notice;
use crate::teams::TeamId;
use crate::{AccountId, Error, Mote, OrganizationId, SpaceKey, spaces};

/// Organizations on whose teams an account may be: bounds its list, which the API gives whole.
pub(crate) const MOST_ORGANIZATIONS: i64 = 500;
/// Numbers tried behind a slug that is taken, before the key is put there, which always is free.
const SUFFIXES: i64 = 50;

/// What a new organization is to be.
#[derive(Debug)]
pub struct NewOrganization {
    /// Name; the slug is made of it.
    pub name: String,
}

impl Mote {
    /// Makes an organization that the account owns.
    pub async fn create_organization(
        &self,
        access: &AccountAccess<OrganizationsCreate>,
        new: NewOrganization,
    ) -> Result<Organization, Error> {
        self.new_organization(access.account(), access.caller().into(), new).await
    }

    /// Makes an organization for an operator, owned by the account of this address.
    pub async fn create_organization_for_operator(
        &self,
        owner: &str,
        new: NewOrganization,
    ) -> Result<Organization, Error> {
        let owner = self.account_by_username(owner).await?;
        self.new_organization(owner, Actor::operator(), new).await
    }

    async fn new_organization(
        &self,
        owner: AccountId,
        actor: Actor,
        new: NewOrganization,
    ) -> Result<Organization, Error> {
        let name = ProductName::parse(&new.name)?;
        let now = self.now();
        let (key, recorder) = (self.new_key(now), self.recorder(actor));
        let row = self
            .store()
            .write(move |db| -> Result<OrganizationRow, Error> {
                let present = rows::of_member(db, owner.0, 0, MOST_ORGANIZATIONS)?;
                if i64::try_from(present.len()).unwrap_or(i64::MAX) >= MOST_ORGANIZATIONS {
                    let text = format!("An account is in {MOST_ORGANIZATIONS} organizations at most");
                    return Err(Error::Conflict(text));
                }
                let row = OrganizationRow {
                    id: key,
                    slug: free_slug(db, &name, key)?,
                    name: name.to_string(),
                    created_at: now.0,
                    updated_at: now.0,
                };
                rows::insert(db, &row)?;
                let id = OrganizationId(key);
                recorder
                    .record(db, Entry::new(Action::OrganizationCreated, id.to_hex(), &row.slug).of(id))?;
                teams::insert(db, teams::Team::Organization(key), owner.0, Role::Owner.number(), now.0)?;
                Ok(row)
            })
            .await?;
        Ok(row.into())
    }

    /// Organizations after `after` (0 from the start) for an operator, oldest first; a page of a thousand at most.
    pub async fn list_organizations_for_operator(
        &self,
        after: OrganizationId,
    ) -> Result<Vec<Organization>, Error> {
        let found = self.store().read(move |db| rows::list(db, after.0, 1000)).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// Ends the organization with its team and API users. One with products is kept: they are to be deleted first.
    pub async fn delete_organization(
        &self,
        access: &OrganizationAccess<OrganizationsRemove>,
    ) -> Result<(), Error> {
        let (organization, recorder) = (access.organization().clone(), self.recorder(access.caller()));
        let id = organization.id;
        let delete = move |db: &mut Db| -> Result<(), Error> {
            let count = mote_store::products::count_of_organization(db, id.0)?;
            if count > 0 {
                return Err(Error::Conflict(format!(
                    "There are {count} products in this organization; delete them first"
                )));
            }
            let entry = Entry::new(Action::OrganizationDeleted, id.to_hex(), &organization.slug);
            recorder.record(db, entry.of(id))?;
            crate::teams::dissolve(db, TeamId::Organization(id))?;
            spaces::end(db, SpaceKey::Organization(id.0))?;
            Ok(rows::delete(db, id.0)?)
        };
        let forget = move |(): &()| {
            let space = SpaceKey::Organization(id.0);
            [
                Notice::OrganizationEnded(id),
                Notice::TeamDissolved(TeamId::Organization(id)),
                Notice::SpaceEnded(space),
            ]
        };
        self.write_and_forget(delete, forget).await
    }

    /// The organizations on whose team the account is, oldest first.
    pub async fn list_organizations(
        &self,
        access: &AccountAccess<OrganizationsList>,
    ) -> Result<Vec<Organization>, Error> {
        let account = access.account();
        let found =
            self.store().read(move |db| rows::of_member(db, account.0, 0, MOST_ORGANIZATIONS)).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}

fn free_slug(db: &mut Db, name: &ProductName, key: i64) -> Result<String, Error> {
    let slug = Slug::of(name);
    for number in 1..=SUFFIXES {
        let tried = if number == 1 { slug.to_string() } else { slug.with_suffix(number).to_string() };
        if OrganizationId::parse(&tried).is_none() && rows::by_slug(db, &tried)?.is_none() {
            return Ok(tried);
        }
    }
    Ok(slug.with_suffix(key).to_string())
}
