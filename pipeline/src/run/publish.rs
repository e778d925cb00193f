//! The end of a run: one transaction that publishes it, or a note of why it does not.

use chrono::NaiveDate;
use sluss_schemas::say;

use super::engine::{Engine, RunOptions};
use super::extract::Extracted;
use super::outcome::{Outcome, RunState};
use super::quarantined::Quarantining;
use super::receipted::receipt;
use super::settle::Settled;
use crate::error::{PipelineError, Result};
use crate::fail;
use crate::job::{Job, Mode};
use crate::lake::ManifestKind;
use crate::landing::Incoming;
use crate::ledger::{QuarantineRow, Receipt, RunState as LedgerState};
use crate::register::{NewManifest, Publication, TableChange};

/// A run that is about to end.
pub(super) struct Publishing<'a> {
    pub(super) engine: &'a Engine,
    pub(super) job: &'a Job,
    pub(super) run: &'a str,
    pub(super) base: u64,
    pub(super) options: &'a RunOptions,
    pub(super) incoming: Option<&'a Incoming>,
    /// The delivery's date.
    pub(super) delivered: NaiveDate,
}

impl Publishing<'_> {
    pub(super) async fn finish(
        &self,
        mut outcome: Outcome,
        extracted: Extracted,
        settled: Vec<Settled>,
        quarantine: Quarantining,
    ) -> Result<Outcome> {
        let Some(incoming) = self.incoming else { return Ok(outcome) };
        fail::point("karantan-fore");
        let quarantined = quarantine.finish()?;
        fail::point("karantan-efter");
        let register = &self.engine.register;
        let landed = incoming.objects();
        register.record_origins(self.run, &extracted.sources.delivered(&landed)).await?;
        outcome.files = extracted.sources.sized(&landed);
        let receipt = receipt(&outcome, &quarantined, self.delivered)?;
        let rows = quarantined.index;
        let is_earlier = settled.iter().any(|table| !table.withheld.is_empty());
        match outcome.state {
            RunState::Done => {
                let mut publication = self.publication(&outcome, &extracted, settled, rows, receipt)?;
                publication.outdated = publication.replay_of.is_some() && register.is_outdated(self.run).await?;
                fail::point("publicera-fore");
                let published = register.publish(&publication).await?;
                self.engine.keep_head().await;
                fail::point("publicera-efter");
                outcome.publish_seq = published.seq;
            }
            RunState::Held | RunState::Planned => {
                register.record_quarantine(self.run, &rows).await?;
                register.record_receipt(self.run, &receipt).await?;
                let (state, reason) = match outcome.state {
                    RunState::Held => (LedgerState::Held, outcome.held.first().map(|h| h.sv.clone())),
                    _ => (LedgerState::Planned, Some("testmiljö: inget publiceras".to_owned())),
                };
                register.end_run(self.run, state, reason.as_deref(), Some(&counts(&outcome)?)).await?;
            }
        }
        if outcome.balance.withheld > 0 {
            fail::point("undantaget-fore");
            for run in [Some(self.run), self.options.replay_of.as_deref()].into_iter().flatten() {
                self.engine.destroy_withheld(&outcome.owner, run).await?;
            }
            if is_earlier && outcome.state == RunState::Done {
                self.engine.destroy_earlier(self.job).await?;
            }
        }
        Ok(outcome)
    }

    fn publication(
        &self,
        outcome: &Outcome,
        extracted: &Extracted,
        settled: Vec<Settled>,
        quarantine: Vec<QuarantineRow>,
        receipt: Receipt,
    ) -> Result<Publication> {
        let (mut tables, mut manifests, mut partitions) = (Vec::new(), Vec::new(), Vec::new());
        let mut withheld = Vec::new();
        for table in settled {
            if table.in_register {
                tables.push(TableChange { table: table.outcome.table.clone(), complete: table.complete });
            }
            if let Some(manifest) = table.manifest
                // Register tables tell of themselves: only what really changed is projected.
                && (matches!(manifest.kind, ManifestKind::Files { .. }) || table.moves)
            {
                let actions = serde_json::to_value(&manifest).map_err(|e| {
                    PipelineError::us(say!("ett manifest kan inte skrivas", "a manifest cannot be written")).because(e)
                })?;
                manifests.push(NewManifest { table: manifest.table, actions });
            }
            partitions.extend(table.partitions);
            if !table.withheld.is_empty() {
                withheld.push((table.outcome.table, table.withheld));
            }
        }
        Ok(Publication {
            run: self.run.to_owned(),
            job: self.job.name.clone(),
            formerly: self.job.file.job.formerly.clone(),
            owner: self.job.file.job.owner.clone(),
            base: self.base,
            fence: self.options.fence,
            effective: self.delivered,
            mapping: self.job.mapping_hash.clone(),
            tables,
            manifests,
            partitions,
            // A replay reads what lies landed: where the source itself goes on is not its to say.
            cursor: extracted
                .cursor
                .as_ref()
                .filter(|_| self.options.replay_of.is_none() && !self.options.keep_cursor)
                .map(|c| c.0.clone()),
            counts: counts(outcome)?,
            receipt,
            quarantine,
            replay_of: self.options.replay_of.clone(),
            outdated: false,
            withheld,
            believed: !outcome.held.is_empty() && self.options.believe.is_some(),
            // Where nothing has come there is no whole that could stand for what came before.
            complete: self.job.file.job.mode == Mode::Snapshot && !extracted.sources.is_empty(),
        })
    }
}

fn counts(outcome: &Outcome) -> Result<serde_json::Value> {
    serde_json::to_value(outcome)
        .map_err(|e| PipelineError::us(say!("utfallet kan inte skrivas", "the outcome cannot be written")).because(e))
}
