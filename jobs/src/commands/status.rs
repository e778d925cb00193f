//! `sluss status`: the nation now, on one screen: who is fresh, late, held, failing or silent, and what awaits a
//! person.

use std::collections::BTreeMap;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sluss_pipeline::freshness::{Standing, State, freshness};
use sluss_pipeline::ledger::{OccasionKind, OccasionState, Waiting};
use sluss_schemas::message::Message;
use sluss_schemas::region;
use sluss_schemas::say;
use sluss_schemas::secrecy::Status;

use crate::app::{App, owner_of};
use crate::cli::Cli;
use crate::commands::time;
use crate::output::{self, Grid, column, counted, number};

/// What regions deliver, as a screen has room for it.
const GROUPS: [(&str, &str, &[&str]); 3] = [
    ("avtal", "contracts", &["avtal", "uppdrag", "villkor", "malgrupp", "relation"]),
    ("tjänster", "services", &["tjanst"]),
    ("väntetider", "waiting times", &["genomford", "vantande", "vantetid"]),
];
/// Everything else.
const REST: (&str, &str) = ("övrigt", "other");

#[derive(Serialize)]
struct Answer {
    at: DateTime<Utc>,
    /// The register's last publication.
    publication: u64,
    standings: Vec<Standing>,
    /// Job files that cannot be read: how their tables stand is not known here.
    unreadable: Vec<Unreadable>,
    /// What `sluss serve` has before it.
    schedule: Schedule,
    waiting: Waiting,
    /// What awaits a person, the most pressing first.
    awaiting: Vec<Awaiting>,
}

#[derive(Serialize)]
struct Unreadable {
    job: String,
    owner: String,
}

#[derive(Default, Serialize)]
struct Schedule {
    running: usize,
    planned: usize,
    /// Of those planned, windows of the past.
    backfill: usize,
    paused: usize,
    broken_files: usize,
    /// Occasions that failed and are not tried again, since the job's last good run.
    dead_ends: usize,
}

#[derive(Serialize)]
struct Awaiting {
    /// What it is, for programs.
    what: &'static str,
    count: u64,
    #[serde(skip)]
    told: Message,
}

/// `sluss status`.
pub(crate) async fn status(cli: &Cli) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let (engine, now) = (&app.engine, app.engine.clock.now());
    let register = &engine.register;
    let standings = freshness(engine, &app.jobs, now).await?;
    let states = register.job_states().await?;
    let open = register.open_occasions().await?;
    let failed = register.last_occasions().await?.into_iter().filter(|o| o.state == OccasionState::Failed).count();
    let of = |state: OccasionState| open.iter().filter(|o| o.state == state).count();
    let schedule = Schedule {
        running: of(OccasionState::Running),
        planned: of(OccasionState::Planned),
        backfill: open.iter().filter(|o| o.kind == OccasionKind::Backfill).count(),
        paused: states.iter().filter(|state| state.paused.is_some()).count(),
        broken_files: app.broken.len(),
        dead_ends: failed,
    };
    let waiting = register.waiting().await?;
    let to_decide = register.secrecy(engine.today(), true).await?;
    let to_decide = to_decide.iter().filter(|standing| standing.status == Status::Undecided).count();
    let held = standings.iter().filter(|standing| standing.state == State::Held).count();
    let awaiting = awaiting(&schedule, &waiting, to_decide as u64, held as u64);
    let unreadable = app.broken.iter().map(|file| Unreadable { job: file.name.clone(), owner: owner_of(&file.name) });
    let (publication, unreadable) = (register.base().await?, unreadable.collect());
    let answer = Answer { at: now, publication, standings, unreadable, schedule, waiting, awaiting };
    output::grid(cli, &answer, || grid(cli, &answer))?;
    Ok(ExitCode::SUCCESS)
}

