//! `connector = "matchning"`: a job whose source is what the register's own rows mean: which organisation or
//! unit each contract, service, waiting-time unit and award names.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use sluss_connectors::connect::{Source, Stream};
use sluss_connectors::error::Result;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::matching::{self, Decided, Found, Index, Mention, Outcome, Resolver, SOURCES, Settings};
use sluss_pipeline::register::Register;
use sluss_pipeline::run::Engine;
use sluss_schemas::chunk::{Chunk, Cursor, Origin};
use sluss_schemas::landing::Landing;
use sluss_schemas::say;

use super::{computed, no_options, origin, reaches, stream_of, translate};

/// The connector's name in a job.
pub(crate) const NAME: &str = "matchning";
/// What its reference page tells.
pub(super) const DOC: &str = include_str!("matchning.md");

/// Tables that say what can be meant.
const WORLD: [&str; 4] = ["organisation", "enhet", "plats", "relation"];

/// Opens such a job's source.
pub(super) fn open(engine: &Engine, job: &Job) -> anyhow::Result<Box<dyn Source>> {
    // Limits and weights stand in sluss.toml, so that the job and `sluss match` go by the same.
    no_options(
        job,
        say!(
            "ta bort [source.options]: gränser och vikter står under [matching] i sluss.toml",
            "take [source.options] away: limits and weights stand under [matching] in sluss.toml"
        ),
    )?;
    Ok(Box::new(Matching {
        register: Arc::clone(&engine.register),
        settings: engine.project.file.matching.clone(),
        today: engine.today(),
    }))
}

/// The tables that such a job reads.
pub(super) fn reads() -> Vec<String> {
    SOURCES.iter().chain(&WORLD).map(|name| (*name).to_owned()).collect()
}

#[derive(Clone)]
struct Matching {
    register: Arc<dyn Register>,
    settings: Settings,
    today: NaiveDate,
}

/// What is read once, and the mentions that are still to come.
struct Work {
    index: Arc<Index>,
    settings: Arc<Settings>,
    decided: Arc<Decided>,
    today: NaiveDate,
    mentions: BoxStream<'static, sluss_pipeline::error::Result<Vec<Mention>>>,
    origin: Arc<Origin>,
    next: u64,
}

impl Matching {
    async fn begin(&self) -> sluss_pipeline::error::Result<Work> {
        let (entities, successions) = matching::world(self.register.as_ref()).await?;
        let common = self.settings.common;
        let index = tokio::task::spawn_blocking(move || Index::new(entities, successions, common)).await;
        let index = index.map_err(|e| {
            PipelineError::us(say!("kopplingen kunde inte förberedas", "matching could not be prepared")).because(e)
        })?;
        let decided = Decided::new(self.register.match_decisions(None).await?);
        Ok(Work {
            index: Arc::new(index),
            settings: Arc::new(self.settings.clone()),
            decided: Arc::new(decided),
            today: self.today,
            mentions: matching::mentions(Arc::clone(&self.register), self.today).await?,
            origin: origin(NAME, self.register.as_ref()).await?,
            next: 1,
        })
    }
}

impl Work {
    async fn chunk(&mut self) -> sluss_pipeline::error::Result<Option<Chunk>> {
        loop {
            let Some(mentions) = self.mentions.next().await else { return Ok(None) };
            let mentions = mentions?;
            let (index, settings, decided) =
                (Arc::clone(&self.index), Arc::clone(&self.settings), Arc::clone(&self.decided));
            let today = self.today;
            let found = tokio::task::spawn_blocking(move || resolve(&index, &settings, &decided, today, mentions));
            let found = found
                .await
                .map_err(|e| PipelineError::us(say!("kopplingen avbröts", "matching broke off")).because(e))?;
            if found.is_empty() {
                continue;
            }
            let rows = matching::rows(&self.index, &found, self.next)?;
            self.next += found.len() as u64;
            return Ok(Some(computed(Arc::clone(&self.origin), rows)));
        }
    }
}

/// Answers a batch of mentions. Where nobody said that there is one, only what is sure is said: a guess is no
/// reason to ask a person.
fn resolve(
    index: &Index,
    settings: &Settings,
    decided: &Decided,
    today: NaiveDate,
    mentions: Vec<Mention>,
) -> Vec<(Mention, Outcome)> {
    let mut resolver = Resolver::new(index, settings, decided, today);
    let found = mentions.into_iter().map(|mention| {
        let outcome = resolver.resolve(&mention);
        (mention, outcome)
    });
    let unsure = |outcome: &Outcome| matches!(outcome.found, Found::Doubtful | Found::Nothing);
    found.filter(|(mention, outcome)| !(mention.guess && unsure(outcome))).collect()
}

#[async_trait]
impl Source for Matching {
    async fn check(&self) -> Result<()> {
        reaches(self.register.as_ref()).await
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        Ok(stream_of(NAME, &matching::schema()))
    }

    /// There is nothing to land: what is matched lies in the register.
    fn read(&self, _after: Option<Cursor>, _landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let matching = self.clone();
        let begun = stream::once(async move { matching.begin().await });
        let chunks = begun.flat_map(|begun| match begun {
            Ok(work) => {
                stream::try_unfold(work, |mut work| async move { Ok(work.chunk().await?.map(|chunk| (chunk, work))) })
                    .boxed()
            }
            Err(error) => stream::once(async { Err(error) }).boxed(),
        });
        chunks.map(|chunk| chunk.map_err(translate)).boxed()
    }
}
