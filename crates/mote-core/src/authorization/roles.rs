//! Roles in a team.

use crate::Error;

/// What a team member may do, each role all that the ones before it may (contract: Products-inviteUserToProductOrOrgTeam).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks.
    ViewOnly = 1,
    /// Helps users of devices: looks, calls functions, names devices.
    Support = 2,
    /// Builds the product: devices, firmware, integrations.
    Developer = 3,
    /// Runs it: team, credentials, settings.
    Administrator = 4,
    /// Answers for it, and may end it.
    Owner = 5,
}

impl Role {
    /// All of them, least first.
    pub const ALL: [Self; 5] =
        [Self::ViewOnly, Self::Support, Self::Developer, Self::Administrator, Self::Owner];

    /// The name that the API uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ViewOnly => "View-only",
            Self::Support => "Support",
            Self::Developer => "Developer",
            Self::Administrator => "Administrator",
            Self::Owner => "Owner",
        }
    }

    /// Reads what a request names; case does not count.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(text.trim()));
        found.ok_or_else(|| {
            Error::invalid("role", format!("is one of {}", Self::ALL.map(Self::name).join(", ")))
        })
    }

    /// The number in the store.
    #[must_use]
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// From the number in the store.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.number() == number)
    }
}
