//! `sluss template`: a workbook with drop-downs and checks, and the jobs that read it.

mod book;
mod checks;
mod guide;
mod jobs;
mod lists;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_schemas::message::Message;
use sluss_schemas::region::{self, Region};
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table, Tables};

use crate::app::App;
use crate::cli::{Cli, TemplateArgs};
use crate::output;

/// What was made.
#[derive(Serialize)]
struct Made {
    workbook: String,
    sheets: Vec<String>,
    /// Job and SQL files, from the project's folder.
    files: Vec<String>,
    /// Files that were there and left alone.
    kept: Vec<String>,
    /// Code systems that the installation lacks: their columns take anything.
    without_codes: Vec<String>,
}

/// `sluss template`.
pub(crate) async fn template(cli: &Cli, args: &TemplateArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let tables = chosen(&app.engine.project.tables, &args.table)?;
    let region = args.region.as_deref().map(region_of).transpose()?;
    if args.out.exists() {
        return Err(PipelineError::configuration(say!("filen finns redan", "the file is there already"))
            .at(args.out.display().to_string())
            .hint(say!(
                "välj ett annat namn: en ifylld arbetsbok skrivs aldrig över",
                "choose another name: a workbook that may be filled in is never overwritten"
            ))
            .into());
    }
    let codes = app.engine.codes().await?;
    let today = app.engine.clock.now().with_timezone(&chrono_tz::Europe::Stockholm).date_naive();
    let form = Form { tables: &tables, region, rows: args.rows, today };
    let (bytes, without_codes) = book::workbook(&form, &codes)?;
    std::fs::write(&args.out, bytes).map_err(|e| refused(&args.out, e))?;
    let (files, kept) = match region.filter(|_| args.with_job) {
        Some(region) => jobs::write(&app.engine.project.root, region, &form, &args.out)?,
        None => (Vec::new(), Vec::new()),
    };
    let made = Made {
        workbook: args.out.display().to_string(),
        sheets: tables.iter().map(|t| t.name.clone()).collect(),
        files,
        kept,
        without_codes,
    };
    output::said(cli, &made, || told(&made, region))?;
    Ok(ExitCode::SUCCESS)
}

/// What the workbook is made of.
struct Form<'a> {
    /// Parents before children.
    tables: &'a [&'a Table],
    region: Option<&'static Region>,
    rows: u32,
    today: NaiveDate,
}

impl Form<'_> {
    /// The columns that a person fills in.
    fn columns<'t>(&self, table: &'t Table) -> impl Iterator<Item = &'t sluss_schemas::table::Column> {
        let given = self.region.is_some();
        table.column.iter().filter(move |column| !(given && table.owner.as_ref() == Some(&column.name)))
    }

    /// The table whose rows a key column of `table` points at: the one in the workbook whose own it is.
    fn points_at(&self, table: &Table, column: &str) -> Option<&Table> {
        let parent = table.parent.as_ref().filter(|parent| parent.columns.iter().any(|c| c == column))?;
        let place = parent.columns.iter().position(|c| c == column)?;
        let target = self.tables.iter().find(|t| t.name == parent.table)?;
        let key = target.key.get(place)?;
        // Higher up in the chain where the parent has it from its own parent.
        self.points_at(target, key).or_else(|| (target.owner.as_ref() != Some(key)).then_some(*target))
    }

    /// Whether a row must have it here: also an id that other sheets point at.
    fn requires(&self, table: &Table, column: &sluss_schemas::table::Column) -> bool {
        let own = table.identity().is_some_and(|(id, _)| id.name == column.name);
        let has_children = || self.tables.iter().any(|t| t.parent.as_ref().is_some_and(|p| p.table == table.name));
        column.required && (!own || has_children())
    }
}

/// The table, and those that hang on it: parents before children.
fn chosen<'t>(tables: &'t Tables, name: &str) -> anyhow::Result<Vec<&'t Table>> {
    let Some(table) = tables.get(name) else {
        let error = PipelineError::configuration(say!("det finns ingen tabell `{name}`", "there is no table `{name}`"));
        return Err(match tables.nearest(name) {
            Some(near) => error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")).into(),
            None => error.hint(say!("`sluss docs tabeller` visar alla", "`sluss docs tabeller` lists them")).into(),
        });
    };
    if table.store == Store::Lake {
        return Err(PipelineError::configuration(say!(
            "{name} fylls inte i för hand: dess rader är personers",
            "{name} is not filled in by hand: its rows are persons'"
        ))
        .hint(say!("lämna den som fil: se `sluss docs {name}`", "deliver it as a file: see `sluss docs {name}`"))
        .into());
    }
    let mut list = vec![table];
    let mut at = 0;
    while let Some(parent) = list.get(at).map(|t| t.name.clone()) {
        list.extend(tables.iter().filter(|child| child.parent.as_ref().is_some_and(|p| p.table == parent)));
        at += 1;
    }
    Ok(list)
}

fn region_of(code: &str) -> anyhow::Result<&'static Region> {
    region::by_lanskod(code).ok_or_else(|| {
        PipelineError::configuration(say!("{code} är ingen länskod", "{code} is no länskod"))
            .hint(say!(
                "skriv de två siffrorna, till exempel 22 för Västernorrland",
                "write the two digits, such as 22 for Västernorrland"
            ))
            .into()
    })
}

fn refused(path: &Path, error: std::io::Error) -> PipelineError {
    PipelineError::operator(say!("det går inte att skriva här", "nothing can be written here"))
        .at(path.display().to_string())
        .hint(say!(
            "kontrollera mappens rättigheter och att disken har plats",
            "check the folder's rights and the disk's room"
        ))
        .because(error)
}

/// `path` as seen from the folder `from`; both absolute.
fn relative(path: &Path, from: &Path) -> PathBuf {
    let (path, from): (Vec<_>, Vec<_>) = (path.components().collect(), from.components().collect());
    let same = path.iter().zip(&from).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(same).map(|_| std::path::Component::ParentDir);
    up.chain(path.iter().skip(same).copied()).collect()
}

fn told(made: &Made, region: Option<&Region>) -> Message {
    let (book, sheets) = (&made.workbook, made.sheets.join(", "));
    let mut lines = vec![say!("skapade {book} med bladen {sheets}", "made {book} with the sheets {sheets}")];
    lines.extend(made.files.iter().map(|file| say!("skapade {file}", "made {file}")));
    lines.extend(
        made.kept
            .iter()
            .map(|file| say!("{file} fanns redan och är orörd", "{file} was there already and is left alone")),
    );
    if !made.without_codes.is_empty() {
        let systems = made.without_codes.join(", ");
        lines.push(say!(
            "Utan lista, eftersom kodverket saknas här: {systems} (`sluss codes import`)",
            "Without a list, since the code system is not here: {systems} (`sluss codes import`)"
        ));
    }
    lines.push(match (region, made.files.is_empty() && made.kept.is_empty()) {
        (_, false) => say!(
            "Klart. Fyll i bladen, och kör sedan `sluss preview` och `sluss run` på jobben i den ordning de står.",
            "Done. Fill in the sheets, then `sluss preview` and `sluss run` the jobs in the order that they stand in."
        ),
        (_, true) => say!(
            "Klart. Jobben som läser den: kör om med --region LÄNSKOD --with-job och ett annat filnamn.",
            "Done. For the jobs that read it: again with --region CODE --with-job and another file name."
        ),
    });
    Message::join(&lines, "\n")
}
