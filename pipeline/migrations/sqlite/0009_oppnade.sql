-- Contracts that open: who follows the cleared events is told of them then, since what was published while
-- they were closed has numbers that a reader has passed.

-- Contracts that were closed when last looked at, and are to be told of when they open. A contract that its
-- region refuses to register does not stand here.
CREATE TABLE sekretess_stangd (
  lanskod TEXT NOT NULL,
  avtals_id TEXT NOT NULL,
  PRIMARY KEY (lanskod, avtals_id)
) STRICT;

-- When the row's contract opened, of an event that tells of that. Its `seq` is the publication that the row
-- came with.
ALTER TABLE handelse ADD COLUMN oppnad INTEGER;
CREATE INDEX handelse_oppnad ON handelse (table_name, key_hash, no) WHERE oppnad IS NOT NULL;

-- Which version of each lake table readers have. What else stands in `manifest` is each owner's own.
CREATE VIEW lake_version AS
  SELECT table_name, MAX(delta_version) AS version FROM manifest
  WHERE state = 'projected' AND delta_version IS NOT NULL GROUP BY table_name;
