//! How much one caller may ask, and how often guess: by his network address, before anything else looks at a request.
//!
//! The figures are the vendor's documented ones. What is counted is kept in memory, of so many addresses at most, and each
//! server counts for itself.

mod counters;
mod locks;

use std::net::IpAddr;

use axum::response::Response;
use http::{Extensions, Method, StatusCode, header};
use mote_core::blobs::Turn;
use mote_core::{Clock, Error, Mote};

use self::counters::Counters;
use self::locks::Locks;
use super::{CallerAddress, is_asked_by_clients};
use crate::ApiError;

/// How much one address may ask.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Requests in five minutes.
    pub requests: u32,
    /// Requests in five minutes to what makes, lists and ends tokens and accounts and resets passwords.
    pub credentials: u32,
    /// Wrong credentials in a row, after which an address is locked for half an hour.
    pub guesses: u32,
    /// Networks that are not counted.
    pub unlimited: Vec<ipnet::IpNet>,
}

impl Default for Rates {
    /// The vendor's (`reference/cloud-apis/api.md`, "API rate limits"); the machine itself is not counted.
    fn default() -> Self {
        let machine = ["127.0.0.0/8", "::1/128"];
        Self {
            requests: 10_000,
            credentials: 100,
            guesses: 10,
            unlimited: machine.iter().filter_map(|network| network.parse().ok()).collect(),
        }
    }
}

/// What an answer says of the credentials that came with a request: a handler's word to the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// They were right.
    Right,
    /// They were wrong.
    Wrong,
}

impl Guess {
    /// Puts the word on an answer.
    pub fn tell(self, response: &mut Response) {
        response.extensions_mut().insert(self);
    }
}

/// Which limit a request met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Requests,
    Credentials,
    Guesses,
}

impl Limit {
    pub(super) const ALL: [Self; 3] = [Self::Requests, Self::Credentials, Self::Guesses];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Credentials => "credentials",
            Self::Guesses => "guesses",
        }
    }
}

/// A request that is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) limit: Limit,
    /// Until it may be tried again.
    seconds: i64,
}

impl Refusal {
    pub(super) fn answer(self) -> ApiError {
        let text = match self.limit {
            Limit::Requests | Limit::Credentials => "Too many requests came from your network address",
            Limit::Guesses => "Wrong credentials came from your network address too often in a row",
        };
        let text = format!("{text}; try again in {} seconds", self.seconds);
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", text)
            .with_header(header::RETRY_AFTER, &self.seconds.to_string())
    }
}

/// Counts callers by address. Clones of the frame share it.
#[derive(Debug)]
pub(super) struct Guard {
    rates: Rates,
    clock: Clock,
    requests: Counters,
    credentials: Counters,
    locks: Locks,
}

impl Guard {
    pub(super) fn new(rates: Rates, clock: Clock) -> Self {
        Self {
            requests: Counters::new(rates.requests),
            credentials: Counters::new(rates.credentials),
            locks: Locks::new(rates.guesses),
            rates,
            clock,
        }
    }

    /// The caller as he is counted; none where he is not.
    pub(super) fn caller(&self, address: Option<IpAddr>) -> Option<Caller> {
        let address = address?;
        let counted = !self.rates.unlimited.iter().any(|network| network.contains(&address));
        counted.then(|| Caller::of(address))
    }

    /// Counts a request, and lets it in or not.
    pub(super) fn admit(&self, caller: Caller, method: &Method, path: &str) -> Result<(), Refusal> {
        let now = self.clock.now();
        let refuse = |limit| move |seconds| Refusal { limit, seconds };
        self.requests.count(caller, now).map_err(refuse(Limit::Requests))?;
        if is_about_credentials(method, path) {
            self.locks.look(caller, now).map_err(refuse(Limit::Guesses))?;
            self.credentials.count(caller, now).map_err(refuse(Limit::Credentials))?;
        }
        Ok(())
    }

    /// Takes note of what an answer says of the caller's credentials.
    pub(super) fn learn(&self, caller: Caller, response: &Response) {
        if let Some(guess) = response.extensions().get() {
            self.locks.learn(caller, *guess, self.clock.now());
        }
    }

    /// Lets an address guess again; whether it was locked.
    pub(super) fn unlock(&self, address: IpAddr) -> bool {
        self.locks.unlock(Caller::of(address), self.clock.now())
    }
}

