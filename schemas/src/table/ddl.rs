//! The register's tables in SQL, from the same definition as everything else about them.
//!
//! Each national table with `store = "register"` becomes **one history table of the same name**:
//!
//! | column | holds |
//! |---|---|
//! | the national columns | as declared; where the table has no valid time of its own, `giltig_fran` and `giltig_till` are added |
//! | `_id` | the slice's own number |
//! | `_nyckel` | 16-byte hash of the business key |
//! | `_innehall` | 64-bit hash of the values that were delivered |
//! | `_agare` | whose job published it |
//! | `_aktuell` | whether the slice holds what its source delivered last: one slice at most per key |
//! | `_version`, `_mappning` | schema version and mapping hash that made it |
//! | `_korning`, `_rad` | run and source row that it comes from |
//! | `reg_fran`, `reg_till` | recorded time: when the register believed it; no end while it does |
//! | `_seq_fran`, `_seq_till` | the same in publish sequence numbers |
//!
//! Both times are half-open. A null `giltig_fran` is unbounded towards the past, a null
//! `giltig_till` towards the future. The databases themselves see to it that a slice is never
//! rewritten (only `reg_till` with `_seq_till` is ever set, once) and that the slices believed of
//! one key never overlap in valid time.
//!
//! Types:
//!
//! | column type | PostgreSQL | SQLite |
//! |---|---|---|
//! | text | `text` | `TEXT` |
//! | date | `date` | `TEXT`, `YYYY-MM-DD`: sorts and compares as dates do |
//! | timestamp | `timestamptz` | `INTEGER`, microseconds since 1970 in UTC |
//! | integer | `bigint` | `INTEGER` |
//! | float | `double precision` | `REAL` |
//! | boolean | `boolean` | `INTEGER`, 0 or 1 |
//! | decimal(p,s), p ≤ 18 | `numeric(p,s)` | `INTEGER`, the value × 10ˢ: exact, and so is its sum |
//! | decimal(p,s), p > 18 | `numeric(p,s)` | `TEXT`, canonical digits: exact, but not to be summed in SQL |
//! | key hash | `uuid` | `BLOB` |
//!
//! The key hash is no UUID: PostgreSQL's `uuid` is simply its fixed-length 16-byte type, smaller and
//! faster to index than `bytea`.

use std::fmt::Write as _;

use super::{Kind, Store, Table, VALID_FROM, VALID_TO};

/// A decimal of at most this many digits fits a 64-bit integer.
pub const INTEGER_DIGITS: u8 = 18;

/// The database that the register lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded: the default.
    Sqlite,
    /// A server, version 15 or later.
    Postgres,
}

impl Dialect {
    /// The SQL type that holds a column of type `kind`.
    pub fn column_type(self, kind: Kind) -> String {
        let name = match (self, kind) {
            (_, Kind::Text) | (Self::Sqlite, Kind::Date) => "TEXT",
            (Self::Sqlite, Kind::Decimal(precision, _)) if precision > INTEGER_DIGITS => "TEXT",
            (Self::Sqlite, Kind::Timestamp | Kind::Integer | Kind::Boolean | Kind::Decimal(..)) => "INTEGER",
            (Self::Sqlite, Kind::Float) => "REAL",
            (Self::Postgres, Kind::Date) => "DATE",
            (Self::Postgres, Kind::Timestamp) => "TIMESTAMPTZ",
            (Self::Postgres, Kind::Integer) => "BIGINT",
            (Self::Postgres, Kind::Float) => "DOUBLE PRECISION",
            (Self::Postgres, Kind::Boolean) => "BOOLEAN",
            (Self::Postgres, Kind::Decimal(precision, scale)) => return format!("NUMERIC({precision},{scale})"),
        };
        name.to_owned()
    }

    /// The SQL type that holds a 16-byte key hash.
    pub const fn key_type(self) -> &'static str {
        match self {
            Self::Sqlite => "BLOB",
            Self::Postgres => "UUID",
        }
    }

    /// That a row's time has not come, in a view. Swedish days: SQLite knows no time zones, and an hour
    /// too early is better than a row that is shown after its time.
    pub(crate) const fn not_expired(self) -> &'static str {
        match self {
            Self::Sqlite => " AND (giltig_till IS NULL OR giltig_till > date('now', '+2 hours'))",
            Self::Postgres => {
                " AND (giltig_till IS NULL OR giltig_till > (now() AT TIME ZONE 'Europe/Stockholm')::date)"
            }
        }
    }

    const fn strict(self) -> &'static str {
        match self {
            Self::Sqlite => " STRICT",
            Self::Postgres => "",
        }
    }
}

