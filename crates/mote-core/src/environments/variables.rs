//! Sets of variables.

use std::collections::BTreeMap;

use super::Origin;
use crate::Error;

/// Names and values.
pub type Variables = BTreeMap<String, String>;

/// Bytes of JSON that a device can be given (the vendor's documentation, Environment).
const MOST_BYTES: usize = 16 * 1024;

pub(super) fn from_json(text: &str) -> Result<Variables, Error> {
    serde_json::from_str(text).map_err(|e| Error::Internal(format!("environment variables are no JSON: {e}")))
}

pub(super) fn to_json(variables: &Variables) -> Result<String, Error> {
    serde_json::to_string(variables).map_err(|e| Error::Internal(format!("environment variables: {e}")))
}

/// What is inherited from levels, the furthest first: of each variable the nearest value, and where it is from.
pub(super) fn inherit(
    levels: impl IntoIterator<Item = (Origin, Variables)>,
) -> BTreeMap<String, (Origin, String)> {
    let mut inherited = BTreeMap::new();
    for (from, variables) in levels {
        inherited.extend(variables.into_iter().map(|(name, value)| (name, (from, value))));
    }
    inherited
}

/// What a level's own variables make of those inherited: what devices have.
pub(super) fn render(inherited: &BTreeMap<String, (Origin, String)>, own: &Variables) -> Variables {
    let mut rendered: Variables =
        inherited.iter().map(|(name, (_, value))| (name.clone(), value.clone())).collect();
    rendered.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
    rendered
}

/// Refuses more than a device can be given.
pub(super) fn check_size(rendered: &Variables) -> Result<(), Error> {
    let size = to_json(rendered)?.len();
    if size <= MOST_BYTES {
        return Ok(());
    }
    let text = format!(
        "come to {size} bytes of JSON with those inherited, and {MOST_BYTES} is the most for a device"
    );
    Err(Error::invalid("variables", text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn variables() -> impl Strategy<Value = Variables> {
        prop::collection::btree_map("[A-E]", "[a-z]{0,3}", 0..6)
    }

    #[test]
    fn size_is_that_of_the_json() {
        let of = |length: usize| Variables::from([("A".into(), "x".repeat(length))]);
        assert!(check_size(&of(MOST_BYTES - r#"{"A":""}"#.len())).is_ok());
        assert!(check_size(&of(MOST_BYTES - r#"{"A":""}"#.len() + 1)).is_err());
    }

    proptest! {
        #[test]
        fn the_nearest_level_wins(owner in variables(), product in variables(), device in variables()) {
            let inherited = inherit([(Origin::Owner, owner.clone()), (Origin::Product, product.clone())]);
            for (name, (from, value)) in &inherited {
                let nearest = product.get(name).map(|value| (Origin::Product, value));
                let expected = nearest.or(owner.get(name).map(|value| (Origin::Owner, value)));
                prop_assert_eq!(Some((*from, value)), expected);
            }
            let rendered = render(&inherited, &device);
            for name in owner.keys().chain(product.keys()).chain(device.keys()) {
                let expected = device.get(name).or(product.get(name)).or(owner.get(name));
                prop_assert_eq!(rendered.get(name), expected);
            }
            let known = |name: &String| [&owner, &product, &device].iter().any(|level| level.contains_key(name));
            prop_assert!(rendered.keys().all(known));
            prop_assert_eq!(from_json(&to_json(&rendered).unwrap()).unwrap(), rendered);
        }
    }
}
