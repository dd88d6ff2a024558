//! Sessions of the web console.

diesel::table! {
    console_sessions (id) {
        id -> BigInt,
        account_id -> BigInt,
        digest_key -> BigInt,
        digest_rest -> Binary,
        agent -> Text,
        created_at -> BigInt,
        used_at -> BigInt,
        expires_at -> BigInt,
    }
}
