-- Who may read and write whose rows, where the database is to see to it too (`sluss register roles`).
-- Empty: an installation with one login, whose owners only the program keeps apart.

CREATE TABLE roll (
  role TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('inlasning', 'agare', 'region', 'vardlots', 'drift', 'analys')),
  -- The one owner whose rows the role is for: of the publishing roles and of the regions' own.
  owner TEXT,
  CHECK ((kind IN ('agare', 'region')) OR owner IS NULL)
);

-- The rights as they were last given, so that they are given anew when tables or owners have changed.
CREATE TABLE rattighet (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  prefix TEXT NOT NULL,
  owners JSONB NOT NULL,
  digest TEXT NOT NULL
);

-- The owners for whom whoever asks may speak. What a session can set decides nothing: only which roles
-- the server says that the one who asks has. Written so that no search path can put another table or
-- function in the place of these.
DO $migration$ BEGIN
  EXECUTE format($function$
    CREATE FUNCTION sluss_agare() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp AS $body$
      SELECT coalesce(pg_catalog.array_agg(k.owner), '{}')
      FROM %1$I.roll k JOIN pg_catalog.pg_roles r ON r.rolname OPERATOR(pg_catalog.=) k.role
      WHERE k.owner IS NOT NULL AND pg_catalog.pg_has_role(r.oid, 'USAGE')
    $body$
  $function$, current_schema());
END $migration$;
