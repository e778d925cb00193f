//! `sluss register history`: what has been believed of a row, change by change: when it was recorded, by
//! which delivery, what became another, and of which days.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use sluss_pipeline::ledger::EventKind;
use sluss_pipeline::register::{Altered, timeline};
use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::table::Table;

use super::missing;
use crate::app::App;
use crate::cli::{Cli, Format};
use crate::commands::time;
use crate::output::{self, Grid, column};

/// Characters that a line has room for.
const WIDE: usize = 90;

/// What happened at one publication.
#[derive(Clone, Debug, Serialize)]
struct Entry {
    seq: u64,
    recorded: Option<DateTime<Utc>>,
    kind: &'static str,
    owner: Option<String>,
    job: Option<String>,
    run: Option<String>,
    replay_of: Option<String>,
    /// What the delivery consisted of: files, tables, messages.
    delivered: Vec<String>,
    valid_from: Option<NaiveDate>,
    valid_till: Option<NaiveDate>,
    columns: Vec<Altered>,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    table: &'a str,
    key: BTreeMap<&'a str, &'a str>,
    entries: Vec<Entry>,
}

/// Shows a row's history.
pub(super) async fn history(cli: &Cli, app: &App, table: &Table, key: &[(String, String)]) -> anyhow::Result<()> {
    let register = app.engine.register.as_ref();
    let mut entries = Vec::new();
    let mut hash = None;
    for (key, seq, difference) in timeline(register, table, key).await? {
        hash = Some(key);
        entries.push(Entry {
            seq,
            kind: kind(difference.kind),
            owner: Some(difference.owner),
            valid_from: difference.valid_from,
            valid_till: difference.valid_till,
            columns: difference.columns,
            ..empty()
        });
    }
    let Some(hash) = hash else { return Err(missing(&table.name, false).into()) };
    for (from, to) in register.stale_times(&table.name, &hash).await? {
        entries.push(Entry { seq: from, kind: "kept", ..empty() });
        // A mark that ends with a change needs no line of its own.
        if let Some(to) = to.filter(|to| entries.iter().all(|entry| entry.seq != *to)) {
            entries.push(Entry { seq: to, kind: "accepted", ..empty() });
        }
    }
    entries.sort_by_key(|entry| entry.seq);
    for entry in &mut entries {
        let Some(run) = register.publication(entry.seq).await? else { continue };
        entry.delivered = register.origins(&run.id).await?.into_iter().map(|o| o.origin.name).collect();
        entry.recorded = run.ended;
        entry.owner.get_or_insert(run.owner);
        (entry.job, entry.run, entry.replay_of) = (Some(run.job), Some(run.id), run.replay_of);
    }
    let key = key.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = Answer { table: &table.name, key, entries };
    match cli.format {
        Format::Json => output::grid(cli, &answer, Grid::default),
        Format::Csv => output::grid(cli, &answer, || rows(cli, &answer.entries)),
        Format::Table => output::text(&told(cli, &answer.entries)),
    }
}

fn empty() -> Entry {
    Entry {
        seq: 0,
        recorded: None,
        kind: "",
        owner: None,
        job: None,
        run: None,
        replay_of: None,
        delivered: Vec::new(),
        valid_from: None,
        valid_till: None,
        columns: Vec::new(),
    }
}

/// What a kind of event is called by programs.
pub(super) fn kind(kind: EventKind) -> &'static str {
    match kind {
        EventKind::New => "new",
        EventKind::Changed => "changed",
        EventKind::Corrected => "corrected",
        EventKind::Ended => "ended",
    }
}

/// What it is called by people.
pub(super) fn kind_word(cli: &Cli, kind: &str) -> &'static str {
    cli.word(match kind {
        "new" => ("ny", "new"),
        "changed" => ("ändrad", "changed"),
        "corrected" => ("rättad", "corrected"),
        "ended" => ("avslutad", "ended"),
        "kept" => ("avvisad, tidigare uppgift behålls", "rejected, what was there is kept"),
        _ => ("godtagen igen", "accepted again"),
    })
}