/// A name as an SQL identifier.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The valid-time columns that the history table adds, since the national table lacks them.
pub fn added_valid_time(table: &Table) -> Vec<&'static str> {
    [VALID_FROM, VALID_TO].into_iter().filter(|name| table.column.iter().all(|c| c.name != *name)).collect()
}

/// The columns of the history table in order, with their SQL types and constraints.
fn columns(table: &Table, dialect: Dialect) -> Vec<(String, String)> {
    let national = table.column.iter().map(|c| {
        let quoted = quoted(&c.name);
        let mut kind = dialect.column_type(c.kind);
        if c.required {
            kind.push_str(" NOT NULL");
        }
        if dialect == Dialect::Sqlite && c.kind == Kind::Boolean {
            let _ = write!(kind, " CHECK ({quoted} IN (0, 1))");
        }
        (c.name.clone(), kind)
    });
    let date = dialect.column_type(Kind::Date);
    let valid = added_valid_time(table).into_iter().map(|name| (name.to_owned(), date.clone()));
    let (integer, text) = (dialect.column_type(Kind::Integer), dialect.column_type(Kind::Text));
    let (instant, flag) = (dialect.column_type(Kind::Timestamp), dialect.column_type(Kind::Boolean));
    let id = match dialect {
        Dialect::Sqlite => "INTEGER PRIMARY KEY".to_owned(),
        Dialect::Postgres => "BIGINT GENERATED ALWAYS AS IDENTITY".to_owned(),
    };
    let own = [
        ("_id", id),
        ("_nyckel", format!("{} NOT NULL", dialect.key_type())),
        ("_innehall", format!("{integer} NOT NULL")),
        ("_agare", format!("{text} NOT NULL")),
        ("_aktuell", format!("{flag} NOT NULL")),
        ("_version", format!("{text} NOT NULL")),
        ("_mappning", format!("{text} NOT NULL")),
        ("_korning", format!("{text} NOT NULL")),
        ("_rad", format!("{integer} NOT NULL")),
        ("reg_fran", format!("{instant} NOT NULL")),
        ("reg_till", instant),
        ("_seq_fran", format!("{integer} NOT NULL")),
        ("_seq_till", integer),
    ];
    national.chain(valid).chain(own.map(|(name, kind)| (name.to_owned(), kind))).collect()
}

/// Statements that must stand once in a database, before any [`ddl`]; repeating them is harmless.
pub fn shared(dialect: Dialect) -> Vec<String> {
    match dialect {
        Dialect::Sqlite => vec![],
        Dialect::Postgres => vec![
            "CREATE OR REPLACE FUNCTION sluss_vagra_andring() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
               RAISE EXCEPTION 'history is never rewritten: only reg_till is set, once'
                 USING ERRCODE = 'check_violation', CONSTRAINT = 'sluss_historik', TABLE = TG_TABLE_NAME;
             END $$"
                .to_owned(),
            // Only where btree_gist is missing. Publications hold the counter row's lock, so that no
            // two of them can each miss the other's rows.
            "CREATE OR REPLACE FUNCTION sluss_vagra_overlapp() RETURNS trigger LANGUAGE plpgsql AS $$
             DECLARE taken boolean;
             BEGIN
               EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE _nyckel = $1 AND reg_till IS NULL AND _id <> $2
                 AND daterange(giltig_fran, giltig_till) && daterange($3, $4))', TG_RELID::regclass)
                 INTO taken USING NEW._nyckel, NEW._id, NEW.giltig_fran, NEW.giltig_till;
               IF taken THEN
                 RAISE EXCEPTION 'valid periods of one key overlap'
                   USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'sluss_overlapp', TABLE = TG_TABLE_NAME;
               END IF;
               RETURN NEW;
             END $$"
                .to_owned(),
        ],
    }
}

/// The statements that make `table`'s history table with its indexes, guards and view, in order.
///
/// Every statement may be repeated: what exists is kept, guards and view are made anew, so that the
/// same statements also follow [`add_column`]. Empty for a table whose truth lives in the lake.
///
/// In PostgreSQL overlaps are forbidden by an exclusion constraint; where the extension
/// `btree_gist` is not installed, by a trigger.
pub fn ddl(table: &Table, dialect: Dialect) -> Vec<String> {
    if table.store == Store::Lake {
        return vec![];
    }
    let name = quoted(&table.name);
    let columns = columns(table, dialect);
    let mut body: Vec<String> = columns.iter().map(|(name, kind)| format!("{} {kind}", quoted(name))).collect();
    body.push("CHECK ((reg_till IS NULL) = (_seq_till IS NULL))".to_owned());
    body.push("CHECK (giltig_fran <= giltig_till)".to_owned());
    if dialect == Dialect::Postgres {
        body.push("PRIMARY KEY (_nyckel, _id)".to_owned());
    }
    let mut out = vec![format!("CREATE TABLE IF NOT EXISTS {name} (\n  {}\n){}", body.join(",\n  "), dialect.strict())];
    out.extend(indexes(&table.name, dialect));
    let fixed: Vec<String> = columns
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "reg_till" | "_seq_till"))
        .map(|(name, _)| quoted(name))
        .collect();
    out.extend(match dialect {
        Dialect::Sqlite => sqlite_guards(&table.name, &fixed.join(", ")),
        Dialect::Postgres => postgres_guards(&table.name, &fixed.join(", ")),
    });
    let view = quoted(&format!("{}_nu", table.name));
    out.push(format!("DROP VIEW IF EXISTS {view}"));
    let shown: Vec<String> = columns
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "_id" | "reg_till" | "_seq_till"))
        .map(|(name, _)| quoted(name))
        .collect();
    let living = if table.expires { dialect.not_expired() } else { "" };
    out.push(format!("CREATE VIEW {view} AS SELECT {} FROM {name} WHERE reg_till IS NULL{living}", shown.join(", ")));
    out
}

