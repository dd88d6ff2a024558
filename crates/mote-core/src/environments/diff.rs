//! What a rollout changes.

use super::Variables;

/// One variable that comes out differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Its value now; none where it is new.
    pub before: Option<String>,
    /// Its value then; none where it goes.
    pub after: Option<String>,
}

/// Two sets of variables compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// What changes, by name.
    pub changes: Vec<Change>,
    /// What does not.
    pub unchanged: Variables,
}

impl Diff {
    pub(super) fn between(before: &Variables, after: &Variables) -> Self {
        let mut diff = Self::default();
        for (name, old) in before {
            match after.get(name) {
                Some(new) if new == old => drop(diff.unchanged.insert(name.clone(), new.clone())),
                new => diff.changes.push(Change {
                    name: name.clone(),
                    before: Some(old.clone()),
                    after: new.cloned(),
                }),
            }
        }
        let new = after.iter().filter(|(name, _)| !before.contains_key(*name));
        diff.changes.extend(new.map(|(name, value)| Change {
            name: name.clone(),
            before: None,
            after: Some(value.clone()),
        }));
        diff.changes.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        diff
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_changes_lead_from_one_to_the_other(
            before in prop::collection::btree_map("[A-E]", "[xy]", 0..6),
            after in prop::collection::btree_map("[A-E]", "[xy]", 0..6),
        ) {
            let diff = Diff::between(&before, &after);
            let mut applied = before.clone();
            for change in &diff.changes {
                prop_assert_ne!(&change.before, &change.after);
                prop_assert_eq!(applied.get(&change.name), change.before.as_ref());
                match &change.after {
                    Some(value) => drop(applied.insert(change.name.clone(), value.clone())),
                    None => drop(applied.remove(&change.name)),
                }
            }
            prop_assert_eq!(&applied, &after);
            prop_assert_eq!(diff.changes.len() + diff.unchanged.len(), before.keys().chain(after.keys()).collect::<std::collections::BTreeSet<_>>().len());
            prop_assert!(Diff::between(&after, &after).changes.is_empty());
        }
    }
}
