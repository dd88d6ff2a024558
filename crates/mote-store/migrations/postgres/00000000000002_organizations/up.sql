-- Organizations, their teams and products.
CREATE TABLE organizations (
    id BIGINT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE organization_members (
    organization_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    role SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, account_id)
);
CREATE INDEX organization_members_by_account ON organization_members (account_id, organization_id);

-- Null: a product of the account that made it.
ALTER TABLE products ADD COLUMN organization_id BIGINT;
CREATE INDEX products_by_organization ON products (organization_id, id) WHERE organization_id IS NOT NULL;

-- API users: of a product or of an organization, each with one token that never ends. `scopes` is their names with spaces
-- between.
CREATE TABLE api_users (
    id BIGINT PRIMARY KEY NOT NULL,
    username TEXT NOT NULL UNIQUE,
    friendly_name TEXT NOT NULL,
    product_id BIGINT,
    organization_id BIGINT,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX api_users_by_product ON api_users (product_id, id) WHERE product_id IS NOT NULL;
CREATE INDEX api_users_by_organization ON api_users (organization_id, id) WHERE organization_id IS NOT NULL;

-- Customers: people who use a product, and sign in to it alone. Null as password: signed in by the product's server only.
CREATE TABLE customers (
    id BIGINT PRIMARY KEY NOT NULL,
    product_id BIGINT NOT NULL,
    username TEXT NOT NULL,
    password_hash TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (product_id, username)
);

-- A customer's grant has the customer and the product; an API user's has the API user alone.
ALTER TABLE tokens ADD COLUMN customer_id BIGINT;
ALTER TABLE tokens ADD COLUMN api_user_id BIGINT;
CREATE INDEX tokens_by_customer ON tokens (customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX tokens_by_api_user ON tokens (api_user_id, id) WHERE api_user_id IS NOT NULL;
