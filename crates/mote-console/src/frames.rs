//! The frames of pages: of a product, of an organization, of the account.

use std::sync::Arc;

use mote_core::authorization::table::{
    ClientsList, ConfigurationGet, CustomersList, DevicesList, FirmwareList, GroupsList, IntegrationsList,
    LedgersList, OrganizationAudit, OrganizationProductsList, OrganizationsGet, ProductAudit,
    ProductEventsListen, ProductsGet, SimsList, TeamList,
};
use mote_core::authorization::{
    Door, OrganizationAccess, OrganizationRight, ProductAccess, ProductRight, Right, Role, Standing, decide,
};
use mote_core::organizations::Organization;
use mote_core::products::Product;
use mote_core::{Error, Mote};

use crate::page::Shell;
use crate::session::Person;

/// A line of a sidebar.
#[derive(Clone, Debug)]
pub(crate) struct Tab {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) current: bool,
    /// Why it cannot be opened.
    pub(crate) why_not: Option<String>,
}

/// The frame of a product's pages.
#[derive(Clone, Debug)]
pub(crate) struct ProductFrame {
    pub(crate) product: Arc<Product>,
    pub(crate) tabs: Vec<Tab>,
    standing: Standing,
}

impl ProductFrame {
    /// Around a page of a product, which is under the tab `current`.
    pub(crate) async fn new<R: ProductRight>(
        mote: &Mote,
        person: &Person,
        access: &ProductAccess<R>,
        current: &'static str,
    ) -> Result<(Shell, Self), Error> {
        let standing = mote.standing_at(access).await?;
        let product = Arc::clone(access.product());
        let shell = Shell::new(&format!("{current} · {}", product.name), person);
        let mut frame = Self { product, tabs: Vec::new(), standing };
        let tab = |name, path, why_not| Tab { name, path, current: name == current, why_not };
        frame.tabs = vec![
            tab("Overview", "", frame.why_not::<ProductsGet>()),
            tab("Devices", "/devices", frame.why_not::<DevicesList>()),
            tab("Groups", "/groups", frame.why_not::<GroupsList>()),
            tab("Firmware", "/firmware", frame.why_not::<FirmwareList>()),
            tab("Events", "/events", frame.why_not::<ProductEventsListen>()),
            tab("Integrations", "/integrations", frame.why_not::<IntegrationsList>()),
            tab("Configuration", "/configuration", frame.why_not::<ConfigurationGet>()),
            tab("Ledgers", "/ledgers", frame.why_not::<LedgersList>()),
            tab("SIM cards", "/sims", frame.why_not::<SimsList>()),
            tab("Customers", "/customers", frame.why_not::<CustomersList>()),
            tab("Team", "/team", frame.why_not::<TeamList>()),
            tab("Authentication", "/authentication", frame.why_not::<ClientsList>()),
            tab("Audit trail", "/audit", frame.why_not::<ProductAudit>()),
            tab("Settings", "/settings", frame.why_not::<ProductsGet>()),
        ];
        Ok((shell, frame))
    }

    /// Why the person may not use a right here, if so.
    pub(crate) fn why_not<R: Right>(&self) -> Option<String> {
        why_not::<R>(Door::Product, self.standing)
    }

    /// His role.
    pub(crate) fn role(&self) -> &'static str {
        self.standing.role.map_or("", Role::name)
    }
}

/// The frame of an organization's pages.
#[derive(Clone, Debug)]
pub(crate) struct OrganizationFrame {
    pub(crate) organization: Arc<Organization>,
    pub(crate) tabs: Vec<Tab>,
    standing: Standing,
}

impl OrganizationFrame {
    /// Around a page of an organization, which is under the tab `current`.
    pub(crate) async fn new<R: OrganizationRight>(
        mote: &Mote,
        person: &Person,
        access: &OrganizationAccess<R>,
        current: &'static str,
    ) -> Result<(Shell, Self), Error> {
        let standing = mote.standing_in(access).await?;
        let organization = Arc::clone(access.organization());
        let shell = Shell::new(&format!("{current} · {}", organization.name), person);
        let mut frame = Self { organization, tabs: Vec::new(), standing };
        let tab = |name, path, why_not| Tab { name, path, current: name == current, why_not };
        frame.tabs = vec![
            tab("Products", "", frame.why_not::<OrganizationProductsList>()),
            tab("Team", "/team", frame.why_not::<TeamList>()),
            tab("Audit trail", "/audit", frame.why_not::<OrganizationAudit>()),
            tab("Settings", "/settings", frame.why_not::<OrganizationsGet>()),
        ];
        Ok((shell, frame))
    }

    /// Why the person may not use a right here, if so.
    pub(crate) fn why_not<R: Right>(&self) -> Option<String> {
        why_not::<R>(Door::Organization, self.standing)
    }

    /// His role.
    pub(crate) fn role(&self) -> &'static str {
        self.standing.role.map_or("", Role::name)
    }
}

/// What is at the door of the one or the other, a team or a space, is opened by the same roles as what is at one alone.
fn why_not<R: Right>(own: Door, standing: Standing) -> Option<String> {
    let door = if matches!(R::ROW.door, Door::Team | Door::Space) { own } else { R::ROW.door };
    decide(R::ROW, door, standing).err().map(|denial| denial.to_string())
}

/// The frame of a page that more than one of them has.
#[derive(Clone, Debug)]
pub(crate) enum Frame {
    /// The account's own, where everything is allowed.
    Account,
    Product(ProductFrame),
    Organization(OrganizationFrame),
}

impl Frame {
    /// Why the person may not use a right here, if so.
    pub(crate) fn why_not<R: Right>(&self) -> Option<String> {
        match self {
            Self::Account => None,
            Self::Product(frame) => frame.why_not::<R>(),
            Self::Organization(frame) => frame.why_not::<R>(),
        }
    }

    /// The person's role there.
    pub(crate) fn own_role(&self) -> Option<Role> {
        match self {
            Self::Account => None,
            Self::Product(frame) => frame.standing.role,
            Self::Organization(frame) => frame.standing.role,
        }
    }

    /// Whether it is the account's.
    pub(crate) fn is_account(&self) -> bool {
        matches!(self, Self::Account)
    }
}
