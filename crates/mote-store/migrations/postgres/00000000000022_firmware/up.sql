-- Blobs: bytes that are outside of the database, in a folder or a bucket, by their BLAKE3 digest. A blob has its row before
-- its bytes are written; `key` is part of its name there and never used again, `stored` says that all of it is there,
-- `needed_by` counts the rows that need it.
CREATE TABLE blobs (
    digest BYTEA PRIMARY KEY NOT NULL,
    key BIGINT NOT NULL,
    size BIGINT NOT NULL,
    stored BOOLEAN NOT NULL,
    needed_by BIGINT NOT NULL,
    touched_at BIGINT NOT NULL
);
CREATE INDEX blobs_unneeded ON blobs (touched_at) WHERE needed_by = 0;

-- Blobs that nothing needed and that are still to be removed from their place.
CREATE TABLE gone_blobs (
    key BIGINT PRIMARY KEY NOT NULL,
    digest BYTEA NOT NULL
);

-- Product firmware. Who uploaded it: an account, or else a name.
CREATE TABLE firmware (
    id BIGINT PRIMARY KEY NOT NULL,
    product_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    file_name TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    mandatory BOOLEAN NOT NULL,
    intelligent BOOLEAN NOT NULL,
    uploader_id BIGINT,
    uploader_name TEXT,
    released_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (product_id, version)
);

-- The version that is released to all of a product's devices.
ALTER TABLE products ADD COLUMN default_firmware INTEGER;

-- Devices that are locked to a version, and those that releases reach.
CREATE INDEX devices_locked ON devices (product_id, desired_firmware_version)
    WHERE desired_firmware_version IS NOT NULL AND product_id IS NOT NULL;
CREATE INDEX devices_released_to ON devices (product_id, firmware_version, id)
    WHERE product_id IS NOT NULL AND desired_firmware_version IS NULL AND NOT development AND NOT quarantined;
