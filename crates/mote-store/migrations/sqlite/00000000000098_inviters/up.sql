-- An invitation by a product's client or an API user is worth something for as long as that may invite.
ALTER TABLE invitations ADD COLUMN invited_by_client BIGINT;
ALTER TABLE invitations ADD COLUMN invited_by_api_user BIGINT;
