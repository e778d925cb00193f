-- What was erased, on what ground, and whether it has been carried through everywhere. No value: of rows
-- the hashes of their keys, which tell nothing to who lacks the register.
CREATE TABLE gallring (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('person', 'retention', 'rekey')),
  ground TEXT NOT NULL,
  begun INTEGER NOT NULL,
  ended INTEGER,
  targets TEXT NOT NULL CHECK (json_valid(targets)),
  removed TEXT CHECK (json_valid(removed))
) STRICT;

-- The version of the pseudonym key that the register's keyed hashes have.
CREATE TABLE pseudonymversion (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
) STRICT;
