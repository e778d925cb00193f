//! What a set of runs came to, on one screen: job by job while they fit, else a line for each owner.

use std::collections::BTreeMap;

use sluss_pipeline::run::{Intent, Outcome, RunState, TableOutcome};
use sluss_schemas::message::Message;
use sluss_schemas::region;
use sluss_schemas::say;

use super::run::{Answer, Failed};
use crate::cli::{Cli, Format};
use crate::output::{Grid, column, counted, figures, number, wrapped};

/// Jobs that are shown one by one. Of more, those that went well are counted by owner.
const ONE_BY_ONE: usize = 25;
/// Jobs whose fault or reason is told in full where there are many.
const TOLD: usize = 3;

/// The table and its closing line. CSV has every job, whatever their number.
pub(super) fn grid(cli: &Cli, answer: &Answer, intent: Intent) -> Grid {
    let jobs = answer.runs.len() + answer.failed.len();
    let many = jobs > ONE_BY_ONE && cli.format == Format::Table;
    let rows = if many { by_owner(cli, answer) } else { by_job(cli, answer) };
    Grid {
        headings: vec![
            column("jobb", "job"),
            column("läge", "state"),
            figures("rader in", "rows in"),
            figures("godkända", "accepted"),
            figures("avvisade", "rejected"),
            figures("nya", "new"),
            figures("ändrade", "changed"),
            figures("avslutade", "ended"),
        ],
        rows,
        closing: Some(closing(cli, answer, intent, if many { TOLD } else { usize::MAX })),
    }
}

/// What some runs have in common.
#[derive(Default)]
struct Counts {
    jobs: u64,
    rows_in: u64,
    accepted: u64,
    rejected: u64,
    new: u64,
    changed: u64,
    ended: u64,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        let sum = |of: fn(&TableOutcome) -> u64| outcome.tables.iter().map(of).sum::<u64>();
        self.jobs += 1;
        self.rows_in += outcome.balance.rows_in;
        self.accepted += outcome.balance.accepted;
        self.rejected += outcome.balance.rejected;
        self.new += sum(|t| t.changes.new);
        self.changed += sum(|t| t.changes.changed);
        self.ended += sum(|t| t.changes.ended);
    }

    fn row(&self, name: String, state: &str) -> Vec<String> {
        let figures = [self.rows_in, self.accepted, self.rejected, self.new, self.changed, self.ended];
        [name, state.to_owned()].into_iter().chain(figures.map(number)).collect()
    }
}

fn state(cli: &Cli, state: RunState) -> &'static str {
    cli.word(match state {
        RunState::Done => ("klar", "done"),
        RunState::Held => ("HÅLLS", "HELD"),
        RunState::Planned => ("prövad", "judged"),
    })
}

fn job(cli: &Cli, outcome: &Outcome) -> Vec<String> {
    let mut counts = Counts::default();
    counts.add(outcome);
    counts.row(outcome.job.clone(), state(cli, outcome.state))
}

fn failed(cli: &Cli, failed: &Failed) -> Vec<String> {
    let mut row = vec![failed.job.clone(), cli.word(("FEL", "FAILED")).to_owned()];
    row.resize(8, String::new());
    row
}

/// A line for each job, in the order in which they ran.
fn by_job(cli: &Cli, answer: &Answer) -> Vec<Vec<String>> {
    answer.runs.iter().map(|run| job(cli, run)).chain(answer.failed.iter().map(|f| failed(cli, f))).collect()
}

/// What could not be run and what is held, job by job; then a line for each owner.
fn by_owner(cli: &Cli, answer: &Answer) -> Vec<Vec<String>> {
    let (held, fine): (Vec<_>, Vec<_>) = answer.runs.iter().partition(|run| run.state == RunState::Held);
    let mut rows: Vec<_> = answer.failed.iter().map(|f| failed(cli, f)).collect();
    rows.extend(held.into_iter().map(|run| job(cli, run)));
    let mut owners: BTreeMap<&str, (RunState, Counts)> = BTreeMap::new();
    for run in fine {
        owners.entry(&run.owner).or_insert_with(|| (run.state, Counts::default())).1.add(run);
    }
    for (code, (ended, counts)) in owners {
        let jobs = cli.told(&counted(counts.jobs, ("jobb", "jobb"), ("job", "jobs")));
        rows.push(counts.row(format!("{}, {jobs}", owner(cli, code)), state(cli, ended)));
    }
    rows
}

