-- Environment variables of accounts, organizations, products, and, under a product with a `device_id`, of its devices. All are
-- JSON objects of name to value: `latest` is what was set, `snapshot` what was rolled out of it, `reported` what a device says
-- that it has.
CREATE TABLE environments (
    space_kind SMALLINT NOT NULL,
    space_id BIGINT NOT NULL,
    device_id TEXT COLLATE "C" NOT NULL,
    latest TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    created_at BIGINT,
    created_by TEXT,
    updated_at BIGINT,
    updated_by TEXT,
    rollout_at BIGINT,
    rollout_by TEXT,
    rollout_when SMALLINT,
    reported TEXT,
    reported_at BIGINT,
    PRIMARY KEY (space_kind, space_id, device_id)
);
