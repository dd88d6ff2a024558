-- Invitations to the team of a product or of an organization: to an address, whether or not it has an account. Of the
-- secret in the mail only a digest is kept. `invited_by` is the account that invited; null where a token without one did.
CREATE TABLE invitations (
    id INTEGER PRIMARY KEY NOT NULL,
    product_id BIGINT,
    organization_id BIGINT,
    username TEXT NOT NULL,
    role SMALLINT NOT NULL,
    invited_by BIGINT,
    digest_key BIGINT NOT NULL,
    digest_rest BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX invitations_by_product ON invitations (product_id, username) WHERE product_id IS NOT NULL;
CREATE UNIQUE INDEX invitations_by_organization ON invitations (organization_id, username)
    WHERE organization_id IS NOT NULL;
CREATE INDEX invitations_by_digest ON invitations (digest_key);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
