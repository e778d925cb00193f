-- The latest delivery that says that the key is stale: an older one, read again, does not end the mark.
ALTER TABLE inaktuell ADD COLUMN delivery_nr INTEGER NOT NULL DEFAULT 0;
UPDATE inaktuell SET delivery_nr = (SELECT delivery_nr FROM korning WHERE id = inaktuell.run);

-- A reader of one owner's events goes on from a number.
CREATE INDEX handelse_agare ON handelse (owner, no);

-- Snapshots: the register as it was after a publication, as views under a name.
CREATE TABLE ogonblick (
  name TEXT PRIMARY KEY,
  recorded INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  made INTEGER NOT NULL,
  versions TEXT NOT NULL CHECK (json_valid(versions))
) STRICT;