/// A period in words, with its last day as people count it.
pub(super) fn period(cli: &Cli, from: Option<NaiveDate>, till: Option<NaiveDate>) -> String {
    let last = till.and_then(|till| till.checked_sub_signed(TimeDelta::days(1)));
    let message = match (from, last) {
        (Some(from), Some(last)) if last < from => say!("ingen dag (från {from})", "no day (from {from})"),
        (Some(from), Some(last)) => say!("{from} till och med {last}", "{from} to {last}, both included"),
        (Some(from), None) => say!("från {from}", "from {from}"),
        (None, Some(last)) => say!("till och med {last}", "up to and including {last}"),
        (None, None) => say!("utan gräns", "without bounds"),
    };
    cli.told(&message)
}

/// What became another, a line for each column and period; the period only where it is not the row's.
pub(super) fn alterations(cli: &Cli, columns: &[Altered], of: (Option<NaiveDate>, Option<NaiveDate>)) -> String {
    let mut out = String::new();
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| cli.word(("(tom)", "(empty)")).to_owned());
    for altered in columns {
        let mut line = format!("    {}: {} → {}", altered.column, value(&altered.before), value(&altered.after));
        let period_of = (altered.valid_from, altered.valid_till);
        if period_of != (None, None) && period_of != of {
            let _ = write!(line, " ({})", period(cli, altered.valid_from, altered.valid_till));
        }
        let _ = writeln!(out, "{}", output::wrapped(&line, WIDE, 6));
    }
    out
}

fn told(cli: &Cli, entries: &[Entry]) -> String {
    let mut out = String::new();
    for entry in entries {
        let when = entry.recorded.map(time).unwrap_or_default();
        let _ = writeln!(out, "{when}  {}", kind_word(cli, entry.kind));
        if matches!(entry.kind, "new" | "changed" | "corrected" | "ended") {
            let valid = period(cli, entry.valid_from, entry.valid_till);
            let _ = writeln!(out, "    {}", cli.told(&say!("gäller {valid}", "valid {valid}")));
        }
        out.push_str(&alterations(cli, &entry.columns, (entry.valid_from, entry.valid_till)));
        if let (Some(job), Some(run)) = (&entry.job, &entry.run) {
            let files = entry.delivered.join(", ");
            let from = if files.is_empty() { job.clone() } else { format!("{job}: {files}") };
            let again = entry.replay_of.as_ref().map(|_| cli.word((" (läst på nytt)", " (read again)")));
            let from = format!("{from}{}", again.unwrap_or_default());
            let line = cli.told(&say!("    ur {from}", "    by {from}"));
            let _ = writeln!(out, "{}", output::wrapped(&line, WIDE, 6));
            let _ = writeln!(
                out,
                "{}",
                cli.told(&say!("    kvitto: sluss receipt {run}", "    receipt: sluss receipt {run}"))
            );
        }
        out.push('\n');
    }
    let times = counted(entries.len());
    out + &cli.told(&times)
}

fn counted(entries: usize) -> Message {
    if entries == 1 { say!("1 händelse", "1 event") } else { say!("{entries} händelser", "{entries} events") }
}

fn rows(cli: &Cli, entries: &[Entry]) -> Grid {
    let headings = vec![
        column("registrerad", "recorded"),
        column("händelse", "event"),
        column("ägare", "owner"),
        column("jobb", "job"),
        column("körning", "run"),
        column("giltig från", "valid from"),
        column("giltig till", "valid till"),
        column("kolumn", "column"),
        column("före", "before"),
        column("efter", "after"),
        column("kolumn från", "column from"),
        column("kolumn till", "column till"),
    ];
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let mut rows = Vec::new();
    for entry in entries {
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        let head = [
            entry.recorded.map(|at| at.to_rfc3339()).unwrap_or_default(),
            kind_word(cli, entry.kind).to_owned(),
            of(&entry.owner),
            of(&entry.job),
            of(&entry.run),
            day(entry.valid_from),
            day(entry.valid_till),
        ];
        let mut tails: Vec<Vec<String>> = entry.columns.iter().map(altered_cells).collect();
        if tails.is_empty() {
            tails.push(vec![String::new(); 5]);
        }
        rows.extend(tails.into_iter().map(|tail| head.iter().cloned().chain(tail).collect()));
    }
    Grid { headings, rows, closing: None }
}

/// An alteration as cells: column, before, after, first day, first day after.
pub(super) fn altered_cells(altered: &Altered) -> Vec<String> {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        altered.column.clone(),
        text(&altered.before),
        text(&altered.after),
        day(altered.valid_from),
        day(altered.valid_till),
    ]
}
