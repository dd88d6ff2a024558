//! What a SIM card is.

use mote_store::Db;
use mote_store::sims as rows;
use mote_store::sims::{Owner, SimRow};

use super::Day;
use crate::authorization::Space;
use crate::{AccountId, Error, Moment, ProductId};

/// Bytes of a megabyte, as carriers count.
pub(super) const MEGABYTE: i64 = 1_000_000;

/// A SIM card, as its holder sees it.
#[derive(Clone, Debug)]
pub struct Sim {
    /// Its number.
    pub iccid: String,
    /// The account it belongs to, or
    pub account: Option<AccountId>,
    /// the product.
    pub product: Option<ProductId>,
    /// Whether it may connect.
    pub status: SimStatus,
    /// Times activated.
    pub activations: i32,
    /// Times deactivated.
    pub deactivations: i32,
    /// First activation.
    pub first_activated_at: Moment,
    /// Last activation.
    pub last_activated_at: Moment,
    /// How that was asked for.
    pub last_activated_via: ActivatedVia,
    /// What was last done to it.
    pub last_action: LastAction,
    /// MB that it may use a month; none for no limit.
    pub mb_limit: Option<i32>,
    /// Changed.
    pub updated_at: Moment,
    /// ID and name of the holder's device that has it; of several the last connected.
    pub device: Option<(String, String)>,
}

/// Whether a card may connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimStatus {
    /// It may.
    Active,
    /// It may not until next month, or until its limit is raised: it has used up what it may use this month.
    Paused,
    /// It may not.
    Deactivated,
}

impl SimStatus {
    /// The name that the API uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Deactivated => "deactivated",
        }
    }
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $number:literal $text:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $variant,)+
        }

        impl $name {
            /// The name that the API uses.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            pub(super) const fn number(self) -> i16 {
                match self { $(Self::$variant => $number,)+ }
            }

            fn from_number(number: i16) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

numbered! {
    /// How an activation was asked for.
    ActivatedVia {
        /// An account took the card and activated it.
        UserSetup = 1 "user_setup";
        /// A product imported it.
        ProductImport = 2 "product_import";
        /// It was deactivated before.
        Reactivation = 3 "reactivation";
    }
}

numbered! {
    /// What was last done to a card.
    LastAction {
        /// Its first activation.
        Activate = 1 "activate";
        /// Its deactivation.
        Deactivate = 2 "deactivate";
        /// A later activation.
        Reactivate = 3 "reactivate";
    }
}

impl Sim {
    /// From its row, as it is at `now`.
    pub(super) fn of(row: SimRow, now: Moment) -> Result<Self, Error> {
        let broken = |what: &str| Error::Internal(format!("{what} of SIM card {} is malformed", row.iccid));
        Ok(Self {
            status: status(&row, now),
            last_activated_via: ActivatedVia::from_number(row.last_activated_via)
                .ok_or_else(|| broken("the way of activation"))?,
            last_action: LastAction::from_number(row.last_action).ok_or_else(|| broken("the last action"))?,
            iccid: row.iccid,
            account: row.account_id.map(AccountId),
            product: row.product_id.map(ProductId),
            activations: row.activations,
            deactivations: row.deactivations,
            first_activated_at: Moment(row.first_activated_at),
            last_activated_at: Moment(row.last_activated_at),
            mb_limit: row.mb_limit,
            updated_at: Moment(row.updated_at),
            device: None,
        })
    }
}

/// Whether the card of a row may connect at `now`.
pub(super) fn status(row: &SimRow, now: Moment) -> SimStatus {
    match row.mb_limit {
        _ if !row.active => SimStatus::Deactivated,
        Some(limit) if used_in_month(row, now) >= i64::from(limit) * MEGABYTE => SimStatus::Paused,
        _ => SimStatus::Active,
    }
}

/// Bytes that the card of a row used in the month of `now`.
fn used_in_month(row: &SimRow, now: Moment) -> i64 {
    if row.period == Day::of(now).month() { row.period_bytes } else { 0 }
}

/// The cards of rows, each with the owner's device that has it.
pub(crate) fn with_holders(
    db: &mut Db,
    owner: Owner,
    found: Vec<SimRow>,
    now: Moment,
) -> Result<Vec<Sim>, Error> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let iccids: Vec<String> = found.iter().map(|row| row.iccid.clone()).collect();
    let mut holders = std::collections::HashMap::new();
    for (iccid, id, name) in rows::holders(db, owner, &iccids)? {
        holders.entry(iccid).or_insert((id, name));
    }
    let shown = |row: SimRow| {
        let device = holders.remove(&row.iccid);
        Ok(Sim { device, ..Sim::of(row, now)? })
    };
    found.into_iter().map(shown).collect()
}

/// Whose cards a request is about.
pub(super) fn owner_of(space: &Space) -> Result<Owner, Error> {
    match space {
        Space::Account(account) => Ok(Owner::Account(account.0)),
        Space::Product(product) => Ok(Owner::Product(product.id.0)),
        Space::Organization(_) => {
            Err(Error::Internal("SIM cards of an organization: its products have them".into()))
        }
    }
}

/// The owner's card of this number. One out of reach is answered like one that does not exist.
pub(super) fn find(db: &mut Db, owner: Owner, iccid: &str) -> Result<SimRow, Error> {
    let mine = |row: &SimRow| match owner {
        Owner::Account(id) => row.account_id == Some(id),
        Owner::Product(id) => row.product_id == Some(id),
    };
    let row = match crate::names::Iccid::parse(iccid) {
        Some(iccid) => rows::get(db, iccid.as_str())?.filter(mine),
        None => None,
    };
    row.ok_or_else(|| {
        Error::NotFound(match owner {
            Owner::Account(_) => "SIM card not found: no card of yours has this ICCID".into(),
            Owner::Product(_) => "SIM card not found for this product".into(),
        })
    })
}
