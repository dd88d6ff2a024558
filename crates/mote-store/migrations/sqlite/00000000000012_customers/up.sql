-- A product's customers page by page, the first first.
CREATE INDEX customers_by_product ON customers (product_id, id);

-- Products that are gone and whose customers, who can do nothing any more, are still to be swept.
CREATE TABLE gone_products (
    id INTEGER PRIMARY KEY NOT NULL
);
