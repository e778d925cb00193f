//! The statements that make the roles and give them their rights, from the tables that there are.

use std::collections::BTreeMap;

use sluss_schemas::table::ddl::quoted;
use sluss_schemas::table::{Class, Table};

use crate::register::error::{RegisterError, Result};
use crate::register::sql::literal;

/// The roles of an installation: the beginning of their names, and the owners that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    prefix: String,
    owners: Vec<String>,
}

/// What the rights are given on, as the database has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalogue {
    pub(super) schema: String,
    /// Tables with their columns.
    pub(super) tables: BTreeMap<String, Vec<String>>,
    pub(super) views: Vec<String>,
    /// Snapshots' views, by their schema.
    pub(super) snapshots: BTreeMap<String, Vec<String>>,
}

/// Ledger tables that are the pipeline's own business: no owner's, or all owners' at once.
const SHARED: [&str; 10] = [
    "sekvens",
    "lan",
    "jobblage",
    "tillfalle",
    "tillfalle_steg",
    "lake_partition",
    "revision",
    "revision_huvud",
    "sekretess_regler",
    "koppling_beslut",
];
/// What everybody with a role may know: which tables there are and in which version, and which snapshots.
const KNOWN: [&str; 5] = ["tabell", "roll", "rattighet", "_sqlx_migrations", "ogonblick"];
/// Written in a publication only, as its owner.
const PUBLISHED: [&str; 2] = ["handelse", "inaktuell"];
/// How the names of views begin that show only what may leave ([`sluss_schemas::secrecy::sql`]).
const CLEARED: &str = "oppen_";
/// How every contract stands: for whoever decides.
const STANDING: &str = "sekretess_lage";
/// Which version of the lake holds: for whoever may read the lake's files.
const VERSIONS: &str = "lake_version";
/// The agency's decisions, each of one region's contract.
const DECISIONS: &str = "sekretess_beslut";
/// Longest name of a role: PostgreSQL cuts names at 63 bytes.
const LONGEST: usize = 63;

