-- The ledger: what was run, what was published, what remains to be done.
-- Instants are microseconds since 1970 in UTC. The same tables as ../postgres, type for type.

-- One row, locked by every publication: all numbers that must be without gaps in time come from it.
CREATE TABLE sekvens (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  publish_seq INTEGER NOT NULL,
  event_no INTEGER NOT NULL,
  recorded INTEGER NOT NULL
) STRICT;
INSERT INTO sekvens (id, publish_seq, event_no, recorded) VALUES (1, 0, 0, 0);

-- The national tables as this database has them.
CREATE TABLE tabell (
  name TEXT PRIMARY KEY,
  version TEXT NOT NULL,
  definition TEXT NOT NULL,
  ddl TEXT NOT NULL
) STRICT;

-- The last publication of each table and owner: what a plan's base is compared with.
CREATE TABLE senast (
  table_name TEXT NOT NULL,
  owner TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (table_name, owner)
) STRICT;

CREATE TABLE korning (
  nr INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  job TEXT NOT NULL,
  owner TEXT NOT NULL,
  mode TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'done', 'held', 'failed')),
  started INTEGER NOT NULL,
  ended INTEGER,
  input_digest TEXT,
  counts TEXT CHECK (json_valid(counts)),
  reason TEXT,
  mapping_hash TEXT,
  schema_versions TEXT CHECK (json_valid(schema_versions)),
  replay_of TEXT REFERENCES korning (id),
  -- The run that first read this delivery: its own number, or that of the run it replays.
  delivery_nr INTEGER NOT NULL,
  publish_seq INTEGER,
  result TEXT CHECK (json_valid(result))
) STRICT;
CREATE INDEX korning_job ON korning (job, nr);
CREATE INDEX korning_open ON korning (state) WHERE state IN ('planned', 'running');
CREATE INDEX korning_seq ON korning (publish_seq) WHERE publish_seq IS NOT NULL;

CREATE TABLE transition (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES korning (id),
  at INTEGER NOT NULL,
  from_state TEXT,
  to_state TEXT NOT NULL,
  reason TEXT
) STRICT;
CREATE INDEX transition_run ON transition (run);

CREATE TABLE markor (
  job TEXT PRIMARY KEY,
  cursor TEXT NOT NULL,
  run TEXT NOT NULL REFERENCES korning (id),
  advanced INTEGER NOT NULL
) STRICT;

CREATE TABLE leverans (
  run TEXT NOT NULL REFERENCES korning (id),
  origin INTEGER NOT NULL,
  name TEXT NOT NULL,
  part TEXT,
  object TEXT,
  bytes INTEGER,
  row_count INTEGER,
  PRIMARY KEY (run, origin)
) STRICT;

CREATE TABLE manifest (
  seq INTEGER NOT NULL,
  table_name TEXT NOT NULL,
  owner TEXT NOT NULL,
  run TEXT NOT NULL REFERENCES korning (id),
  actions TEXT NOT NULL CHECK (json_valid(actions)),
  state TEXT NOT NULL CHECK (state IN ('pending', 'projected')),
  delta_version INTEGER,
  PRIMARY KEY (seq, table_name)
) STRICT;
CREATE INDEX manifest_pending ON manifest (seq) WHERE state = 'pending';
CREATE INDEX manifest_table ON manifest (table_name, seq);

CREATE TABLE lake_partition (
  table_name TEXT NOT NULL,
  partition TEXT NOT NULL,
  digest TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  files TEXT NOT NULL CHECK (json_valid(files)),
  seq INTEGER NOT NULL,
  PRIMARY KEY (table_name, partition)
) STRICT;

CREATE TABLE kvittens (
  run TEXT PRIMARY KEY REFERENCES korning (id),
  receipt TEXT NOT NULL CHECK (json_valid(receipt)),
  text TEXT NOT NULL
) STRICT;

CREATE TABLE handelse (
  no INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  table_name TEXT NOT NULL,
  owner TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('new', 'changed', 'corrected', 'ended')),
  key_hash BLOB NOT NULL,
  key TEXT NOT NULL
) STRICT;

-- A key whose row came but was rejected or withheld keeps its predecessor, marked here as stale.
CREATE TABLE inaktuell (
  id INTEGER PRIMARY KEY,
  table_name TEXT NOT NULL,
  key_hash BLOB NOT NULL,
  owner TEXT NOT NULL,
  run TEXT NOT NULL REFERENCES korning (id),
  seq_from INTEGER NOT NULL,
  seq_to INTEGER
) STRICT;
CREATE UNIQUE INDEX inaktuell_nu ON inaktuell (table_name, key_hash) WHERE seq_to IS NULL;
CREATE INDEX inaktuell_nyckel ON inaktuell (table_name, key_hash);

CREATE TABLE lan (
  job TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  fence INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;

-- Where a rejected row is to be found: rules and place, never a value.
CREATE TABLE karantan (
  run TEXT NOT NULL REFERENCES korning (id),
  table_name TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  rules TEXT NOT NULL CHECK (json_valid(rules)),
  object TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'replayed', 'superseded', 'dropped')),
  PRIMARY KEY (run, table_name, row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX karantan_open ON karantan (run) WHERE state = 'open';
