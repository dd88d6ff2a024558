//! What can be done that the trail tells of.

macro_rules! actions {
    ($(#[doc = $text:literal] $name:ident => $word:literal,)+) => {
        /// What was done. Its word begins with the kind of what it was done to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $text] $name,)+
        }

        impl Action {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its word, which the store has and the API shows.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// What was done, as a sentence for people.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $text.trim_ascii_start(),)+
                }
            }
        }
    };
}

actions! {
    /// A user token was made.
    TokenCreated => "token.created",
    /// A token was ended.
    TokenRevoked => "token.revoked",
    /// All tokens of an account were ended.
    TokensRevoked => "token.all_revoked",
    /// An OAuth client was made.
    ClientCreated => "oauth_client.created",
    /// An OAuth client was changed.
    ClientUpdated => "oauth_client.updated",
    /// An OAuth client was ended, and its tokens with it.
    ClientDeleted => "oauth_client.deleted",
    /// An OAuth client got another secret beside those that it has.
    ClientSecretCreated => "oauth_client.secret_created",
    /// A secret of an OAuth client was ended.
    ClientSecretEnded => "oauth_client.secret_ended",
    /// An OAuth client got a public key that it may prove itself by.
    ClientKeyAdded => "oauth_client.key_added",
    /// A public key of an OAuth client was ended.
    ClientKeyEnded => "oauth_client.key_ended",
    /// An API user was made, with its token.
    ApiUserCreated => "api_user.created",
    /// An API user got other scopes, and a new token with them.
    ApiUserScopesChanged => "api_user.scopes_changed",
    /// An API user got a new token.
    ApiUserTokenRegenerated => "api_user.token_regenerated",
    /// An API user was ended, and its token with it.
    ApiUserDeleted => "api_user.deleted",
    /// Somebody who knew the password set another.
    PasswordChanged => "password.changed",
    /// A password was set without the old one: with the link of a mail, or by the operator.
    PasswordReset => "password.reset",
    /// A second factor was switched on.
    MfaEnabled => "mfa.enabled",
    /// A second factor was switched off.
    MfaDisabled => "mfa.disabled",
    /// Somebody signed in to the console.
    ConsoleSignedIn => "console_session.signed_in",
    /// A session of the console was signed out.
    ConsoleSignedOut => "console_session.signed_out",
    /// Every session of an account was signed out but the one in hand.
    ConsoleOthersSignedOut => "console_session.others_signed_out",
    /// Somebody was invited to a team.
    TeamInvited => "team.member_invited",
    /// An invitation was taken back.
    TeamInvitationWithdrawn => "team.invitation_withdrawn",
    /// Somebody came to a team.
    TeamMemberAdded => "team.member_added",
    /// A member of a team got another role.
    TeamRoleChanged => "team.role_changed",
    /// A member of a team was taken off it.
    TeamMemberRemoved => "team.member_removed",
    /// A product was made.
    ProductCreated => "product.created",
    /// A product got another name or description.
    ProductUpdated => "product.updated",
    /// Settings of a product were changed.
    ProductSettingsChanged => "product.settings_changed",
    /// A product became another Owner's, as the one before left its team, became less, or ended his account.
    ProductHandedOn => "product.handed_on",
    /// A product was ended.
    ProductDeleted => "product.deleted",
    /// An organization was made.
    OrganizationCreated => "organization.created",
    /// An organization was ended.
    OrganizationDeleted => "organization.deleted",
    // An entry for each batch of a large import, here and with SIM cards.
    /// Devices were added to a product.
    DevicesImported => "device.imported",
    /// Devices were let out of the quarantine, into the product.
    DevicesApproved => "device.quarantine_approved",
    /// A device was refused, and stays known to the product as that.
    DeviceDenied => "device.quarantine_denied",
    /// A device was taken out of a product.
    DeviceRemoved => "device.removed",
    /// A device became somebody's.
    DeviceClaimed => "device.claimed",
    /// A device was taken from its owner, or let go by him.
    DeviceReleased => "device.released",
    /// A device was made known, or got another key.
    DeviceProvisioned => "device.provisioned",
    /// A device was given what takes its protection away for a while.
    DeviceUnprotected => "device.unprotected",
    /// What is said of a device was changed.
    DeviceUpdated => "device.updated",
    /// A device was locked to a version of the product's firmware.
    DeviceLocked => "device.firmware_locked",
    /// A device was unlocked from its version of the product's firmware.
    DeviceUnlocked => "device.firmware_unlocked",
    /// Firmware was uploaded.
    FirmwareUploaded => "firmware.uploaded",
    /// What is said of a version of firmware was changed.
    FirmwareUpdated => "firmware.updated",
    /// A version of firmware was released to a product or to groups of it, or taken back from them.
    FirmwareReleased => "firmware.released",
    /// A version of firmware was deleted.
    FirmwareDeleted => "firmware.deleted",
    /// A device group was made.
    GroupCreated => "group.created",
    /// A device group was changed.
    GroupUpdated => "group.updated",
    /// A device group was deleted.
    GroupDeleted => "group.deleted",
    /// Devices were put into groups, or taken out of them.
    GroupsAssigned => "group.devices_assigned",
    /// An integration was made.
    IntegrationCreated => "integration.created",
    /// An integration was changed, or switched on or off.
    IntegrationUpdated => "integration.updated",
    /// An integration was deleted.
    IntegrationDeleted => "integration.deleted",
    /// A secret was made.
    SecretCreated => "secret.created",
    /// A secret got another value.
    SecretUpdated => "secret.updated",
    /// A secret was deleted.
    SecretDeleted => "secret.deleted",
    /// A ledger was defined.
    LedgerCreated => "ledger.created",
    /// The definition of a ledger was changed.
    LedgerUpdated => "ledger.updated",
    /// A ledger was archived.
    LedgerArchived => "ledger.archived",
    /// Environment variables were set or taken away.
    EnvironmentUpdated => "environment.updated",
    /// Environment variables were rolled out.
    EnvironmentRolledOut => "environment.rolled_out",
    /// Values of a configuration were set, of a product or of devices.
    ConfigurationUpdated => "configuration.updated",
    /// A configuration got another schema.
    SchemaUpdated => "configuration.schema_updated",
    /// The schema of a configuration was dropped.
    SchemaDeleted => "configuration.schema_deleted",
    /// A customer of a product was made.
    CustomerCreated => "customer.created",
    /// A customer got another password from his product.
    CustomerPasswordSet => "customer.password_set",
    /// A customer set another password with the link of a mail.
    CustomerPasswordReset => "customer.password_reset",
    /// A customer was removed.
    CustomerRemoved => "customer.removed",
    /// SIM cards were added to a product.
    SimsImported => "sim.imported",
    /// A SIM card was activated, deactivated or reactivated, or got another limit.
    SimUpdated => "sim.updated",
    /// A SIM card was let go.
    SimReleased => "sim.released",
    /// An account was made.
    AccountCreated => "account.created",
    /// An account got another address.
    AccountRenamed => "account.username_changed",
    /// An account was ended.
    AccountDeleted => "account.deleted",
    /// The operator let somebody guess again who was locked out.
    LockLifted => "lock.lifted",
    /// The operator replaced the server key.
    ServerKeyRotated => "server_key.rotated",
}

