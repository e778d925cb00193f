-- Who did what, when, and how it ended: each entry holds the hash of the one before, so that none can be
-- changed, taken away or put in between without its being seen. No cell value stands here.
CREATE TABLE revision (
  no BIGINT PRIMARY KEY,
  at TIMESTAMPTZ NOT NULL,
  who TEXT NOT NULL,
  act TEXT NOT NULL,
  object TEXT NOT NULL,
  outcome TEXT NOT NULL,
  -- No reference: the log outlives what it tells of.
  run TEXT,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX revision_run ON revision (run) WHERE run IS NOT NULL;

-- The last entry. Its row is locked by whoever adds one, so that the chain never forks.
CREATE TABLE revision_huvud (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  no BIGINT NOT NULL,
  hash TEXT NOT NULL
);
INSERT INTO revision_huvud (id, no, hash) VALUES (1, 0, '');

CREATE FUNCTION sluss_vagra_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is only added to'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'sluss_revision', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER revision_andring BEFORE UPDATE OR DELETE OR TRUNCATE ON revision
  FOR EACH STATEMENT EXECUTE FUNCTION sluss_vagra_revision();
CREATE TRIGGER revision_huvud_bort BEFORE DELETE OR TRUNCATE ON revision_huvud
  FOR EACH STATEMENT EXECUTE FUNCTION sluss_vagra_revision();
CREATE TRIGGER revision_huvud_steg BEFORE UPDATE ON revision_huvud
  FOR EACH ROW WHEN (NEW.no <> OLD.no + 1 OR NEW.id <> OLD.id) EXECUTE FUNCTION sluss_vagra_revision();
