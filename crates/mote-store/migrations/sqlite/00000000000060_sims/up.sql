-- SIM cards, each an account's or a product's. A released card has no row: whoever has it next finds nothing of its past.
-- `period` is the month that `period_bytes` were used in, counted from year 0; `status_task` the last request for the state
-- of the network, asked at `status_asked_at`.
CREATE TABLE sims (
    iccid TEXT PRIMARY KEY NOT NULL,
    account_id BIGINT,
    product_id BIGINT,
    active BOOLEAN NOT NULL,
    activations INTEGER NOT NULL,
    deactivations INTEGER NOT NULL,
    first_activated_at BIGINT NOT NULL,
    last_activated_at BIGINT NOT NULL,
    last_activated_via SMALLINT NOT NULL,
    last_action SMALLINT NOT NULL,
    mb_limit INTEGER,
    period INTEGER NOT NULL,
    period_bytes BIGINT NOT NULL,
    status_task BIGINT,
    status_asked_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sims_by_account ON sims (account_id, iccid) WHERE account_id IS NOT NULL;
CREATE INDEX sims_by_product ON sims (product_id, iccid) WHERE product_id IS NOT NULL;
CREATE INDEX sims_by_product_and_state ON sims (product_id, active) WHERE product_id IS NOT NULL;

-- What a card used on a day (days since 1970), and for whom; the last figure of a day counts.
CREATE TABLE sim_usage (
    iccid TEXT NOT NULL,
    day INTEGER NOT NULL,
    product_id BIGINT,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (iccid, day)
) WITHOUT ROWID;
CREATE INDEX sim_usage_by_day ON sim_usage (day);

-- The same of all cards of a product, kept with each change of it.
CREATE TABLE sim_fleet_usage (
    product_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (product_id, day)
) WITHOUT ROWID;
CREATE INDEX sim_fleet_usage_by_day ON sim_fleet_usage (day);

-- Search: devices by the beginning of their ID or name, in either case.
CREATE INDEX devices_by_product_and_folded_name ON devices (product_id, lower(name)) WHERE product_id IS NOT NULL;
CREATE INDEX devices_by_owner_and_folded_name ON devices (owner_id, lower(name)) WHERE owner_id IS NOT NULL;
CREATE INDEX devices_by_owner_and_id ON devices (owner_id, id) WHERE owner_id IS NOT NULL;
