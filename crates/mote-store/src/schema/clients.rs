//! OAuth clients.

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
