//! Configurations and their schemas.

diesel::table! {
    configurations (product_id, device_id) {
        product_id -> BigInt,
        device_id -> Text,
        wanted -> Nullable<Text>,
        reported -> Nullable<Text>,
        updated_at -> BigInt,
    }
}

diesel::table! {
    configuration_schemas (product_id, device_id) {
        product_id -> BigInt,
        device_id -> Text,
        version -> BigInt,
        body -> Text,
        updated_at -> BigInt,
    }
}
