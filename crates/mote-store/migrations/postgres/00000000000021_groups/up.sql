-- Device groups of products. `firmware_version` is the version released to the group, null for none; `device_count` is kept
-- with each change.
CREATE TABLE device_groups (
    id BIGINT PRIMARY KEY NOT NULL,
    product_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT NOT NULL,
    color TEXT NOT NULL,
    device_count BIGINT NOT NULL,
    firmware_version INTEGER,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (product_id, name)
);

CREATE TABLE group_members (
    group_id BIGINT NOT NULL,
    device_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (group_id, device_id)
);
CREATE INDEX group_members_by_device ON group_members (device_id, group_id);

-- Groups that are gone and whose memberships are still to be swept.
CREATE TABLE gone_groups (
    id BIGINT PRIMARY KEY NOT NULL
);
