//! `sluss coverage`: how much of each region's reality the register has.

use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::coverage::{Coverage, Standing};
use sluss_pipeline::error::PipelineError;
use sluss_schemas::message::Message;
use sluss_schemas::region;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::{Cli, CoverageArgs};
use crate::derived;
use crate::output::{self, Grid, Heading, column, figures, number};

/// A line as programs get it: counts, and the shares that follow from them.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    coverage: &'a Coverage,
    share: Option<f64>,
    coded_share: Option<f64>,
    rejected_share: Option<f64>,
    change: Option<i64>,
}

/// `sluss coverage`.
pub(crate) async fn coverage(cli: &Cli, args: &CoverageArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let region = args.region.as_deref().map(known_region).transpose()?;
    let table = match (&args.table, region) {
        (Some(table), _) => {
            // Tells what is wrong with a name that is none.
            app.engine.table(table)?;
            Some(table.as_str())
        }
        (None, Some(_)) => None,
        (None, None) => (!args.all).then_some("avtal"),
    };
    let all = derived::coverage_now(&app.engine).await?;
    let shown: Vec<&Coverage> = all
        .iter()
        .filter(|c| table.is_none_or(|table| c.table == table) && region.is_none_or(|region| c.lanskod == region))
        .collect();
    let lines: Vec<Line<'_>> = shown
        .iter()
        .map(|c| Line {
            coverage: c,
            share: c.share(),
            coded_share: c.coded_share(),
            rejected_share: c.rejected_share(),
            change: c.change(),
        })
        .collect();
    output::grid(cli, &lines, || grid(cli, &shown))?;
    Ok(ExitCode::SUCCESS)
}

fn known_region(code: &str) -> anyhow::Result<&'static str> {
    let region = region::by_lanskod(code).ok_or_else(|| {
        PipelineError::configuration(say!("{code} är ingen länskod", "{code} is no länskod"))
            .hint(say!("två siffror, som 22", "two digits, as in 22"))
    })?;
    Ok(region.lanskod)
}

fn grid(cli: &Cli, shown: &[&Coverage]) -> Grid {
    let one_table = shown.windows(2).all(|pair| matches!(pair, [a, b] if a.table == b.table));
    // A column that nobody has anything in is left out on the screen.
    let any = |of: fn(&Coverage) -> bool| shown.iter().any(|c| of(c));
    let when = |there: bool, heading: Heading| if there { heading } else { heading.csv_only() };
    let rows = shown.iter().map(|c| {
        let name = region::by_lanskod(c.lanskod).map_or(c.lanskod, |region| region.short);
        let dash = || "–".to_owned();
        vec![
            format!("{} {name}", c.lanskod),
            c.table.clone(),
            c.expected.map_or_else(dash, number),
            number(c.registered),
            c.change().map_or_else(dash, signed),
            c.share().map_or_else(dash, |share| percent(cli, share)),
            c.coded_share().map_or_else(dash, |share| percent(cli, share)),
            c.rejected_share().map_or_else(dash, |share| percent(cli, share)),
            number(c.withheld),
            c.latest
                .map_or_else(dash, |at| at.with_timezone(&chrono_tz::Europe::Stockholm).format("%Y-%m-%d").to_string()),
            standing(cli, c.standing).to_owned(),
        ]
    });
    Grid {
        headings: vec![
            column("region", "region"),
            when(!one_table, column("tabell", "table")),
            when(any(|c| c.expected.is_some()), figures("väntade", "expected")),
            figures("finns", "there"),
            when(any(|c| c.before.is_some()), figures("30 d", "30 d")),
            when(any(|c| c.expected.is_some()), figures("andel", "share")),
            when(any(|c| c.coded.is_some()), figures("kodade", "coded")),
            figures("avvisade", "rejected"),
            figures("undantagna", "withheld"),
            column("senast", "latest"),
            column("läge", "state"),
        ],
        rows: rows.collect(),
        closing: Some(closing(shown)),
    }
}

fn closing(shown: &[&Coverage]) -> Message {
    let silent = shown.iter().filter(|c| c.standing == Standing::Silent).count();
    let stopped = shown.iter().filter(|c| matches!(c.standing, Standing::Held | Standing::Failed)).count();
    let rows: u64 = shown.iter().map(|c| c.registered).sum();
    say!(
        "{} rader finns. {silent} av {} är tysta, {stopped} hålls eller gick fel.",
        "{} rows are there. {silent} of {} are silent, {stopped} are held or failed.",
        number(rows),
        shown.len()
    )
}

fn standing(cli: &Cli, standing: Standing) -> &'static str {
    cli.word(match standing {
        Standing::Silent => ("tyst", "silent"),
        Standing::Done => ("klar", "done"),
        Standing::Held => ("HÅLLS", "HELD"),
        Standing::Failed => ("FEL", "FAILED"),
    })
}

/// `84,3 %`, with a no-break space; in English with a point.
fn percent(cli: &Cli, share: f64) -> String {
    format!("{:.1}\u{a0}%", share * 100.0).replace('.', cli.word((",", ".")))
}

/// `+12`, `−3`, `0`.
fn signed(change: i64) -> String {
    match change {
        0 => "0".to_owned(),
        1.. => format!("+{}", number(change.unsigned_abs())),
        _ => format!("\u{2212}{}", number(change.unsigned_abs())),
    }
}