/// `22 Västernorrland`.
fn owner(cli: &Cli, code: &str) -> String {
    match region::REGIONS.iter().find(|region| region.lanskod == code) {
        Some(region) => format!("{code} {}", region.short),
        None if code == "nationell" => cli.word(("nationellt", "national")).to_owned(),
        None => code.to_owned(),
    }
}

/// The lines that matter: what is wrong, or that nothing is. Reasons are told for the first `told` jobs.
fn closing(cli: &Cli, answer: &Answer, intent: Intent, told: usize) -> Message {
    let mut lines = Vec::new();
    for failed in answer.failed.iter().take(told) {
        lines.push(failed.job.as_str().into());
        let mut error = failed.error.clone();
        error.place = error.place.filter(|place| *place != failed.job);
        lines.extend(error.lines(cli.lang).into_iter().map(|line| Message::from(format!("  {line}"))));
    }
    let held: Vec<_> = answer.runs.iter().filter(|r| r.state == RunState::Held).collect();
    let held_told = told.saturating_sub(answer.failed.len());
    for outcome in held.iter().take(held_told) {
        for reason in &outcome.held {
            let (job, sv, en) = (&outcome.job, wrapped(&reason.sv, 94, 2), wrapped(&reason.en, 94, 2));
            lines.push(say!("hålls: {job}\n  {sv}", "held: {job}\n  {en}"));
        }
    }
    let untold = (answer.failed.len() + held.len()).saturating_sub(told);
    if untold > 0 {
        lines.push(say!(
            "{untold} till, med orsaker: `sluss runs` och `sluss check`.",
            "{untold} more, with their reasons: `sluss runs` and `sluss check`."
        ));
    }
    for warning in &answer.warnings {
        let job = &warning.job;
        lines.push(say!(
            "{job}: körningen gäller, men filerna kunde inte läggas undan. Nästa körning försöker igen.",
            "{job}: the run stands, but the files could not be put away. The next run tries again."
        ));
        lines.extend(warning.error.lines(cli.lang).into_iter().map(|line| Message::from(format!("  {line}"))));
    }
    if !held.is_empty() && intent == Intent::Publish {
        lines.push(say!(
            "Inget har publicerats eller avslutats av det som hålls. Kontrollera leveransen med den som\n\
             skickade den. Är den rätt: `sluss run JOBB --believe SKÄL`.",
            "Nothing of what is held has been published or ended. Check the delivery with its sender.\n\
             If it is right: `sluss run JOB --believe REASON`."
        ));
    }
    let rejected: u64 = answer.runs.iter().map(|r| r.balance.rejected).sum();
    let done = answer.runs.iter().filter(|r| r.state == RunState::Done).count() as u64;
    let failed = answer.failed.len() as u64;
    if failed > 0 {
        let jobs = cli.told(&counted(failed, ("jobb", "jobb"), ("job", "jobs")));
        lines.push(say!("{jobs} kunde inte köras.", "{jobs} could not be run."));
    }
    let published =
        cli.told(&counted(done, ("jobb publicerat", "jobb publicerade"), ("job published", "jobs published")));
    lines.push(match intent {
        Intent::Plan => say!(
            "Inget har skrivits: detta är vad en körning skulle göra.",
            "Nothing has been written: this is what a run would do."
        ),
        Intent::Publish if rejected > 0 => {
            let rows = cli.told(&counted(rejected, ("rad väntar", "rader väntar"), ("row waits", "rows wait")));
            say!(
                "{published}. {rows} i karantän: `sluss quarantine list`.",
                "{published}. {rows} in quarantine: `sluss quarantine list`."
            )
        }
        Intent::Publish => say!("{published}.", "{published}."),
    });
    Message::join(&lines, "\n")
}
