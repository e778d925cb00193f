//! `sluss register show … --sources`: what each source says of one organisation or unit, attribute by
//! attribute, and whose word counts.

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::matching::precedence::{self, Attribute, said_of};
use sluss_schemas::say;
use sluss_schemas::table::Table;

use super::missing;
use crate::app::App;
use crate::cli::Cli;
use crate::output::{self, Grid, column};

#[derive(Serialize)]
struct Answer {
    tabell: String,
    attribut: Vec<Attribute>,
}

pub(super) async fn sources(cli: &Cli, app: &App, table: &Table, key: &[(String, String)]) -> anyhow::Result<()> {
    let project = &app.engine.project;
    let ([(_, id)], true) = (key, said_of(&project.tables, &table.name).is_some()) else {
        return Err(PipelineError::configuration(say!(
            "{} har ingen tabell med flera källors uppgifter",
            "{} has no table with what several sources say",
            table.name
        ))
        .hint(say!("`organisation` och `enhet` har det", "`organisation` and `enhet` have one"))
        .into());
    };
    let order = project.file.precedence.get(&table.name).cloned().unwrap_or_default();
    let attribut = precedence::sources(app.engine.register.as_ref(), table, &order, id).await?;
    if attribut.is_empty() {
        return Err(missing(&format!("{}{}", table.name, precedence::SAID), false).into());
    }
    let answer = Answer { tabell: table.name.clone(), attribut };
    output::grid(cli, &answer, || grid(&answer))?;
    Ok(())
}

fn grid(answer: &Answer) -> Grid {
    let said = answer.attribut.iter().flat_map(|attribute| {
        attribute.said.iter().enumerate().map(|(place, (source, value))| {
            let (column, counts) =
                if place == 0 { (attribute.column.clone(), "\u{2713}") } else { (String::new(), "") };
            vec![column, counts.to_owned(), source.clone(), value.clone()]
        })
    });
    Grid {
        headings: vec![
            column("uppgift", "attribute"),
            column("gäller", "counts"),
            column("källa", "source"),
            column("värde", "value"),
        ],
        rows: said.collect(),
        closing: Some(say!(
            "Ordningen mellan källorna står under [precedence] i sluss.toml.",
            "The order of the sources stands under [precedence] in sluss.toml."
        )),
    }
}
