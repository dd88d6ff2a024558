-- What one process has done that others on this store must hear of. What was written before is of no more use to anybody: a
-- process that starts has nothing in memory that a notice could be about.
--
-- `id` says nothing of the order in which rows come to light: transactions commit in another order than they took numbers.
-- `turn` is the transaction that wrote the row, so that whoever has read all below the oldest one that was still under way
-- has missed none, and looks from there on the next time. `created_at` is by the database's clock, in milliseconds.
DROP TABLE notices;
CREATE TABLE notices (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    turn BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    node INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL DEFAULT ((extract(epoch FROM clock_timestamp()) * 1000)::bigint)
);
CREATE INDEX notices_by_turn ON notices (turn);
CREATE INDEX notices_by_age ON notices (created_at);
