//! Statuses and cleared views in SQL: what reads the register's database past the program sees what may
//! be seen, and no more.
//!
//! `sekretess_lage` has each contract's status; it is for those who decide, no outlet. `oppen_<table>`
//! has the cleared columns of rows whose contract is open, and `oppen_handelse` their events.
//! [`Rules::status`](super::Rules::status) says in Rust what [`standing`] says here.

use std::fmt::Write as _;

use super::bond::{Bond, CONTRACT, Link, applies};
use super::ground::Ground;
use super::outlet::Outlet;
use super::status::Status;
use crate::table::ddl::{Dialect, added_valid_time, quoted};
use crate::table::{Store, Table};

/// The view that has each contract's status.
const STANDING: &str = "sekretess_lage";

/// The day in Sweden, in a view. SQLite knows no time zones: in summer a secret opens there an hour late.
const fn today(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "date('now', '+1 hours')",
        Dialect::Postgres => "(now() AT TIME ZONE 'Europe/Stockholm')::date",
    }
}

/// The first open day `months` after a contract was entered: see [`super::first_open_day`].
fn ends(dialect: Dialect, months: u32) -> String {
    match dialect {
        // SQLite does not stop at the month's end: 29 February becomes 1 March, the day after already.
        Dialect::Sqlite => format!(
            "CASE WHEN strftime('%d', tecknat) = strftime('%d', tecknat, '+{months} months') \
             THEN date(tecknat, '+{months} months', '+1 day') ELSE date(tecknat, '+{months} months') END"
        ),
        Dialect::Postgres => format!("(tecknat + interval '{months} months')::date + 1"),
    }
}

/// Whether the ground is written in one of these forms.
fn written(forms: &[&str]) -> String {
    let like: Vec<_> = forms.iter().map(|form| format!("lower(sekretess_grund) LIKE '%{form}%'")).collect();
    like.join(" OR ")
}

/// A SELECT of every contract's `lanskod`, `avtals_id`, `avtal` (both with a slash between), `status`, and
/// `till`, the first day on which its secrecy has ended. `today` is an expression.
pub fn standing(dialect: Dialect, today: &str) -> String {
    let table = quoted(CONTRACT);
    let (region, agency) = (written(&Ground::REGION), written(&Ground::AGENCY));
    let months = |ground: Ground| ends(dialect, 12 * ground.years().unwrap_or_default());
    let (two, twenty) = (months(Ground::Region), months(Ground::Agency));
    format!(
        "SELECT k.lanskod, k.avtals_id, k.lanskod || '/' || k.avtals_id AS avtal, CASE \
         WHEN k.sekretess = 'registreras_ej' OR (k._aktuell = FALSE AND EXISTS (SELECT 1 FROM sekretess_undantag u \
         WHERE u.table_name = '{CONTRACT}' AND u.key_hash = k._nyckel)) THEN 'undantagen' \
         WHEN b.status = 'hemlig' AND b.till <= {today} THEN 'oppen' \
         WHEN b.status IS NOT NULL THEN b.status \
         WHEN k.sekretess IS NULL THEN r.obesvarat \
         WHEN k.sekretess = 'ej_provad' THEN r.ej_provat \
         WHEN k.sekretess = 'ingen' OR k.slut <= {today} THEN r.oppet_hos_region \
         WHEN k.sekretess = 'delvis' THEN r.delvis \
         WHEN r.overfors = 1 THEN 'hemlig' ELSE 'provas' END AS status, \
         CASE WHEN b.status IS NOT NULL THEN b.till WHEN k.sekretess IN ('delvis', 'sekretess') THEN k.slut END AS till \
         FROM (SELECT g.*, CASE WHEN g.sekretess_till IS NULL THEN g.grans WHEN g.grans IS NULL THEN g.sekretess_till \
         WHEN g.sekretess_till < g.grans THEN g.sekretess_till ELSE g.grans END AS slut FROM (\
         SELECT lanskod, avtals_id, _nyckel, _aktuell, sekretess, sekretess_till, nr, \
         CASE WHEN sekretess_grund IS NULL OR {region} THEN {two} WHEN {agency} THEN {twenty} END AS grans FROM (\
         SELECT a.*, ROW_NUMBER() OVER (PARTITION BY a._nyckel ORDER BY a._aktuell DESC, a.giltig_fran DESC, a._id DESC) \
         AS nr FROM {table} a WHERE a.reg_till IS NULL) s WHERE nr = 1) g) k \
         LEFT JOIN sekretess_beslut b ON b.lanskod = k.lanskod AND b.avtals_id = k.avtals_id AND b.reg_till IS NULL \
         CROSS JOIN sekretess_regler r"
    )
}

/// The condition that a row `t` of a table with this bond is of an open contract, or of none. `standing` names what
/// has each contract's status, as `sekretess_lage` has it.
///
/// `IS TRUE`, since PostgreSQL takes open contracts for few, and would go through them all for each row, where it may
/// make a join of it.
fn open_rows(bond: &Bond, standing: &str) -> Option<String> {
    let open = Status::Open.name();
    match bond {
        Bond::None => None,
        Bond::Key { lanskod, avtals_id } => Some(format!(
            "((t.{}, t.{}) IN (SELECT lanskod, avtals_id FROM {standing} WHERE status = '{open}')) IS TRUE",
            quoted(lanskod),
            quoted(avtals_id)
        )),
        Bond::Named(links) => {
            let shown: Vec<String> = links.iter().map(|link| shown(link, standing)).collect();
            Some(shown.join(" AND "))
        }
    }
}

