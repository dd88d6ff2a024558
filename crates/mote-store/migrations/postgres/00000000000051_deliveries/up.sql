-- The queue of integrations: one row per event and integration that is due, `event` as JSON. `due_at` is from when on it may
-- be taken; whoever takes one puts it ahead (`leased`), so that it comes again if nothing more is heard of it.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY NOT NULL,
    integration_id BIGINT NOT NULL,
    event TEXT NOT NULL,
    attempts SMALLINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX deliveries_by_due ON deliveries (due_at, id);
CREATE INDEX deliveries_by_integration ON deliveries (integration_id);
CREATE INDEX deliveries_by_age ON deliveries (created_at);

-- The latest requests of each integration and what came of them, as JSON, for people who look for a mistake.
CREATE TABLE delivery_logs (
    id BIGINT PRIMARY KEY NOT NULL,
    integration_id BIGINT NOT NULL,
    entry TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX delivery_logs_by_integration ON delivery_logs (integration_id, id);
CREATE INDEX delivery_logs_by_age ON delivery_logs (created_at);
