//! Bringing the database up to what this version of Sluss and its tables want.
//!
//! The ledger's tables come from numbered migrations. The national tables come from their
//! definitions: a table that is not there is made, new nullable columns are added, and any other
//! difference is refused, since history cannot be reshaped by guessing.

use serde_json::Value;
use sluss_schemas::table::Table;
use sluss_schemas::table::ddl::{Dialect, add_column, ddl, shared};
use sqlx::migrate::{MigrateError, Migrator};

use super::Store;
use super::database::{Database, Tx};
use super::error::{Cause, RegisterError, Result};
use super::locks::locked;
use crate::ledger::{Act, Note, note};

static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// PostgreSQL's advisory lock while national tables are made: two processes may start at once.
const LOCK: i64 = 0x5355_5353;

impl Store {
    pub(crate) async fn bring_up_to_date(&self) -> Result<()> {
        let done = match self.database.as_ref() {
            // SQLite's migrator takes no lock: of two processes that make the same file, the second waits here
            // until the first has made all of it.
            Database::Sqlite(pools) => {
                let _alone = locked(&pools.staging().join("migration.lock")).await?;
                SQLITE.run(&pools.write).await
            }
            Database::Postgres(pool) => POSTGRES.run(pool).await,
        };
        done.map_err(|e| match e {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                RegisterError::from_sqlx(error, "migrate the ledger")
            }
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => RegisterError::Migration {
                table: "the ledger".to_owned(),
                found: "a later one".to_owned(),
                what: "the database was migrated by a later version of Sluss".to_owned(),
            },
            _ => RegisterError::Database {
                doing: "migrate the ledger",
                cause: Cause("its migrations are not those of this version".to_owned()),
            },
        })?;
        let shape = self.shape()?;
        let known = self.database.fetch("find the shape", "SELECT digest FROM uppsattning WHERE id = 1", &[]).await?;
        let is_known = known.into_iter().next().map(|mut row| row.text()).transpose()?.as_ref() == Some(&shape);
        // SQLite has no roles, and whoever only reads need not wait for its one writer.
        if is_known && self.database.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let mut tx = self.database.begin().await?;
        let changed = if is_known { false } else { self.define(&mut tx, &shape).await? };
        self.renew_rights(&mut tx, changed).await?;
        tx.commit().await
    }

    /// A digest of everything that [`Store::define`] makes.
    fn shape(&self) -> Result<String> {
        let dialect = self.database.dialect();
        let mut parts = shared(dialect);
        for layout in self.layouts.values() {
            parts.extend(ddl(&layout.table, dialect));
            parts.push(definition(&layout.table)?.to_string());
        }
        parts.extend(self.secrecy_views());
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(part.as_bytes()).update(&[0]);
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Makes what is not there and follows what has changed: guards, tables, views. Gives whether rights are to be
    /// given anew.
    async fn define(&self, tx: &mut Tx, shape: &str) -> Result<bool> {
        let dialect = self.database.dialect();
        if dialect == Dialect::Postgres {
            tx.define("lock the tables", &format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
        }
        for statement in shared(dialect) {
            tx.define("make the guards", &statement).await?;
        }
        let mut changed: Vec<&str> = vec![];
        for layout in self.layouts.values() {
            if follow(tx, &layout.table, dialect).await? {
                changed.push(layout.name());
            }
        }
        let views = self.follow_secrecy(tx).await?;
        if !changed.is_empty() {
            let outcome = format!("done {}", changed.join(" "));
            let made = Note { who: None, act: Act::Migration, object: "tabeller", outcome: &outcome, run: None };
            note(self, tx, &made).await?;
        }
        let sql = "INSERT INTO uppsattning (id, digest) VALUES (1, $1) ON CONFLICT (id) DO UPDATE \
                   SET digest = excluded.digest";
        tx.execute("note the shape", sql, &[shape.into()]).await?;
        Ok(views || !changed.is_empty())
    }

    /// The version of the ledger's tables, and the one that this program knows.
    pub(crate) async fn ledger_version(&self) -> Result<(i64, i64)> {
        let sql = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success";
        let rows = self.database.fetch("find the ledger's version", sql, &[]).await?;
        let found = rows.into_iter().next().map_or(Ok(0), |mut row| row.int())?;
        let known = if self.database.dialect() == Dialect::Sqlite { &SQLITE } else { &POSTGRES };
        Ok((found, known.iter().map(|m| m.version).max().unwrap_or_default()))
    }

    /// That the database is as this version has it, for a login that may not change it.
    pub(crate) async fn check_up_to_date(&self) -> Result<()> {
        let (found, wanted) = self.ledger_version().await?;
        if found != wanted {
            return Err(RegisterError::NotMigrated(format!("version {found}, not {wanted}")));
        }
        let mut known = std::collections::BTreeMap::new();
        for mut row in self.database.fetch("list the tables", "SELECT name, ddl FROM tabell", &[]).await? {
            known.insert(row.text()?, row.text()?);
        }
        for layout in self.layouts.values() {
            let text = ddl(&layout.table, Dialect::Postgres).join(";\n");
            if known.get(layout.name()) != Some(&text) {
                return Err(RegisterError::NotMigrated(layout.name().to_owned()));
            }
        }
        Ok(())
    }
}

/// A table's definition, as the register keeps it.
fn definition(table: &Table) -> Result<Value> {
    serde_json::to_value(table).map_err(|_| RegisterError::table(&table.name, "cannot be written as JSON"))
}

/// Makes or changes one table. Gives whether anything was to be done.
async fn follow(tx: &mut Tx, table: &Table, dialect: Dialect) -> Result<bool> {
    let name = table.name.as_str();
    let definition = definition(table)?;
    let statements = ddl(table, dialect);
    let sql = "SELECT version, definition, ddl FROM tabell WHERE name = $1";
    let known = match tx.first("find a table", sql, &[name.into()]).await? {
        None => None,
        Some(mut row) => Some((row.text()?, row.document()?, row.text()?)),
    };
    let text = statements.join(";\n");
    if let Some((version, before, _)) = &known {
        for column in added_columns(table, version, before)? {
            let Some(sql) = add_column(table, &column, dialect) else { continue };
            tx.define("add a column", &sql).await?;
        }
    }
    // The same statements make the table and, after a change, renew its guards and its view.
    let changes = known.as_ref().is_none_or(|(_, _, ddl)| *ddl != text);
    if changes {
        for statement in &statements {
            tx.define("make a table", statement).await?;
        }
    }
    let sql = "INSERT INTO tabell (name, version, definition, ddl) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (name) DO UPDATE SET version = excluded.version, definition = excluded.definition, \
               ddl = excluded.ddl";
    let args = [name.into(), table.version.as_str().into(), (&definition).into(), text.as_str().into()];
    tx.execute("note a table", sql, &args).await?;
    Ok(changes)
}

/// The columns that `table` has beyond what the database knows, if nothing else differs in what
/// the database keeps.
fn added_columns(table: &Table, version: &str, before: &Value) -> Result<Vec<String>> {
    let refuse =
        |what: String| Err(RegisterError::Migration { table: table.name.clone(), found: version.to_owned(), what });
    let known: Table = match serde_json::from_value(before.clone()) {
        Ok(known) => known,
        Err(_) => return refuse("its definition there is of another form".to_owned()),
    };
    if known.key != table.key {
        return refuse("the key is another".to_owned());
    }
    for column in &known.column {
        match table.column.iter().find(|c| c.name == column.name) {
            None => return refuse(format!("column {} is gone", column.name)),
            Some(c) if c.kind != column.kind => return refuse(format!("column {} has another type", column.name)),
            Some(c) if c.required != column.required => {
                return refuse(format!("column {} is no longer as required as it was", column.name));
            }
            Some(_) => {}
        }
    }
    let mut added = vec![];
    for column in &table.column {
        if known.column.iter().any(|c| c.name == column.name) {
            continue;
        }
        if column.required {
            return refuse(format!("new column {} is required", column.name));
        }
        // Whether the valid time is the table's own or the register's changes what it means.
        if matches!(column.name.as_str(), "giltig_fran" | "giltig_till") {
            return refuse(format!("column {} changes the meaning of its valid time", column.name));
        }
        added.push(column.name.clone());
    }
    Ok(added)
}