fn awaiting(schedule: &Schedule, waiting: &Waiting, to_decide: u64, held: u64) -> Vec<Awaiting> {
    let one = |what, count: u64, words: Message, act: Message| {
        (count > 0).then(|| Awaiting { what, count, told: words.then(&": ".into()).then(&act) })
    };
    let all = [
        one(
            "broken_files",
            schedule.broken_files as u64,
            counted(
                schedule.broken_files as u64,
                ("oläslig jobbfil", "oläsliga jobbfiler"),
                ("unreadable job file", "unreadable job files"),
            ),
            "sluss check".into(),
        ),
        one(
            "held",
            held,
            counted(held, ("tabell hålls", "tabeller hålls"), ("table is held", "tables are held")),
            say!(
                "sluss runs; `sluss run JOBB --believe SKÄL` publicerar ändå",
                "sluss runs; `sluss run JOB --believe WHY` publishes all the same"
            ),
        ),
        one(
            "dead_ends",
            schedule.dead_ends as u64,
            counted(
                schedule.dead_ends as u64,
                ("körning gav upp", "körningar gav upp"),
                ("run was given up", "runs were given up"),
            ),
            say!("sluss runs; sedan `sluss jobs trigger JOBB`", "sluss runs; then `sluss jobs trigger JOB`"),
        ),
        one(
            "paused",
            schedule.paused as u64,
            counted(schedule.paused as u64, ("pausat jobb", "pausade jobb"), ("paused job", "paused jobs")),
            "sluss jobs resume".into(),
        ),
        one(
            "secrecy",
            to_decide,
            counted(
                to_decide,
                ("avtal ska sekretessprövas", "avtal ska sekretessprövas"),
                ("contract is to be decided", "contracts are to be decided"),
            ),
            "sluss secrecy list".into(),
        ),
        one(
            "quarantine",
            waiting.quarantine_rows,
            counted(
                waiting.quarantine_rows,
                ("avvisad rad väntar", "avvisade rader väntar"),
                ("rejected row waits", "rejected rows wait"),
            ),
            "sluss quarantine list".into(),
        ),
    ];
    all.into_iter().flatten().collect()
}

fn grid(cli: &Cli, answer: &Answer) -> Grid {
    let mut owners: BTreeMap<&str, Vec<&Standing>> = BTreeMap::new();
    for standing in &answer.standings {
        owners.entry(&standing.owner).or_default().push(standing);
    }
    for file in &answer.unreadable {
        owners.entry(&file.owner).or_default();
    }
    let rows = owners.iter().map(|(owner, standings)| {
        let name = region::by_lanskod(owner).map_or_else(|| (*owner).to_owned(), |region| region.name.to_owned());
        let of = |tables: &[&str]| worst(cli, standings.iter().filter(|s| tables.contains(&s.table.as_str())));
        let is_named = |table: &str| GROUPS.iter().any(|(_, _, tables)| tables.contains(&table));
        let last = standings.iter().filter_map(|s| s.last).max();
        let mut row = vec![name];
        row.extend(GROUPS.iter().map(|(_, _, tables)| of(tables)));
        row.push(if answer.unreadable.iter().any(|file| file.owner == **owner) {
            cli.word(("✕ oläslig fil", "✕ unreadable file")).to_owned()
        } else {
            worst(cli, standings.iter().filter(|s| !is_named(&s.table)))
        });
        row.push(last.map(time).unwrap_or_default());
        row
    });
    let mut headings = vec![column("ägare", "owner")];
    headings.extend(GROUPS.iter().map(|(sv, en, _)| column(sv, en)));
    headings.extend([column(REST.0, REST.1), column("kom senast", "came last")]);
    Grid { headings, rows: rows.collect(), closing: Some(closing(answer)) }
}

/// The state that matters most, with a sign and a word; blank where there is nothing of the kind.
fn worst<'a>(cli: &Cli, standings: impl Iterator<Item = &'a &'a Standing>) -> String {
    let Some(state) = standings.map(|standing| standing.state).max() else { return String::new() };
    let sign = match state {
        State::Fresh => '●',
        State::Late => '▲',
        State::Silent => '○',
        State::Held => '■',
        State::Failing => '✕',
    };
    format!("{sign} {}", cli.word(state.word()))
}

fn closing(answer: &Answer) -> Message {
    let schedule = &answer.schedule;
    let (running, planned) = (number(schedule.running as u64), number(schedule.planned as u64));
    let mut now = say!("Nu: {running} pågår, {planned} på tur", "Now: {running} running, {planned} next");
    if schedule.backfill > 0 {
        let windows = number(schedule.backfill as u64);
        now = now.then(&say!(" (varav {windows} gångna perioder)", " ({windows} of them past windows)"));
    }
    let publication = number(answer.publication);
    let mut lines = vec![now.then(&say!(". Publicering {publication}.", ". Publication {publication}."))];
    match answer.awaiting.as_slice() {
        [] => lines.push(say!("Inget väntar på en människa.", "Nothing awaits a person.")),
        awaiting => {
            lines.push(say!("Väntar på en människa:", "Awaits a person:"));
            lines.extend(awaiting.iter().map(|one| Message::from("  ").then(&one.told)));
        }
    }
    Message::join(&lines, "\n")
}
