//! The register's statements, made for a table and a database.
//!
//! The publishing transaction works on sets. In temporary tables it first plans what shall be
//! believed from now on, then closes what that replaces, then inserts. With `e` the day from which
//! the delivery is effective, `[df, dt)` the delivered period (unbounded where the table has no
//! valid time of its own) and `s` the start of the delivered values' slice:
//!
//! - a key of which nothing is believed: one slice, `[df, dt)`, or from `e` where the table has no
//!   `giltig_fran`;
//! - a changed key: `s = max(e, df)`, or the start of its last slice where only corrections and the
//!   period itself changed. Earlier slices are cut at `s` and to `[df, dt)`, and take over the
//!   corrections; the last of them before `s` reaches to `s`, the first begins at `df`;
//! - a change that comes when its period is over concerns the past: it takes the last slice's place;
//! - a key that had ended: `s = df` where that lies after its end, else `max(e, df)`. What was
//!   believed of earlier periods stays;
//! - an ended key: its slices are cut at `e`, those to come vanish.
//!
//! A replay reads an earlier delivery again. A key that a later one has changed, ended, or brought as
//! it was when it had been stale, is left alone altogether. A later delivery that brought the key and
//! was wrong keeps it from ending, and keeps it stale, while a row of the earlier one is still the
//! best that is known.

use std::fmt::Write as _;

use chrono::NaiveDate;
use sluss_schemas::table::ddl::{Dialect, quoted};
use sluss_schemas::table::{Kind, VALID_FROM, VALID_TO};

use super::database::iso;
use super::layout::{CONTENT, Holds, KEY, Layout};
use super::stage::KEYS;

/// A run's staging table for one national table.
pub(crate) fn staged_table(dialect: Dialect, run: i64, table: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("steg.{}", quoted(table)),
        Dialect::Postgres => format!("steg.{}", quoted(&format!("r{run}_{table}"))),
    }
}

/// A run's staged keys.
pub(crate) fn staged_keys(dialect: Dialect, run: i64) -> String {
    match dialect {
        Dialect::Sqlite => format!("steg.{KEYS}"),
        Dialect::Postgres => format!("steg.{}", quoted(&format!("r{run}_{KEYS}"))),
    }
}

/// A text as an SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The runs of some jobs, as a set in SQL.
pub(crate) fn runs_of(jobs: &[String]) -> String {
    let jobs: Vec<String> = jobs.iter().map(|job| literal(job)).collect();
    format!("(SELECT id FROM korning WHERE job IN ({}))", jobs.join(", "))
}

/// A date as an SQL literal.
pub(crate) fn date_literal(dialect: Dialect, date: NaiveDate) -> String {
    match dialect {
        Dialect::Sqlite => literal(&iso(date)),
        Dialect::Postgres => format!("DATE {}", literal(&iso(date))),
    }
}

/// A key hash as an SQL literal.
pub(crate) fn key_literal(dialect: Dialect, key: &[u8; 16]) -> String {
    let hex = hex(key);
    match dialect {
        Dialect::Sqlite => format!("x'{hex}'"),
        Dialect::Postgres => format!("'{hex}'::uuid"),
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A start of validity that compares, with the unbounded one before all others.
fn lo(dialect: Dialect, date: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("COALESCE({date}, '')"),
        Dialect::Postgres => format!("COALESCE({date}, '-infinity'::date)"),
    }
}

/// An end of validity that compares, with the unbounded one after all others.
fn hi(dialect: Dialect, date: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("COALESCE({date}, '~')"),
        Dialect::Postgres => format!("COALESCE({date}, 'infinity'::date)"),
    }
}

/// [`lo`] undone.
fn from_lo(dialect: Dialect, date: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("NULLIF({date}, '')"),
        Dialect::Postgres => format!("NULLIF({date}, '-infinity'::date)"),
    }
}

/// [`hi`] undone.
fn from_hi(dialect: Dialect, date: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("NULLIF({date}, '~')"),
        Dialect::Postgres => format!("NULLIF({date}, 'infinity'::date)"),
    }
}

