//! API users.

diesel::table! {
    api_users (id) {
        id -> BigInt,
        username -> Text,
        friendly_name -> Text,
        product_id -> Nullable<BigInt>,
        organization_id -> Nullable<BigInt>,
        scopes -> Text,
        created_at -> BigInt,
    }
}
