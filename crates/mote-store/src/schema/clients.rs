//! OAuth clients.

diesel::table! {
    clients (id) {
        id -> BigInt,
        client_id -> Text,
        account_id -> Nullable<BigInt>,
        product_id -> Nullable<BigInt>,
        name -> Text,
        kind -> SmallInt,
        redirect_uri -> Nullable<Text>,
        scope -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    client_secrets (id) {
        id -> BigInt,
        client_id -> BigInt,
        name -> Text,
        digest_key -> BigInt,
        digest_rest -> Binary,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    client_public_keys (id) {
        id -> BigInt,
        client_id -> BigInt,
        name -> Text,
        kid -> Nullable<Text>,
        algorithm -> SmallInt,
        public_key -> Binary,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    used_assertions (digest) {
        digest -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    gone_clients (id) {
        id -> BigInt,
    }
}
