-- Who did what, when, and how it ended: each entry holds the hash of the one before, so that none can be
-- changed, taken away or put in between without its being seen. No cell value stands here.
-- The same tables as ../postgres.
CREATE TABLE revision (
  no INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  act TEXT NOT NULL,
  object TEXT NOT NULL,
  outcome TEXT NOT NULL,
  -- No reference: the log outlives what it tells of.
  run TEXT,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX revision_run ON revision (run) WHERE run IS NOT NULL;

-- The last entry.
CREATE TABLE revision_huvud (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  no INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO revision_huvud (id, no, hash) VALUES (1, 0, '');

CREATE TRIGGER revision_andring BEFORE UPDATE ON revision BEGIN
  SELECT RAISE(ABORT, 'sluss_revision: the audit log is only added to'); END;
CREATE TRIGGER revision_bort BEFORE DELETE ON revision BEGIN
  SELECT RAISE(ABORT, 'sluss_revision: the audit log is only added to'); END;
CREATE TRIGGER revision_huvud_bort BEFORE DELETE ON revision_huvud BEGIN
  SELECT RAISE(ABORT, 'sluss_revision: the audit log is only added to'); END;
CREATE TRIGGER revision_huvud_steg BEFORE UPDATE ON revision_huvud WHEN NEW.no <> OLD.no + 1 OR NEW.id <> OLD.id BEGIN
  SELECT RAISE(ABORT, 'sluss_revision: the audit log is only added to'); END;
