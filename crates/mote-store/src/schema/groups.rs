//! Device groups and who is in them.

diesel::table! {
    device_groups (id) {
        id -> BigInt,
        product_id -> BigInt,
        name -> Text,
        description -> Text,
        color -> Text,
        device_count -> BigInt,
        firmware_version -> Nullable<Integer>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    group_members (group_id, device_id) {
        group_id -> BigInt,
        device_id -> Text,
    }
}

diesel::table! {
    gone_groups (id) {
        id -> BigInt,
    }
}
