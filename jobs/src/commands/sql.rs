//! `sluss sql`: questions to lake and register, one at a time or in a shell.

use std::io::{IsTerminal, Read};
use std::process::ExitCode;

use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::lake::{self, Sees};
use sluss_pipeline::ledger::{Act, Note};
use sluss_schemas::say;

use crate::app::App;
use crate::cli::{Cli, SqlArgs};
use crate::{failure, output};

/// `sluss sql`.
pub(crate) async fn sql(cli: &Cli, args: &SqlArgs) -> anyhow::Result<ExitCode> {
    let statement = statement(args)?;
    let app = App::open(cli).await?;
    app.engine.catch_up().await?;
    let sees = if args.operator { Sees::Everything } else { Sees::Cleared };
    if args.operator {
        let note = Note { who: None, act: Act::RegisterShown, object: "sql", outcome: "operator", run: None };
        app.engine.register.note(&note).await?;
    }
    match statement {
        Some(statement) => one(cli, &app, &statement, sees).await?,
        None => shell(cli, &app, sees).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The statement of the command line, of a file, or of a pipe.
fn statement(args: &SqlArgs) -> anyhow::Result<Option<String>> {
    if let Some(path) = &args.file {
        return match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(e) => Err(PipelineError::configuration(say!(
                "filen med SQL går inte att läsa",
                "the file with SQL cannot be read"
            ))
            .at(path.display().to_string())
            .because(e)
            .into()),
        };
    }
    if args.statement.is_none() && !std::io::stdin().is_terminal() {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(Some(text));
    }
    Ok(args.statement.clone())
}

/// Answers one statement with what is published now.
async fn one(cli: &Cli, app: &App, statement: &str, sees: Sees) -> anyhow::Result<()> {
    let engine = &app.engine;
    let tables = &engine.project.tables;
    let session = lake::session(&engine.lake, &engine.register, tables, None, engine.today(), sees).await?;
    let statement = statement.trim().trim_end_matches(';');
    if statement.is_empty() {
        return Err(PipelineError::configuration(say!("frågan saknas", "there is no statement"))
            .hint(say!("till exempel: sluss sql \"SHOW TABLES\"", "for instance: sluss sql \"SHOW TABLES\""))
            .into());
    }
    let answer = lake::ask(&session, statement).await?;
    output::batches(cli, &answer.batches)
}

/// Reads statements that end with `;` until the user has had enough.
async fn shell(cli: &Cli, app: &App, sees: Sees) -> anyhow::Result<()> {
    // Statements may hold values of persons: the history is not written to disk.
    let mut editor = DefaultEditor::new()?;
    output::text(cli.word((
        "SQL över lakehouse och register. Avsluta frågan med ; och skalet med Ctrl-D. Tabeller: SHOW TABLES;",
        "SQL over lake and register. End a statement with ; and the shell with Ctrl-D. Tables: SHOW TABLES;",
    )))?;
    let mut pending = String::new();
    loop {
        let prompt = if pending.is_empty() { "sluss> " } else { "   ... " };
        match tokio::task::block_in_place(|| editor.readline(prompt)) {
            Ok(line) => {
                pending.push_str(&line);
                pending.push('\n');
            }
            Err(ReadlineError::Interrupted) => {
                pending.clear();
                continue;
            }
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        if pending.trim().is_empty() {
            pending.clear();
        } else if pending.trim_end().ends_with(';') {
            let statement = std::mem::take(&mut pending);
            // History is a convenience.
            let _ = editor.add_history_entry(statement.trim());
            if let Err(error) = one(cli, app, &statement, sees).await {
                failure::show(&error, cli);
            }
        }
    }
}
