-- What was handed in by its sender, under a key of the sender's own: the same key means the same
-- delivery. `first_run` is what the sender was told; `run` is the latest that took the delivery up.
CREATE TABLE inlamning (
  owner TEXT NOT NULL,
  sender TEXT NOT NULL,
  key TEXT NOT NULL,
  digest TEXT NOT NULL,
  name TEXT NOT NULL,
  came TIMESTAMPTZ NOT NULL,
  first_run TEXT NOT NULL UNIQUE REFERENCES korning (id),
  run TEXT NOT NULL UNIQUE REFERENCES korning (id),
  answer JSONB,
  PRIMARY KEY (owner, sender, key)
);
