//! Environment variables.

diesel::table! {
    environments (space_kind, space_id, device_id) {
        space_kind -> SmallInt,
        space_id -> BigInt,
        device_id -> Text,
        latest -> Text,
        snapshot -> Text,
        created_at -> Nullable<BigInt>,
        created_by -> Nullable<Text>,
        updated_at -> Nullable<BigInt>,
        updated_by -> Nullable<Text>,
        rollout_at -> Nullable<BigInt>,
        rollout_by -> Nullable<Text>,
        rollout_when -> Nullable<SmallInt>,
        reported -> Nullable<Text>,
        reported_at -> Nullable<BigInt>,
    }
}
