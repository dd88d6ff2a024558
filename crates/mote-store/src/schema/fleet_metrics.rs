//! Fleet health.

diesel::table! {
    fleet_traits (id) {
        id -> BigInt,
        product_id -> BigInt,
        product_fw -> Integer,
        device_os -> Text,
        groups -> Text,
        used_at -> BigInt,
    }
}

diesel::table! {
    fleet_counts (product_id, what, width, bucket, traits_id) {
        product_id -> BigInt,
        what -> SmallInt,
        width -> Integer,
        bucket -> BigInt,
        traits_id -> BigInt,
        count -> BigInt,
    }
}
