//! The audit trail.

diesel::table! {
    audit (id) {
        id -> BigInt,
        at -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<BigInt>,
        actor_name -> Text,
        token_id -> Nullable<BigInt>,
        address -> Nullable<Text>,
        action -> Text,
        target_id -> Text,
        target_name -> Text,
        account_id -> Nullable<BigInt>,
        product_id -> Nullable<BigInt>,
        organization_id -> Nullable<BigInt>,
        details -> Text,
        mac -> Binary,
        number -> Nullable<BigInt>,
        previous_hash -> Nullable<Binary>,
        hash -> Nullable<Binary>,
    }
}

diesel::table! {
    audit_ends (name) {
        name -> Text,
        number -> BigInt,
        hash -> Binary,
        mac -> Binary,
    }
}
