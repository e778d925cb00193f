//! What the ledger says now, in figures: computed anew each time that somebody asks.

use sluss_pipeline::error::Result;
use sluss_pipeline::freshness::{State, freshness};
use sluss_pipeline::job::{About, Job};
use sluss_pipeline::run::Engine;

use super::{Book, Metrics, figure, list};

/// Everything in Prometheus' text form.
///
/// # Errors
///
/// A ledger that does not answer.
pub(crate) async fn scrape(metrics: &Metrics, engine: &Engine, jobs: &[Job]) -> Result<String> {
    // A book of its own: what is no more is not in it.
    let book = Book::new();
    let now = engine.clock.now();
    for standing in freshness(engine, jobs, now).await? {
        let (owner, table) = (standing.owner.as_str(), standing.table.as_str());
        if let Some(last) = standing.last {
            let age = (now - last).to_std().unwrap_or_default().as_secs_f64();
            book.set(list::FRESHNESS, &[("owner", owner), ("table", table)], age);
        }
        for state in State::ALL {
            let labels = [("owner", owner), ("table", table), ("state", state.name())];
            book.set(list::STANDING, &labels, f64::from(u8::from(standing.state == state)));
        }
        book.set(list::LATE, &[("owner", owner), ("table", table)], f64::from(u8::from(standing.late)));
    }
    let waiting = engine.register.waiting().await?;
    for (name, count) in [
        (list::QUARANTINE, waiting.quarantine_rows),
        (list::MANIFESTS, waiting.manifests),
        (list::RUNNING, waiting.running),
        (list::LEASES, waiting.leases),
        (list::PUBLICATION, engine.register.base().await?),
    ] {
        book.set(name, &[], count_of(count));
    }
    book.set(list::JOBS, &[], figure(jobs.len()));
    let standing = engine.register.standing_alerts().await?;
    for about in About::ALL {
        let count = standing.iter().filter(|standing| standing.alert.kind == about.name()).count();
        book.set(list::ALERTS_STANDING, &[("about", about.name())], figure(count));
    }
    Ok(metrics.render() + &book.text())
}

#[expect(clippy::cast_precision_loss, reason = "counts need no more than 53 bits")]
fn count_of(count: u64) -> f64 {
    count as f64
}