fn greatest(dialect: Dialect, a: &str, b: &str) -> String {
    let name = if dialect == Dialect::Sqlite { "MAX" } else { "GREATEST" };
    format!("{name}({a}, {b})")
}

fn least(dialect: Dialect, a: &str, b: &str) -> String {
    let name = if dialect == Dialect::Sqlite { "MIN" } else { "LEAST" };
    format!("{name}({a}, {b})")
}

/// The temporary tables of a publication, empty. Each statement may be repeated; where a role has been
/// taken on they are its own, and go with the transaction.
pub(crate) fn work_tables(dialect: Dialect, in_role: bool) -> Vec<String> {
    let (key, date, flag) = (dialect.key_type(), dialect.column_type(Kind::Date), dialect.column_type(Kind::Boolean));
    let id = dialect.column_type(Kind::Integer);
    let end = match (dialect, in_role) {
        (Dialect::Postgres, true) => " ON COMMIT DROP",
        (Dialect::Postgres, false) => " ON COMMIT DELETE ROWS",
        (Dialect::Sqlite, _) => "",
    };
    let mut out: Vec<String> = [
        // Delivered keys of which something else is believed: whether values changed that take
        // effect from the delivery, whether the key had ended; first believed day, delivered
        // period, start of the new slice.
        format!(
            "publ_andrad (nyckel {key} PRIMARY KEY, ny BOOL, ater BOOL, borjan DAY, fran DAY, till DAY, start DAY){end}"
        ),
        format!("publ_avslutad (nyckel {key} PRIMARY KEY){end}"),
        // Slices that stand on after the change: from which row, which period, and whether as they are.
        format!("publ_del (nyckel {key}, kalla {id} PRIMARY KEY, fran DAY, till DAY, lika BOOL){end}"),
        format!("publ_ersatt (nyckel {key} PRIMARY KEY){end}"),
        format!("publ_senare (seq {id} PRIMARY KEY){end}"),
    ]
    .into_iter()
    .map(|t| format!("CREATE TEMP TABLE IF NOT EXISTS {}", t.replace("BOOL", &flag).replace("DAY", &date)))
    .collect();
    out.extend(WORK_TABLES.map(|t| format!("DELETE FROM {t}")));
    out
}

/// Removes the temporary tables of earlier publications on this connection.
pub(crate) const DROP_WORK_TABLES: &str = "DROP TABLE IF EXISTS pg_temp.publ_andrad, pg_temp.publ_avslutad, \
                                           pg_temp.publ_del, pg_temp.publ_ersatt, pg_temp.publ_senare";

const WORK_TABLES: [&str; 5] = ["publ_andrad", "publ_avslutad", "publ_del", "publ_ersatt", "publ_senare"];

/// The statements that publish one table. All take the same arguments, each what it needs of:
/// `$1` owner · `$2` effective day · `$3` recorded instant · `$4` publish sequence number ·
/// `$5` run · `$6` mapping hash · `$7` schema version · `$8` last event number.
pub(crate) struct Publish<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) dialect: Dialect,
    /// Number of the publishing run.
    pub(crate) run: i64,
    /// Whether keys in `publ_ersatt` are left alone.
    pub(crate) skip_superseded: bool,
    /// Whether an earlier delivery is read again.
    pub(crate) replay: bool,
}

