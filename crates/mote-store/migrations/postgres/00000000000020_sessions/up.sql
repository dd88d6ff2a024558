-- The product that a device's firmware was made for, as the device told when it last connected.
ALTER TABLE devices ADD COLUMN firmware_product_id BIGINT;
