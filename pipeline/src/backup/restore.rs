//! Bringing a backup back into a place where nothing is.

use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use object_store::ObjectStore;
use object_store::buffered::BufWriter;
use object_store::path::Path as ObjectPath;
use sluss_schemas::say;
use tokio::io::AsyncWriteExt;

use super::database::{self, Kind};
use super::label::{self, Entry, Label, damaged};
use super::save::ended;
use super::{LAKE, LANDING, files};
use crate::error::{PipelineError, Result};
use crate::job::Project;
use crate::lake::{self, Lake};

/// Where a backup is brought back to.
#[derive(Debug)]
pub struct Place<'a> {
    /// The project, whose files are in place.
    pub project: &'a Project,
    /// The register's address, absolute.
    pub url: &'a str,
    /// The lake.
    pub lake: &'a Lake,
}

/// Brings a backup back. Everything in it is looked at before anything is written, and nothing that is there
/// is written over. The database comes last: without it there is no installation, and a process that dies
/// meanwhile has not made half of one.
pub async fn restore(from: &Path, place: &Place<'_>) -> Result<Label> {
    let (label, entries) = label::read(from)?;
    let kind = Kind::of(place.url);
    if label.register != kind.name() {
        return Err(PipelineError::configuration(say!(
            "säkerhetskopian är av ett register i {}, projektet har sitt i {}",
            "the backup is of a register in {}, the project has its own in {}",
            label.register,
            kind.name()
        ))
        .at("[register]")
        .hint(say!(
            "ändra [register] i sluss.toml till samma sorts databas",
            "change [register] in sluss.toml to the same kind of database"
        )));
    }
    let (folder, checked) = (from.to_owned(), entries.clone());
    tokio::task::spawn_blocking(move || check(&folder, &checked)).await.map_err(ended)??;
    let (store, landing) = (place.lake.store()?, place.project.path(&place.project.file.landing.path));
    nothing_there(place, store.as_ref(), &landing).await?;
    for entry in &entries {
        let source = from.join(&entry.path);
        if let Some(inside) = entry.path.strip_prefix(LAKE).and_then(|path| path.strip_prefix('/')) {
            put(&store, &source, inside).await?;
        } else if let Some(inside) = entry.path.strip_prefix(LANDING).and_then(|path| path.strip_prefix('/')) {
            let to = landing.join(inside);
            tokio::task::spawn_blocking(move || files::copy(&source, &to)).await.map_err(ended)??;
        }
    }
    database::load(place.url, &from.join(kind.file())).await?;
    Ok(label)
}

/// Every file is there, as it was written.
fn check(from: &Path, entries: &[Entry]) -> Result<()> {
    for entry in entries {
        let content = files::hash(&from.join(&entry.path)).map_err(|error| damaged(&entry.path).because(error))?;
        if content != entry.content {
            return Err(damaged(&entry.path));
        }
    }
    Ok(())
}

async fn nothing_there(place: &Place<'_>, store: &dyn ObjectStore, landing: &Path) -> Result<()> {
    let taken = |what: String| {
        PipelineError::configuration(say!(
            "här finns redan något: en säkerhetskopia läses bara tillbaka dit inget finns",
            "something is here already: a backup is only restored to where nothing is"
        ))
        .at(what)
        .hint(say!(
            "stoppa alla `sluss`, flytta undan det som finns, och kör om",
            "stop every `sluss`, move away what is there, and try again"
        ))
    };
    let is_not_hidden =
        |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(|n| !n.starts_with('.'));
    if files::below(landing, &|_| false)?.iter().any(is_not_hidden) {
        return Err(taken(landing.display().to_string()));
    }
    if store.list(None).try_next().await.map_err(lake::failed)?.is_some() {
        return Err(taken(place.project.file.lake.path.clone()));
    }
    if !database::is_empty(place.url).await? {
        return Err(taken("[register]".to_owned()));
    }
    Ok(())
}

/// Puts one file into the lake.
async fn put(store: &std::sync::Arc<dyn ObjectStore>, from: &Path, inside: &str) -> Result<()> {
    let path = ObjectPath::parse(inside).map_err(|error| damaged(inside).because(error))?;
    let mut source = tokio::fs::File::open(from).await?;
    let mut out = BufWriter::new(std::sync::Arc::clone(store), path);
    tokio::io::copy(&mut source, &mut out).await?;
    Ok(out.shutdown().await?)
}
