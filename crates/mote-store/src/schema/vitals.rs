//! Vitals of devices.

diesel::table! {
    vitals (id) {
        id -> BigInt,
        device_id -> Text,
        at -> BigInt,
        product_id -> Nullable<BigInt>,
        owner_id -> Nullable<BigInt>,
        payload -> Text,
    }
}