impl Publish<'_> {
    fn staged(&self) -> String {
        staged_table(self.dialect, self.run, self.layout.name())
    }

    /// Joins what stands before it first. SQLite has no statistics here, and would rather walk the
    /// whole history than a publication's few keys.
    fn join(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "CROSS JOIN",
            Dialect::Postgres => "JOIN",
        }
    }

    fn skip(&self, key: &str) -> String {
        if self.skip_superseded {
            format!(" AND NOT EXISTS (SELECT 1 FROM publ_ersatt e WHERE e.nyckel = {key})")
        } else {
            String::new()
        }
    }

    /// Staged keys of a kind.
    fn keys(&self, kind: i64) -> String {
        let table = literal(self.layout.name());
        format!("(SELECT nyckel FROM {} WHERE tabell = {table} AND slag = {kind})", staged_keys(self.dialect, self.run))
    }

    /// How many staged rows have keys that are current under another owner. Argument: owner.
    pub(crate) fn foreign(&self) -> String {
        format!(
            "SELECT COUNT(*) FROM {} s {} {} t ON t._nyckel = s._nyckel \
             WHERE t.reg_till IS NULL AND t._aktuell = TRUE AND t._agare <> $1",
            self.staged(),
            self.join(),
            self.layout.sql_name()
        )
    }

    /// How many staged rows name another owner. Argument: owner. None where rows name none.
    pub(crate) fn misowned(&self) -> Option<String> {
        let column = quoted(self.layout.table.owner.as_ref()?);
        Some(format!("SELECT COUNT(*) FROM {} s WHERE s.{column} IS DISTINCT FROM $1", self.staged()))
    }

    /// Number of the delivery that the run reads, be it the first time or again.
    fn delivery(&self) -> String {
        format!("(SELECT delivery_nr FROM korning WHERE nr = {})", self.run)
    }

    /// Keys, among those staged, that a publication in `publ_senare` touched: with a change, or by
    /// bringing what had been stale as it was.
    pub(crate) fn find_superseded(&self) -> String {
        format!(
            "INSERT INTO publ_ersatt (nyckel) SELECT DISTINCT h._nyckel FROM {} h \
             WHERE (h._seq_fran IN (SELECT seq FROM publ_senare) OR h._seq_till IN (SELECT seq FROM publ_senare) \
             OR EXISTS (SELECT 1 FROM inaktuell i WHERE i.table_name = {} AND i.key_hash = h._nyckel \
             AND i.seq_to IN (SELECT seq FROM publ_senare))) \
             AND (EXISTS (SELECT 1 FROM {} s WHERE s._nyckel = h._nyckel) \
             OR h._nyckel IN (SELECT nyckel FROM {} WHERE tabell = {}))",
            self.layout.sql_name(),
            literal(self.layout.name()),
            self.staged(),
            staged_keys(self.dialect, self.run),
            literal(self.layout.name()),
        )
    }

    /// The rows of the superseded keys.
    pub(crate) fn superseded_rows(&self) -> String {
        format!("SELECT s._rad FROM {} s JOIN publ_ersatt e ON e.nyckel = s._nyckel ORDER BY s._rad", self.staged())
    }

    /// Which delivered keys change something that is believed, and from when.
    pub(crate) fn plan_changed(&self) -> String {
        let d = self.dialect;
        let (layout, table) = (self.layout, self.layout.sql_name());
        let differs: Vec<String> =
            layout.payload().map(quoted).map(|c| format!("s.{c} IS DISTINCT FROM l.{c}")).collect();
        let differs = if differs.is_empty() { "FALSE".to_owned() } else { differs.join(" OR ") };
        let fran = if layout.has_from { lo(d, "s.giltig_fran") } else { lo(d, &null_date(d)) };
        let till = if layout.has_till { hi(d, "s.giltig_till") } else { hi(d, &null_date(d)) };
        let effective = greatest(d, "$2", "x.fran");
        let after_end = if layout.has_from { "WHEN x.live IS NULL AND x.fran >= x.slut THEN x.fran " } else { "" };
        let in_place = if layout.has_from {
            format!("CASE WHEN x.senaste <= x.borjan THEN x.fran ELSE {} END", greatest(d, "x.senaste", "x.fran"))
        } else {
            "x.senaste".to_owned()
        };
        let start = format!("CASE {after_end}WHEN x.live IS NULL OR x.ny THEN {effective} ELSE {in_place} END");
        let last_before_end = format!(
            "(SELECT MAX({}) FROM {table} h WHERE h._nyckel = y.nyckel AND h.reg_till IS NULL AND {} < y.till)",
            lo(d, "h.giltig_fran"),
            lo(d, "h.giltig_fran")
        );
        let start_in_period = if layout.has_till {
            // The first slice of a key that goes on begins where the delivered period does.
            let moved = if layout.has_from {
                format!("CASE WHEN y.live IS NULL THEN {last_before_end} ELSE NULLIF({last_before_end}, y.borjan) END")
            } else {
                last_before_end
            };
            let earlier = format!("COALESCE({moved}, y.fran)");
            format!("CASE WHEN y.start >= y.till THEN {} ELSE y.start END", greatest(d, &earlier, "y.fran"))
        } else {
            "y.start".to_owned()
        };
        format!(
            "INSERT INTO publ_andrad (nyckel, ny, ater, borjan, fran, till, start) \
             SELECT y.nyckel, y.ny, y.live IS NULL, y.borjan, y.fran, y.till, {start_in_period} FROM (\
             SELECT x.*, {start} AS start FROM (\
             SELECT s._nyckel AS nyckel, l._id AS live, ({differs}) AS ny, b.borjan, b.slut, \
             {fran} AS fran, {till} AS till, {senaste} AS senaste \
             FROM {staged} s JOIN (\
             SELECT t._nyckel, MIN({lo_t}) AS borjan, MAX({hi_t}) AS slut FROM {table} t \
             WHERE t.reg_till IS NULL AND t._nyckel IN (SELECT _nyckel FROM {staged}) GROUP BY t._nyckel\
             ) b ON b._nyckel = s._nyckel \
             LEFT JOIN {table} l ON l._nyckel = s._nyckel AND l.reg_till IS NULL AND l._aktuell = TRUE \
             WHERE (l._id IS NULL OR l.{CONTENT} <> s.{CONTENT}){skip}) x) y",
            staged = self.staged(),
            senaste = lo(d, "l.giltig_fran"),
            lo_t = lo(d, "t.giltig_fran"),
            hi_t = hi(d, "t.giltig_till"),
            skip = self.skip("s._nyckel"),
        )
    }

    /// Which of the staged ended keys end: those that are current, are this owner's and did not
    /// come as rows. A key that a later delivery than this one brought, if wrong, is there.
    pub(crate) fn plan_ended(&self, ended: i64) -> String {
        let came_later = if self.replay {
            format!(
                " AND NOT EXISTS (SELECT 1 FROM inaktuell i WHERE i.table_name = {} AND i.key_hash = t._nyckel \
                 AND i.seq_to IS NULL AND i.delivery_nr > {})",
                literal(self.layout.name()),
                self.delivery()
            )
        } else {
            String::new()
        };
        format!(
            "INSERT INTO publ_avslutad (nyckel) SELECT DISTINCT t._nyckel FROM {} t \
             WHERE t._nyckel IN {} AND t.reg_till IS NULL AND t._aktuell = TRUE AND t._agare = $1 \
             AND NOT EXISTS (SELECT 1 FROM {} s WHERE s._nyckel = t._nyckel){}{came_later}",
            self.layout.sql_name(),
            self.keys(ended),
            self.staged(),
            self.skip("t._nyckel")
        )
    }

    /// Inserts the slices of keys of which nothing is believed.
    pub(crate) fn insert_new(&self) -> String {
        let layout = self.layout;
        let mut names = vec![];
        let mut values = vec![];
        for slot in &layout.national {
            names.push(quoted(&slot.name));
            values.push(format!("s.{}", quoted(&slot.name)));
        }
        if !layout.has_from {
            names.push(VALID_FROM.to_owned());
            // A delivered end before the delivery's day leaves the start unknown.
            values.push(if layout.has_till {
                "CASE WHEN s.giltig_till <= $2 THEN NULL ELSE $2 END".to_owned()
            } else {
                "$2".to_owned()
            });
        }
        format!(
            "INSERT INTO {table} ({names}, {own}) SELECT {values}, {delivered} FROM {staged} s \
             WHERE NOT EXISTS (SELECT 1 FROM {table} b WHERE b._nyckel = s._nyckel AND b.reg_till IS NULL){skip} \
             ORDER BY s._nyckel",
            table = layout.sql_name(),
            names = names.join(", "),
            own = OWN,
            values = values.join(", "),
            delivered = DELIVERED,
            staged = self.staged(),
            skip = self.skip("s._nyckel"),
        )
    }

    /// What stands on of the changed keys' earlier slices.
    pub(crate) fn plan_changed_parts(&self) -> String {
        let d = self.dialect;
        let layout = self.layout;
        let (from, till) = (lo(d, "o.giltig_fran"), hi(d, "o.giltig_till"));
        let fran = if layout.has_from {
            format!(
                "CASE WHEN d.ater = TRUE THEN {from} WHEN {from} <= d.borjan THEN d.fran ELSE {} END",
                greatest(d, &from, "d.fran")
            )
        } else {
            from.clone()
        };
        let cut = least(d, &till, "d.start");
        let end = format!(
            "CASE WHEN d.ater = TRUE THEN {cut} WHEN o._aktuell = TRUE THEN {} ELSE {} END",
            least(d, "d.start", "d.till"),
            least(d, &cut, "d.till")
        );
        let corrected: Vec<String> =
            layout.corrections().map(quoted).map(|c| format!(" AND s.{c} IS NOT DISTINCT FROM o.{c}")).collect();
        format!(
            "INSERT INTO publ_del (nyckel, kalla, fran, till, lika) \
             SELECT x.nyckel, x.kalla, x.fran, x.slut, \
             (x.fran = x.forr_fran AND x.slut = x.forr_slut AND x.aktuell = FALSE AND x.samma) FROM (\
             SELECT d.nyckel, o._id AS kalla, {fran} AS fran, {end} AS slut, {from} AS forr_fran, {till} AS forr_slut, \
             o._aktuell AS aktuell, (TRUE{corrected}) AS samma \
             FROM publ_andrad d {join} {table} o ON o._nyckel = d.nyckel AND o.reg_till IS NULL \
             {join} {staged} s ON s._nyckel = d.nyckel \
             WHERE o._aktuell = FALSE OR d.ny = TRUE) x WHERE x.fran < x.slut",
            corrected = corrected.concat(),
            join = self.join(),
            table = layout.sql_name(),
            staged = self.staged(),
        )
    }

    /// What stands on of the ended keys' slices.
    pub(crate) fn plan_ended_parts(&self) -> String {
        let d = self.dialect;
        let (from, till) = (lo(d, "o.giltig_fran"), hi(d, "o.giltig_till"));
        let cut = least(d, &till, "$2");
        format!(
            "INSERT INTO publ_del (nyckel, kalla, fran, till, lika) \
             SELECT a.nyckel, o._id, {from}, {cut}, (o._aktuell = FALSE AND {till} <= $2) \
             FROM publ_avslutad a {} {} o ON o._nyckel = a.nyckel AND o.reg_till IS NULL WHERE {from} < {cut}",
            self.join(),
            self.layout.sql_name()
        )
    }

    /// Closes every believed slice of the changed and ended keys that does not stand on as it is.
    pub(crate) fn close(&self) -> String {
        format!(
            "UPDATE {} SET reg_till = $3, _seq_till = $4 WHERE reg_till IS NULL \
             AND _nyckel IN (SELECT nyckel FROM publ_andrad UNION ALL SELECT nyckel FROM publ_avslutad) \
             AND NOT EXISTS (SELECT 1 FROM publ_del p WHERE p.kalla = _id AND p.lika = TRUE)",
            self.layout.sql_name()
        )
    }

    /// Inserts what stands on, in its new period and with the delivered corrections.
    ///
    /// The slices are found by key and id together. A planner that takes the two for independent expects one
    /// row, and would read all that is staged once for each: so the staged corrections are joined first.
    pub(crate) fn insert_parts(&self) -> String {
        let d = self.dialect;
        let layout = self.layout;
        let (mut names, mut values, mut corrected) = (vec![], vec![], vec![]);
        for slot in &layout.national {
            let name = quoted(&slot.name);
            if matches!(slot.name.as_str(), VALID_FROM | VALID_TO) {
                continue;
            }
            values.push(if layout.corrections().any(|c| c == slot.name) {
                let alias = format!("rattad_{}", corrected.len());
                corrected.push(format!(", s.{name} AS {alias}"));
                format!("CASE WHEN d.kom IS NULL THEN o.{name} ELSE d.{alias} END")
            } else {
                format!("o.{name}")
            });
            names.push(name);
        }
        format!(
            "WITH d AS MATERIALIZED (SELECT p.nyckel, p.kalla, p.fran, p.till, s.{KEY} AS kom{corrected} \
             FROM publ_del p LEFT JOIN {staged} s ON s._nyckel = p.nyckel WHERE p.lika = FALSE) \
             INSERT INTO {table} ({names}, giltig_fran, giltig_till, {OWN}) \
             SELECT {values}, {fran}, {till}, o.{KEY}, o.{CONTENT}, o._agare, FALSE, o._version, o._mappning, o._korning, \
             o._rad, $3, $4 \
             FROM d {join} {table} o ON o._nyckel = d.nyckel AND o._id = d.kalla",
            corrected = corrected.concat(),
            table = layout.sql_name(),
            names = names.join(", "),
            values = values.join(", "),
            fran = from_lo(d, "d.fran"),
            till = from_hi(d, "d.till"),
            join = self.join(),
            staged = self.staged(),
        )
    }

    /// Inserts the changed keys' delivered values.
    pub(crate) fn insert_changed(&self) -> String {
        let d = self.dialect;
        let layout = self.layout;
        let slots = layout.national.iter().filter(|s| !matches!(s.name.as_str(), VALID_FROM | VALID_TO));
        let names: Vec<String> = slots.map(|s| quoted(&s.name)).collect();
        let values: Vec<String> = names.iter().map(|n| format!("s.{n}")).collect();
        format!(
            "INSERT INTO {table} ({names}, giltig_fran, giltig_till, {OWN}) \
             SELECT {values}, {fran}, {till}, {DELIVERED} FROM publ_andrad d {join} {staged} s ON s._nyckel = d.nyckel",
            table = layout.sql_name(),
            names = names.join(", "),
            values = values.join(", "),
            fran = from_lo(d, "d.start"),
            till = from_hi(d, "d.till"),
            join = self.join(),
            staged = self.staged(),
        )
    }

    /// Writes the events, numbered in the order of kind and key.
    pub(crate) fn insert_events(&self) -> String {
        let table = self.layout.sql_name();
        format!(
            "INSERT INTO handelse (no, seq, table_name, owner, kind, key_hash, key) \
             SELECT $8 + ROW_NUMBER() OVER (ORDER BY x.kind, x._nyckel), $4, {name}, $1, x.kind, x._nyckel, x.key FROM (\
             SELECT t._nyckel, CASE WHEN d.nyckel IS NULL OR d.ater = TRUE THEN 'new' \
             WHEN d.ny = TRUE THEN 'changed' ELSE 'corrected' END AS kind, {key} AS key \
             FROM {table} t LEFT JOIN publ_andrad d ON d.nyckel = t._nyckel \
             WHERE t._seq_fran = $4 AND t._aktuell = TRUE \
             UNION ALL \
             SELECT t._nyckel, 'ended', {key} FROM {table} t JOIN publ_avslutad a ON a.nyckel = t._nyckel \
             WHERE t._seq_till = $4 AND t._aktuell = TRUE) x",
            name = literal(self.layout.name()),
            key = key_document(self.layout, self.dialect, "t"),
        )
    }

    /// How many of a range of events are of which kind. Arguments: the number before the first,
    /// the last.
    pub(crate) fn count_events() -> &'static str {
        "SELECT kind, COUNT(*) FROM handelse WHERE no > $1 AND no <= $2 GROUP BY kind"
    }

    /// Ends stale marks: of keys that came as rows or were said to be fresh, of keys that are no
    /// longer current, and, where the delivery is its jobs' whole source, of all that they marked and
    /// that are not stale again. A later delivery's marks are not an older one's to end, when it is read
    /// again. Arguments: owner, sequence number.
    pub(crate) fn end_stale(&self, whole_of: Option<&[String]>, stale: i64, fresh: i64) -> String {
        let table = self.layout.sql_name();
        let again = self.keys(stale);
        let gone = format!(
            "NOT EXISTS (SELECT 1 FROM {table} t WHERE t._nyckel = key_hash AND t.reg_till IS NULL AND t._aktuell = TRUE)"
        );
        let whole = whole_of.map_or_else(String::new, |jobs| format!("run IN {} OR ", runs_of(jobs)));
        let over = format!(
            "(key_hash NOT IN {again} AND ({whole}key_hash IN (SELECT _nyckel FROM {}) OR key_hash IN {}))",
            self.staged(),
            self.keys(fresh)
        );
        format!(
            "UPDATE inaktuell SET seq_to = $2 WHERE table_name = {} AND owner = $1 AND seq_to IS NULL \
             AND (({over} AND delivery_nr <= {}) OR {gone})",
            literal(self.layout.name()),
            self.delivery()
        )
    }

    /// Begins stale marks. Arguments: owner, sequence number, run.
    pub(crate) fn begin_stale(&self, stale: i64) -> String {
        let name = literal(self.layout.name());
        format!(
            "INSERT INTO inaktuell (table_name, key_hash, owner, run, seq_from, delivery_nr) \
             SELECT {name}, t._nyckel, $1, $3, $2, {} FROM {} t WHERE t._nyckel IN {} \
             AND t.reg_till IS NULL AND t._aktuell = TRUE AND t._agare = $1 \
             AND NOT EXISTS (SELECT 1 FROM inaktuell i WHERE i.table_name = {name} AND i.key_hash = t._nyckel \
             AND i.seq_to IS NULL){}",
            self.delivery(),
            self.layout.sql_name(),
            self.keys(stale),
            self.skip("t._nyckel"),
        )
    }

    /// Notes on stale marks that this delivery says the same once more: what is older than the latest
    /// that says so cannot end them. Argument: owner.
    pub(crate) fn renew_stale(&self, stale: i64) -> String {
        format!(
            "UPDATE inaktuell SET delivery_nr = {delivery} WHERE table_name = {} AND owner = $1 AND seq_to IS NULL \
             AND delivery_nr < {delivery} AND key_hash IN {}",
            literal(self.layout.name()),
            self.keys(stale),
            delivery = self.delivery(),
        )
    }
}

