-- Vitals that devices told of themselves. A record stays with the product and the owner that the device had then.
CREATE TABLE vitals (
    id INTEGER PRIMARY KEY NOT NULL,
    device_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    product_id BIGINT,
    owner_id BIGINT,
    payload TEXT NOT NULL
);
CREATE INDEX vitals_by_device ON vitals (device_id, at);
CREATE INDEX vitals_by_age ON vitals (at);
