//! Public clients that stand in programs in the field (RFC 6749 section 2.1). Their "secrets" are in every copy of those
//! programs and keep nothing; they may use the password grant, for accounts.

use subtle::ConstantTimeEq;

use crate::ClientKey;

/// ID and secret: the vendor's documentation, Particle CLI since 3.47, particle-api-js, and Particle CLI before (two).
const BUILT_IN: [(&str, &str); 5] = [
    ("particle", "particle"),
    ("particle-cli", "particle-cli"),
    ("particle-api", "particle-api"),
    ("CLI2", "client_secret_here"),
    ("user", "client_secret_here"),
];

/// Whether a key stands for a client that is built in.
#[must_use]
pub const fn is_built_in(key: ClientKey) -> bool {
    key.0 < 0
}

impl ClientKey {
    /// Stands for the operator's command line, which needs no client: the vendor's documented public one.
    pub const OPERATOR: Self = Self(-1);
}

/// The client ID of a built-in client: its key is its place in the list, counted from -1 down.
#[must_use]
pub fn built_in_id(key: ClientKey) -> Option<&'static str> {
    let place = usize::try_from(-1 - key.0).ok()?;
    BUILT_IN.get(place).map(|(id, _)| *id)
}

/// The built-in client of this ID, if any: its key and whether the secret is right.
pub(crate) fn find_built_in(id: &str, secret: &str) -> Option<(ClientKey, &'static str, bool)> {
    let place = BUILT_IN.iter().position(|(known, _)| *known == id)?;
    let (known, right) = BUILT_IN[place];
    let key = ClientKey(-1 - i64::try_from(place).ok()?);
    Some((key, known, right.as_bytes().ct_eq(secret.as_bytes()).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_of_a_real_client_is_known() {
        for (id, secret) in BUILT_IN {
            let (key, known, right) = find_built_in(id, secret).unwrap();
            assert!(right && is_built_in(key));
            assert_eq!((known, built_in_id(key)), (id, Some(id)));
            assert!(!find_built_in(id, "else").unwrap().2);
        }
        assert!(find_built_in("tempmon06-3459", "").is_none());
    }
}
