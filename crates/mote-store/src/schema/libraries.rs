//! Libraries and their versions.

diesel::table! {
    libraries (id) {
        id -> BigInt,
        folded -> Text,
        owner_id -> Nullable<BigInt>,
        official -> Bool,
        verified -> Bool,
        featured -> Bool,
        installs -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    library_versions (id) {
        id -> BigInt,
        library_id -> BigInt,
        version -> Text,
        latest -> Bool,
        latest_public -> Bool,
        properties -> Text,
        category -> Text,
        all_architectures -> Bool,
        size -> BigInt,
        digest -> Binary,
        published_at -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    library_architectures (version_id, architecture) {
        version_id -> BigInt,
        architecture -> Text,
    }
}
