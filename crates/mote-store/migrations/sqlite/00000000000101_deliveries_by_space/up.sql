-- Whose a row of the queue is: each space has its share. What is of no integration any more is nobody's, and dropped when it is due.
ALTER TABLE deliveries ADD COLUMN space_kind SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE deliveries ADD COLUMN space_id BIGINT NOT NULL DEFAULT 0;
UPDATE deliveries SET space_kind = integrations.space_kind, space_id = integrations.space_id
    FROM integrations WHERE integrations.id = deliveries.integration_id;
-- What decides whether one is passed over is in the index: those of a space that has its fill are many.
DROP INDEX deliveries_by_due;
CREATE INDEX deliveries_by_due ON deliveries (due_at, id, integration_id, space_kind, space_id);
