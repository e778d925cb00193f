//! What the register keeps of matching: people's decisions, under the hashes of their rows' keys.

use chrono::TimeDelta;
use sluss_schemas::secrecy::{Bond, CONTRACT, applies, sql::is_link, sql::names};
use sluss_schemas::table::Table;

use super::Store;
use super::database::{Row, Tx};
use super::error::{RegisterError, Result};
use super::sql::{hex, key_literal};
use crate::ledger::{Act, Note, note};
use crate::matching::{Decision, TABLE};

const COLUMNS: &str = "key_hash, ar_malet, mal, beslutad, beslutad_av, reg_fran, reg_till";

impl Store {
    /// Adds a decision on one row, ends those before it, and notes it: all or nothing. That it is a target ends
    /// all of them; that it is not, what was decided of that target.
    pub(super) async fn add_match(&self, key: [u8; 16], added: Option<&Decision>, who: &str) -> Result<()> {
        let mut tx = self.database.begin().await?;
        // Recorded time never stands still, whatever the clock does.
        let sql = format!("SELECT recorded FROM sekvens WHERE id = 1{}", self.row_lock());
        let before = tx.first("lock the counters", &sql, &[]).await?.map(|mut row| row.instant()).transpose()?;
        let now = self.clock.now();
        let now = before.map_or(now, |before| now.max(before + TimeDelta::microseconds(1)));
        tx.execute("advance recorded time", "UPDATE sekvens SET recorded = $1 WHERE id = 1", &[now.into()]).await?;
        let dialect = self.database.dialect();
        let hash = key_literal(dialect, &key);
        // That it is not one target says nothing of the others.
        let mut args = vec![now.into()];
        let mut of = String::new();
        if let Some(decision) = added.filter(|decision| !decision.is_target) {
            of.push_str(" AND mal = $2");
            args.push(decision.target.as_str().into());
        }
        let sql = format!("UPDATE koppling_beslut SET reg_till = $1 WHERE key_hash = {hash} AND reg_till IS NULL{of}");
        tx.execute("end a decision", &sql, &args).await?;
        let mut outcome = "oppnad";
        if let Some(decision) = added {
            let sql = format!(
                "INSERT INTO koppling_beslut (key_hash, ar_malet, mal, beslutad, beslutad_av, reg_fran) \
                 VALUES ({hash}, $1, $2, $3, $4, $5)"
            );
            let args = [
                i64::from(decision.is_target).into(),
                decision.target.as_str().into(),
                decision.decided.into(),
                decision.by.as_str().into(),
                now.into(),
            ];
            tx.execute("add a decision", &sql, &args).await?;
            outcome = if decision.is_target { "ar" } else { "ar_inte" };
        }
        // The row by its hash: the log outlives the row, and may say nothing of a contract that is gone.
        let object = format!("{TABLE} {}", hex(&key));
        note(self, &mut tx, &Note { who: Some(who), act: Act::Matching, object: &object, outcome, run: None }).await?;
        tx.commit().await
    }

    /// Decisions in the order in which they were recorded: on one row, or all that stand.
    pub(super) async fn list_matches(&self, key: Option<&[u8; 16]>) -> Result<Vec<Decision>> {
        let of = match key {
            Some(key) => format!("key_hash = {}", key_literal(self.database.dialect(), key)),
            None => "reg_till IS NULL".to_owned(),
        };
        let sql = format!("SELECT {COLUMNS} FROM koppling_beslut WHERE {of} ORDER BY id");
        let unknown = || RegisterError::table("koppling_beslut", "has a date that is none");
        let read = |mut row: Row| {
            Ok(Decision {
                key: row.key()?,
                is_target: row.int()? == 1,
                target: row.text()?,
                decided: row.text()?.parse().map_err(|_| unknown())?,
                by: row.text()?,
                recorded: row.instant_or_none()?,
                superseded: row.instant_or_none()?,
            })
        };
        self.database.fetch("list decisions", &sql, &[]).await?.into_iter().map(read).collect()
    }

    /// Decisions on rows that are erased go with them.
    pub(super) async fn forget_matches(tx: &mut Tx, table: &str, keys: &str) -> Result<()> {
        if table == TABLE {
            let sql = format!("DELETE FROM koppling_beslut WHERE key_hash IN ({keys})");
            tx.execute("erase decisions", &sql, &[]).await?;
        }
        Ok(())
    }

    /// Rows of the nation's that name a contract which its region refuses to register, with all their history:
    /// the region's own rows are noted one by one, and these are not the region's.
    pub(super) async fn keys_naming_refused(&self) -> Result<Vec<(String, Vec<String>)>> {
        let Some(contracts) = self.layouts.get(CONTRACT).filter(|layout| applies(&layout.table)) else {
            return Ok(Vec::new());
        };
        let find = |name: &str| -> Option<&Table> { self.layouts.get(name).map(|layout| &layout.table) };
        let mut found = Vec::new();
        for layout in self.layouts.values().filter(|layout| layout.name() == TABLE) {
            let Bond::Named(links) = Bond::of(&layout.table, &find) else { continue };
            let named: Vec<String> = links
                .iter()
                .map(|link| format!("({} AND {})", is_link(link), names(link, "(a.lanskod || '/' || a.avtals_id)")))
                .collect();
            let sql = format!(
                "SELECT DISTINCT t._nyckel FROM {} t, {} a WHERE a._nyckel IN (SELECT u.key_hash FROM sekretess_undantag u \
                 WHERE u.table_name = '{CONTRACT}') AND NOT EXISTS (SELECT 1 FROM {} b WHERE b._nyckel = a._nyckel \
                 AND b.reg_till IS NULL AND b._aktuell = TRUE) AND ({}) ORDER BY t._nyckel",
                layout.sql_name(),
                contracts.sql_name(),
                contracts.sql_name(),
                named.join(" OR ")
            );
            let rows = self.database.fetch("find refused rows", &sql, &[]).await?;
            let keys = rows.into_iter().map(|mut row| Ok(hex(&row.key()?))).collect::<Result<Vec<_>>>()?;
            if !keys.is_empty() {
                found.push((layout.name().to_owned(), keys));
            }
        }
        Ok(found)
    }
}
