-- Secrets of an account or an organization, which integrations of theirs use by name. `space_kind` and `space_id` say whose a
-- row is: 1 and an account, 2 and a product, 3 and an organization. `sealed` is the value under the server key.
CREATE TABLE secrets (
    space_kind SMALLINT NOT NULL,
    space_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_accessed_at BIGINT,
    PRIMARY KEY (space_kind, space_id, name)
);

-- What uses which secret. `user_name` is what people call it, kept here so that a listing needs no other table.
CREATE TABLE secret_uses (
    space_kind SMALLINT NOT NULL,
    space_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    user_kind SMALLINT NOT NULL,
    user_id BIGINT NOT NULL,
    user_name TEXT NOT NULL,
    PRIMARY KEY (space_kind, space_id, name, user_kind, user_id)
);
CREATE INDEX secret_uses_by_user ON secret_uses (user_kind, user_id);
