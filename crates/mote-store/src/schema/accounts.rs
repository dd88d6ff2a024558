//! Accounts.

diesel::table! {
    accounts (id) {
        id -> BigInt,
        username -> Text,
        password_hash -> Text,
        account_info -> Text,
        totp_secret -> Nullable<Binary>,
        totp_last_step -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    recovery_codes (account_id, digest_key) {
        account_id -> BigInt,
        digest_key -> BigInt,
        digest_rest -> Binary,
    }
}

diesel::table! {
    challenges (digest_key) {
        digest_key -> BigInt,
        digest_rest -> Binary,
        purpose -> SmallInt,
        account_id -> BigInt,
        payload -> Binary,
        attempts_left -> SmallInt,
        expires_at -> BigInt,
    }
}
