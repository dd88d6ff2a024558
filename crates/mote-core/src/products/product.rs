//! What a product is.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use mote_store::products::{Named, ProductRow};
use mote_store::{Db, groups};
use serde_json::{Map, Value, json};

use crate::forms::{as_bool, read_bool};
use crate::groups::ProductGroup;
use crate::{AccountId, Error, OrganizationId, ProductId, SpaceKey};

/// A product.
#[derive(Debug)]
pub struct Product {
    /// Product ID.
    pub id: ProductId,
    /// Its name in URLs.
    pub slug: String,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// The kind of hardware.
    pub platform_id: i32,
    /// The account that answers for it; for an organization's product the one that made it.
    pub owner: AccountId,
    /// That account's address; none where the account is gone, as can be with an organization's product.
    pub owner_username: Option<String>,
    /// The organization that it belongs to, if it is not its owner's own.
    pub organization: Option<ProductOrganization>,
    /// Settings.
    pub settings: ProductSettings,
    /// Its groups, by name.
    pub groups: Vec<ProductGroup>,
    /// The firmware version that is released to all of its devices.
    pub default_firmware: Option<i32>,
    /// Whether its owner came by it when another one went, and has not asked for it.
    pub(crate) handed_on: bool,
    rendered: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Product {
    /// Whoever owns it: its organization, or else its owner's account.
    #[must_use]
    pub fn owner_key(&self) -> SpaceKey {
        match &self.organization {
            Some(organization) => SpaceKey::Organization(organization.id.0),
            None => SpaceKey::Account(self.owner.0),
        }
    }

    /// The space whose environment variables it inherits: that of whoever owns it. None where an account came by it when
    /// another owner went: what it set for its own products is not for this one's team to see.
    pub(crate) fn inherits_from(&self) -> Option<SpaceKey> {
        (self.organization.is_some() || !self.handed_on).then(|| self.owner_key())
    }

    /// What a door makes of the product, made once for as long as it stays as it is. One door only uses this: the HTTP
    /// API, for the bytes of its answer.
    pub fn rendered<T: Send + Sync + 'static>(&self, make: impl Fn(&Self) -> T) -> Arc<T> {
        let kept = self.rendered.get_or_init(|| Arc::new(make(self)));
        Arc::clone(kept).downcast().unwrap_or_else(|_| Arc::new(make(self)))
    }
}

/// The organization of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductOrganization {
    /// Which.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
}

impl Product {
    /// Products as their rows and the rows of their groups have them.
    pub(crate) fn load(db: &mut Db, found: Vec<Named>) -> Result<Vec<Self>, Error> {
        let ids: Vec<i64> = found.iter().map(|(row, ..)| row.id).collect();
        let mut groups: HashMap<i64, Vec<ProductGroup>> = HashMap::new();
        for row in groups::of_products(db, &ids)? {
            groups.entry(row.product_id).or_default().push(row.into());
        }
        let own = |named: Named| {
            let own = groups.remove(&named.0.id).unwrap_or_default();
            Self::new(named, own)
        };
        found.into_iter().map(own).collect()
    }

    fn new((row, owner_username, organization): Named, groups: Vec<ProductGroup>) -> Result<Self, Error> {
        Ok(Self {
            settings: ProductSettings::of_row(&row)?,
            id: ProductId(row.id),
            slug: row.slug,
            name: row.name,
            description: row.description,
            platform_id: row.platform_id,
            owner: AccountId(row.owner_id),
            owner_username,
            organization: row.organization_id.map(|id| ProductOrganization {
                id: OrganizationId(id),
                name: organization.unwrap_or_default(),
            }),
            groups,
            default_firmware: row.default_firmware,
            handed_on: row.handed_on,
            rendered: OnceLock::new(),
        })
    }

    /// Its group of this name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&ProductGroup> {
        self.groups.iter().find(|group| group.name == name)
    }
}

/// A product's settings: a JSON object with the keys that the contract shows, and `self_provisioning` and
/// `team_tokens`, which are ours.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductSettings(pub(crate) Map<String, Value>);

impl Default for ProductSettings {
    fn default() -> Self {
        let start = json!({
            "location": {}, "known_application": {"opt_in": true}, "quarantine": false, "self_provisioning": false,
            "team_tokens": false
        });
        Self(start.as_object().cloned().unwrap_or_default())
    }
}

impl ProductSettings {
    /// What a product's row holds.
    pub(crate) fn of_row(row: &ProductRow) -> Result<Self, Error> {
        let settings = serde_json::from_str(&row.settings);
        let broken =
            |e| Error::Internal(format!("the settings of product {} are no JSON object: {e}", row.id));
        settings.map(Self).map_err(broken)
    }

    /// As JSON.
    #[must_use]
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Whether the product's APIs are open to its team's own tokens.
    #[must_use]
    pub fn team_tokens(&self) -> bool {
        self.0.get("team_tokens") == Some(&Value::Bool(true))
    }

    /// Whether every account may make devices in the product.
    #[must_use]
    pub fn self_provisioning(&self) -> bool {
        self.0.get("self_provisioning") == Some(&Value::Bool(true))
    }

    /// Whether devices that appear on their own wait for approval.
    #[must_use]
    pub fn quarantine(&self) -> bool {
        self.0.get("quarantine") == Some(&Value::Bool(true))
    }

    /// Whether the locations of its devices are kept: unless `location.opt_in` says that they are not to be.
    pub(crate) fn keeps_locations(&self) -> bool {
        let opted = self.0.get("location").and_then(|location| location.get("opt_in"));
        opted.and_then(as_bool) != Some(false)
    }

    /// Takes over what `change` names; the rest stays.
    pub(crate) fn merge(&mut self, change: &Map<String, Value>) -> Result<(), Error> {
        for (key, value) in change {
            let value = match key.as_str() {
                "team_tokens" | "quarantine" | "self_provisioning" => Value::Bool(
                    as_bool(value)
                        .ok_or_else(|| Error::invalid("settings", format!("{key} is true or false")))?,
                ),
                "location" | "known_application" => {
                    let Value::Object(mut fields) = value.clone() else {
                        return Err(Error::invalid("settings", format!("{key} is an object")));
                    };
                    read_bool(&mut fields, "opt_in");
                    Value::Object(fields)
                }
                _ => {
                    let known = "location, known_application, quarantine, self_provisioning, team_tokens";
                    return Err(Error::invalid(
                        "settings",
                        format!("has an unknown key; the known ones are {known}"),
                    ));
                }
            };
            self.0.insert(key.clone(), value);
        }
        let size = serde_json::to_string(&self.0).map_or(usize::MAX, |text| text.len());
        if size > 4096 { Err(Error::invalid("settings", "are 4096 bytes of JSON at most")) } else { Ok(()) }
    }
}

/// What stands for a product in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductRef<'a> {
    /// Its ID: all digits.
    Id(ProductId),
    /// Its slug: anything else.
    Slug(&'a str),
}

impl<'a> ProductRef<'a> {
    /// Reads a path segment. A slug never is all digits, so the two cannot be confused.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        match text.parse::<i64>() {
            Ok(id) if text.bytes().all(|b| b.is_ascii_digit()) => Self::Id(ProductId(id)),
            _ => Self::Slug(text),
        }
    }
}
