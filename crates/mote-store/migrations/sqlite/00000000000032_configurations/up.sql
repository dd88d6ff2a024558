-- Configurations of products and their devices. `device_id` is empty for what is the product's own and all of its devices have
-- unless they have something else. `wanted` is what was set, `reported` what a device has confirmed to have.
CREATE TABLE configurations (
    product_id BIGINT NOT NULL,
    device_id TEXT NOT NULL,
    wanted TEXT,
    reported TEXT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (product_id, device_id)
);

-- JSON Schemas that configurations must fit. `version` is another with each change.
CREATE TABLE configuration_schemas (
    product_id BIGINT NOT NULL,
    device_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (product_id, device_id)
);
