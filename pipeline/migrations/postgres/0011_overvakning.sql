-- What stands and has been told of, so that nobody is told twice: one row for each thing that can be wrong.
CREATE TABLE larm (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  since TIMESTAMPTZ NOT NULL,
  -- When it was last told of; none: nobody has been reached yet.
  told TIMESTAMPTZ,
  ended TIMESTAMPTZ,
  said JSONB NOT NULL
);
CREATE INDEX larm_nu ON larm (name) WHERE ended IS NULL;

-- The last day for which each receiver has got the digest.
CREATE TABLE sammandrag (
  name TEXT PRIMARY KEY,
  day DATE NOT NULL
);

-- How every job's latest runs ended, from the index alone.
CREATE INDEX korning_utfall ON korning (job, state, replay_of, nr);
