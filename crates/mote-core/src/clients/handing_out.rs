//! What whoever manages a product's clients may hand out with them.

use super::ClientScope;
use crate::Error;
use crate::authorization::{Denial, Limits, Scopes};
use crate::teams::rights_at_products;

/// Whether a caller within these limits may do himself what the tokens of a client with this scope may: an API user makes no client, and gives
/// none a secret, a key or a scope, that opens more than its own scopes. Members who may do so are Administrators, and a
/// client of a product opens all of it.
pub(super) fn may_hand_out(limits: Limits, scope: ClientScope) -> Result<(), Error> {
    let Limits::Only(own) = limits else { return Ok(()) };
    let opened = match scope.limits() {
        Limits::None => rights_at_products().filter_map(|row| row.scope).collect::<Scopes>(),
        Limits::Only(scopes) => scopes,
    };
    let beyond = opened.without(own);
    if beyond.is_empty() { Ok(()) } else { Err(Error::Denied(Denial::ScopesAbove { beyond })) }
}
