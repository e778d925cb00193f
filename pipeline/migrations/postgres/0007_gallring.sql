-- What was erased, on what ground, and whether it has been carried through everywhere. No value: of rows
-- the hashes of their keys, which tell nothing to who lacks the register.
CREATE TABLE gallring (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('person', 'retention', 'rekey')),
  ground text NOT NULL,
  begun timestamptz NOT NULL,
  ended timestamptz,
  targets jsonb NOT NULL,
  removed jsonb
);

-- The version of the pseudonym key that the register's keyed hashes have.
CREATE TABLE pseudonymversion (
  id bigint PRIMARY KEY CHECK (id = 1),
  version bigint NOT NULL
);
