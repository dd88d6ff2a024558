//! Values of options, each with what fits into it: the same for a flag, a variable and a line of `mote.toml`.

use std::net::SocketAddr;

use axum::http::Uri;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// A value that is not shown.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// A number of days, from one to ten years.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Days(pub(super) u16);

impl std::str::FromStr for Days {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let days = text.parse().ok().filter(|days| (1..=3650).contains(days));
        days.map(Self).ok_or("is a number of days from 1 to 3650")
    }
}

/// A number of connections, with room for a few at least.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connections(pub(super) u32);

impl std::str::FromStr for Connections {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let most = text.parse().ok().filter(|most| (10..=1_000_000).contains(most));
        most.map(Self).ok_or("is a number of connections from 10 to 1000000")
    }
}

/// A number of something, at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count(pub(super) u32);

impl std::str::FromStr for Count {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let count = text.parse().ok().filter(|count| *count > 0);
        count.map(Self).ok_or("is a number, 1 at least")
    }
}

/// Networks with commas between, or `none`.
#[derive(Clone, Debug)]
pub(crate) struct Networks(pub(super) Vec<ipnet::IpNet>);

impl std::str::FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim() == "none" {
            return Ok(Self(Vec::new()));
        }
        text.split(',').map(network).collect::<Result<_, _>>().map(Self)
    }
}

/// A network, or one address.
pub(super) fn network(text: &str) -> Result<ipnet::IpNet, String> {
    let text = text.trim();
    let one = || text.parse().map(|address: std::net::IpAddr| address.into());
    text.parse().or_else(|_| one()).map_err(|_| "is a network such as 10.0.0.0/8, or an address".into())
}

/// An address of this machine, and a port of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listen(pub(super) SocketAddr);

impl std::str::FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "is IP:PORT, such as 127.0.0.1:8080")
    }
}

/// Where people reach the server: scheme, host, and the port where it is not the scheme's own. Links begin with it. Pages and
/// metadata are at the root of their host, so it has no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicUrl(pub(crate) String);

impl std::str::FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The parser drops a fragment silently.
        let parsed = text.parse().ok().filter(|_: &Uri| !text.contains('#'));
        parsed.as_ref().and_then(origin).map(Self).ok_or(
            "is http:// or https:// and a host, with nothing behind but a port, such as https://mote.example.com",
        )
    }
}

/// An address that is scheme, host and port alone, as browsers write it.
fn origin(uri: &Uri) -> Option<String> {
    let (scheme, usual_port) = match uri.scheme_str()? {
        "http" => ("http", 80),
        "https" => ("https", 443),
        _ => return None,
    };
    let authority = uri.authority()?;
    // A user would stand before the host.
    let behind_host = authority.as_str().strip_prefix(authority.host())?;
    let port = match behind_host.strip_prefix(':') {
        Some(port) => port.parse::<u16>().ok()?,
        None if behind_host.is_empty() => usual_port,
        None => return None,
    };
    let has_path = uri.path_and_query().is_some_and(|path| path.as_str() != "/");
    let host = Some(authority.host().to_ascii_lowercase()).filter(|host| !host.is_empty() && !has_path)?;
    Some(if port == usual_port { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") })
}

/// What is logged: a level, or a list such as `info,mote::http=debug`.
#[derive(Clone, Debug)]
pub(crate) struct LogFilter(String);

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".into())
    }
}

impl LogFilter {
    /// For commands that say themselves what they do.
    pub(crate) fn warnings() -> Self {
        Self("warn".into())
    }

    /// The filter itself.
    pub(crate) fn filter(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl std::str::FromStr for LogFilter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The library takes any word for the name of a part, of which all is logged, and of nothing else anything.
        let says_a_level = |part: &str| {
            let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
            !level.is_empty() && level.parse::<LevelFilter>().is_ok()
        };
        let fits = text.split(',').all(says_a_level) && EnvFilter::try_new(text).is_ok();
        fits.then(|| Self(text.into()))
            .ok_or("is a level (error, warn, info, debug, trace), or a list such as info,mote::http=debug")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_a_scheme_and_a_host_alone() {
        let parsed = |text: &str| text.parse().map(|PublicUrl(url)| url);
        for (text, url) in [
            ("https://mote.example.com", "https://mote.example.com"),
            ("https://mote.example.com/", "https://mote.example.com"),
            ("HTTPS://Mote.example.com:443", "https://mote.example.com"),
            ("http://10.0.0.1:8080", "http://10.0.0.1:8080"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(url), "{text}");
        }
        for text in [
            "",
            "mote.example.com",
            "ftp://x",
            "https://",
            "https://user:pw@x",
            "https://user@x",
            "https://x@x",
            "https://:8080",
            "https://x:",
            "http://x/path",
            "http://x?q",
            "http://x/?",
            "http://x/path?q",
            "http://x#f",
            "http://x:99999",
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_part_of_a_log_filter_says_a_level() {
        for text in ["info", "WARN", "off", "info,mote::http=debug", "mote=off", "warn,mote[one]=trace"] {
            assert!(text.parse::<LogFilter>().is_ok(), "{text}");
        }
        for text in
            ["", "blah", "mote::http", "info,blah", "info,", ",", "mote=", "mote=blah", "=", "x=y=z", " info"]
        {
            assert!(text.parse::<LogFilter>().is_err(), "{text}");
        }
    }
}
