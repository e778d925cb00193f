//! What the register keeps of secrecy: the agency's decisions, the project's choices, the cleared views,
//! and what was kept back when the lake was last written.

use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;
use sluss_schemas::secrecy::{Bond, CONTRACT, Decision, OwnTest, Rules, Status, Verdict, applies, contract_name, sql};
use sluss_schemas::table::Table;
use sluss_schemas::table::ddl::quoted;

use super::Store;
use super::database::{Arg, Row, Tx};
use super::error::{RegisterError, Result};
use super::roles::Capacity;
use super::sql::{date_literal, key_literal, literal};

/// How a contract stands on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Its region.
    pub lanskod: String,
    /// Its id there.
    pub avtals_id: String,
    /// Its status.
    pub status: Status,
    /// The first day on which its secrecy has ended, where one is known.
    #[serde(rename = "till")]
    pub until: Option<NaiveDate>,
}

/// What was kept back of a lake table when it was last written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// The table.
    pub table: String,
    /// Whose rows; empty where the table has no owners.
    pub owner: String,
    /// Digest of the contracts whose rows were kept back.
    pub digest: String,
}

/// Contracts that one statement is asked about.
const AT_ONCE: usize = 200;

impl Store {
    /// Whether contracts have a status: a project's own table of them need not.
    pub(super) fn has_status(&self) -> bool {
        self.layouts.get(CONTRACT).is_some_and(|layout| applies(&layout.table))
    }

    /// Makes the cleared views anew where they are not what these tables want.
    pub(super) async fn follow_secrecy(&self, tx: &mut Tx) -> Result<bool> {
        let statements = self.secrecy_views();
        let text = statements.join(";\n");
        let known = tx.first("find the views", "SELECT vyer FROM sekretess_regler WHERE id = 1", &[]).await?;
        if known.map(|mut row| row.text()).transpose()?.as_deref() == Some(text.as_str()) {
            return Ok(false);
        }
        for statement in &statements {
            tx.define("make a cleared view", statement).await?;
        }
        self.clear_snapshots(tx).await?;
        let sql = "UPDATE sekretess_regler SET vyer = $1 WHERE id = 1";
        tx.execute("note the views", sql, &[text.as_str().into()]).await?;
        Ok(true)
    }

    /// The statements that make the views.
    pub(super) fn secrecy_views(&self) -> Vec<String> {
        let tables: Vec<&Table> = self.layouts.values().map(|layout| &layout.table).collect();
        sql::views(&tables, self.database.dialect())
    }

    /// Lets the views follow the project's choices.
    pub(super) async fn follow_rules(&self, rules: &Rules) -> Result<()> {
        // Whoever may only read has no say in what the law leaves open.
        if self.capacity().await? == Capacity::Reader {
            return Ok(());
        }
        let name = |test: OwnTest| Arg::from(test.status().name());
        let args = [
            i64::from(rules.carried_over).into(),
            name(rules.unanswered),
            name(rules.untested),
            name(rules.partly),
            name(rules.open_at_region),
        ];
        let same = "SELECT COUNT(*) FROM sekretess_regler WHERE id = 1 AND overfors = $1 AND obesvarat = $2 \
                    AND ej_provat = $3 AND delvis = $4 AND oppet_hos_region = $5";
        let found = self.database.fetch("find the rules of secrecy", same, &args).await?;
        if found.into_iter().next().map_or(Ok(0), |mut row| row.count())? == 1 {
            return Ok(());
        }
        let sql = "UPDATE sekretess_regler SET overfors = $1, obesvarat = $2, ej_provat = $3, delvis = $4, \
                   oppet_hos_region = $5 WHERE id = 1";
        self.database.execute("set the rules of secrecy", sql, &args).await.map(drop)
    }

    /// How contracts stand on a day: all, or those that are not open.
    pub(super) async fn standings(&self, today: NaiveDate, closed_only: bool) -> Result<Vec<Standing>> {
        if !self.has_status() {
            return Ok(Vec::new());
        }
        let dialect = self.database.dialect();
        let all = sql::standing(dialect, &date_literal(dialect, today));
        let closed = if closed_only { " WHERE l.status <> 'oppen'" } else { "" };
        let sql = format!(
            "SELECT l.lanskod, l.avtals_id, l.status, l.till FROM ({all}) l{closed} ORDER BY l.lanskod, l.avtals_id"
        );
        let read = |mut row: Row| {
            Ok(Standing {
                lanskod: row.text()?,
                avtals_id: row.text()?,
                status: Status::read(&row.text()?),
                until: date(&mut row)?,
            })
        };
        self.database.fetch("find how contracts stand", &sql, &[]).await?.into_iter().map(read).collect()
    }