/// The business key of a row as a JSON object, the same text in both databases.
pub(crate) fn key_document(layout: &Layout, dialect: Dialect, of: &str) -> String {
    let parts: Vec<String> = layout
        .table
        .key
        .iter()
        .map(|name| {
            let column = format!("{of}.{}", quoted(name));
            let kind = layout.national.iter().find(|s| &s.name == name).map(|s| s.holds);
            let value = match (dialect, kind) {
                (Dialect::Sqlite, Some(Holds::Value(Kind::Boolean))) => {
                    format!("CASE WHEN {column} THEN 'true' ELSE 'false' END")
                }
                (Dialect::Sqlite, _) => format!("json_quote({column})"),
                (Dialect::Postgres, _) => format!("to_json({column})::text"),
            };
            format!("{} || {value}", literal(&format!("{}:", serde_json::Value::from(name.as_str()))))
        })
        .collect();
    format!("'{{' || {} || '}}'", parts.join(" || ',' || "))
}

/// Own columns of an inserted slice, in the order of [`DELIVERED`].
const OWN: &str = "_nyckel, _innehall, _agare, _aktuell, _version, _mappning, _korning, _rad, reg_fran, _seq_fran";
/// Their values for a row as it was delivered.
const DELIVERED: &str = "s._nyckel, s._innehall, $1, TRUE, $7, $6, $5, s._rad, $3, $4";

fn null_date(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => "NULL".to_owned(),
        Dialect::Postgres => "NULL::date".to_owned(),
    }
}
