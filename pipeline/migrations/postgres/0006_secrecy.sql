-- Secrecy: what the agency decides of a contract, and what the law leaves to those who apply it.
-- Decisions are only ever added: a later one ends the one before it, once.
CREATE TABLE sekretess_beslut (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lanskod TEXT NOT NULL,
  avtals_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('oppen', 'provas', 'hemlig')),
  grund TEXT,
  -- The first open day.
  till DATE,
  beslut TEXT,
  beslutad DATE NOT NULL,
  beslutad_av TEXT NOT NULL,
  reg_fran TIMESTAMPTZ NOT NULL,
  reg_till TIMESTAMPTZ CHECK (reg_till > reg_fran),
  CHECK (status <> 'hemlig' OR grund IS NOT NULL),
  CHECK (status = 'hemlig' OR till IS NULL)
);
CREATE UNIQUE INDEX sekretess_beslut_nu ON sekretess_beslut (lanskod, avtals_id) WHERE reg_till IS NULL;
CREATE FUNCTION sekretess_vagra() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a decision is never rewritten or removed: only reg_till is set, once'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'sluss_historik', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER sekretess_beslut_andring
BEFORE UPDATE OF id, lanskod, avtals_id, status, grund, till, beslut, beslutad, beslutad_av, reg_fran ON sekretess_beslut
FOR EACH STATEMENT EXECUTE FUNCTION sekretess_vagra();
CREATE TRIGGER sekretess_beslut_slut
BEFORE UPDATE OF reg_till ON sekretess_beslut FOR EACH ROW
WHEN (OLD.reg_till IS NOT NULL OR NEW.reg_till IS NULL) EXECUTE FUNCTION sekretess_vagra();
CREATE TRIGGER sekretess_beslut_borttag
BEFORE DELETE OR TRUNCATE ON sekretess_beslut FOR EACH STATEMENT EXECUTE FUNCTION sekretess_vagra();

-- The project's `[secrecy]` as the views read it, and the views' own statements.
CREATE TABLE sekretess_regler (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  overfors BIGINT NOT NULL CHECK (overfors IN (0, 1)),
  obesvarat TEXT NOT NULL CHECK (obesvarat IN ('oppen', 'provas')),
  ej_provat TEXT NOT NULL CHECK (ej_provat IN ('oppen', 'provas')),
  delvis TEXT NOT NULL CHECK (delvis IN ('oppen', 'provas')),
  oppet_hos_region TEXT NOT NULL CHECK (oppet_hos_region IN ('oppen', 'provas')),
  vyer TEXT NOT NULL
);
-- As careful as can be until a project has said what holds.
INSERT INTO sekretess_regler VALUES (1, 1, 'provas', 'provas', 'provas', 'provas', '');

-- Rows that were registered before their region decided that the contract is not to be: they have ended,
-- leave nowhere, and wait to be erased from the history.
CREATE TABLE sekretess_undantag (
  table_name TEXT NOT NULL,
  key_hash UUID NOT NULL,
  owner TEXT NOT NULL,
  run TEXT NOT NULL REFERENCES korning (id),
  PRIMARY KEY (table_name, key_hash)
);

-- What was kept back when a lake table was last written: whoever finds something else writes it anew.
CREATE TABLE sekretess_speglad (
  table_name TEXT NOT NULL,
  owner TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (table_name, owner)
);
