//! The delivery as a whole: its figures, and whether it is to be believed.

use sluss_schemas::rule::Severity;

use super::engine::{Engine, RunOptions};
use super::extract::Extracted;
use super::guard::{self, Held};
use super::outcome::{Outcome, RunState, TableOutcome};
use super::settle::Settled;
use crate::error::Result;
use crate::job::{Environment, Job};
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
        let state = match (held.is_empty() || options.believe.is_some(), dry || is_test) {
            (true, false) => RunState::Done,
            (true, true) => RunState::Planned,
            (false, _) => RunState::Held,
        };
        Ok(Outcome {
            run: run.to_owned(),
            job: job.name.clone(),
            owner: job.file.job.owner.clone(),
            state,
            held,
            balance,
            tables: settled
                .iter()
                .map(|s| TableOutcome {
                    current: if state == RunState::Done { s.outcome.current } else { s.before },
                    ..s.outcome.clone()
                })
                .collect(),
            rules: settled.iter().flat_map(|s| self.rule_counts(&s.outcome.table, &s.tally)).collect(),
            personal_numbers: extracted.personal_numbers.clone(),
            files: extracted.sources.lines().to_vec(),
            previous: previous.map(|run| (run.id, run.started)),
            publish_seq: None,
        })
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

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Warn => "warn",
        Severity::Repair => "repair",
        Severity::Reject => "reject",
    }
}