    /// Adds a decision, which ends the one before it.
    pub(super) async fn add_decision(&self, decision: &Decision) -> Result<()> {
        let mut tx = self.database.begin().await?;
        // Recorded time never stands still, whatever the clock does.
        let sql = format!("SELECT recorded FROM sekvens WHERE id = 1{}", self.row_lock());
        let before = tx.first("lock the counters", &sql, &[]).await?.map(|mut row| row.instant()).transpose()?;
        let now = self.clock.now();
        let now = before.map_or(now, |before| now.max(before + TimeDelta::microseconds(1)));
        tx.execute("advance recorded time", "UPDATE sekvens SET recorded = $1 WHERE id = 1", &[now.into()]).await?;
        let (lanskod, avtals_id): (Arg, Arg) = (decision.lanskod.as_str().into(), decision.avtals_id.as_str().into());
        let sql =
            "UPDATE sekretess_beslut SET reg_till = $3 WHERE lanskod = $1 AND avtals_id = $2 AND reg_till IS NULL";
        tx.execute("end a decision", sql, &[lanskod.clone(), avtals_id.clone(), now.into()]).await?;
        // A date that may be missing is written into the statement: it is no text that a person wrote.
        let until = decision.until.map_or("NULL".to_owned(), |day| date_literal(self.database.dialect(), day));
        let sql = format!(
            "INSERT INTO sekretess_beslut (lanskod, avtals_id, status, grund, till, beslut, beslutad, beslutad_av, reg_fran) \
             VALUES ($1, $2, $3, $4, {until}, $5, $6, $7, $8)"
        );
        let args = [
            lanskod,
            avtals_id,
            decision.status.name().into(),
            decision.ground.as_deref().into(),
            decision.file_number.as_deref().into(),
            decision.decided.into(),
            decision.by.as_str().into(),
            now.into(),
        ];
        tx.execute("add a decision", &sql, &args).await?;
        tx.commit().await
    }

    /// Every decision on a contract, in the order in which they were recorded.
    pub(super) async fn list_decisions(&self, lanskod: &str, avtals_id: &str) -> Result<Vec<Decision>> {
        let sql = "SELECT lanskod, avtals_id, status, grund, till, beslut, beslutad, beslutad_av, reg_fran, reg_till \
                   FROM sekretess_beslut WHERE lanskod = $1 AND avtals_id = $2 ORDER BY id";
        let unknown = || RegisterError::table("sekretess_beslut", "has a decision that is not known");
        let read = |mut row: Row| {
            Ok(Decision {
                lanskod: row.text()?,
                avtals_id: row.text()?,
                status: match row.text()?.as_str() {
                    "oppen" => Verdict::Oppen,
                    "provas" => Verdict::Provas,
                    "hemlig" => Verdict::Hemlig,
                    _ => return Err(unknown()),
                },
                ground: row.text_or_none()?,
                until: date(&mut row)?,
                file_number: row.text_or_none()?,
                decided: date(&mut row)?.ok_or_else(unknown)?,
                by: row.text()?,
                recorded: row.instant_or_none()?,
                superseded: row.instant_or_none()?,
            })
        };
        let args = [lanskod.into(), avtals_id.into()];
        self.database.fetch("list decisions", sql, &args).await?.into_iter().map(read).collect()
    }

    /// The keys of the rows of `table` that are believed of these contracts, which it hangs on by `bond`.
    pub(super) async fn keys_of_contracts(
        &self,
        table: &str,
        bond: &Bond,
        owner: &str,
        contracts: &[(String, String)],
    ) -> Result<Vec<[u8; 16]>> {
        let name = self.layout(table)?.sql_name();
        let mut found = Vec::new();
        for part in contracts.chunks(AT_ONCE) {
            let Some(of_contracts) = of_contracts(bond, part) else { break };
            let sql = format!(
                "SELECT DISTINCT t._nyckel FROM {name} t WHERE t.reg_till IS NULL AND t._agare = $1 AND {of_contracts}"
            );
            for mut row in self.database.fetch("find a contract's rows", &sql, &[owner.into()]).await? {
                found.push(row.key()?);
            }
        }
        Ok(found)
    }

