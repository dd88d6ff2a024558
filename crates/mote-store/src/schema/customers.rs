//! Customers.

diesel::table! {
    customers (id) {
        id -> BigInt,
        product_id -> BigInt,
        username -> Text,
        password_hash -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}
