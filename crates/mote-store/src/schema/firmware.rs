//! Firmware of products.

diesel::table! {
    firmware (id) {
        id -> BigInt,
        product_id -> BigInt,
        version -> Integer,
        title -> Text,
        description -> Text,
        file_name -> Text,
        size -> BigInt,
        digest -> Binary,
        mandatory -> Bool,
        intelligent -> Bool,
        uploader_id -> Nullable<BigInt>,
        uploader_name -> Nullable<Text>,
        released_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}
