-- Whether the owner came by a product when another went: he has not asked for it, and so nothing of his account's is its.
ALTER TABLE products ADD COLUMN handed_on BOOLEAN NOT NULL DEFAULT FALSE;
