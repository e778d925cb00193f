-- The latest delivery that says that the key is stale: an older one, read again, does not end the mark.
ALTER TABLE inaktuell ADD COLUMN delivery_nr BIGINT NOT NULL DEFAULT 0;
UPDATE inaktuell SET delivery_nr = (SELECT delivery_nr FROM korning WHERE id = inaktuell.run);

-- A reader of one owner's events goes on from a number.
CREATE INDEX handelse_agare ON handelse (owner, no);

-- Snapshots: the register as it was after a publication, as views under a name.
CREATE TABLE ogonblick (
  name TEXT PRIMARY KEY,
  recorded TIMESTAMPTZ NOT NULL,
  seq BIGINT NOT NULL,
  made TIMESTAMPTZ NOT NULL,
  versions JSONB NOT NULL
);
