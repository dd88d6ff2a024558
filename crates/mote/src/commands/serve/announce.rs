//! What the server says at its start.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use mote_core::Mote;

use crate::Failure;
use crate::config::{SameStore, ServeConfig};

/// How the server is reached.
#[derive(Debug)]
pub(super) struct Doors {
    /// What it listens on, with the port that was taken for 0.
    address: SocketAddr,
    scheme: &'static str,
    /// What links begin with.
    pub(super) public_url: String,
    is_public_url_given: bool,
}

impl Doors {
    pub(super) fn new(config: &ServeConfig, address: SocketAddr) -> Self {
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let given = config.public_url.as_ref().map(|url| url.0.clone());
        let is_public_url_given = given.is_some();
        let public_url = given.unwrap_or_else(|| format!("{scheme}://{}", reached_from_here(address)));
        Self { address, scheme, public_url, is_public_url_given }
    }
}

/// Every address of this machine is none that a link can lead to: this machine's own then.
fn reached_from_here(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Says where the server is, and what to do first.
pub(super) async fn announce(mote: &Mote, doors: &Doors, store: &SameStore) -> Result<(), Failure> {
    let Doors { address, scheme, public_url, is_public_url_given } = doors;
    let mut lines = vec![format!("Mote is listening on {scheme}://{address}")];
    if let Some(secret) = mote.begin_set_up().await.map_err(Failure::other)? {
        lines.push("There is no account yet. Make the first one with this link, which works once:".into());
        lines.push(format!("  {public_url}/set-up?token={}", *secret.expose()));
        lines.push(format!(
            "or: echo 'a long pass phrase' | mote user create --email me@example.com{}",
            store.flags
        ));
        if !store.unsaid.is_empty() {
            lines.push(format!("  with the same {}", store.unsaid.join(" and ")));
        }
    }
    if address.ip().is_unspecified() && !is_public_url_given {
        lines.push(format!(
            "Links, in mails too, lead to {public_url}, which is this machine to whoever follows them: set --public-url to the \
             address that people reach it at"
        ));
    }
    if !address.ip().is_loopback() && *scheme == "http" {
        lines.push("Passwords and tokens travel in the clear: put a proxy with TLS before it, or use --tls-cert and --tls-key".into());
    }
    let text = lines.join("\n") + "\n";
    let mut out = std::io::stdout().lock();
    // Nobody reads it: then there is nobody to tell.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_one_address() {
        for (listen, reached) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("192.0.2.7:80", "192.0.2.7:80"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(reached_from_here(listen.parse().unwrap()).to_string(), reached);
        }
    }
}
