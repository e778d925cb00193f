//! The jobs that are scheduled, with their order.

use std::collections::BTreeMap;
use std::sync::Arc;

use sluss_pipeline::job::Job;
use sluss_pipeline::schedule::Graph;
use sluss_pipeline::schedule::graph::Node;
use sluss_schemas::table::Tables;

use crate::{derived, push};

/// Jobs by name, and which builds on which.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    jobs: BTreeMap<String, Arc<Job>>,
    graph: Graph,
}

impl Catalogue {
    /// Puts jobs in order. Those that read what is handed in are left out: they run when it comes.
    pub fn new(tables: &Tables, jobs: impl IntoIterator<Item = Job>) -> Self {
        let fetched = jobs.into_iter().filter(|job| job.file.source.connector != push::NAME);
        let jobs: BTreeMap<String, Arc<Job>> = fetched.map(|job| (job.name.clone(), Arc::new(job))).collect();
        let nodes: Vec<Node> = jobs.values().map(|job| node(job, tables)).collect();
        Self { graph: Graph::new(tables, &nodes), jobs }
    }

    /// The job of that name.
    pub fn job(&self, name: &str) -> Option<&Arc<Job>> {
        self.jobs.get(name)
    }

    /// All of them, by name.
    pub fn jobs(&self) -> impl Iterator<Item = &Arc<Job>> {
        self.jobs.values()
    }

    /// Their order.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

/// What decides a job's place among the others.
pub(crate) fn node(job: &Job, tables: &Tables) -> Node {
    Node {
        name: job.name.clone(),
        owner: job.file.job.owner.clone(),
        feeds: job.file.job.feeds.clone(),
        reads: derived::awaits(job, tables),
        after: job.file.when.after.clone(),
    }
}
