-- People who are signed in to the web console. Of what their cookie holds only a digest is kept.
CREATE TABLE console_sessions (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL,
    digest_key BIGINT NOT NULL,
    digest_rest BYTEA NOT NULL,
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX console_sessions_by_digest ON console_sessions (digest_key);
CREATE INDEX console_sessions_by_account ON console_sessions (account_id, id);
CREATE INDEX console_sessions_by_expiry ON console_sessions (expires_at);