impl Roles {
    /// The roles whose names begin with `prefix`, for these owners.
    pub fn new(prefix: &str, owners: impl IntoIterator<Item = String>) -> Result<Self> {
        let plain = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        if !plain(prefix) || !prefix.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(RegisterError::RoleName(prefix.to_owned()));
        }
        let mut owners: Vec<String> = owners.into_iter().collect();
        owners.sort_unstable();
        owners.dedup();
        if let Some(odd) = owners.iter().find(|o| !plain(o) || prefix.len() + "_region_".len() + o.len() > LONGEST) {
            return Err(RegisterError::RoleName(odd.clone()));
        }
        Ok(Self { prefix: prefix.to_owned(), owners })
    }

    /// The beginning of their names.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The owners that have roles.
    pub fn owners(&self) -> &[String] {
        &self.owners
    }

    fn name(&self, end: &str) -> String {
        quoted(&format!("{}_{end}", self.prefix))
    }

    /// Role, kind and owner of each, groups first.
    pub(super) fn all(&self) -> Vec<(String, &'static str, Option<&str>)> {
        let named = |end: &str| format!("{}_{end}", self.prefix);
        let mut all: Vec<(String, &'static str, Option<&str>)> =
            ["agare", "region", "inlasning", "vardlots", "drift", "analys"]
                .map(|kind| (named(kind), kind, None))
                .to_vec();
        for owner in &self.owners {
            all.push((named(&format!("agare_{owner}")), "agare", Some(owner)));
            all.push((named(&format!("region_{owner}")), "region", Some(owner)));
        }
        all
    }

    /// Makes the roles: for one who may create roles. Each statement may be repeated.
    /// `login` is the tables' owner, who is to see all rows though row-level security is forced.
    pub(super) fn make(&self, login: &str) -> Vec<String> {
        let mut out = vec![];
        for (role, kind, owner) in self.all() {
            // The pipeline has no right of an owner's before it takes on the owner's role.
            let inherits = if kind == "inlasning" { "NOINHERIT" } else { "INHERIT" };
            out.push(format!(
                "DO $$ BEGIN CREATE ROLE {} NOLOGIN {inherits}; \
                 EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
                quoted(&role)
            ));
            if owner.is_some() {
                out.push(format!("GRANT {} TO {}", self.name(kind), quoted(&role)));
                if kind == "agare" {
                    out.push(format!("GRANT {} TO {}", quoted(&role), self.name("inlasning")));
                }
            }
        }
        out.push(format!("GRANT {} TO {}", self.name("inlasning"), quoted(login)));
        out
    }

    /// Gives the rights: for the tables' owner. Each statement may be repeated.
    pub(super) fn give(&self, catalogue: &Catalogue, national: &[&Table]) -> Vec<String> {
        let mut out = vec!["DELETE FROM roll".to_owned()];
        let rows: Vec<String> = self
            .all()
            .iter()
            .map(|(role, kind, owner)| {
                let owner = owner.map_or("NULL".to_owned(), literal);
                format!("({}, {}, {owner})", literal(role), literal(kind))
            })
            .collect();
        out.push(format!("INSERT INTO roll (role, kind, owner) VALUES {}", rows.join(", ")));
        let schema = quoted(&catalogue.schema);
        let groups = ["agare", "region", "inlasning", "vardlots", "drift", "analys"].map(|g| self.name(g)).join(", ");
        out.push(format!("REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC"));
        out.push(format!("GRANT USAGE ON SCHEMA {schema} TO {groups}"));
        out.push("REVOKE ALL ON SCHEMA steg FROM PUBLIC".to_owned());
        out.push(format!("GRANT USAGE, CREATE ON SCHEMA steg TO {}", self.name("inlasning")));
        out.push(format!("GRANT USAGE ON SCHEMA steg TO {}", self.name("agare")));
        out.push("REVOKE ALL ON FUNCTION sluss_agare() FROM PUBLIC".to_owned());
        out.push(format!("GRANT EXECUTE ON FUNCTION sluss_agare() TO {groups}"));
        // Temporary tables are the publication's means, and a reader's way to put its own in front.
        out.push(
            "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$"
                .to_owned(),
        );
        out.push(format!(
            "DO $$ BEGIN EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO {}, {}', current_database()); END $$",
            self.name("inlasning"),
            self.name("agare")
        ));
        for (table, columns) in &catalogue.tables {
            self.table(&mut out, table, columns, national);
        }
        for view in &catalogue.views {
            self.view(&mut out, view);
        }
        for (schema, views) in &catalogue.snapshots {
            self.snapshot(&mut out, schema, views);
        }
        out
    }

    /// The register as it was: to each what it reads of the register as it is.
    fn snapshot(&self, out: &mut Vec<String>, schema: &str, views: &[String]) {
        let named = |kinds: &[&str]| kinds.iter().map(|kind| self.name(kind)).collect::<Vec<_>>().join(", ");
        let all = named(&["inlasning", "region", "drift", "vardlots", "analys"]);
        out.push(format!("REVOKE ALL ON SCHEMA {} FROM PUBLIC", quoted(schema)));
        out.push(format!("GRANT USAGE ON SCHEMA {} TO {all}", quoted(schema)));
        for name in views {
            let cleared = name.starts_with(CLEARED);
            let view = format!("{}.{}", quoted(schema), quoted(name));
            let readers = if cleared { all.clone() } else { named(&["inlasning", "region"]) };
            out.push(format!("ALTER VIEW {view} SET (security_invoker = {}, security_barrier = {cleared})", !cleared));
            out.push(format!("REVOKE ALL ON {view} FROM PUBLIC"));
            out.push(format!("GRANT SELECT ON {view} TO {readers}"));
        }
    }

    /// A view reads with its owner's rights, past every policy. The cleared ones are made for that: they
    /// themselves leave out what may not be seen, and are all that guides and analysts have.
    fn view(&self, out: &mut Vec<String>, name: &str) {
        let (cleared, standing) = (name.starts_with(CLEARED) || name == VERSIONS, name == STANDING);
        let readers: &[&str] = match (cleared, standing) {
            (true, _) => &["inlasning", "region", "drift", "vardlots", "analys"],
            (false, true) => &["inlasning", "drift"],
            (false, false) => &["inlasning", "region"],
        };
        let readers: Vec<String> = readers.iter().map(|role| self.name(role)).collect();
        let invoker = !cleared && !standing;
        let view = quoted(name);
        out.push(format!("ALTER VIEW {view} SET (security_invoker = {invoker}, security_barrier = {})", !invoker));
        out.push(format!("REVOKE ALL ON {view} FROM PUBLIC"));
        out.push(format!("GRANT SELECT ON {view} TO {}", readers.join(", ")));
    }

    /// A region reads what has been decided of its own contracts: how they stand follows from it.
    fn decisions(&self, out: &mut Vec<String>, table: &str) {
        let [pipeline, region, operator] = ["inlasning", "region", "drift"].map(|r| self.name(r));
        out.push(format!("REVOKE ALL ON {table} FROM PUBLIC"));
        for (what, rest) in [
            ("egen", format!("FOR SELECT TO {region} USING (lanskod = ANY ((SELECT sluss_agare())::text[]))")),
            ("alla", format!("FOR SELECT TO {operator} USING (true)")),
            ("liggare", format!("FOR ALL TO {pipeline} USING (true) WITH CHECK (true)")),
        ] {
            let policy = quoted(&format!("sluss_{what}"));
            out.push(format!("DROP POLICY IF EXISTS {policy} ON {table}"));
            out.push(format!("CREATE POLICY {policy} ON {table} {rest}"));
        }
        out.push(format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"));
        out.push(format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"));
        out.push(format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {pipeline}"));
        out.push(format!("GRANT SELECT ON {table} TO {region}, {operator}"));
    }

    fn table(&self, out: &mut Vec<String>, name: &str, columns: &[String], national: &[&Table]) {
        let has = |column: &str| columns.iter().any(|c| c == column);
        let table = quoted(name);
        let [pipeline, owner, region, operator] = ["inlasning", "agare", "region", "drift"].map(|r| self.name(r));
        let (guides, analysts) = (self.name("vardlots"), self.name("analys"));
        out.push(format!("REVOKE ALL ON {table} FROM PUBLIC"));
        if KNOWN.contains(&name) {
            out.push(format!(
                "GRANT SELECT ON {table} TO {pipeline}, {owner}, {region}, {operator}, {guides}, {analysts}"
            ));
            return;
        }
        if SHARED.contains(&name) {
            let write = match name {
                "revision" => "INSERT",
                "sekvens" | "revision_huvud" => "UPDATE",
                _ => "INSERT, UPDATE, DELETE",
            };
            out.push(format!("GRANT SELECT, {write} ON {table} TO {pipeline}"));
            out.push(format!("GRANT SELECT ON {table} TO {operator}"));
            if matches!(name, "sekvens" | "sekretess_regler") {
                out.push(format!("GRANT SELECT ON {table} TO {region}, {guides}, {analysts}"));
            }
            return;
        }
        if name == DECISIONS {
            self.decisions(out, &table);
            return;
        }
        let own = if has("_agare") {
            format!("{} = ANY ((SELECT sluss_agare())::text[])", quoted("_agare"))
        } else if has("owner") {
            "owner = ANY ((SELECT sluss_agare())::text[])".to_owned()
        } else if has("run") {
            let k = quoted("korning");
            format!(
                "EXISTS (SELECT 1 FROM {k} k WHERE k.id = {table}.run AND k.owner = ANY ((SELECT sluss_agare())::text[]))"
            )
        } else {
            // Nobody's in particular: the pipeline's alone.
            out.push(format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {pipeline}"));
            return;
        };
        let published = has("_agare") || PUBLISHED.contains(&name);
        let mut policies = vec![];
        let mut policy = |what: &str, rest: String| {
            let policy = quoted(&format!("sluss_{what}"));
            policies.push(format!("DROP POLICY IF EXISTS {policy} ON {table}"));
            policies.push(format!("CREATE POLICY {policy} ON {table} {rest}"));
        };
        policy("egen", format!("FOR SELECT TO {region} USING ({own})"));
        policy("alla", format!("FOR SELECT TO {pipeline}, {owner}, {operator} USING (true)"));
        // A row that names its owner names the one who publishes it, if that is a region.
        let named =
            national.iter().find(|t| t.name == name).and_then(|t| t.owner.as_ref()).map_or(String::new(), |c| {
                format!(" AND (_agare !~ '^[0-9][0-9]$' OR _agare = '00' OR {} = _agare)", quoted(c))
            });
        policy("ny", format!("FOR INSERT TO {owner} WITH CHECK ({own}{named})"));
        policy("andrad", format!("FOR UPDATE TO {owner} USING ({own}) WITH CHECK ({own})"));
        if !published {
            policy("liggare", format!("FOR ALL TO {pipeline} USING (true) WITH CHECK (true)"));
        }
        out.append(&mut policies);
        out.push(format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"));
        out.push(format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"));
        out.push(format!("GRANT SELECT ON {table} TO {pipeline}, {owner}, {region}"));
        if has("_agare") {
            out.push(format!("GRANT INSERT, UPDATE (reg_till, _seq_till) ON {table} TO {owner}"));
            let open = open_columns(name, columns, national).join(", ");
            if !open.is_empty() {
                out.push(format!("GRANT SELECT ({open}) ON {table} TO {operator}"));
            }
        } else {
            out.push(format!("GRANT INSERT, UPDATE ON {table} TO {owner}"));
            out.push(format!("GRANT SELECT ON {table} TO {operator}"));
            if !published {
                out.push(format!("GRANT INSERT, UPDATE, DELETE ON {table} TO {pipeline}"));
            }
        }
    }
}

/// The columns that may be shown outside: those of class *öppen* and the register's own. None of a table
/// whose definition is not known here.
fn open_columns(name: &str, columns: &[String], national: &[&Table]) -> Vec<String> {
    let Some(table) = national.iter().find(|t| t.name == name) else { return vec![] };
    let open =
        |column: &&String| table.column.iter().find(|c| c.name == **column).is_none_or(|c| c.class == Class::Oppen);
    columns.iter().filter(open).map(|c| quoted(c)).collect()
}
