//! Devices.

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