/// The statement that gives an existing history table a new, nullable national column. [`ddl`] must
/// follow it, for the guards and the view. None for a column that the table does not have.
pub fn add_column(table: &Table, column: &str, dialect: Dialect) -> Option<String> {
    let column = table.column.iter().find(|c| c.name == column)?;
    let (name, kind) = (quoted(&table.name), dialect.column_type(column.kind));
    Some(format!("ALTER TABLE {name} ADD COLUMN {} {kind}", quoted(&column.name)))
}

fn indexes(table: &str, dialect: Dialect) -> Vec<String> {
    let on = quoted(table);
    let index = |suffix: &str| quoted(&format!("{table}_{suffix}"));
    match dialect {
        Dialect::Sqlite => vec![
            // Covers what the merge compares with: key and content of one owner's current rows.
            format!(
                "CREATE INDEX IF NOT EXISTS {} ON {on} (_agare, _nyckel, _innehall) \
                 WHERE reg_till IS NULL AND _aktuell = TRUE",
                index("aktuell")
            ),
            format!("CREATE INDEX IF NOT EXISTS {} ON {on} (_nyckel)", index("nyckel")),
            format!("CREATE INDEX IF NOT EXISTS {} ON {on} (_seq_fran)", index("seq_fran")),
            format!("CREATE INDEX IF NOT EXISTS {} ON {on} (_seq_till) WHERE _seq_till IS NOT NULL", index("seq_till")),
        ],
        Dialect::Postgres => vec![
            format!(
                "CREATE UNIQUE INDEX IF NOT EXISTS {} ON {on} (_agare, _nyckel) INCLUDE (_innehall) \
                 WHERE reg_till IS NULL AND _aktuell = TRUE",
                index("aktuell")
            ),
            // Sequence numbers only grow and repeat: PostgreSQL keeps such an index small.
            format!("CREATE INDEX IF NOT EXISTS {} ON {on} (_seq_fran)", index("seq_fran")),
            format!("CREATE INDEX IF NOT EXISTS {} ON {on} (_seq_till) WHERE _seq_till IS NOT NULL", index("seq_till")),
        ],
    }
}

fn sqlite_guards(table: &str, fixed: &str) -> Vec<String> {
    let on = quoted(table);
    let trigger = |suffix: &str| quoted(&format!("{table}_{suffix}"));
    let refuse = "SELECT RAISE(ABORT, 'sluss_historik: history is never rewritten: only reg_till is set, once')";
    let mut out: Vec<String> = ["andring", "slut", "overlapp"]
        .iter()
        .map(|suffix| format!("DROP TRIGGER IF EXISTS {}", trigger(suffix)))
        .collect();
    out.push(format!("CREATE TRIGGER {} BEFORE UPDATE OF {fixed} ON {on} BEGIN {refuse}; END", trigger("andring")));
    out.push(format!(
        "CREATE TRIGGER {} BEFORE UPDATE OF reg_till, _seq_till ON {on} \
         WHEN OLD.reg_till IS NOT NULL OR NEW.reg_till IS NULL OR NEW._seq_till IS NULL BEGIN {refuse}; END",
        trigger("slut")
    ));
    // An empty period overlaps nothing, as in PostgreSQL.
    out.push(format!(
        "CREATE TRIGGER {} BEFORE INSERT ON {on} WHEN NEW.reg_till IS NULL BEGIN \
         SELECT RAISE(ABORT, 'sluss_overlapp: valid periods of one key overlap') WHERE EXISTS (\
         SELECT 1 FROM {on} AS o WHERE o._nyckel = NEW._nyckel AND o.reg_till IS NULL AND (\
         (o._aktuell = TRUE AND NEW._aktuell = TRUE) OR (\
         COALESCE(o.giltig_fran, '') < COALESCE(NEW.giltig_till, '~') \
         AND COALESCE(NEW.giltig_fran, '') < COALESCE(o.giltig_till, '~') \
         AND COALESCE(o.giltig_fran < o.giltig_till, TRUE) \
         AND COALESCE(NEW.giltig_fran < NEW.giltig_till, TRUE)))); END",
        trigger("overlapp")
    ));
    out
}

