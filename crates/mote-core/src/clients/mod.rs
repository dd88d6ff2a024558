//! OAuth clients: of an account, of a product, and the public ones that real programs bring along.

mod assertion;
mod built_in;
mod client;
mod handing_out;
mod keys;
mod public_key;
mod redirect;
mod secrets;
mod use_cases;

#[cfg(feature = "fuzzing")]
pub use {
    assertion::fuzz as fuzz_assertion, public_key::fuzz as fuzz_public_key, redirect::fuzz as fuzz_redirect,
};

pub use assertion::Assertion;
pub use built_in::{built_in_id, is_built_in};
pub use client::{Client, ClientKind, ClientOwner, ClientScope};
pub use keys::{ClientPublicKey, NewPublicKey};
pub use public_key::SigningAlgorithm;
pub use redirect::{RedirectUri, RegisteredRedirect};
pub use secrets::{ClientSecret, CreatedSecret, NewSecret};
pub use use_cases::{ClientChange, CreatedClient, LivingTokens, NewClient};