/// What names a contract is of an open one, and could be of no other: an id may hold slashes itself. What
/// names a contract that the register does not have leaves no more than what names a secret one.
///
/// Everything that the name begins with up to a slash is looked for among the contracts' names, which are found once:
/// a nation has too many of both to compare each with each.
fn shown(link: &Link, standing: &str) -> String {
    let open = Status::Open.name();
    let among = |condition: &str| format!("part IN (SELECT avtal FROM {standing} WHERE status {condition} '{open}')");
    format!(
        "(NOT {} OR (WITH RECURSIVE begins(part) AS (SELECT t.{} UNION ALL \
         SELECT substr(part, 1, length(rtrim(part, replace(part, '/', ''))) - 1) FROM begins WHERE part LIKE '%/%') \
         SELECT MIN(CASE WHEN {} THEN 0 WHEN {} THEN 1 END) FROM begins) = 1)",
        is_link(link),
        quoted(&link.column),
        among("<>"),
        among("=")
    )
}

/// The condition that a row `t` names a contract by this link.
pub fn is_link(link: &Link) -> String {
    let kinds: Vec<String> = link.kinds.iter().map(|k| format!("'{}'", k.replace('\'', "''"))).collect();
    format!("(t.{} IN ({}))", quoted(&link.kind), kinds.join(", "))
}

/// The condition that a row `t` names the contract `name`, an expression, or something of it.
pub fn names(link: &Link, name: &str) -> String {
    let column = quoted(&link.column);
    format!("(t.{column} = {name} OR substr(t.{column}, 1, length({name}) + 1) = {name} || '/')")
}

/// The statements that make all views anew, in order. None where contracts have no status.
pub fn views(tables: &[&Table], dialect: Dialect) -> Vec<String> {
    let find = |name: &str| tables.iter().copied().find(|table| table.name == name);
    let kept: Vec<&Table> = tables.iter().copied().filter(|table| table.store == Store::Register).collect();
    let has_status = find(CONTRACT).is_some_and(applies);
    let mut out = vec!["DROP VIEW IF EXISTS oppen_handelse".to_owned()];
    out.extend(kept.iter().map(|table| format!("DROP VIEW IF EXISTS {}", name(table))));
    // Where another project's own tables were known before, their views go too: they are made anew with them.
    let dependents = if dialect == Dialect::Postgres { " CASCADE" } else { "" };
    out.push(format!("DROP VIEW IF EXISTS {STANDING}{dependents}"));
    if has_status {
        out.push(format!("CREATE VIEW {STANDING} AS {}", standing(dialect, today(dialect))));
    }
    let (mut bonded, mut events) = (vec![], String::new());
    for table in kept {
        let bond = Bond::of(table, &find);
        out.push(view(table, dialect, open_rows(&bond, STANDING).as_deref()));
        if let Some(condition) = open_rows(&bond, "lage") {
            bonded.push(format!("'{}'", table.name));
            let _ = write!(
                events,
                " UNION ALL SELECT {EVENT} FROM handelse h WHERE h.table_name = '{}' AND EXISTS \
                 (SELECT 1 FROM {} t WHERE t._nyckel = h.key_hash AND {condition}) AND {NOT_TOLD_AGAIN}",
                table.name,
                quoted(&table.name)
            );
        }
    }
    let none = if bonded.is_empty() { "''".to_owned() } else { bonded.join(", ") };
    // Each table's events ask for the same statuses: they are found once.
    let standing = if bonded.is_empty() {
        String::new()
    } else {
        format!("WITH lage AS MATERIALIZED (SELECT lanskod, avtals_id, avtal, status FROM {STANDING}) ")
    };
    out.push(format!(
        "CREATE VIEW oppen_handelse AS {standing}SELECT {EVENT} FROM handelse h \
         WHERE h.table_name NOT IN ({none}){events}"
    ));
    out
}

const EVENT: &str = "h.no, h.seq, h.table_name, h.owner, h.kind, h.key_hash, h.key, h.oppnad";

/// A row is told of when its contract opens: what came before that is not told once more.
const NOT_TOLD_AGAIN: &str = "NOT EXISTS (SELECT 1 FROM handelse o WHERE o.table_name = h.table_name \
                              AND o.key_hash = h.key_hash AND o.oppnad IS NOT NULL AND o.no > h.no)";

fn name(table: &Table) -> String {
    quoted(&format!("oppen_{}", table.name))
}

fn view(table: &Table, dialect: Dialect, condition: Option<&str>) -> String {
    let living = if table.expires { dialect.not_expired() } else { "" };
    let open = condition.map(|condition| format!(" AND {condition}")).unwrap_or_default();
    format!(
        "CREATE VIEW {} AS SELECT {} FROM {} t WHERE t.reg_till IS NULL{living}{open}",
        name(table),
        columns(table),
        quoted(&table.name)
    )
}

/// The cleared columns, and what tells when a row was recorded and by which run.
fn columns(table: &Table) -> String {
    let cleared = table.column.iter().filter(|c| Outlet::View.clears(c.class, Status::Open)).map(|c| c.name.as_str());
    let columns = cleared.chain(added_valid_time(table)).chain(["reg_fran", "_korning"]);
    columns.map(|name| format!("t.{}", quoted(name))).collect::<Vec<_>>().join(", ")
}

/// A SELECT of what may be seen today of `table` as it was after a publication. A contract that has become
/// secret since was no less so then.
pub fn as_it_was(table: &Table, bond: &Bond, seq: u64) -> String {
    let open = open_rows(bond, STANDING).map(|condition| format!(" AND {condition}")).unwrap_or_default();
    format!(
        "SELECT {} FROM {} t WHERE t._seq_fran <= {seq} AND (t._seq_till IS NULL OR t._seq_till > {seq}){open}",
        columns(table),
        quoted(&table.name)
    )
}
