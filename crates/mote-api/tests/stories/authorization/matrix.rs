//! The table of rights and its second statement, which is kept by hand.

use std::collections::BTreeMap;

use mote_core::authorization::{Door, Kind, Limits, Role, Row, SCOPE_NAMES, Scope, Scopes, Standing, decide};

const MATRIX: &str = include_str!("../../../../../docs/rights.txt");

/// Whether a credential without limits opens the right, in its own product or organization.
fn opens(row: &Row, door: Door, kind: Kind, role: Option<Role>, team_tokens: bool) -> bool {
    let standing = Standing { kind, limits: Limits::None, within_reach: true, role, team_tokens };
    decide(row, door, standing).is_ok()
}

/// The least role with which an account's token opens it.
fn least(row: &Row, door: Door, team_tokens: bool) -> Option<Role> {
    Role::ALL.into_iter().find(|role| opens(row, door, Kind::User, Some(*role), team_tokens))
}

/// The scopes that open it for an API user.
fn scopes(row: &Row, door: Door) -> String {
    let opened = |name: &&&str| {
        let limits = Limits::Only(Scopes::one(Scope::named(name)));
        let standing =
            Standing { kind: Kind::ApiUser, limits, within_reach: true, role: None, team_tokens: false };
        decide(row, door, standing).is_ok()
    };
    let opened: Vec<&str> = SCOPE_NAMES.iter().filter(opened).copied().collect();
    match opened.len() {
        0 => "no".into(),
        all if all == SCOPE_NAMES.len() => "yes".into(),
        _ => opened.join(","),
    }
}

/// What the columns of the matrix say of a route.
fn columns(route: &str) -> String {
    let (row, door) = super::row_of(route);
    let yes = |is: bool| if is { "yes" } else { "no" };
    let (user, role) = if opens(row, door, Kind::User, None, false) {
        ("yes", None)
    } else if let Some(role) = least(row, door, false) {
        ("member", Some(role))
    } else if let Some(role) = least(row, door, true) {
        ("switch", Some(role))
    } else {
        ("no", None)
    };
    format!(
        "{} {user} {} {} {} {}",
        yes(door == Door::Open),
        yes(opens(row, door, Kind::Product, None, false)),
        yes(opens(row, door, Kind::Customer, None, false)),
        scopes(row, door),
        role.map_or("-", Role::name),
    )
}

/// `METHOD /path` of each line with what its columns say.
fn stated() -> BTreeMap<String, String> {
    let lines = MATRIX.lines().filter(|line| line.contains(" /"));
    let words = lines.map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    words.map(|words| (words[..2].join(" "), words[2..].join(" "))).collect()
}

#[test]
fn the_matrix_in_docs_says_the_same_of_every_route() {
    let routes = super::routes();
    let decided: BTreeMap<_, _> = routes.iter().map(|route| (route.clone(), columns(route))).collect();
    let stated = stated();
    let differ: Vec<_> = decided
        .iter()
        .filter(|(route, columns)| stated.get(*route) != Some(columns))
        .map(|(route, columns)| format!("{route}: the table {columns}, the matrix {:?}", stated.get(route)))
        .chain(
            stated
                .keys()
                .filter(|route| !decided.contains_key(*route))
                .map(|route| format!("{route}: no route")),
        )
        .collect();
    assert!(differ.is_empty(), "docs/rights.txt and the table of rights differ:\n{}", differ.join("\n"));
}
