-- What people decide of matches: that a row of koppling means this organisation or unit, or does not. Under
-- the hash of that row's key, so that it tells nothing of a row that is erased. Decisions are only ever
-- added, and a later one ends the one before it, once; they go when their row is erased.
CREATE TABLE koppling_beslut (
  id INTEGER PRIMARY KEY,
  key_hash BLOB NOT NULL,
  ar_malet INTEGER NOT NULL CHECK (ar_malet IN (0, 1)),
  -- Organisation number of a legal person, or HSA-id.
  mal TEXT NOT NULL,
  beslutad TEXT NOT NULL,
  beslutad_av TEXT NOT NULL,
  reg_fran INTEGER NOT NULL,
  reg_till INTEGER CHECK (reg_till > reg_fran)
) STRICT;
CREATE UNIQUE INDEX koppling_beslut_mal ON koppling_beslut (key_hash, mal) WHERE reg_till IS NULL;
CREATE UNIQUE INDEX koppling_beslut_nu ON koppling_beslut (key_hash) WHERE reg_till IS NULL AND ar_malet = 1;
CREATE TRIGGER koppling_beslut_andring
BEFORE UPDATE OF id, key_hash, ar_malet, mal, beslutad, beslutad_av, reg_fran ON koppling_beslut
BEGIN SELECT RAISE(ABORT, 'sluss_historik: a decision is never rewritten: only reg_till is set, once'); END;
CREATE TRIGGER koppling_beslut_slut
BEFORE UPDATE OF reg_till ON koppling_beslut WHEN OLD.reg_till IS NOT NULL OR NEW.reg_till IS NULL
BEGIN SELECT RAISE(ABORT, 'sluss_historik: a decision is never rewritten: only reg_till is set, once'); END;
