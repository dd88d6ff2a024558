//! Word from one process to the others.

diesel::table! {
    notices (id) {
        id -> BigInt,
        kind -> SmallInt,
        subject -> Text,
        created_at -> BigInt,
    }
}
