//! Invitations.

diesel::table! {
    invitations (id) {
        id -> BigInt,
        product_id -> Nullable<BigInt>,
        organization_id -> Nullable<BigInt>,
        username -> Text,
        role -> SmallInt,
        invited_by -> Nullable<BigInt>,
        digest_key -> BigInt,
        digest_rest -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
        invited_by_client -> Nullable<BigInt>,
        invited_by_api_user -> Nullable<BigInt>,
    }
}
