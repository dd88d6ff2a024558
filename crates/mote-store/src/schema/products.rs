//! Products and their teams.

diesel::table! {
    products (id) {
        id -> BigInt,
        slug -> Text,
        name -> Text,
        description -> Text,
        platform_id -> Integer,
        owner_id -> BigInt,
        settings -> Text,
        device_count -> BigInt,
        devices_version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        organization_id -> Nullable<BigInt>,
        default_firmware -> Nullable<Integer>,
        handed_on -> Bool,
    }
}

diesel::table! {
    gone_products (id) {
        id -> BigInt,
    }
}

diesel::table! {
    team_members (product_id, account_id) {
        product_id -> BigInt,
        account_id -> BigInt,
        role -> SmallInt,
        created_at -> BigInt,
    }
}
