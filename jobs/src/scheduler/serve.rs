//! Rounds without end, and rounds until nothing is left to do.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sluss_pipeline::error::Result;
use tokio_util::sync::CancellationToken;

use super::{Arrivals, Files, Happening, Loaded, Scheduler};

/// How often a round is made.
const ROUND: Duration = Duration::from_secs(1);
/// How often the ledger is asked what others have planned, paused and resumed.
const REFRESH: Duration = Duration::from_secs(5);
/// The longest pause after a round that failed.
const LONGEST: Duration = Duration::from_secs(30);
/// How long what was broken off may take to be noted.
const NOTED: Duration = Duration::from_secs(10);

impl Scheduler {
    /// Runs jobs until `stop` comes; then lets those at work end, or hands them back. Whether all of them
    /// came to an end.
    pub async fn serve(self: &Arc<Self>, files: Files, arrivals: Arrivals, stop: impl Future<Output = ()>) -> bool {
        let end = CancellationToken::new();
        let keeping = [
            tokio::spawn(Arc::clone(self).keep_leases(end.clone())),
            tokio::spawn(Arc::clone(self).follow_files(files, end.clone())),
            tokio::spawn(Arc::clone(self).watch_arrivals(arrivals, end.clone())),
        ];
        tokio::select! {
            () = self.rounds() => {}
            () = stop => {}
        }
        let ended = self.stop().await;
        end.cancel();
        for task in keeping {
            // A task that panicked has been logged, and has nothing left to do.
            let _ = task.await;
        }
        ended
    }

    /// Runs what is due, with all that comes of it, and comes back. What waits for a later time waits.
    pub async fn until_done(self: &Arc<Self>, stop: impl Future<Output = ()>) -> Result<()> {
        let end = CancellationToken::new();
        let keeping = tokio::spawn(Arc::clone(self).keep_leases(end.clone()));
        let rounds = async {
            // What falls due meanwhile is the next one's: this one comes to an end.
            self.plan().await?;
            loop {
                let ended = self.ended.notified();
                let tick = self.work_off().await?;
                let has_moved = !tick.begun.is_empty() || !tick.recovered.is_empty() || tick.skipped > 0;
                if !has_moved && self.at_work().is_empty() {
                    return Ok(());
                }
                if !self.at_work().is_empty() {
                    ended.await;
                }
            }
        };
        let done = tokio::select! {
            done = rounds => done,
            () = stop => Ok(()),
        };
        self.stop().await;
        end.cancel();
        let _ = keeping.await;
        done
    }

    async fn rounds(self: &Arc<Self>) {
        let (mut refreshed, mut pause) = (tokio::time::Instant::now(), ROUND);
        loop {
            let ended = self.ended.notified();
            let round = async {
                if refreshed.elapsed() >= REFRESH {
                    self.refresh().await?;
                    refreshed = tokio::time::Instant::now();
                }
                self.tick().await
            };
            let began = tokio::time::Instant::now();
            match round.await {
                Ok(tick) => {
                    self.observer.round(began.elapsed(), tick.waiting);
                    pause = ROUND;
                }
                Err(error) => {
                    tracing::error!("a round failed: {error}");
                    pause = (pause * 2).min(LONGEST);
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = ended => {}
            }
        }
    }

    /// Shows that this process is alive, and breaks off what has passed to another.
    async fn keep_leases(self: Arc<Self>, end: CancellationToken) {
        let every = self.settings.lease.std() / 3;
        while wait(&end, every).await {
            // Only of what is at work here: a claim whose answer was lost with the database is nobody's, and must run out.
            let here: Vec<u64> = self.at_work().keys().copied().collect();
            let mine = match self.register.renew_leases(&self.holder, &here, self.settings.lease.delta()).await {
                Ok(mine) => mine,
                Err(error) => {
                    tracing::error!("leases cannot be renewed: {error}");
                    continue;
                }
            };
            for work in self.at_work().values() {
                let is_mine = mine.iter().any(|(job, fence)| *job == work.claimed.job && *fence == work.claimed.fence);
                // One that was claimed after the ledger was asked is not in its answer yet.
                let is_new = self.now() - work.claimed.began < self.settings.lease.delta();
                if !is_mine && !is_new {
                    work.abort.abort();
                }
            }
        }
    }

    async fn follow_files(self: Arc<Self>, mut files: Files, end: CancellationToken) {
        loop {
            let looked = tokio::task::spawn_blocking(move || (files.look(), files)).await;
            let Ok((found, again)) = looked else { return };
            files = again;
            match found {
                Ok(Some(loaded)) => self.follow(loaded).await,
                Ok(None) => {}
                Err(error) => tracing::error!("job files cannot be read: {error}"),
            }
            if !wait(&end, self.settings.reload.std()).await {
                return;
            }
        }
    }

    /// Lets what was read take effect, and says what cannot be read, and what can be read again.
    pub async fn follow(&self, loaded: Loaded) {
        let before = {
            let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *broken, loaded.broken.clone())
        };
        self.replace(loaded.catalogue);
        if let Err(error) = self.note_files(&loaded.broken).await {
            tracing::error!("it cannot be noted which job files are broken: {error}");
        }
        for (job, what) in &loaded.broken {
            if before.get(job) != Some(what) {
                tracing::error!(job, "the job's file cannot be read: {what}");
                self.observer.hear(&Happening::FileBroken { job, what });
            }
        }
        for job in before.keys().filter(|job| !loaded.broken.contains_key(*job)) {
            tracing::info!(job, "the job's file can be read again");
            self.observer.hear(&Happening::FileMended { job });
        }
    }

    async fn note_files(&self, broken: &BTreeMap<String, String>) -> Result<()> {
        for (job, what) in broken {
            self.register.note_broken(job, Some(what)).await?;
        }
        self.refresh().await?;
        let mended: Vec<String> = {
            let states = self.states();
            let is_mended = |job: &&String| states.get(*job).is_some_and(|state| state.broken.is_some());
            states.keys().filter(is_mended).filter(|job| !broken.contains_key(*job)).cloned().collect()
        };
        for job in mended {
            self.register.note_broken(&job, None).await?;
        }
        Ok(())
    }

    async fn watch_arrivals(self: Arc<Self>, mut arrivals: Arrivals, end: CancellationToken) {
        while wait(&end, ROUND).await {
            if let Err(error) = arrivals.look(&self).await {
                tracing::error!("it cannot be seen what has arrived: {error}");
            }
        }
    }

    /// Lets runs end, for as long as they may; then breaks them off and hands their occasions back.
    async fn stop(self: &Arc<Self>) -> bool {
        let ended = tokio::time::timeout(self.settings.stop.std(), self.idle()).await.is_ok();
        if !ended {
            self.stopping.store(true, Ordering::SeqCst);
            for work in self.at_work().values() {
                work.abort.abort();
            }
        }
        self.tasks.close();
        // Also what was broken off is noted: others are to have it at once.
        let noted = tokio::time::timeout(NOTED, self.tasks.wait()).await.is_ok();
        ended && noted
    }
}

/// Waits; false where the end has come.
async fn wait(end: &CancellationToken, time: Duration) -> bool {
    tokio::select! {
        () = end.cancelled() => false,
        () = tokio::time::sleep(time) => true,
    }
}
