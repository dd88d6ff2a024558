//! Where browsers are sent back to.

use url::{Position, Url};

use super::ClientKind;
use crate::Error;

/// Characters of an address at most.
const LONGEST: usize = 2000;
/// Hosts that are this machine, to which no TLS is needed.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Where browsers may be sent back to: absolute, without a fragment (RFC 6749 section 3.1.2), over TLS unless it stays on this
/// machine, and with the host in it that browsers go to. Only reading it by these rules makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Reads an address; none where nobody may be sent there.
    pub(crate) fn parse(uri: &str) -> Option<Self> {
        (is_plain(uri) && leads_where_it_says(uri)).then(|| Self(uri.to_owned()))
    }

    /// As it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port, as they are written.
    #[must_use]
    pub fn origin(&self) -> &str {
        origin(&self.0)
    }
}

/// What is registered with a client, as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisteredRedirect {
    /// Browsers are sent there.
    Good(RedirectUri),
    /// It was registered by laxer rules than today's: it is shown, and nobody is sent there.
    Refused(String),
}

impl RegisteredRedirect {
    pub(super) fn of_store(uri: String) -> Self {
        RedirectUri::parse(&uri).map_or(Self::Refused(uri), Self::Good)
    }

    /// Where browsers are sent; else what is said of it.
    pub(crate) fn usable(&self) -> Result<&RedirectUri, &'static str> {
        match self {
            Self::Good(uri) => Ok(uri),
            Self::Refused(_) => Err(
                "The redirect_uri that is registered with this client is not one that browsers are sent to: make a new client, with an https:// address that shows where it leads",
            ),
        }
    }

    /// As it was registered, for its owner to see.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Good(uri) => uri.as_str(),
            Self::Refused(uri) => uri,
        }
    }
}

/// `web` clients need a redirect URI, one that [`RedirectUri`] takes; others have none.
pub(super) fn checked_redirect(kind: ClientKind, uri: Option<String>) -> Result<Option<String>, Error> {
    let refuse = |why: &str| Err(Error::invalid("redirect_uri", why));
    let uri = uri.map(|uri| uri.trim().to_owned()).filter(|uri| !uri.is_empty());
    match (kind, uri) {
        (ClientKind::Installed, None) => Ok(None),
        (ClientKind::Installed, Some(_)) => refuse("is for clients of type web only"),
        (ClientKind::Web, None) => refuse("is needed for a client of type web"),
        (ClientKind::Web, Some(uri)) if RedirectUri::parse(&uri).is_some() => Ok(Some(uri)),
        (ClientKind::Web, Some(_)) => refuse(
            "is an absolute https:// address (or http://localhost) with a host, and without a user, a fragment or a wildcard",
        ),
    }
}

fn is_plain(uri: &str) -> bool {
    uri.len() <= LONGEST && uri.chars().all(|c| c.is_ascii_graphic() && c != '#' && c != '*')
}

/// Whether a browser goes to the host that a reader sees. People are shown it before they allow something, and the policy of
/// the page that asks them has it in it: so it is nothing but letters, digits, and what stands between them.
fn leads_where_it_says(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let (origin, usual_port) = (origin(uri), if url.scheme() == "https" { ":443" } else { ":80" });
    let written = origin.strip_suffix(usual_port).unwrap_or(origin);
    let host = url.host_str().unwrap_or_default();
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'[' | b']' | b':');
    written.eq_ignore_ascii_case(&url[..Position::BeforePath])
        && host.bytes().all(plain)
        && url.username().is_empty()
        && url.password().is_none()
        && (url.scheme() == "https" || url.scheme() == "http" && LOOPBACK.contains(&host))
}

/// Everything before the path.
fn origin(uri: &str) -> &str {
    let host = uri.find("://").map_or(0, |at| at + 3);
    let end = uri[host..].find(['/', '?']).map_or(uri.len(), |at| host + at);
    &uri[..end]
}

/// Checks where a client wants people sent: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(uri: &str) {
    let Ok(Some(checked)) = checked_redirect(ClientKind::Web, Some(uri.to_owned())) else { return };
    let url = Url::parse(&checked).expect("a browser can go there");
    let shown = origin(&checked).to_ascii_lowercase();
    assert!(shown.starts_with(&url.origin().ascii_serialization()), "{checked}: shown as {shown}");
    assert!(!shown.contains([';', ',', '@', '\\']), "{shown}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_absolute_and_over_tls() {
        let web = |uri: &str| checked_redirect(ClientKind::Web, Some(uri.into())).is_ok();
        for good in [
            "https://app.example.com/callback?x=1",
            "https://App.Example.com:443",
            "https://app.example.com:8443?x=/@;",
            "https://[2001:db8::1]/cb",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:80/cb",
        ] {
            assert!(web(good), "{good}");
        }
        for bad in [
            "",
            "/cb",
            "http://app.example.com/",
            "https://",
            "https:///x",
            "https://?x",
            "https://:443/",
            "https://a:x/",
            "https://a:99999/",
            "https://a/#f",
            "javascript:alert(1)",
            "http://localhost.evil.example/",
            "https://*.example.com/",
            "https://a b/",
        ] {
            assert!(!web(bad), "{bad}");
        }
        assert!(checked_redirect(ClientKind::Installed, Some("https://a/".into())).is_err());
    }

    #[test]
    fn what_is_shown_of_an_address_is_where_it_leads() {
        for bad in [
            "http://localhost:x@evil.example/",
            "https://good.example@evil.example/",
            "https://@evil.example/",
            "https://evil.example\\.good.example/",
            "https:\\\\evil.example/",
            "https://evil%2eexample/",
            "https://127.1/",
            "https://a;script-src-elem/",
            "https://a,b/",
            "https://a'b/",
        ] {
            assert!(checked_redirect(ClientKind::Web, Some(bad.into())).is_err(), "{bad}");
        }
        assert_eq!(origin("https://a:1/b?c"), "https://a:1");
        assert_eq!(origin("https://a?c"), "https://a");
    }
}
