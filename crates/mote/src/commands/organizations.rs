//! Organizations.

use mote_core::OrganizationId;
use mote_core::organizations::NewOrganization;

use super::{explain, operator};
use crate::Failure;
use crate::config::StoreOptions;

pub(super) async fn create(options: StoreOptions, name: String, owner: &str) -> Result<(), Failure> {
    let mote = operator(options).await?;
    let new = NewOrganization { name };
    let made = mote.create_organization_for_operator(owner, new).await.map_err(explain)?;
    println!("The organization is made: {} {}", made.id.to_hex(), made.slug);
    Ok(())
}

/// A line each: ID, slug, name.
pub(super) async fn list(options: StoreOptions) -> Result<(), Failure> {
    let mote = operator(options).await?;
    let mut after = OrganizationId(0);
    loop {
        let page = mote.list_organizations_for_operator(after).await.map_err(Failure::other)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for organization in page {
            println!("{} {} {}", organization.id.to_hex(), organization.slug, organization.name);
        }
    }
}
