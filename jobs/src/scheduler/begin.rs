//! Beginning: what may run is claimed, and set to work.

use std::collections::HashSet;
use std::sync::Arc;

use sluss_pipeline::error::Result;
use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::{Claim, Claimed, NewRun, Occasion, OccasionKind, RunState};
use sluss_pipeline::run::new_run;
use sluss_schemas::rule::Language;

use super::pick::Picking;
use super::window::mode_of;
use super::{AtWork, Happening, Scheduler, Tick};

impl Scheduler {
    /// Begins as much as there is room for. Gives what was begun and skipped, and how many more could have
    /// been begun.
    pub(super) async fn begin(self: &Arc<Self>) -> Result<Tick> {
        let open = self.register.open_occasions().await?;
        if open.is_empty() {
            return Ok(Tick::default());
        }
        let catalogue = self.catalogue();
        let paused: HashSet<String> =
            self.states().values().filter(|state| state.paused.is_some()).map(|state| state.job.clone()).collect();
        let picking = Picking {
            catalogue: &catalogue,
            open: &open,
            paused: &paused,
            pools: &self.settings.pools,
            now: self.now(),
            patience: self.settings.wait.delta(),
        };
        let picked = picking.pick();
        let mut tick = Tick::default();
        for (occasion, why) in &picked.skip {
            if self.register.skip_occasion(occasion.nr, why.told(Language::Swedish)).await? {
                tracing::info!(job = occasion.job, due = %occasion.due, "skipped: {why}");
                let job = catalogue.job(&occasion.job);
                self.observer.hear(&Happening::Skipped { job, occasion, why });
                tick.skipped += 1;
            }
        }
        for occasion in picked.begin {
            let Some(job) = catalogue.job(&occasion.job) else { continue };
            if self.at_work().len() >= self.settings.parallel.max(1) {
                tick.waiting += 1;
                continue;
            }
            if let Some(claimed) = self.claim(&catalogue, job, occasion).await? {
                self.start(Arc::clone(job), occasion.clone(), claimed.clone());
                tick.begun.push(claimed);
            }
        }
        Ok(tick)
    }

    async fn claim(&self, catalogue: &super::Catalogue, job: &Job, occasion: &Occasion) -> Result<Option<Claimed>> {
        let pool = occasion.pool.as_ref();
        let claim = Claim {
            nr: occasion.nr,
            run: NewRun {
                id: new_run(),
                job: job.name.clone(),
                owner: job.file.job.owner.clone(),
                mode: mode_of(job, occasion).name().to_owned(),
                state: RunState::Running,
                input_digest: None,
                replay_of: None,
            },
            holder: self.holder.clone(),
            time: self.settings.lease.delta(),
            pool: pool.and_then(|pool| Some((pool.clone(), *self.settings.pools.get(pool)?))),
            beside: catalogue.graph().beside(&job.name).map(str::to_owned).collect(),
            even_paused: occasion.kind == OccasionKind::Manual,
        };
        Ok(self.register.claim(&claim).await?)
    }

    /// Sets the run to work in a task of its own. What becomes of it is noted when it ends.
    fn start(self: &Arc<Self>, job: Arc<Job>, occasion: Occasion, claimed: Claimed) {
        let runner = Arc::clone(&self.runner);
        let timeout = job.file.when.timeout.std();
        let task = tokio::spawn({
            let (job, occasion, claimed) = (Arc::clone(&job), occasion.clone(), claimed.clone());
            async move { tokio::time::timeout(timeout, runner.run(&job, &occasion, &claimed)).await }
        });
        self.observer.hear(&Happening::Began { job: &job, occasion: &occasion, claimed: &claimed });
        self.at_work().insert(claimed.nr, AtWork { claimed: claimed.clone(), abort: task.abort_handle() });
        self.attend(job, occasion, claimed, task);
    }
}