    /// What was kept back when the lake was last written.
    pub(super) async fn list_mirrored(&self) -> Result<Vec<Mirrored>> {
        let sql = "SELECT table_name, owner, digest FROM sekretess_speglad ORDER BY table_name, owner";
        let read = |mut row: Row| Ok(Mirrored { table: row.text()?, owner: row.text()?, digest: row.text()? });
        self.database.fetch("find what is kept back", sql, &[]).await?.into_iter().map(read).collect()
    }

    /// Notes what was kept back now; with `version`, the lake table's last publication stands there.
    pub(super) async fn note_mirrored(&self, mirrored: &Mirrored, version: Option<u64>) -> Result<()> {
        let mut tx = self.database.begin().await?;
        let sql = "INSERT INTO sekretess_speglad (table_name, owner, digest) VALUES ($1, $2, $3) \
                   ON CONFLICT (table_name, owner) DO UPDATE SET digest = excluded.digest";
        let args = [mirrored.table.as_str().into(), mirrored.owner.as_str().into(), mirrored.digest.as_str().into()];
        tx.execute("note what is kept back", sql, &args).await?;
        if let Some(version) = version {
            let sql = "UPDATE manifest SET delta_version = $2 WHERE table_name = $1 AND state = 'projected' \
                       AND seq = (SELECT MAX(seq) FROM manifest WHERE table_name = $1 AND state = 'projected')";
            tx.execute("move a lake table", sql, &[mirrored.table.as_str().into(), version.into()]).await?;
        }
        tx.commit().await
    }

    /// Notes rows that end since their contract is not to be registered: they leave nowhere, and wait to
    /// be erased from the history.
    pub(super) async fn note_withheld(
        &self,
        tx: &mut Tx,
        run: &str,
        owner: &str,
        withheld: &[(String, Vec<[u8; 16]>)],
    ) -> Result<()> {
        let dialect = self.database.dialect();
        for (table, keys) in withheld {
            for part in keys.chunks(AT_ONCE) {
                let values: Vec<_> =
                    part.iter().map(|key| format!("($1, {}, $2, $3)", key_literal(dialect, key))).collect();
                let sql = format!(
                    "INSERT INTO sekretess_undantag (table_name, key_hash, owner, run) VALUES {} ON CONFLICT DO NOTHING",
                    values.join(", ")
                );
                tx.execute("note withheld rows", &sql, &[table.as_str().into(), owner.into(), run.into()]).await?;
            }
        }
        Ok(())
    }
}

/// The condition that a row `t` of a table with this bond hangs on one of these contracts. None where rows
/// hang on none.
pub(super) fn of_contracts(bond: &Bond, contracts: &[(String, String)]) -> Option<String> {
    if contracts.is_empty() {
        return None;
    }
    match bond {
        Bond::None => None,
        Bond::Key { lanskod, avtals_id } => {
            let pairs: Vec<_> = contracts.iter().map(|(a, b)| format!("({}, {})", literal(a), literal(b))).collect();
            Some(format!("(t.{}, t.{}) IN (VALUES {})", quoted(lanskod), quoted(avtals_id), pairs.join(", ")))
        }
        Bond::Named(links) => {
            let named: Vec<_> = contracts.iter().map(|(a, b)| format!("({})", literal(&contract_name(a, b)))).collect();
            let of = |link| {
                let names = sql::names(link, "n.column1");
                let list = named.join(", ");
                format!("({} AND EXISTS (SELECT 1 FROM (VALUES {list}) n WHERE {names}))", sql::is_link(link))
            };
            Some(format!("({})", links.iter().map(of).collect::<Vec<_>>().join(" OR ")))
        }
    }
}

fn date(row: &mut Row) -> Result<Option<NaiveDate>> {
    let unknown = || RegisterError::table("sekretess_beslut", "has a date that is none");
    row.text_or_none()?.map(|text| text.parse().map_err(|_| unknown())).transpose()
}
