-- What a run's own log said: how it went, station by station, for whoever asks for the run afterwards. No key to the
-- runs: a line is written beside them, never in their transactions.
CREATE TABLE korningslogg (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  at INTEGER NOT NULL,
  level TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX korningslogg_run ON korningslogg (run, id);
CREATE INDEX korningslogg_at ON korningslogg (at);
