//! Secrets and what uses them.

diesel::table! {
    secrets (space_kind, space_id, name) {
        space_kind -> SmallInt,
        space_id -> BigInt,
        name -> Text,
        sealed -> Binary,
        created_at -> BigInt,
        updated_at -> BigInt,
        last_accessed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    secret_uses (space_kind, space_id, name, user_kind, user_id) {
        space_kind -> SmallInt,
        space_id -> BigInt,
        name -> Text,
        user_kind -> SmallInt,
        user_id -> BigInt,
        user_name -> Text,
    }
}
