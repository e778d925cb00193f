//! The lake brought up to what is published, and compared with it.

use super::engine::Engine;
use crate::error::Result;
use crate::lake::{Closed, Projector};
use crate::ledger::Disagreement;

impl Engine {
    /// Brings the lake up to what the register has published, and to what is secret today; then tells of what
    /// has opened. Gives how many publications that were. A login that only reads finds the lake as it is.
    pub async fn catch_up(&self) -> Result<usize> {
        if !self.register.may_publish().await? {
            return Ok(0);
        }
        let publications = self.bring_up_the_lake().await?;
        // Whoever is told finds it there.
        self.register.announce_openings(self.today()).await?;
        Ok(publications)
    }

    async fn bring_up_the_lake(&self) -> Result<usize> {
        if self.register.pending_manifests().await?.is_empty() {
            let closed = Closed::of(&self.register, self.today()).await?;
            if !self.projector().is_behind(&closed).await? {
                return Ok(0);
            }
        }
        let _alone = self.register.lock_lake().await?;
        self.projector().catch_up().await
    }

    pub(crate) fn projector(&self) -> Projector<'_> {
        Projector { lake: &self.lake, register: &self.register, tables: &self.project.tables, today: self.today() }
    }

    /// Where ledger, register and lake do not say the same. Reads everything that is published.
    pub async fn disagreements(&self) -> Result<Vec<Disagreement>> {
        let _alone = self.register.lock_lake().await?;
        let base = self.register.base().await?;
        let mut found = self.register.audit().await?;
        found.extend(self.projector().disagreements(base).await?);
        Ok(found)
    }
}
