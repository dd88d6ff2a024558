//! SIM cards and what they used.

diesel::table! {
    sims (iccid) {
        iccid -> Text,
        account_id -> Nullable<BigInt>,
        product_id -> Nullable<BigInt>,
        active -> Bool,
        activations -> Integer,
        deactivations -> Integer,
        first_activated_at -> BigInt,
        last_activated_at -> BigInt,
        last_activated_via -> SmallInt,
        last_action -> SmallInt,
        mb_limit -> Nullable<Integer>,
        period -> Integer,
        period_bytes -> BigInt,
        status_task -> Nullable<BigInt>,
        status_asked_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    sim_usage (iccid, day) {
        iccid -> Text,
        day -> Integer,
        product_id -> Nullable<BigInt>,
        bytes -> BigInt,
    }
}

diesel::table! {
    sim_fleet_usage (product_id, day) {
        product_id -> BigInt,
        day -> Integer,
        bytes -> BigInt,
    }
}
