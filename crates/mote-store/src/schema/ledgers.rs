//! Ledgers, what they hold, and what they held.

diesel::table! {
    ledgers (id) {
        id -> BigInt,
        space_kind -> SmallInt,
        space_id -> BigInt,
        name -> Text,
        description -> Text,
        scope -> SmallInt,
        direction -> SmallInt,
        instance_count -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        archived_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    ledger_instances (ledger_id, scope_value) {
        ledger_id -> BigInt,
        scope_value -> Text,
        data -> Text,
        size_bytes -> Integer,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    ledger_versions (ledger_id, scope_value, updated_at) {
        ledger_id -> BigInt,
        scope_value -> Text,
        updated_at -> BigInt,
        data -> Text,
        size_bytes -> Integer,
        created_at -> BigInt,
        replaced_at -> BigInt,
    }
}
