-- Integrations of an account, a product or an organization: `space_kind` and `space_id` say whose (1 and an account, 2 and a
-- product, 3 and an organization). `sealed` is the rest of the settings as JSON under the server key: addresses, headers and
-- bodies often have credentials in them.
CREATE TABLE integrations (
    id BIGINT PRIMARY KEY NOT NULL,
    space_kind SMALLINT NOT NULL,
    space_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    event TEXT NOT NULL,
    name TEXT NOT NULL,
    device_id TEXT,
    disabled BOOLEAN NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX integrations_by_space ON integrations (space_kind, space_id, id);
