//! Making the roles, giving the rights anew when tables have changed, and taking on an owner's role.

use sluss_schemas::table::Table;
use sluss_schemas::table::ddl::{Dialect, quoted};

use super::script::{Catalogue, Roles};
use crate::ledger::{Act, Note, note};
use crate::register::Store;
use crate::register::database::{Arg, Tx};
use crate::register::error::{RegisterError, Result};

/// Who is connected, as far as the tables are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capacity {
    /// The tables' owner, or there are none yet: may migrate.
    Keeper,
    /// May run jobs, on tables as they are.
    Pipeline,
    /// May only read.
    Reader,
}

impl Store {
    /// What the login may do. SQLite's is the file's owner.
    pub(crate) async fn capacity(&self) -> Result<Capacity> {
        if self.database.dialect() == Dialect::Sqlite {
            return Ok(Capacity::Keeper);
        }
        let sql = "SELECT pg_has_role(c.relowner, 'USAGE'), \
                   has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') \
                   FROM pg_class c WHERE c.oid = to_regclass('korning')";
        let rows = self.database.fetch("see what the login may do", sql, &[]).await?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(Capacity::Keeper) };
        Ok(match (row.int()? != 0, row.int()? != 0) {
            (true, _) => Capacity::Keeper,
            (false, true) => Capacity::Pipeline,
            (false, false) => Capacity::Reader,
        })
    }

    /// The statements that make the roles, and those that give them their rights, for a person to run.
    pub(crate) async fn roles_script(&self, roles: &Roles) -> Result<(Vec<String>, Vec<String>)> {
        if self.database.dialect() == Dialect::Sqlite {
            return Err(RegisterError::NoRoles);
        }
        let mut tx = self.database.begin().await?;
        let catalogue = catalogue(&mut tx).await?;
        let login = login(&mut tx).await?;
        Ok((roles.make(&login), roles.give(&catalogue, &self.national())))
    }

    /// Makes the roles and gives them their rights, in one transaction.
    pub(crate) async fn set_roles(&self, roles: &Roles) -> Result<()> {
        if self.database.dialect() == Dialect::Sqlite {
            return Err(RegisterError::NoRoles);
        }
        let mut tx = self.database.begin().await?;
        let sql = "SELECT r.rolsuper OR r.rolcreaterole FROM pg_roles r WHERE r.rolname = current_user";
        let may = tx.first("see what the login may do", sql, &[]).await?.map(|mut r| r.int()).transpose()?;
        if may == Some(1) {
            let login = login(&mut tx).await?;
            for statement in roles.make(&login) {
                tx.define("make a role", &statement).await?;
            }
        } else {
            for (role, ..) in roles.all() {
                let sql = "SELECT 1::bigint FROM pg_roles WHERE rolname = $1";
                if tx.first("find a role", sql, &[role.as_str().into()]).await?.is_none() {
                    return Err(RegisterError::RoleMissing(role));
                }
            }
        }
        give(&mut tx, roles, &self.national(), true).await?;
        let outcome = format!("done owners={}", roles.owners().len());
        let given = Note { who: None, act: Act::Roles, object: roles.prefix(), outcome: &outcome, run: None };
        note(self, &mut tx, &given).await?;
        tx.commit().await
    }

    fn national(&self) -> Vec<&Table> {
        self.layouts.values().map(|layout| &layout.table).collect()
    }

    /// Gives the rights anew where there are roles and the tables are no longer those that they were
    /// given on, or (`anyhow`) where views have been made anew under the same names.
    pub(crate) async fn renew_rights(&self, tx: &mut Tx, anyhow: bool) -> Result<()> {
        if self.database.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let sql = "SELECT prefix, owners FROM rattighet WHERE id = 1";
        let Some(mut row) = tx.first("find the roles", sql, &[]).await? else { return Ok(()) };
        let (prefix, owners) = (row.text()?, row.document()?);
        let owners = serde_json::from_value::<Vec<String>>(owners).unwrap_or_default();
        give(tx, &Roles::new(&prefix, owners)?, &self.national(), anyhow).await
    }
}

