//! `sluss codes import`: a code list by hand, along the same path as any job.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use sluss_connectors::kodverk::{Gives, KodverkSource, Notice, Options};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::{Environment, Head, Job, JobFile, Limits, Map, Mode, SourceSpec};
use sluss_pipeline::run::{Intent, Outcome, RunOptions, RunState};
use sluss_pipeline::schedule::When;
use sluss_pipeline::validate::RuleCount;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::app::App;
use crate::bridge;
use crate::cli::{Cli, CodesImport};
use crate::commands::run::held;
use crate::commands::short;
use crate::output::{self, number};

/// Bytes of a JSON file in which its kind is looked for.
const HEAD: u64 = 256 * 1024;

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    outcome: Outcome,
    notices: Vec<Notice>,
}

pub(super) async fn import(cli: &Cli, app: &App, args: &CodesImport) -> anyhow::Result<ExitCode> {
    publish(cli, app, args).await.map_err(|e| as_given(e, &args.file))
}

async fn publish(cli: &Cli, app: &App, args: &CodesImport) -> anyhow::Result<ExitCode> {
    there_is(&args.file)?;
    let job = job(app, args)?;
    // Whatever is wrong with the options is told by the registry, in its words.
    bridge::open(&app.engine, &job)?;
    let options: Options = serde_json::from_value(serde_json::to_value(&job.file.source.options)?)?;
    let source =
        KodverkSource::open(options, &bridge::io(&app.engine, &job)).map_err(|e| bridge::translate(e, &job.name))?;
    let bars = crate::progress::Bars::new(cli);
    let deliver = |after, landing| bridge::read(&source, &job.name, after, landing);
    let options = RunOptions { full: true, ..RunOptions::default() };
    let outcome = app.engine.run(&job, Intent::Publish, deliver, options, &bars.begin(&job.name)).await?;
    let answer = Answer { outcome, notices: source.notices().list() };
    output::said(cli, &answer, || said(&answer))?;
    Ok(if answer.outcome.state == RunState::Held { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// Whether the file is there, told in the words in which it was asked for.
fn there_is(file: &Path) -> anyhow::Result<()> {
    let refused = |what: Message| PipelineError::configuration(what).at(file.display().to_string());
    match std::fs::metadata(file) {
        Ok(found) if found.is_dir() => Err(refused(say!("en mapp, inte en fil", "a folder, not a file"))
            .hint(say!("namnge filen i den", "name the file in it"))
            .into()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(refused(say!("filen finns inte", "no such file"))
            .hint(say!(
                "en relativ sökväg utgår från mappen där kommandot ges",
                "a relative path is taken from the folder where the command is given"
            ))
            .into()),
        _ => Ok(()),
    }
}

/// The job knows the file by the end of its path; who gave the command wrote the path.
fn as_given(error: anyhow::Error, file: &Path) -> anyhow::Error {
    let mut error = match error.downcast::<PipelineError>() {
        Ok(error) => error,
        Err(other) => return other,
    };
    let parts: Vec<_> = file.components().collect();
    let mut ends = (0..parts.len()).map(|from| parts.iter().skip(from).collect::<PathBuf>());
    let rest = |place: &str| ends.find_map(|end| Some(place.strip_prefix(end.to_str()?)?.to_owned()));
    if let Some(rest) = error.place.as_deref().and_then(rest) {
        error.place = Some(format!("{}{rest}", file.display()).into());
    }
    error.into()
}

/// A job that reads the file and publishes what it gives.
fn job(app: &App, args: &CodesImport) -> anyhow::Result<Job> {
    let file = std::path::absolute(&args.file)?;
    let refused = |what: Message| PipelineError::configuration(what).at(args.file.display().to_string());
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|n| n.to_str())) else {
        return Err(refused(say!("filens namn går inte att läsa", "the file has no name that can be read")).into());
    };
    let mut options = toml::Table::new();
    options.insert("path".to_owned(), name.into());
    let told = [
        ("system", args.system.clone()),
        ("version", args.edition.clone()),
        ("valid_from", args.valid_from.map(|day| day.to_string())),
    ];
    for (option, value) in told {
        if let Some(value) = value {
            options.insert(option.to_owned(), value.into());
        }
    }
    for option in &args.options {
        set(&mut options, option)?;
    }
    let gives = match options.get("table").and_then(toml::Value::as_str) {
        Some("kodmappning") => Gives::Kodmappning,
        Some("vardomrade") => Gives::Vardomrade,
        Some(_) => Gives::Kod,
        None => kind_of(&file),
    };
    let table = match gives {
        Gives::Kod => "kod",
        Gives::Kodmappning => "kodmappning",
        Gives::Vardomrade => "vardomrade",
    };
    options.entry("table").or_insert_with(|| table.into());
    let national = app.engine.table(table)?;
    let columns: Vec<_> =
        gives.columns().iter().filter(|c| national.column(c).is_some()).map(|c| format!("\"{c}\"")).collect();
    let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or(table);
    let named = args.system.as_deref().map_or_else(|| stem.to_owned(), super::canonical);
    Ok(Job {
        name: format!("kodverk/{table}/{named}"),
        folder: folder.to_owned(),
        file: JobFile {
            job: Head {
                owner: "nationell".to_owned(),
                formerly: Vec::new(),
                feeds: vec![table.to_owned()],
                schedule: None,
                mode: Mode::Incremental,
                environment: Environment::Prod,
                description: None,
            },
            source: SourceSpec { connector: "kodverk".to_owned(), options },
            map: Map { one_per: BTreeMap::new(), vars: BTreeMap::new(), tables: BTreeMap::new() },
            filter: BTreeMap::new(),
            when: When::default(),
            backfill: None,
            limits: Limits::default(),
            example: Vec::new(),
        },
        mappings: vec![(
            table.to_owned(),
            format!("SELECT {} FROM source", columns.join(", ").replace("\"kod\"", "btrim(kod) AS kod")),
        )],
        // The mapping is always the table itself.
        mapping_hash: format!("{:0>16.16}", national.version.replace('.', "")),
        times: None,
    })
}

/// `NAME=VALUE`; `columns.kod=Kod` sets an entry of a table. Lists, tables and what is not text are TOML.
fn set(options: &mut toml::Table, option: &str) -> anyhow::Result<()> {
    let wrong = |what: Message| {
        PipelineError::configuration(what)
            .at("--option")
            .hint(say!("skriv som i en jobbfil: --option form=fixed", "write it as in a job file: --option form=fixed"))
    };
    let (name, value) = option
        .split_once('=')
        .ok_or_else(|| wrong(say!("en inställning skrivs NAMN=VÄRDE", "an option is NAME=VALUE")))?;
    let is_toml = value.starts_with(['[', '{', '"']) || matches!(value, "true" | "false") || name == "header_row";
    let value = if is_toml {
        let parsed: toml::Table = toml::from_str(&format!("value = {value}"))
            .map_err(|e| wrong(sluss_schemas::misfit::explain(e.message()).what.after(&name.into())))?;
        parsed.into_iter().next().map_or(toml::Value::Boolean(false), |(_, value)| value)
    } else if let (true, Ok(column)) = (name.starts_with("columns."), value.parse::<i64>()) {
        toml::Value::Integer(column)
    } else {
        toml::Value::String(value.to_owned())
    };
    match name.split_once('.') {
        None => drop(options.insert(name.to_owned(), value)),
        Some((outer, inner)) => {
            let entry = options.entry(outer).or_insert_with(|| toml::Table::new().into());
            let table = entry.as_table_mut().ok_or_else(|| {
                wrong(say!("`{outer}` är ingen tabell med inställningar", "`{outer}` is no table of options"))
            })?;
            table.insert(inner.to_owned(), value);
        }
    }
    Ok(())
}

/// What a FHIR file gives, by its first resource; any other form gives codes unless it is told otherwise.
fn kind_of(file: &Path) -> Gives {
    let is_json = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let mut head = Vec::new();
    if !is_json || std::fs::File::open(file).and_then(|f| f.take(HEAD).read_to_end(&mut head)).is_err() {
        return Gives::Kod;
    }
    let text = String::from_utf8_lossy(&head);
    let kinds = text.split("\"resourceType\"").skip(1).filter_map(|rest| rest.split('"').nth(1));
    match kinds.filter(|kind| *kind != "Bundle").find(|kind| ["CodeSystem", "ConceptMap", "ValueSet"].contains(kind)) {
        Some("ConceptMap") => Gives::Kodmappning,
        Some("ValueSet") => Gives::Vardomrade,
        _ => Gives::Kod,
    }
}

fn said(answer: &Answer) -> Message {
    let outcome = &answer.outcome;
    let mut lines: Vec<Message> = answer.notices.iter().map(|notice| say!("obs: {notice}", "note: {notice}")).collect();
    lines.extend(outcome.held.iter().map(|reason| held(reason).after(&say!("hålls", "held"))));
    for table in &outcome.tables {
        let (mapped, new) = (number(table.mapped), number(table.changes.new));
        let (changed, same) = (number(table.changes.changed), number(table.changes.unchanged));
        let (name, rejected) = (&table.table, number(table.rejected));
        lines.push(say!(
            "{name}: {mapped} rader, {new} nya, {changed} ändrade, {same} som förut, {rejected} avvisade",
            "{name}: {mapped} rows, {new} new, {changed} changed, {same} as before, {rejected} rejected"
        ));
    }
    let undated = |r: &RuleCount| r.rule == "tomt_obligatoriskt" && r.column.as_deref() == Some("giltig_fran");
    if outcome.rules.iter().any(undated) {
        lines.push(say!(
            "gör så här: listan säger inte från när den gäller; skriv `--valid-from ÅÅÅÅ-MM-DD`.",
            "do this: the list does not say from when it is valid; write `--valid-from YYYY-MM-DD`."
        ));
    }
    let run = short(&outcome.run);
    lines.push(match (outcome.state, outcome.balance.rejected) {
        (RunState::Done, 0) => say!("Kodverket är publicerat.", "The code system is published."),
        (RunState::Done, _) => say!(
            "Publicerat. Avvisade rader: `sluss quarantine show {run}`.",
            "Published. Rejected rows: `sluss quarantine show {run}`."
        ),
        _ => say!(
            "Inget är publicerat. Kvittot säger varför: `sluss receipt {run}`.",
            "Nothing is published. The receipt tells why: `sluss receipt {run}`."
        ),
    });
    Message::join(&lines, "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_of_a_job_file() -> anyhow::Result<()> {
        let mut options = toml::Table::new();
        for option in ["version=2026", "header_row=3", "end_inclusive=true", "columns.kod=Kod", "columns.text=2"] {
            set(&mut options, option)?;
        }
        let wanted: toml::Table = toml::from_str(
            "version = \"2026\"\nheader_row = 3\nend_inclusive = true\ncolumns = { kod = \"Kod\", text = 2 }",
        )?;
        assert_eq!(options, wanted);
        assert!(set(&mut options, "form").is_err());
        assert!(set(&mut options, "version.x=1").is_err());
        Ok(())
    }
}
