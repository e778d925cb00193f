//! `sluss codes list`: systems with their versions, value sets, crosswalks.

use std::process::ExitCode;

use serde::Serialize;
use sluss_schemas::code::Version;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::Cli;
use crate::output::{self, Grid, column, figures, number};

#[derive(Serialize)]
struct Answer {
    systems: Vec<System>,
    value_sets: Vec<ValueSet>,
    crosswalks: Vec<Crosswalk>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the answer's fields are its contract")]
struct System {
    system: String,
    codes: usize,
    versions: Vec<Version>,
}

#[derive(Serialize)]
struct ValueSet {
    name: String,
    codes: usize,
}

#[derive(Serialize)]
struct Crosswalk {
    from: String,
    to: String,
    codes: usize,
}

pub(super) async fn list(cli: &Cli, app: &App) -> anyhow::Result<ExitCode> {
    let codes = app.engine.codes().await?;
    let mut answer = Answer {
        systems: codes
            .systems()
            .map(|s| System { system: s.name().to_owned(), codes: s.len(), versions: s.versions() })
            .collect(),
        value_sets: codes
            .value_sets()
            .map(|(name, set)| ValueSet { name: name.to_owned(), codes: set.len() })
            .collect(),
        crosswalks: codes
            .crosswalks()
            .map(|(from, to, map)| Crosswalk { from: from.to_owned(), to: to.to_owned(), codes: map.len() })
            .collect(),
    };
    answer.systems.sort_by(|a, b| a.system.cmp(&b.system));
    answer.value_sets.sort_by(|a, b| a.name.cmp(&b.name));
    answer.crosswalks.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
    output::grid(cli, &answer, || grid(cli, &answer))?;
    Ok(ExitCode::SUCCESS)
}

fn grid(cli: &Cli, answer: &Answer) -> Grid {
    let day = |day: Option<chrono::NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
    let mut rows = Vec::new();
    let mut add = |kind: &str, name: &str, version: &str, from: String, to: String, codes: usize| {
        rows.push(vec![kind.to_owned(), name.to_owned(), version.to_owned(), from, to, number(codes as u64)]);
    };
    for system in &answer.systems {
        for version in &system.versions {
            add(
                cli.word(("kodverk", "code system")),
                &system.system,
                &version.name,
                day(version.from),
                day(version.to),
                version.codes,
            );
        }
    }
    for set in &answer.value_sets {
        add(cli.word(("urval", "value set")), &set.name, "", String::new(), String::new(), set.codes);
    }
    for map in &answer.crosswalks {
        add(
            cli.word(("kodmappning", "crosswalk")),
            &format!("{}/{}", map.from, map.to),
            "",
            String::new(),
            String::new(),
            map.codes,
        );
    }
    let closing = if answer.systems.is_empty() {
        say!(
            "Registret har inga kodverk: `sluss codes import FIL`.",
            "The register has no code systems: `sluss codes import FILE`."
        )
    } else {
        let codes: usize = answer.systems.iter().map(|s| s.codes).sum();
        let (systems, codes) = (number(answer.systems.len() as u64), number(codes as u64));
        say!("{systems} kodverk med {codes} koder.", "{systems} code systems with {codes} codes.")
    };
    Grid {
        headings: vec![
            column("slag", "kind"),
            column("namn", "name"),
            column("version", "version"),
            column("från", "from"),
            column("till", "until"),
            figures("koder", "codes"),
        ],
        rows,
        closing: Some(closing),
    }
}
