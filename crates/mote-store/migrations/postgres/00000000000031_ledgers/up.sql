-- Ledgers: JSON objects that are kept for each device, each product, or once for all of their owner. `space_kind` 0 stands for
-- the space of a ledger that is gone with its owner (`space_id` is its own id): what it holds is still to be swept.
CREATE TABLE ledgers (
    id BIGINT PRIMARY KEY NOT NULL,
    space_kind SMALLINT NOT NULL,
    space_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT NOT NULL,
    scope SMALLINT NOT NULL,
    direction SMALLINT NOT NULL,
    instance_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    archived_at BIGINT,
    UNIQUE (space_kind, space_id, name)
);

-- What a ledger holds now for one device, product or owner (`scope_value`).
CREATE TABLE ledger_instances (
    ledger_id BIGINT NOT NULL,
    scope_value TEXT COLLATE "C" NOT NULL,
    data TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, scope_value)
);

-- What it held before. A version is known by when it was written: no two of one instance at the same moment.
CREATE TABLE ledger_versions (
    ledger_id BIGINT NOT NULL,
    scope_value TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL,
    data TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    replaced_at BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, scope_value, updated_at)
);
CREATE INDEX ledger_versions_by_replacement ON ledger_versions (replaced_at);
