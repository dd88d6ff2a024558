//! Tables that stand together in queries.

use super::accounts::accounts;
use super::api_users::api_users;
use super::clients::clients;
use super::customers::customers;
use super::device_os::{device_os_modules, device_os_releases};
use super::devices::devices;
use super::firmware::firmware;
use super::groups::{device_groups, group_members};
use super::libraries::{libraries, library_architectures, library_versions};
use super::locations::{last_locations, locations};
use super::organizations::{organization_members, organizations};
use super::products::{products, team_members};
use super::sims::sims;
use super::tokens::tokens;

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    api_users,
    clients,
    customers,
    device_os_modules,
    device_os_releases,
    device_groups,
    devices,
    firmware,
    last_locations,
    libraries,
    library_architectures,
    library_versions,
    locations,
    group_members,
    organization_members,
    organizations,
    products,
    sims,
    team_members,
    tokens,
);
