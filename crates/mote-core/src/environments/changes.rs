//! Changes of a level's variables.

use super::Variables;
use crate::Error;
use crate::names::VariableName;

/// Changes in one request at most (particle-api-js: `updateEnvVars`).
const MOST_CHANGES: usize = 50;
/// Variables of a level at most (the vendor's documentation, Environment).
const MOST_VARIABLES: usize = 100;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvChange {
    /// Gives a variable a value.
    Set {
        /// Its name.
        name: String,
        /// The value; may be empty.
        value: String,
    },
    /// Takes a variable away, if it is there.
    Unset {
        /// Its name.
        name: String,
    },
}

impl EnvChange {
    fn name(&self) -> &str {
        match self {
            Self::Set { name, .. } | Self::Unset { name } => name,
        }
    }
}

/// Checks changes that a request has in this order.
pub(super) fn check(changes: &[EnvChange]) -> Result<(), Error> {
    if !(1..=MOST_CHANGES).contains(&changes.len()) {
        return Err(Error::invalid("ops", format!("are 1 to {MOST_CHANGES} changes")));
    }
    for (place, change) in changes.iter().enumerate() {
        if VariableName::parse(change.name()).is_none() {
            return Err(Error::invalid("key", format!("{}, but not ops[{place}].key", VariableName::RULE)));
        }
        if matches!(change, EnvChange::Set { value, .. } if value.contains('\0')) {
            return Err(Error::invalid("value", format!("is text without NUL, but not ops[{place}].value")));
        }
    }
    Ok(())
}

/// Makes the changes, one after the other.
pub(super) fn apply(variables: &mut Variables, changes: &[EnvChange]) -> Result<(), Error> {
    for change in changes {
        match change {
            EnvChange::Set { name, value } => drop(variables.insert(name.clone(), value.clone())),
            EnvChange::Unset { name } => drop(variables.remove(name)),
        }
    }
    if variables.len() > MOST_VARIABLES {
        return Err(Error::invalid("variables", format!("are {MOST_VARIABLES} at most at one level")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, value: &str) -> EnvChange {
        EnvChange::Set { name: name.into(), value: value.into() }
    }

    #[test]
    fn changes_are_made_in_their_order() {
        let mut variables = Variables::from([("A".into(), "1".into()), ("B".into(), "2".into())]);
        let unset = |name: &str| EnvChange::Unset { name: name.into() };
        apply(&mut variables, &[set("A", "x"), unset("B"), set("B", "y"), unset("C"), set("D", "")]).unwrap();
        let expected = [("A", "x"), ("B", "y"), ("D", "")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(variables, Variables::from(expected));
    }

    #[test]
    fn what_is_malformed_or_too_much_is_refused() {
        assert!(check(&[]).is_err() && check(&vec![set("A", ""); 51]).is_err());
        assert!(check(&vec![set("A", ""); 50]).is_ok());
        let refused = check(&[set("A", ""), set("invalid-key", "")]).unwrap_err().to_string();
        assert!(refused.contains("ops[1].key") && !refused.contains("invalid-key"));
        assert!(check(&[set("A", "\0")]).is_err());
        let mut variables: Variables = (0..100).map(|n| (format!("A{n}"), String::new())).collect();
        assert!(apply(&mut variables, &[set("A0", "x")]).is_ok());
        assert!(apply(&mut variables, &[set("B", "x")]).is_err());
    }
}
