-- The ledger: what was run, what was published, what remains to be done.
-- The same tables as ../sqlite, type for type.

-- Overlaps are forbidden by exclusion constraints where the extension is to be had, and by
-- triggers where the server lacks it or this role may not install it.
DO $$ BEGIN
  CREATE EXTENSION IF NOT EXISTS btree_gist;
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'btree_gist is not available: overlaps are forbidden by triggers';
END $$;

-- Staged rows, one table per run and national table. Readers have no access.
CREATE SCHEMA IF NOT EXISTS steg;

-- One row, locked by every publication: all numbers that must be without gaps in time come from it.
CREATE TABLE sekvens (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  publish_seq BIGINT NOT NULL,
  event_no BIGINT NOT NULL,
  recorded TIMESTAMPTZ NOT NULL
);
INSERT INTO sekvens (id, publish_seq, event_no, recorded) VALUES (1, 0, 0, 'epoch');

-- The national tables as this database has them.
CREATE TABLE tabell (
  name TEXT PRIMARY KEY,
  version TEXT NOT NULL,
  definition JSONB NOT NULL,
  ddl TEXT NOT NULL
);

-- The last publication of each table and owner: what a plan's base is compared with.
CREATE TABLE senast (
  table_name TEXT NOT NULL,
  owner TEXT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (table_name, owner)
);

CREATE TABLE korning (
  nr BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  job TEXT NOT NULL,
  owner TEXT NOT NULL,
  mode TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'done', 'held', 'failed')),
  started TIMESTAMPTZ NOT NULL,
  ended TIMESTAMPTZ,
  input_digest TEXT,
  counts JSONB,
  reason TEXT,
  mapping_hash TEXT,
  schema_versions JSONB,
  replay_of TEXT REFERENCES korning (id),
  -- The run that first read this delivery: its own number, or that of the run it replays.
  delivery_nr BIGINT NOT NULL,
  publish_seq BIGINT,
  result JSONB
);
CREATE INDEX korning_job ON korning (job, nr);
CREATE INDEX korning_open ON korning (state) WHERE state IN ('planned', 'running');
CREATE INDEX korning_seq ON korning (publish_seq) WHERE publish_seq IS NOT NULL;

CREATE TABLE transition (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run TEXT NOT NULL REFERENCES korning (id),
  at TIMESTAMPTZ NOT NULL,
  from_state TEXT,
  to_state TEXT NOT NULL,
  reason TEXT
);
CREATE INDEX transition_run ON transition (run);

CREATE TABLE markor (
  job TEXT PRIMARY KEY,
  cursor TEXT NOT NULL,
  run TEXT NOT NULL REFERENCES korning (id),
  advanced TIMESTAMPTZ NOT NULL
);

CREATE TABLE leverans (
  run TEXT NOT NULL REFERENCES korning (id),
  origin BIGINT NOT NULL,
  name TEXT NOT NULL,
  part TEXT,
  object TEXT,
  bytes BIGINT,
  row_count BIGINT,
  PRIMARY KEY (run, origin)
);

CREATE TABLE manifest (
  seq BIGINT NOT NULL,
  table_name TEXT NOT NULL,
  owner TEXT NOT NULL,
  run TEXT NOT NULL REFERENCES korning (id),
  actions JSONB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'projected')),
  delta_version BIGINT,
  PRIMARY KEY (seq, table_name)
);
CREATE INDEX manifest_pending ON manifest (seq) WHERE state = 'pending';
CREATE INDEX manifest_table ON manifest (table_name, seq);

CREATE TABLE lake_partition (
  table_name TEXT NOT NULL,
  partition TEXT NOT NULL,
  digest TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  files JSONB NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (table_name, partition)
);

CREATE TABLE kvittens (
  run TEXT PRIMARY KEY REFERENCES korning (id),
  receipt JSONB NOT NULL,
  text TEXT NOT NULL
);

CREATE TABLE handelse (
  no BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL,
  table_name TEXT NOT NULL,
  owner TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('new', 'changed', 'corrected', 'ended')),
  key_hash UUID NOT NULL,
  key TEXT NOT NULL
);

-- A key whose row came but was rejected or withheld keeps its predecessor, marked here as stale.
CREATE TABLE inaktuell (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_name TEXT NOT NULL,
  key_hash UUID NOT NULL,
  owner TEXT NOT NULL,
  run TEXT NOT NULL REFERENCES korning (id),
  seq_from BIGINT NOT NULL,
  seq_to BIGINT
);
CREATE UNIQUE INDEX inaktuell_nu ON inaktuell (table_name, key_hash) WHERE seq_to IS NULL;
CREATE INDEX inaktuell_nyckel ON inaktuell (table_name, key_hash);

CREATE TABLE lan (
  job TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  fence BIGINT NOT NULL,
  until TIMESTAMPTZ NOT NULL
);

-- Where a rejected row is to be found: rules and place, never a value.
CREATE TABLE karantan (
  run TEXT NOT NULL REFERENCES korning (id),
  table_name TEXT NOT NULL,
  row_id BIGINT NOT NULL,
  rules JSONB NOT NULL,
  object TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'replayed', 'superseded', 'dropped')),
  PRIMARY KEY (run, table_name, row_id)
);
CREATE INDEX karantan_open ON karantan (run) WHERE state = 'open';