/// A network address as callers are counted by: with IPv6 the first 64 bits, which are one customer's of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Caller(u128);

impl Caller {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(u128::from(address.to_bits())),
            // Bit 127 of a global address is clear and bit 125 set, so that none is taken for one of IPv4.
            IpAddr::V6(address) => Self(address.to_bits() >> 64 << 64),
        }
    }
}

/// Waits until there is room in memory for one more upload of a request's caller, and holds it.
pub async fn turn_to_upload(mote: &Mote, extensions: &Extensions) -> Result<Turn, Error> {
    let whose = CallerAddress::of(extensions).0.map(Caller::of);
    Ok(mote.blobs().turn_to_upload(whose.map_or(0, |Caller(number)| number)).await?)
}

/// The routes that the vendor limits to a hundred: where credentials are made, shown, tried or ended.
fn is_about_credentials(method: &Method, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let writes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    match path {
        // The pages of these links say already whether they are the right ones.
        "/v1/access_tokens" | "/set-up" | "/reset-password" => true,
        _ if is_asked_by_clients(path) => true,
        "/v1/users"
        | "/v1/user"
        | "/v1/user/password-reset"
        | "/v1/user/username"
        | "/v1/user/invitations"
        | "/v1/password"
        | "/oauth/authorize"
        | "/sign-in"
        | "/sign-in/code"
        | "/sign-up"
        | "/forgotten-password"
        | "/join"
        | "/change-address"
        | "/account/address"
        | "/account/password"
        | "/account/delete" => writes,
        _ => {
            writes
                && (["/v1/access_tokens/", "/v1/user/mfa", "/account/second-factor", "/account/tokens"]
                    .iter()
                    .any(|root| path.starts_with(root))
                    // Each invitation is a mail to somebody.
                    || path.ends_with("/team")
                    || (path.starts_with("/v1/products/")
                        && (path.ends_with("/customers") || path.ends_with("/customers/reset_password"))))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    fn guard() -> (Guard, Arc<AtomicI64>) {
        let time = Arc::new(AtomicI64::new(1_800_000_000_000));
        let rates = Rates { requests: 5, credentials: 3, guesses: 2, ..Rates::default() };
        (Guard::new(rates, Clock::Manual(Arc::clone(&time))), time)
    }

    fn caller(guard: &Guard, address: &str) -> Option<Caller> {
        guard.caller(Some(address.parse().unwrap()))
    }

    #[test]
    fn each_address_has_its_own_count_and_five_minutes_end_it() {
        let (guard, time) = guard();
        let (one, other) = (caller(&guard, "192.0.2.1").unwrap(), caller(&guard, "192.0.2.2").unwrap());
        let ask = |caller| guard.admit(caller, &Method::GET, "/v1/devices");
        for _ in 0..5 {
            assert_eq!(ask(one), Ok(()));
        }
        let refused = ask(one).unwrap_err();
        assert_eq!(refused.limit, Limit::Requests);
        assert!((1..=300).contains(&refused.seconds));
        assert_eq!(ask(other), Ok(()));
        time.fetch_add(refused.seconds * 1000, Ordering::SeqCst);
        assert_eq!(ask(one), Ok(()));
    }

    #[test]
    fn what_is_about_credentials_is_scarcer() {
        let (guard, _) = guard();
        let one = caller(&guard, "192.0.2.1").unwrap();
        for _ in 0..3 {
            assert_eq!(guard.admit(one, &Method::POST, "/oauth/token"), Ok(()));
        }
        let refused = guard.admit(one, &Method::GET, "/v1/access_tokens/").unwrap_err();
        assert_eq!(refused.limit, Limit::Credentials);
        assert_eq!(guard.admit(one, &Method::GET, "/v1/user"), Ok(()));
    }

    #[test]
    fn the_machine_itself_is_not_counted_and_a_network_of_ipv6_is_one() {
        let (guard, _) = guard();
        assert_eq!(caller(&guard, "127.0.0.1"), None);
        assert_eq!(caller(&guard, "::1"), None);
        assert_eq!(guard.caller(None), None);
        assert_eq!(caller(&guard, "2001:db8::1"), caller(&guard, "2001:db8::ffff:1"));
        assert_ne!(caller(&guard, "2001:db8::1"), caller(&guard, "2001:db8:0:1::1"));
        assert_eq!(caller(&guard, "::ffff:192.0.2.1"), caller(&guard, "192.0.2.1"));
    }
}
