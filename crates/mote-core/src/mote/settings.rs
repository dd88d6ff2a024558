//! What an operator decides.

use crate::integrations::HookSettings;

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether anybody may make an account.
    pub open_signup: bool,
    /// Whether product APIs are open to the tokens of the product's team, on all products.
    pub team_tokens: bool,
    /// Whether an account may claim a device that the server has never heard of.
    pub claim_unknown: bool,
    /// The address that people reach this server at, for links in mails; without a slash at the end.
    pub public_url: String,
    /// What integrations may do.
    pub hooks: HookSettings,
    /// Days that what devices and integrations tell is kept: vitals, locations, logs of deliveries.
    pub history_days: u16,
    /// Days that entries of the audit trail are kept.
    pub audit_days: u16,
    /// Event streams that are open at a time, of everybody together: each holds a connection, and some must be left for
    /// those who ask for something.
    pub most_streams: usize,
}

impl Default for Settings {
    /// All that could be let in is shut; the public address is unknown.
    fn default() -> Self {
        Self {
            open_signup: false,
            team_tokens: false,
            claim_unknown: false,
            public_url: String::new(),
            hooks: HookSettings::default(),
            history_days: 30,
            audit_days: 365,
            most_streams: 8000,
        }
    }
}
