//! What is kept outside of the database.

diesel::table! {
    blobs (digest) {
        digest -> Binary,
        key -> BigInt,
        size -> BigInt,
        stored -> Bool,
        needed_by -> BigInt,
        touched_at -> BigInt,
    }
}

diesel::table! {
    gone_blobs (key) {
        key -> BigInt,
        digest -> Binary,
    }
}
