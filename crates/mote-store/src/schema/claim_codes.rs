//! Claim codes.

diesel::table! {
    claim_codes (digest_key) {
        digest_key -> BigInt,
        digest_rest -> Binary,
        owner_id -> BigInt,
        product_id -> Nullable<BigInt>,
        expires_at -> BigInt,
    }
}
