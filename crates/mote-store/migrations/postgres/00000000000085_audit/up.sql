-- The audit trail: who did what. Entries are written with what they tell of, and never changed; a moment later each is given
-- the next number of the chain, the hash of the entry before, and its own.
CREATE TABLE audit (
    id BIGINT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BIGINT,
    actor_name TEXT NOT NULL,
    token_id BIGINT,
    address TEXT,
    action TEXT NOT NULL,
    target_id TEXT NOT NULL,
    target_name TEXT NOT NULL,
    account_id BIGINT,
    product_id BIGINT,
    organization_id BIGINT,
    details TEXT NOT NULL,
    mac BYTEA NOT NULL,
    number BIGINT UNIQUE,
    previous_hash BYTEA,
    hash BYTEA
);
CREATE INDEX audit_unsealed ON audit (id) WHERE number IS NULL;
CREATE INDEX audit_by_product ON audit (product_id, id) WHERE product_id IS NOT NULL;
CREATE INDEX audit_by_account ON audit (account_id, id) WHERE account_id IS NOT NULL;
-- Where the chain begins, which is after what is no longer kept, and where it ends.
CREATE TABLE audit_ends (
    name TEXT PRIMARY KEY NOT NULL,
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    mac BYTEA NOT NULL
);
