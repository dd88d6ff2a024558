//! Tokens.

diesel::table! {
    tokens (id) {
        id -> BigInt,
        access_key -> BigInt,
        access_rest -> Binary,
        refresh_key -> BigInt,
        refresh_rest -> Binary,
        client_id -> BigInt,
        account_id -> Nullable<BigInt>,
        product_id -> Nullable<BigInt>,
        sealed -> Nullable<Binary>,
        family -> Nullable<BigInt>,
        parent -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        refresh_expires_at -> BigInt,
        refresh_spent_at -> Nullable<BigInt>,
        used_at -> Nullable<BigInt>,
        dead_at -> Nullable<BigInt>,
        customer_id -> Nullable<BigInt>,
        api_user_id -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}
