-- What one process has done that others on this store must hear of: word from the operator's commands to running servers.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY NOT NULL,
    kind SMALLINT NOT NULL,
    subject TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX notices_by_age ON notices (created_at);
