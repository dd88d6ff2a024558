//! Organizations and their members.

diesel::table! {
    organizations (id) {
        id -> BigInt,
        slug -> Text,
        name -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    organization_members (organization_id, account_id) {
        organization_id -> BigInt,
        account_id -> BigInt,
        role -> SmallInt,
        created_at -> BigInt,
    }
}