/// Gives the rights, where they are not as they were given last.
async fn give(tx: &mut Tx, roles: &Roles, national: &[&Table], anyhow: bool) -> Result<()> {
    let catalogue = catalogue(tx).await?;
    let statements = roles.give(&catalogue, national);
    let digest = blake3::hash(statements.join(";\n").as_bytes()).to_hex().to_string();
    let known = tx.first("find the rights", "SELECT digest FROM rattighet WHERE id = 1", &[]).await?;
    if !anyhow && known.map(|mut row| row.text()).transpose()?.as_deref() == Some(digest.as_str()) {
        return Ok(());
    }
    for statement in &statements {
        tx.define("give a right", statement).await?;
    }
    let sql = "INSERT INTO rattighet (id, prefix, owners, digest) VALUES (1, $1, $2, $3) ON CONFLICT (id) DO UPDATE \
               SET prefix = excluded.prefix, owners = excluded.owners, digest = excluded.digest";
    let owners = serde_json::Value::from(roles.owners().to_vec());
    let args: [Arg; 3] = [roles.prefix().into(), (&owners).into(), digest.as_str().into()];
    tx.execute("note the rights", sql, &args).await.map(drop)
}

async fn login(tx: &mut Tx) -> Result<String> {
    let row = tx.first("find the login", "SELECT current_user::text", &[]).await?;
    row.map_or(Ok(String::new()), |mut row| row.text())
}

/// The schema's tables with their columns, and its views.
async fn catalogue(tx: &mut Tx) -> Result<Catalogue> {
    let mut out = Catalogue::default();
    if let Some(mut row) = tx.first("find the schema", "SELECT current_schema()::text", &[]).await? {
        out.schema = row.text()?;
    }
    let sql = "SELECT c.relname::text, c.relkind::text, a.attname::text FROM pg_class c \
               LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
               WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p', 'v') \
               AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass \
               AND d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname, a.attnum";
    for mut row in tx.fetch("list the tables", sql, &[]).await? {
        let (name, kind, column) = (row.text()?, row.text()?, row.text_or_none()?);
        if kind == "v" {
            if out.views.last() != Some(&name) {
                out.views.push(name);
            }
        } else {
            out.tables.entry(name).or_default().extend(column);
        }
    }
    // Only those that the ledger knows: another schema of that name is somebody else's.
    let sql = "SELECT n.nspname::text, c.relname::text FROM ogonblick o \
               JOIN pg_namespace n ON n.nspname = 'ogonblick_' || o.name \
               JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind = 'v' ORDER BY 1, 2";
    for mut row in tx.fetch("list the snapshots", sql, &[]).await? {
        out.snapshots.entry(row.text()?).or_default().push(row.text()?);
    }
    Ok(out)
}

/// The role in which `owner`'s rows are published; none where the installation has no roles.
pub(crate) async fn publishing_role(tx: &mut Tx, owner: &str) -> Result<Option<String>> {
    if !matches!(tx, Tx::Postgres(_)) {
        return Ok(None);
    }
    let sql = "SELECT role FROM roll WHERE kind = 'agare' AND owner = $1";
    if let Some(mut row) = tx.first("find the owner's role", sql, &[owner.into()]).await? {
        return row.text().map(Some);
    }
    match tx.first("find the roles", "SELECT 1::bigint FROM roll LIMIT 1", &[]).await? {
        Some(_) => Err(RegisterError::OwnerWithoutRole(owner.to_owned())),
        None => Ok(None),
    }
}

/// From here on the transaction has the role's rights and no others; until it ends or
/// [`leave_role`] is called.
pub(crate) async fn take_role(tx: &mut Tx, role: &str) -> Result<()> {
    tx.define("take on the owner's role", &format!("SET LOCAL ROLE {}", quoted(role))).await
}

/// Back to what the connection was.
pub(crate) async fn leave_role(tx: &mut Tx) -> Result<()> {
    tx.define("leave the owner's role", "SET LOCAL ROLE NONE").await
}

/// Lets the tables' owner past the policies of these tables and of the events and marks of their rows, to
/// the end of the transaction: what law orders to be removed is removed whoever published it. Gives what
/// [`raise`] puts back. A login that does not own the tables is refused by the server.
pub(crate) async fn lower(tx: &mut Tx, tables: impl Iterator<Item = &str>) -> Result<Vec<String>> {
    if !matches!(tx, Tx::Postgres(_)) {
        return Ok(Vec::new());
    }
    let mut lowered = Vec::new();
    for table in tables.chain(["handelse", "inaktuell"]) {
        let sql = "SELECT 1::bigint FROM pg_class WHERE oid = to_regclass($1) AND relforcerowsecurity";
        let name = quoted(table);
        if tx.first("find a guard", sql, &[name.as_str().into()]).await?.is_some() {
            tx.define("lower a guard", &format!("ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")).await?;
            lowered.push(name);
        }
    }
    Ok(lowered)
}

/// Puts back what [`lower`] lowered.
pub(crate) async fn raise(tx: &mut Tx, lowered: &[String]) -> Result<()> {
    for name in lowered {
        tx.define("raise a guard", &format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY")).await?;
    }
    Ok(())
}
