-- The secrets of OAuth clients: several at a time, so that one can take another's place while programs still use that.
CREATE TABLE client_secrets (
    id BIGINT PRIMARY KEY NOT NULL,
    client_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    digest_key BIGINT NOT NULL,
    digest_rest BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX client_secrets_by_client ON client_secrets (client_id, id);
INSERT INTO client_secrets (id, client_id, name, digest_key, digest_rest, created_at)
    SELECT id, id, 'first', secret_key, secret_rest, created_at FROM clients;
ALTER TABLE clients DROP COLUMN secret_key;
ALTER TABLE clients DROP COLUMN secret_rest;

-- When a token was last used, to the minute.
ALTER TABLE tokens ADD COLUMN last_used_at BIGINT;
