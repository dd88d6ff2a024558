-- What a product's devices did, counted in buckets of time; and what metrics can be narrowed by: the sets of firmware version,
-- Device OS version and groups that its devices have or had. -1 and '' stand for what is not known; `groups` is JSON.
CREATE TABLE fleet_traits (
    id BIGINT PRIMARY KEY NOT NULL,
    product_id BIGINT NOT NULL,
    product_fw INTEGER NOT NULL,
    device_os TEXT NOT NULL,
    groups TEXT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX fleet_traits_by_product ON fleet_traits (product_id, id);
CREATE INDEX fleet_traits_by_use ON fleet_traits (used_at);

-- `width` is the bucket's, in seconds: each count stands in a narrow one, kept for a short time, and in a wide one. `bucket` is
-- its start in seconds since 1970.
CREATE TABLE fleet_counts (
    product_id BIGINT NOT NULL,
    what SMALLINT NOT NULL,
    width INTEGER NOT NULL,
    bucket BIGINT NOT NULL,
    traits_id BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (product_id, what, width, bucket, traits_id)
);
CREATE INDEX fleet_counts_by_age ON fleet_counts (width, bucket);
