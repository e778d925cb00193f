//! Weighing a delivery as a whole: its figures, and whether they are to be believed.

use super::engine::{Engine, RunOptions};
use super::extract::Extracted;
use super::guard::{self, Held};
use super::outcome::{Outcome, RunState, TableOutcome};
use super::settle::Settled;
use super::usual::{self, Weighed};
use crate::error::Result;
use crate::job::{Environment, Job};
use crate::ledger::{RunFilter, RunState as LedgerState};
use crate::validate::{RuleCount, Tally};

impl Engine {
    /// Weighs the delivery as a whole: figures, and whether it is to be believed.
    #[expect(clippy::too_many_arguments, reason = "one step of `deliver`, which holds these apart")]
    pub(super) async fn weigh(
        &self,
        job: &Job,
        run: &str,
        dry: bool,
        extracted: &Extracted,
        settled: &[Settled],
        options: &RunOptions,
        goes_on: bool,
    ) -> Result<Outcome> {
        let balance = extracted.account.balance(extracted.rows_in)?;
        let previous = self.register.last_done(&job.name).await?;
        let previous_rows =
            previous.as_ref().and_then(|run| run.counts.as_ref()?.get("balance")?.get("rows_in")?.as_u64());
        let limits = &job.file.limits;
        let mut held: Vec<Held> =
            guard::delivery(limits, job.file.job.mode, &balance, previous_rows).into_iter().collect();
        let nothing_new = if options.arrivals { extracted.sources.is_empty() } else { goes_on && balance.rows_in == 0 };
        if nothing_new {
            // Nothing new since last time is no empty delivery.
            held.clear();
        }
        held.extend(
            // What ends since its region refuses it is no fraction of yesterday.
            settled.iter().filter_map(|s| {
                guard::ended(
                    limits,
                    &s.outcome.table,
                    s.own_before,
                    s.outcome.changes.ended - s.withheld_ended.min(s.outcome.changes.ended),
                )
            }),
        );
        let is_test = job.file.job.environment == Environment::Test;
        let tables: Vec<TableOutcome> = settled.iter().map(|s| s.outcome.clone()).collect();
        let mut outcome = Outcome {
            run: run.to_owned(),
            job: job.name.clone(),
            owner: job.file.job.owner.clone(),
            state: RunState::Planned,
            held: Vec::new(),
            balance,
            tables,
            rules: settled.iter().flat_map(|s| self.rule_counts(&s.outcome.table, &s.tally)).collect(),
            personal_numbers: extracted.personal_numbers.clone(),
            files: extracted.sources.lines().to_vec(),
            previous: previous.map(|run| (run.id, run.started)),
            publish_seq: None,
            asked: !options.arrivals,
            lineage: None,
        };
        // A replay reads an old delivery: what is usual today says nothing of it.
        if !nothing_new && held.is_empty() && options.replay_of.is_none() {
            held = self.unusual(job, &outcome, settled).await?;
        }
        let state = match (held.is_empty() || options.believe.is_some(), dry || is_test) {
            (true, false) => RunState::Done,
            (true, true) => RunState::Planned,
            (false, _) => RunState::Held,
        };
        for (table, settled) in outcome.tables.iter_mut().zip(settled) {
            table.current = if state == RunState::Done { settled.outcome.current } else { settled.before };
        }
        (outcome.state, outcome.held) = (state, held);
        Ok(outcome)
    }

    /// Where a delivery lies outside of what the job's own history makes likely.
    async fn unusual(&self, job: &Job, outcome: &Outcome, settled: &[Settled]) -> Result<Vec<Held>> {
        let limits = &job.file.limits;
        if limits.unusual <= 0.0 {
            return Ok(Vec::new());
        }
        let filter = RunFilter {
            job: Some(job.name.clone()),
            state: Some(LedgerState::Done),
            limit: Some(limits.history_runs),
            ..RunFilter::default()
        };
        let runs = self.register.runs(&filter).await?.into_iter().filter(|run| run.replay_of.is_none());
        let past = usual::history(runs.filter_map(|run| serde_json::from_value::<Outcome>(run.counts?).ok()));
        let mut now = Weighed::of(outcome);
        for table in settled {
            now.forgive(&table.outcome.table, table.withheld_ended);
        }
        Ok(usual::unusual(limits, job.file.job.mode, &now, &past))
    }

    fn rule_counts(&self, table: &str, tally: &Tally) -> Vec<RuleCount> {
        let columns = self.project.tables.get(table).map(|t| t.column.as_slice()).unwrap_or_default();
        tally
            .iter()
            .map(|(rule, column, severity, rows)| RuleCount {
                table: table.to_owned(),
                rule: rule.to_owned(),
                column: column.and_then(|c| columns.get(usize::from(c))).map(|c| c.name.clone()),
                severity: severity_name(severity).to_owned(),
                rows,
            })
            .collect()
    }
}

fn severity_name(severity: sluss_schemas::rule::Severity) -> &'static str {
    match severity {
        sluss_schemas::rule::Severity::Warn => "warn",
        sluss_schemas::rule::Severity::Repair => "repair",
        sluss_schemas::rule::Severity::Reject => "reject",
    }
}
