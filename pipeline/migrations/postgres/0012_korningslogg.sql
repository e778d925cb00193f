-- What a run's own log said: how it went, station by station, for whoever asks for the run afterwards. No key to the
-- runs: a line is written beside them, never in their transactions.
CREATE TABLE korningslogg (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run TEXT NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  level TEXT NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX korningslogg_run ON korningslogg (run, id);
CREATE INDEX korningslogg_at ON korningslogg (at);
