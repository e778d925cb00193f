//! `sluss docs`: the reference, from the same declarations that the program runs by.

use std::fmt::Write as _;
use std::process::ExitCode;

use sluss_pipeline::error::PipelineError;
use sluss_pipeline::map::{function_docs, functions_page};
use sluss_schemas::message::Message;
use sluss_schemas::rule;
use sluss_schemas::say;
use sluss_schemas::table::Tables;

use crate::app;
use crate::cli::{Cli, DocsArgs, Format};
use crate::output::{self, wrapped};
use crate::sources;

/// `sluss docs`.
pub(crate) fn docs(cli: &Cli, args: &DocsArgs) -> anyhow::Result<ExitCode> {
    // Outside a project the national tables are shown.
    let tables = app::project(cli).map_or_else(|_| Tables::national(), |project| project.tables);
    let page = match args.topic.as_deref() {
        None => cli.told(&topics(&tables)),
        Some("tabeller") => table_list(&tables),
        Some("regler") => rule::page(),
        Some("funktioner") => functions_page(),
        Some("kopplingar") => connectors(),
        Some("sekretess") => sluss_schemas::secrecy::page(),
        Some(name) => one(&tables, name)?,
    };
    match cli.format {
        Format::Json => {
            output::said(cli, &serde_json::json!({ "topic": args.topic, "markdown": page }), || page.clone().into())?;
        }
        Format::Table | Format::Csv => output::text(page.trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn one(tables: &Tables, name: &str) -> anyhow::Result<String> {
    if let Some(table) = tables.get(name) {
        return Ok(table.page());
    }
    if let Some(rule) = rule::find(name) {
        return Ok(rule.page());
    }
    if let Some((_, function)) = function_docs().find(|(known, _)| *known == name) {
        return Ok(format!("`{}`\n\n{}", function.usage, function.sv));
    }
    if let Some(kind) = sources::all().find(|kind| kind.name == name) {
        return Ok(kind.page());
    }
    let known = tables
        .iter()
        .map(|t| t.name.as_str())
        .chain(rule::ALL.iter().map(|r| r.id))
        .chain(function_docs().map(|(n, _)| n))
        .chain(sources::all().map(|kind| kind.name))
        .chain(["tabeller", "regler", "funktioner", "kopplingar", "sekretess"]);
    let near = known
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    let error =
        PipelineError::configuration(say!("referensen har ingen sida `{name}`", "the reference has no page `{name}`"));
    Err(match near {
        Some((_, near)) => error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")).into(),
        None => error.hint(say!("`sluss docs` visar sidorna", "`sluss docs` lists the pages")).into(),
    })
}

fn topics(tables: &Tables) -> Message {
    let names: Vec<_> = tables.iter().map(|t| t.name.as_str()).collect();
    let (names, rules) = (wrapped(&names.join(", "), 80, 13), rule::ALL.len());
    let functions = function_docs().count();
    let connectors = sources::all().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
    let connectors = wrapped(&connectors, 80, 13);
    say!(
        "tabeller     {names}\nregler       {rules} regler som rader prövas mot\n\
         funktioner   {functions} funktioner i mappningens SQL\nkopplingar   {connectors}\nsekretess    vad som lämnar registret, och vad som inte gör det\n\n\
         En sida: `sluss docs SIDA`: ett av orden ovan, en tabell, en regel, en funktion eller en koppling.",
        "tabeller     {names}\nregler       {rules} rules that rows are judged by\n\
         funktioner   {functions} functions of mapping SQL\nkopplingar   {connectors}\nsekretess    what leaves the register, and what does not\n\n\
         A page: `sluss docs PAGE`: one of the words above, a table, a rule, a function or a connector."
    )
}

fn table_list(tables: &Tables) -> String {
    let mut page = String::from("# Tabeller\n\n");
    for table in tables {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "- `{}` ({}): {}", table.name, table.version, table.meaning);
    }
    page
}

/// Every connector, with what it reads.
fn connectors() -> String {
    let mut page = String::from("# Kopplingar\n\n");
    for kind in sources::all() {
        let _ = writeln!(page, "- `{}`: {}", kind.name, kind.summary());
    }
    page
}
