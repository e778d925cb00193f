//! From a run's outcome to its receipt.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Stockholm;
use sluss_schemas::rule::{Language, Severity};
use sluss_schemas::say;

use super::guard::Held;
use super::outcome::{Outcome, RunState};
use super::quarantined::Quarantined;
use crate::error::{PipelineError, Result};
use crate::ledger;
use crate::receipt::{
    self, FileCount, Owner, Published, PublishedTable, Receipt, RuleCount, SourceRows, State, TableCount, Text,
};

/// The day in Sweden: what a delivery's date means.
pub(crate) fn swedish_day(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&Stockholm).date_naive()
}

/// The receipt of a finished run, as the ledger keeps it.
pub(super) fn receipt(outcome: &Outcome, quarantined: &Quarantined, delivered: NaiveDate) -> Result<ledger::Receipt> {
    let receipt = facts(outcome, quarantined, delivered);
    let document = serde_json::to_value(&receipt).map_err(|e| {
        PipelineError::us(say!("kvittensen går inte att skriva", "the receipt cannot be written")).because(e)
    })?;
    Ok(ledger::Receipt { document, text: receipt::text(&receipt, Language::Swedish) })
}

fn facts(outcome: &Outcome, quarantined: &Quarantined, delivered: NaiveDate) -> Receipt {
    let examples = |table: &str, rule: &str| {
        let mut examples = quarantined.examples.get(&(table.to_owned(), rule.to_owned())).cloned().unwrap_or_default();
        // Several national rows of one source row break a rule in one place.
        examples.dedup_by(|a, b| (&a.file, &a.part, a.row, &a.column) == (&b.file, &b.part, b.row, &b.column));
        examples
    };
    let mut rules: Vec<RuleCount> = Vec::new();
    for counted in &outcome.rules {
        // The receipt tells rules by table; the columns are in the examples.
        if let Some(known) =
            rules.iter_mut().find(|r| r.rule == counted.rule && r.table.as_ref() == Some(&counted.table))
        {
            known.count += counted.rows;
            continue;
        }
        rules.push(RuleCount {
            rule: counted.rule.clone(),
            severity: severity(&counted.severity),
            table: Some(counted.table.clone()),
            count: counted.rows,
            examples: examples(&counted.table, &counted.rule),
        });
    }
    for (rule, count) in &quarantined.unread {
        let examples = examples("", rule);
        rules.push(RuleCount {
            rule: (*rule).to_owned(),
            severity: Severity::Reject,
            table: None,
            count: *count,
            examples,
        });
    }
    let mut receipt = Receipt {
        run: outcome.run.clone(),
        job: outcome.job.clone(),
        owner: Owner::of(&outcome.owner),
        delivered,
        state: state(outcome),
        files: outcome
            .files
            .iter()
            .map(|f| FileCount {
                name: f.name.clone(),
                part: f.part.clone(),
                rows: f.rows,
                answers: f.answers,
                bytes: f.bytes,
            })
            .collect(),
        rows: SourceRows {
            read: outcome.balance.rows_in,
            accepted: outcome.balance.accepted,
            rejected: outcome.balance.rejected,
            withheld: outcome.balance.withheld,
            filtered: outcome.balance.filtered.values().sum(),
        },
        tables: outcome.tables.iter().map(table_count).collect(),
        rules,
        warnings: warnings(outcome),
        published: published(outcome, delivered),
    };
    receipt.sort_rules();
    receipt
}

fn state(outcome: &Outcome) -> State {
    match (outcome.state, outcome.held.first()) {
        (RunState::Held, Some(held)) => State::Held { reason: text_of(held) },
        (RunState::Planned, _) => State::Held {
            reason: Text {
                sv: "Jobbet är märkt som test: raderna har prövats, inget har publicerats.".into(),
                en: "The job is marked as a test: its rows were judged, nothing was published.".into(),
            },
        },
        _ => State::Done,
    }
}

fn text_of(held: &Held) -> Text {
    Text { sv: held.sv.clone(), en: held.en.clone() }
}

fn table_count(table: &super::outcome::TableOutcome) -> TableCount {
    TableCount {
        table: table.table.clone(),
        mapped: table.mapped,
        accepted: table.accepted,
        repaired: table.repaired,
        rejected: table.rejected,
        withheld: table.withheld,
        new: table.changes.new,
        changed: table.changes.changed,
        ended: table.changes.ended,
        unchanged: table.changes.unchanged,
        stale: table.changes.stale,
    }
}

/// What is published of the job once the run has ended: its own delivery, or the latest before it.
fn published(outcome: &Outcome, delivered: NaiveDate) -> Published {
    let (run, day) = match (outcome.state, &outcome.previous) {
        (RunState::Done, _) => (outcome.run.clone(), delivered),
        (_, Some((run, began))) => (run.clone(), swedish_day(*began)),
        (_, None) => return Published::default(),
    };
    let tables = outcome.tables.iter().map(|t| PublishedTable { table: t.table.clone(), rows: t.current }).collect();
    Published { delivered: Some(day), run: Some(run), tables }
}

/// Personal numbers that came though nobody may send them, rows that a replay came too late for,
/// guards that somebody overruled.
fn warnings(outcome: &Outcome) -> Vec<Text> {
    let mut warnings: Vec<Text> = outcome
        .personal_numbers
        .iter()
        .map(|(column, cells)| Text {
            sv: match cells {
                1 => format!("Kolumnen {column} innehåller ett personnummer. Ta bort det innan ni skickar filen igen."),
                _ => format!("Kolumnen {column} innehåller personnummer i {cells} celler. Ta bort dem innan ni skickar filen igen."),
            },
            en: match cells {
                1 => format!("The column {column} holds a personal number. Remove it before you send the file again."),
                _ => format!("The column {column} holds personal numbers in {cells} cells. Remove them before you send the file again."),
            },
        })
        .collect();
    for table in outcome.tables.iter().filter(|table| table.changes.superseded > 0) {
        let (rows, table) = (table.changes.superseded, &table.table);
        warnings.push(Text {
            sv: format!("{rows} rader i {table} är lämnade som de är: en senare leverans har redan ersatt dem."),
            en: format!("{rows} rows of {table} are left as they are: a later delivery has replaced them already"),
        });
    }
    if outcome.balance.withheld > 0 {
        let rows = outcome.balance.withheld;
        warnings.push(Text {
            sv: format!(
                "{rows} rader hör till avtal som regionen har beslutat att inte registrera. Av dem sparas bara det här \
                 antalet. Leveransens originalfiler förstörs därför, och den kan inte köras om: skicka en ny fil om \
                 något i den ska rättas."
            ),
            en: format!(
                "{rows} rows are of contracts that the region has decided not to register. Nothing of them is kept but \
                 this count. The delivery's original files are destroyed, so it cannot be run again: send a new file if \
                 anything in it is to be mended."
            ),
        });
    }
    if outcome.state == RunState::Done {
        warnings.extend(outcome.held.iter().map(text_of));
    }
    warnings
}

fn severity(name: &str) -> Severity {
    match name {
        "warn" => Severity::Warn,
        "repair" => Severity::Repair,
        _ => Severity::Reject,
    }
}
