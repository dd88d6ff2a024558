//! Scopes: what a credential may be limited to.

use super::unknown_scope::unknown_scope;
use crate::Error;

/// Every scope that the documented API names, and those that it leaves unnamed, called in the same manner; sorted.
pub const NAMES: [&str; 102] = [
    "audit:list",
    "clients:create",
    "clients:list",
    "clients:remove",
    "clients:update",
    "configuration:get",
    "configuration:update",
    "customers:create",
    "customers:list",
    "customers:remove",
    "customers:update",
    "devices.diagnostics:get",
    "devices.diagnostics:update",
    "devices.function:call",
    "devices.variable:get",
    "devices:claim",
    "devices:get",
    "devices:import",
    "devices:list",
    "devices:ping",
    "devices:release",
    "devices:remove",
    "devices:update",
    "env_vars:get",
    "env_vars:update",
    "events:get",
    "events:send",
    "firmware.binary:get",
    "firmware:create",
    "firmware:get",
    "firmware:list",
    "firmware:release",
    "firmware:remove",
    "firmware:update",
    "groups.impact:get",
    "groups:create",
    "groups:get",
    "groups:list",
    "groups:remove",
    "groups:update",
    "integrations:create",
    "integrations:get",
    "integrations:list",
    "integrations:remove",
    "integrations:test",
    "integrations:update",
    "ledger.definitions:archive",
    "ledger.definitions:create",
    "ledger.definitions:get",
    "ledger.definitions:list",
    "ledger.definitions:update",
    "ledger.instances.versions:get",
    "ledger.instances.versions:list",
    "ledger.instances:get",
    "ledger.instances:list",
    "ledger.instances:remove",
    "ledger.instances:set",
    "locations:get",
    "logic.functions:create",
    "logic.functions:execute",
    "logic.functions:get",
    "logic.functions:list",
    "logic.functions:remove",
    "logic.functions:update",
    "logic.logs:list",
    "logic.runs:get",
    "logic.runs:list",
    "logic.stats:list",
    "metrics.events:get",
    "metrics.functions:get",
    "metrics.integrations:get",
    "metrics.online:get",
    "metrics.variables:get",
    "organization:get",
    "products:create",
    "products:get",
    "products:list",
    "products:remove",
    "products:update",
    "search:get",
    "secrets:create",
    "secrets:get",
    "secrets:list",
    "secrets:remove",
    "secrets:update",
    "service_agreements.notifications:list",
    "service_agreements.pricing_terms:get",
    "service_agreements.usage_reports:create",
    "service_agreements.usage_reports:get",
    "service_agreements.usage_summary:get",
    "service_agreements:list",
    "sims.status:get",
    "sims.usage:get",
    "sims:get",
    "sims:import",
    "sims:list",
    "sims:remove",
    "sims:update",
    "teams.users:invite",
    "teams.users:list",
    "teams.users:remove",
    "teams.users:update",
];

// A set of scopes is the bits of one number.
const _: () = assert!(NAMES.len() <= 128);

/// A scope: its place in [`NAMES`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope(u8);

impl Scope {
    /// The scope of this name. For constants: there an unknown name does not compile.
    ///
    /// # Panics
    /// Where there is no such scope.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "there are 128 scopes at most")]
    pub const fn named(name: &str) -> Self {
        let mut place = 0;
        while place < NAMES.len() {
            if is_same(NAMES[place].as_bytes(), name.as_bytes()) {
                return Self(place as u8);
            }
            place += 1;
        }
        panic!("there is no scope of this name")
    }

    /// Reads what a request names.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.binary_search(&name).ok().and_then(|place| u8::try_from(place).ok()).map(Self)
    }

    /// As the API writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        NAMES[self.0 as usize]
    }
}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut place = 0;
    while place < one.len() {
        if one[place] != other[place] {
            return false;
        }
        place += 1;
    }
    true
}

/// Some scopes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u128);

impl Scopes {
    /// This one and no other.
    #[must_use]
    pub const fn one(scope: Scope) -> Self {
        Self(1 << scope.0)
    }

    /// Whether `scope` is among them.
    #[must_use]
    pub const fn contain(self, scope: Scope) -> bool {
        self.0 & (1 << scope.0) != 0
    }

    /// Those that are not among `others`.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Reads a list of names, at least one, each of which must be known; the refusal names the first that is not.
    pub fn parse(names: &[String]) -> Result<Self, Error> {
        if names.is_empty() {
            return Err(Error::invalid("scopes", "are needed: at least one, such as devices:list"));
        }
        let one = |name: &String| Scope::parse(name.trim()).ok_or_else(|| unknown_scope(name));
        names.iter().map(one).collect()
    }

    /// As the store keeps them: their names with spaces between.
    #[must_use]
    pub(crate) fn to_store(self) -> String {
        self.names().collect::<Vec<_>>().join(" ")
    }

    /// What the store has; a name that is not known any more opens nothing.
    #[must_use]
    pub(crate) fn from_store(names: &str) -> Self {
        names.split_ascii_whitespace().filter_map(Scope::parse).collect()
    }

    /// Their names, sorted.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES
            .into_iter()
            .enumerate()
            .filter(move |(place, _)| self.0 & (1 << place) != 0)
            .map(|(_, name)| name)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | (1 << scope.0)))
    }
}

impl std::fmt::Debug for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// What a credential is limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limits {
    /// Nothing: all that its door opens.
    None,
    /// Rights with one of these scopes; a right without a scope is not among them.
    Only(Scopes),
}

impl Limits {
    /// Whether a right with this scope is within the limits.
    #[must_use]
    pub fn allow(self, scope: Option<Scope>) -> bool {
        match self {
            Self::None => true,
            Self::Only(scopes) => scope.is_some_and(|scope| scopes.contain(scope)),
        }
    }

    /// The names of the scopes; empty for no limit.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        match self {
            Self::None => Vec::new(),
            Self::Only(scopes) => scopes.names().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_found() {
        assert!(NAMES.is_sorted());
        for name in NAMES {
            assert_eq!(Scope::parse(name).map(Scope::name), Some(name));
            assert_eq!(Scope::named(name).name(), name);
        }
        assert_eq!(Scope::parse("foo:bar"), None);
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let (list, get) = (Scope::named("devices:list"), Scope::named("teams.users:update"));
        let scopes = Scopes::from_iter([list, get]);
        assert!(scopes.contain(list) && scopes.contain(get) && !scopes.contain(Scope::named("clients:list")));
        assert_eq!(scopes.names().collect::<Vec<_>>(), ["devices:list", "teams.users:update"]);
        assert!(Limits::None.allow(None) && !Limits::Only(scopes).allow(None));
    }
}