impl Action {
    /// The one of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.word() == word)
    }

    /// What such a thing is done to: what stands before the point.
    #[must_use]
    pub fn target_kind(self) -> &'static str {
        kind_of(self.word())
    }
}

/// What stands before the point.
pub(super) fn kind_of(word: &str) -> &str {
    word.split_once('.').map_or(word, |(kind, _)| kind)
}

/// Whether this is an action's word, or what some begin with: what a list can be limited to.
pub(super) fn is_known(word: &str) -> bool {
    Action::ALL.iter().any(|action| action.word() == word || action.target_kind() == word)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn words_are_told_apart_and_name_what_was_done_to_what() {
        let words: HashSet<_> = Action::ALL.iter().map(|action| action.word()).collect();
        assert_eq!(words.len(), Action::ALL.len());
        for action in Action::ALL {
            let (kind, deed) = action.word().split_once('.').unwrap();
            assert!(!deed.is_empty() && action.target_kind() == kind && is_known(kind));
            assert_eq!(Action::of_word(action.word()), Some(*action));
            let sentence = action.sentence();
            assert!(sentence.starts_with(char::is_uppercase) && sentence.ends_with('.'), "{sentence}");
            // What a list can be limited to is a part of a pattern in the store.
            assert!(action.word().bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'.')));
        }
        assert!(!is_known("") && !is_known("team.") && !is_known("%"));
    }
}
