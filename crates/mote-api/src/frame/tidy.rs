//! Addresses as old clients write them.

use http::Uri;

/// The address without what old clients put into it: `//v1/…`, a slash at the end, and `/user` for `/v1/user`.
pub(super) fn tidy(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let doubled = path.starts_with("//");
    // The end of an event's prefix is what the caller means.
    let is_prefix = || path.split_once("/events/").is_some_and(|(_, prefix)| !prefix.is_empty());
    let trailing = path.len() > 1 && path.ends_with('/') && !is_prefix();
    let unversioned = path == "/user" || path.starts_with("/user/");
    if !(doubled || trailing || unversioned) || path.starts_with("/docs") {
        return None;
    }
    let inner = if is_prefix() { path.trim_start_matches('/') } else { path.trim_matches('/') };
    let prefix = if unversioned { "/v1/" } else { "/" };
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    format!("{prefix}{inner}{query}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_old_clients_are_understood() {
        let tidied = |uri: &str| tidy(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(tidied("/v1/webhooks/").as_deref(), Some("/v1/webhooks"));
        assert_eq!(tidied("//v1/user?a=1").as_deref(), Some("/v1/user?a=1"));
        assert_eq!(tidied("/user/password-reset").as_deref(), Some("/v1/user/password-reset"));
        assert_eq!(tidied("/v1/devices/events/").as_deref(), Some("/v1/devices/events"));
        assert_eq!(tidied("//v1/events/hook-sent/").as_deref(), Some("/v1/events/hook-sent/"));
        for whole in ["/v1/devices", "/v1/events/hook-sent/", "/v1/events/hook-sent"] {
            assert_eq!(tidied(whole), None);
        }
        assert_eq!(tidied("/"), None);
    }
}
