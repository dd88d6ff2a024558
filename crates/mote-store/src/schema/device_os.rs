//! Releases of Device OS and their binaries.

diesel::table! {
    device_os_releases (id) {
        id -> BigInt,
        version -> Text,
        internal_version -> Integer,
        state -> SmallInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    device_os_modules (release_id, file_name) {
        release_id -> BigInt,
        file_name -> Text,
        platform_id -> Integer,
        about -> Text,
        size -> BigInt,
        digest -> Binary,
    }
}
