//! A received delivery given to its job: from here on it is a run as every other.

use std::io::{self, Read};
use std::sync::Arc;

use futures::StreamExt;
use sluss_connectors::files::{Given, Opens};
use sluss_connectors::push;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::landing::{ContentId, Zone};
use sluss_pipeline::run::{Engine, Intent, Outcome, Progress, RunOptions};
use sluss_schemas::landing::Landing;
use sluss_schemas::say;

use super::form::Form;
use super::own_columns::OwnColumns;
use super::target::Target;
use crate::bridge;

/// A delivery that has landed.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Whose it is, and the run that it came under.
    pub(crate) delivery: Delivery,
    /// Its name, whose ending says its form.
    pub(crate) name: String,
    pub(crate) content: ContentId,
    pub(crate) bytes: u64,
}

impl Received {
    /// What landed under a run that there was; none where it is gone.
    pub(crate) fn again(engine: &Engine, delivery: Delivery, name: String) -> Result<Option<Self>, PipelineError> {
        let Some(content) = engine.zone.objects(&delivery)?.into_iter().next() else { return Ok(None) };
        let bytes = io::copy(&mut engine.zone.read(&delivery, content)?, &mut io::sink())?;
        Ok(Some(Self { delivery, name, content, bytes }))
    }
}

/// Runs the target's job on the delivery. Its bytes are read from where they landed, as often as the
/// format wants, and never lie anywhere in the open.
pub(crate) async fn run(
    engine: &Engine,
    target: &Target,
    received: &Received,
    options: RunOptions,
    progress: &dyn Progress,
) -> Result<Outcome, PipelineError> {
    let job = &target.job;
    let content = Landed { zone: engine.zone.clone(), delivery: received.delivery.clone(), content: received.content };
    let own = target.own.as_ref().map(|table| OwnColumns::new(Arc::clone(table)));
    let options_of_source = if own.is_some() {
        let form = Form::of_name(&received.name).filter(|form| form.carries_own_columns()).ok_or_else(|| {
            PipelineError::source(say!(
                "leveransens form är ingen som tabellens egna kolumner kommer i",
                "the delivery's form is none that a table's own columns come in"
            ))
            .hint(say!("skicka json, ndjson, csv, xlsx eller arrow", "send json, ndjson, csv, xlsx or arrow"))
        })?;
        form.options(&mut content.open()?)
    } else {
        serde_json::to_value(&job.file.source.options).map_err(|e| {
            PipelineError::us(say!("källans inställningar går inte att läsa", "the source's options cannot be read"))
                .because(e)
        })?
    };
    let given = Given { name: received.name.clone(), size: received.bytes, content: Arc::new(content) };
    let source = push::delivery(options_of_source, given, &bridge::io(engine, job))
        .map_err(|error| bridge::translate(error, &job.name))?;
    let deliver = |after, landing: Arc<dyn Landing>| {
        let chunks = bridge::read(source.as_ref(), &job.name, after, landing);
        match own {
            None => chunks,
            Some(own) => chunks.map(move |chunk| own.conform(chunk?)).boxed(),
        }
    };
    engine.run(job, Intent::Publish, deliver, options, progress).await
}

/// A landed file, opened anew each time that it is read.
struct Landed {
    zone: Zone,
    delivery: Delivery,
    content: ContentId,
}

impl Opens for Landed {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(self.zone.read(&self.delivery, self.content)?))
    }
}
