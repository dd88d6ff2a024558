-- Public keys that OAuth clients prove themselves by, instead of a secret (RFC 7523). `public_key` is an RSAPublicKey in DER
-- (algorithm 1), an uncompressed point on P-256 (2), or a key of Ed25519 (3). `kid` is what the client calls the key.
CREATE TABLE client_public_keys (
    id INTEGER PRIMARY KEY NOT NULL,
    client_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    kid TEXT,
    algorithm SMALLINT NOT NULL,
    public_key BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX client_public_keys_by_client ON client_public_keys (client_id, id);

-- Assertions that were used, until they are over: a digest of the client and of what the client calls them.
CREATE TABLE used_assertions (
    digest BLOB PRIMARY KEY NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX used_assertions_by_expiry ON used_assertions (expires_at);
