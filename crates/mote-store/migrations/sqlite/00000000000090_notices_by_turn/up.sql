-- What one process has done that others on this store must hear of. What was written before is of no more use to anybody: a
-- process that starts has nothing in memory that a notice could be about.
--
-- Writers take turns, so rows come to light in the order of their numbers, of which none is given out twice.
DROP TABLE notices;
CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    node INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
);
CREATE INDEX notices_by_age ON notices (created_at);
