//! Integrations, their queue and their logs.

diesel::table! {
    integrations (id) {
        id -> BigInt,
        space_kind -> SmallInt,
        space_id -> BigInt,
        kind -> SmallInt,
        event -> Text,
        name -> Text,
        device_id -> Nullable<Text>,
        disabled -> Bool,
        sealed -> Binary,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    deliveries (id) {
        id -> BigInt,
        integration_id -> BigInt,
        event -> Text,
        attempts -> SmallInt,
        due_at -> BigInt,
        leased -> Bool,
        created_at -> BigInt,
        node -> Integer,
        space_kind -> SmallInt,
        space_id -> BigInt,
    }
}

diesel::table! {
    delivery_logs (id) {
        id -> BigInt,
        integration_id -> BigInt,
        entry -> Text,
        created_at -> BigInt,
    }
}
