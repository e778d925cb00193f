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

mod plan;
mod stale;
mod tell;
mod words;
mod work;
mod write;

use sluss_schemas::table::ddl::Dialect;

pub(crate) use self::tell::key_document;
pub(crate) use self::words::{date_literal, hex, key_literal, literal, runs_of, staged_keys, staged_table};
pub(crate) use self::work::{DROP_WORK_TABLES, work_tables};
use super::layout::Layout;

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

    /// Number of the delivery that the run reads, be it the first time or again.
    fn delivery(&self) -> String {
        format!("(SELECT delivery_nr FROM korning WHERE nr = {})", self.run)
    }
}
