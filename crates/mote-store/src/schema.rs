//! The tables, as both engines have them. `migrations/` makes them; a column here without one there fails every test.

diesel::table! {
    meta (name) {
        name -> Text,
        value -> Binary,
    }
}

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        username -> Text,
        password_hash -> Text,
        account_info -> Text,
        totp_secret -> Nullable<Binary>,
        totp_last_step -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    recovery_codes (account_id, digest_key) {
        account_id -> BigInt,
        digest_key -> BigInt,
        digest_rest -> Binary,
    }
}

diesel::table! {
    challenges (digest_key) {
        digest_key -> BigInt,
        digest_rest -> Binary,
        purpose -> SmallInt,
        account_id -> BigInt,
        payload -> Binary,
        attempts_left -> SmallInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    clients (id) {
        id -> BigInt,
        client_id -> Text,
        account_id -> Nullable<BigInt>,
        product_id -> Nullable<BigInt>,
        name -> Text,
        kind -> SmallInt,
        redirect_uri -> Nullable<Text>,
        scope -> Nullable<Text>,
        secret_key -> BigInt,
        secret_rest -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    gone_clients (id) {
        id -> BigInt,
    }
}

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

diesel::table! {
    tokens (id) {
        id -> BigInt,
        access_key -> BigInt,
        access_rest -> Binary,
        refresh_key -> BigInt,
        refresh_rest -> Binary,
        client_id -> BigInt,
        account_id -> Nullable<BigInt>,
        product_id -> Nullable<BigInt>,
        sealed -> Nullable<Binary>,
        family -> Nullable<BigInt>,
        parent -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        refresh_expires_at -> BigInt,
        refresh_spent_at -> Nullable<BigInt>,
        used_at -> Nullable<BigInt>,
        dead_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    devices (id) {
        id -> Text,
        product_id -> Nullable<BigInt>,
        owner_id -> Nullable<BigInt>,
        name -> Text,
        notes -> Nullable<Text>,
        platform_id -> Integer,
        serial_number -> Nullable<Text>,
        iccid -> Nullable<Text>,
        imei -> Nullable<Text>,
        mac_wifi -> Nullable<Text>,
        mobile_secret -> Nullable<Text>,
        system_firmware_version -> Nullable<Text>,
        firmware_version -> Integer,
        desired_firmware_version -> Nullable<Integer>,
        development -> Bool,
        quarantined -> Bool,
        denied -> Bool,
        firmware_updates_enabled -> Bool,
        firmware_updates_forced -> Bool,
        functions -> Text,
        variables -> Text,
        last_ip_address -> Nullable<Text>,
        last_heard -> Nullable<BigInt>,
        last_handshake_at -> BigInt,
        public_key -> Nullable<Text>,
        key_algorithm -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(products, team_members, accounts, tokens, clients, devices);
