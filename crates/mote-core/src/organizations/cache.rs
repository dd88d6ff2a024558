//! The organizations in use, in memory, by ID and by slug.

use std::sync::Arc;

use mote_store::organizations as rows;
use quick_cache::sync::Cache;

use super::{Organization, OrganizationRef};
use crate::cache::Kept;
use crate::nodes::Trust;
use crate::{Error, Mote, OrganizationId};

/// Organizations kept at most.
const CAPACITY: usize = 1000;

/// Organizations by ID, and IDs by slug. One that is gone is not found by ID.
#[derive(Debug)]
pub struct OrganizationCache {
    organizations: Kept<OrganizationId, Organization>,
    slugs: Cache<String, OrganizationId>,
}

impl OrganizationCache {
    /// An empty one.
    pub(crate) fn new(trust: &Arc<Trust>) -> Self {
        Self { organizations: Kept::new(CAPACITY).trusting(trust), slugs: Cache::new(CAPACITY) }
    }

    /// Drops every organization that `ended` names; after the commit, before the answer.
    pub(crate) fn drop_where(&self, ended: impl Fn(&Organization) -> bool) {
        self.organizations.drop_where(ended);
    }
}

impl Mote {
    /// The organization of that ID or slug, if there is one. Says nothing about who may see it.
    pub(crate) async fn find_organization(
        &self,
        named: &OrganizationRef<'_>,
    ) -> Result<Option<Arc<Organization>>, Error> {
        let OrganizationCache { organizations, slugs } = self.organizations();
        let (id, slug) = match named {
            OrganizationRef::Id(id) => (Some(*id), None),
            OrganizationRef::Slug(slug) => (slugs.get(*slug), Some((*slug).to_owned())),
        };
        if let Some(organization) = id.and_then(|id| organizations.get(&id)) {
            return Ok(Some(organization));
        }
        let epoch = organizations.epoch();
        let row = self
            .store()
            .read(move |db| match (slug, id) {
                // Not by the ID that it stood for in memory: that organization may be gone, and another have its slug.
                (Some(slug), _) => rows::by_slug(db, &slug),
                (None, Some(id)) => rows::get(db, id.0),
                (None, None) => Ok(None),
            })
            .await?;
        let Some(row) = row else { return Ok(None) };
        let organization = Arc::new(Organization::from(row));
        if organizations.keep(organization.id, &organization, epoch) {
            slugs.insert(organization.slug.clone(), organization.id);
        }
        Ok(Some(organization))
    }
}
