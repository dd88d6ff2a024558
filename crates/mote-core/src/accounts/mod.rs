//! Accounts: signing up and in, the second factor, and what an account says of itself.

mod account;
mod address;
mod authorize;
mod challenge;
mod change;
mod code;
mod console;
mod grants;
mod guesses;
mod mfa;
mod proof;
mod reset;
mod sign_in;
mod sign_up;

pub use account::Account;
pub use address::AddressChange;
pub use authorize::{AskedAuthorization, Audience, AuthorizationRequest, Unauthorized};
pub(crate) use challenge::For;
pub use change::{AccountChange, Changed, Updated};
pub use console::ConsoleSignIn;
pub(crate) use guesses::{Guesses, Tried};
pub use mfa::{Enrolled, Enrolment};
pub use sign_up::NewAccount;
pub(crate) use sign_up::TOLD_AGAIN;