fn postgres_guards(table: &str, fixed: &str) -> Vec<String> {
    let on = quoted(table);
    let name = |suffix: &str| quoted(&format!("{table}_{suffix}"));
    let (change, end, overlap) = (name("andring"), name("slut"), name("overlapp"));
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    vec![
        format!("DROP TRIGGER IF EXISTS {change} ON {on}"),
        // Fires on the statement's column list: costs nothing per row.
        format!(
            "CREATE TRIGGER {change} BEFORE UPDATE OF {fixed} ON {on} \
             FOR EACH STATEMENT EXECUTE FUNCTION sluss_vagra_andring()"
        ),
        format!("DROP TRIGGER IF EXISTS {end} ON {on}"),
        format!(
            "CREATE TRIGGER {end} BEFORE UPDATE OF reg_till, _seq_till ON {on} FOR EACH ROW \
             WHEN (OLD.reg_till IS NOT NULL OR NEW.reg_till IS NULL OR NEW._seq_till IS NULL) \
             EXECUTE FUNCTION sluss_vagra_andring()"
        ),
        format!(
            "DO $$ BEGIN \
             IF EXISTS (SELECT FROM pg_constraint WHERE conname = {con} AND conrelid = {rel}::regclass) THEN NULL; \
             ELSIF EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist') THEN \
             DROP TRIGGER IF EXISTS {overlap} ON {on}; \
             ALTER TABLE {on} ADD CONSTRAINT {overlap} EXCLUDE USING gist \
             (_nyckel WITH =, daterange(giltig_fran, giltig_till) WITH &&) WHERE (reg_till IS NULL); \
             ELSE \
             DROP TRIGGER IF EXISTS {overlap} ON {on}; \
             CREATE TRIGGER {overlap} BEFORE INSERT ON {on} FOR EACH ROW WHEN (NEW.reg_till IS NULL) \
             EXECUTE FUNCTION sluss_vagra_overlapp(); \
             END IF; END $$",
            con = literal(&format!("{table}_overlapp")),
            rel = literal(&on),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(store: &str) -> Table {
        toml::from_str(&format!(
            r#"
            name = "avtal"
            version = "1.0"
            meaning = "avtal"
            store = "{store}"
            key = ["avtals_id"]
            [[column]]
            name = "avtals_id"
            type = "text"
            meaning = "id"
            required = true
            [[column]]
            name = "belopp"
            type = "decimal(12,2)"
            meaning = "belopp"
            [[column]]
            name = "giltig_fran"
            type = "date"
            meaning = "från"
            "#
        ))
        .unwrap()
    }

    #[test]
    fn a_lake_table_has_no_table_in_the_register() {
        assert!(ddl(&table("lake"), Dialect::Sqlite).is_empty());
        assert!(ddl(&table("lake"), Dialect::Postgres).is_empty());
    }

    #[test]
    fn only_missing_valid_time_is_added() {
        let table = table("register");
        assert_eq!(added_valid_time(&table), ["giltig_till"]);
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let create = ddl(&table, dialect).remove(0);
            assert_eq!(create.matches("\"giltig_fran\"").count(), 1, "{create}");
            assert_eq!(create.matches("\"giltig_till\"").count(), 1, "{create}");
        }
    }

    #[test]
    fn decimals_are_exact_in_both() {
        assert_eq!(Dialect::Sqlite.column_type(Kind::Decimal(18, 2)), "INTEGER");
        assert_eq!(Dialect::Sqlite.column_type(Kind::Decimal(19, 2)), "TEXT");
        assert_eq!(Dialect::Postgres.column_type(Kind::Decimal(19, 2)), "NUMERIC(19,2)");
    }

    #[test]
    fn only_the_ends_may_be_updated() {
        let guards = ddl(&table("register"), Dialect::Sqlite).join("\n");
        assert!(guards.contains("BEFORE UPDATE OF \"avtals_id\", \"belopp\", \"giltig_fran\""));
        assert!(!guards.contains("\"_seq_till\" ON"));
    }

    #[test]
    fn names_are_quoted() {
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }

    #[test]
    fn an_added_column_is_nullable() {
        let sql = add_column(&table("register"), "belopp", Dialect::Postgres).unwrap();
        assert_eq!(sql, "ALTER TABLE \"avtal\" ADD COLUMN \"belopp\" NUMERIC(12,2)");
        assert!(add_column(&table("register"), "saknas", Dialect::Postgres).is_none());
    }
}
