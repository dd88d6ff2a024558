-- Which node took a row of the queue, so that the others can take it again once that one is gone; 0 where nobody has.
ALTER TABLE deliveries ADD COLUMN node INTEGER NOT NULL DEFAULT 0;
