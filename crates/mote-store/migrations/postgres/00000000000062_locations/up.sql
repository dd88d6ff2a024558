-- Where devices were while they were in a product: a point for each second that one told of. `properties` is a JSON object of
-- what else the device told.
CREATE TABLE locations (
    product_id BIGINT NOT NULL,
    device_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    lat DOUBLE PRECISION NOT NULL,
    lon DOUBLE PRECISION NOT NULL,
    gps_lock BOOLEAN NOT NULL,
    properties TEXT NOT NULL,
    PRIMARY KEY (product_id, device_id, at)
);
CREATE INDEX locations_by_age ON locations (at);

-- The latest of these of each device.
CREATE TABLE last_locations (
    product_id BIGINT NOT NULL,
    device_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    lat DOUBLE PRECISION NOT NULL,
    lon DOUBLE PRECISION NOT NULL,
    gps_lock BOOLEAN NOT NULL,
    properties TEXT NOT NULL,
    PRIMARY KEY (product_id, device_id)
);
CREATE INDEX last_locations_by_latitude ON last_locations (product_id, lat);
CREATE INDEX last_locations_by_age ON last_locations (at);
