//! Word from one process to the others.

diesel::table! {
    notices (id) {
        id -> BigInt,
        node -> Integer,
        body -> Text,
        created_at -> BigInt,
    }
}
