//! Where devices were.

diesel::table! {
    locations (product_id, device_id, at) {
        product_id -> BigInt,
        device_id -> Text,
        at -> BigInt,
        lat -> Double,
        lon -> Double,
        gps_lock -> Bool,
        properties -> Text,
    }
}

diesel::table! {
    last_locations (product_id, device_id) {
        product_id -> BigInt,
        device_id -> Text,
        at -> BigInt,
        lat -> Double,
        lon -> Double,
        gps_lock -> Bool,
        properties -> Text,
    }
}
