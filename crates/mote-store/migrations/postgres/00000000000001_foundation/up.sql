-- Moments are milliseconds since 1970 (UTC). Keys are made by the program, never reused.

CREATE TABLE meta (
    name TEXT PRIMARY KEY NOT NULL,
    value BYTEA NOT NULL
);

CREATE TABLE counters (
    name TEXT PRIMARY KEY NOT NULL,
    value BIGINT NOT NULL
);

CREATE TABLE accounts (
    id BIGINT PRIMARY KEY NOT NULL,
    username TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    account_info TEXT NOT NULL,
    totp_secret BYTEA,
    totp_last_step BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- One-time codes for the day the second factor is lost: digests only.
CREATE TABLE recovery_codes (
    account_id BIGINT NOT NULL,
    digest_key BIGINT NOT NULL,
    digest_rest BYTEA NOT NULL,
    PRIMARY KEY (account_id, digest_key)
);

-- What was handed out to be brought back once and soon: reset links, sign-ins and enrolments that wait for a code.
CREATE TABLE challenges (
    digest_key BIGINT PRIMARY KEY NOT NULL,
    digest_rest BYTEA NOT NULL,
    purpose SMALLINT NOT NULL,
    account_id BIGINT NOT NULL,
    payload BYTEA NOT NULL,
    attempts_left SMALLINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX challenges_by_account ON challenges (account_id, purpose);
CREATE INDEX challenges_by_expiry ON challenges (expires_at);

-- OAuth clients, of an account or of a product. Secrets: digests only.
CREATE TABLE clients (
    id BIGINT PRIMARY KEY NOT NULL,
    client_id TEXT NOT NULL UNIQUE,
    account_id BIGINT,
    product_id BIGINT,
    name TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    redirect_uri TEXT,
    scope TEXT,
    secret_key BIGINT NOT NULL,
    secret_rest BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX clients_by_account ON clients (account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX clients_by_product ON clients (product_id, id) WHERE product_id IS NOT NULL;

-- Clients that are gone and whose tokens, dead since, are still to be swept.
CREATE TABLE gone_clients (
    id BIGINT PRIMARY KEY NOT NULL
);

CREATE TABLE products (
    id BIGINT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    platform_id INTEGER NOT NULL,
    owner_id BIGINT NOT NULL,
    settings TEXT NOT NULL,
    device_count BIGINT NOT NULL,
    devices_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX products_by_owner ON products (owner_id, id);

CREATE TABLE team_members (
    product_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    role SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (product_id, account_id)
);
CREATE INDEX team_members_by_account ON team_members (account_id, product_id);

-- A row is one grant: an access token and the refresh token that came with it. Both are kept as keyed digests of
-- 20 bytes, the first 8 of them as a number, which keeps the two random indexes small. `sealed` is the access token
-- itself under the server key, for accounts, who may list their tokens. `family` is the id of the first grant of a
-- chain of refreshes (null on that one), `parent` the grant that this one replaced. `dead_at` is when neither token can
-- be used any more, null if never.
CREATE TABLE tokens (
    id BIGINT PRIMARY KEY NOT NULL,
    access_key BIGINT NOT NULL,
    access_rest BYTEA NOT NULL,
    refresh_key BIGINT NOT NULL,
    refresh_rest BYTEA NOT NULL,
    client_id BIGINT NOT NULL,
    account_id BIGINT,
    product_id BIGINT,
    sealed BYTEA,
    family BIGINT,
    parent BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    refresh_expires_at BIGINT NOT NULL,
    refresh_spent_at BIGINT,
    used_at BIGINT,
    dead_at BIGINT
);
CREATE INDEX tokens_by_access ON tokens (access_key);
CREATE INDEX tokens_by_refresh ON tokens (refresh_key);
CREATE INDEX tokens_by_account ON tokens (account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX tokens_by_family ON tokens (family) WHERE family IS NOT NULL;
CREATE INDEX tokens_by_parent ON tokens (parent) WHERE parent IS NOT NULL;
CREATE INDEX tokens_by_client ON tokens (client_id);
CREATE INDEX tokens_by_death ON tokens (dead_at) WHERE dead_at IS NOT NULL;

-- A device's row outlives its owner and product: what was registered once stays known. Sort keys of listings are never
-- null, so that their indexes give every page: 0 for never connected, -1 for an unknown version.
CREATE TABLE devices (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    product_id BIGINT,
    owner_id BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    notes TEXT,
    platform_id INTEGER NOT NULL,
    serial_number TEXT,
    iccid TEXT,
    imei TEXT,
    mac_wifi TEXT,
    mobile_secret TEXT,
    system_firmware_version TEXT,
    firmware_version INTEGER NOT NULL,
    desired_firmware_version INTEGER,
    development BOOLEAN NOT NULL,
    quarantined BOOLEAN NOT NULL,
    denied BOOLEAN NOT NULL,
    firmware_updates_enabled BOOLEAN NOT NULL,
    firmware_updates_forced BOOLEAN NOT NULL,
    functions TEXT NOT NULL,
    variables TEXT NOT NULL,
    last_ip_address TEXT,
    last_heard BIGINT,
    last_handshake_at BIGINT NOT NULL,
    public_key TEXT,
    key_algorithm TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX devices_by_connection ON devices (product_id, last_handshake_at, id) WHERE product_id IS NOT NULL;
CREATE INDEX devices_by_name ON devices (product_id, name, id) WHERE product_id IS NOT NULL;
CREATE INDEX devices_by_id ON devices (product_id, id) WHERE product_id IS NOT NULL;
CREATE INDEX devices_by_firmware ON devices (product_id, firmware_version, id) WHERE product_id IS NOT NULL;
CREATE INDEX devices_by_owner ON devices (owner_id, last_handshake_at, id) WHERE owner_id IS NOT NULL;
CREATE INDEX devices_by_owner_and_name ON devices (owner_id, name) WHERE owner_id IS NOT NULL;
CREATE INDEX devices_by_serial_number ON devices (serial_number) WHERE serial_number IS NOT NULL;
CREATE INDEX devices_by_imei ON devices (imei) WHERE imei IS NOT NULL;
CREATE INDEX devices_by_iccid ON devices (iccid) WHERE iccid IS NOT NULL;
