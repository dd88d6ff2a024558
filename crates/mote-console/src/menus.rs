//! The menus that are the same on every page: at the top, and of the account.

/// An entry of a menu.
pub(crate) struct Entry {
    pub(crate) path: &'static str,
    pub(crate) name: &'static str,
    /// What `aria-current` says: that it leads to the page that is open, or to one that this page belongs to.
    pub(crate) current: Option<&'static str>,
}

const TOP: [(&str, &str); 4] = [
    ("/", "Products"),
    ("/devices", "My devices"),
    ("/organizations", "Organizations"),
    ("/account", "Account"),
];

const ACCOUNT: [(&str, &str); 5] = [
    ("/account", "Account"),
    ("/account/tokens", "Access tokens"),
    ("/account/clients", "OAuth clients"),
    ("/account/sessions", "Sessions"),
    ("/account/audit", "Audit trail"),
];

/// The menu at the top, on the page of this path.
pub(crate) fn top(at: &str) -> Vec<Entry> {
    entries(&TOP, at)
}

/// The menu of the account, on the page of this path.
pub(crate) fn account(at: &str) -> Vec<Entry> {
    entries(&ACCOUNT, at)
}

fn entries(menu: &[(&'static str, &'static str)], at: &str) -> Vec<Entry> {
    let nearest =
        menu.iter().map(|(path, _)| *path).filter(|path| is_under(at, path)).max_by_key(|path| path.len());
    let entry = |&(path, name): &(&'static str, &'static str)| {
        let current = (nearest == Some(path)).then_some(if at == path { "page" } else { "true" });
        Entry { path, name, current }
    };
    menu.iter().map(entry).collect()
}

/// Whether a page is another, or belongs to it. The list of products is at home.
fn is_under(at: &str, path: &str) -> bool {
    let root = if path == "/" { "/products" } else { path };
    at == path || at.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{account, top};

    #[test]
    fn the_nearest_entry_is_the_current_one() {
        let current = |menu: Vec<super::Entry>| {
            let found = menu.into_iter().filter_map(|entry| Some((entry.name, entry.current?)));
            found.collect::<Vec<_>>()
        };
        for (at, name, kind) in [
            ("/", "Products", "page"),
            ("/products/tempmon-v100/devices", "Products", "true"),
            ("/devices", "My devices", "page"),
            ("/organizations/acme-inc/team", "Organizations", "true"),
            ("/account/tokens", "Account", "true"),
        ] {
            assert_eq!(current(top(at)), [(name, kind)], "{at}");
        }
        for (at, name, kind) in [
            ("/account", "Account", "page"),
            ("/account/password", "Account", "true"),
            ("/account/clients/mine-1234", "OAuth clients", "true"),
            ("/account/audit", "Audit trail", "page"),
        ] {
            assert_eq!(current(account(at)), [(name, kind)], "{at}");
        }
        for at in ["/join", "/productsheet", ""] {
            assert_eq!(current(top(at)), [], "{at}");
        }
    }
}
