-- Codes that a device brings along when it connects, to become its owner's: digests only. `product_id` is the product that
-- the device must be in; null for any.
CREATE TABLE claim_codes (
    digest_key BIGINT PRIMARY KEY NOT NULL,
    digest_rest BYTEA NOT NULL,
    owner_id BIGINT NOT NULL,
    product_id BIGINT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX claim_codes_by_owner ON claim_codes (owner_id, expires_at);
CREATE INDEX claim_codes_by_expiry ON claim_codes (expires_at);
