//! What the register says of its past: differences, timelines, snapshots.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::AsArray;
use chrono::TimeDelta;
use futures::TryStreamExt;

use super::harness::{self, Avtal, On, avtal, day};
use crate::ledger::EventKind;
use crate::register::{Believed, Difference, Register, RegisterError, Store, differences, timeline};

fn a(titel: &str, dnr: &str) -> Avtal {
    Avtal::new("A", titel, dnr, 10, 300)
}

fn b(dnr: &str) -> Avtal {
    Avtal::new("B", "t", dnr, 10, None)
}

/// `kind id column before→after [from,till) …`, with days as numbers.
fn told(difference: &Difference) -> String {
    let number =
        |date: Option<chrono::NaiveDate>| date.map(|d| (d - day(0)).num_days().to_string()).unwrap_or_default();
    let mut out = format!("{:?} {}", difference.kind, difference.key[1].1).to_lowercase();
    for c in &difference.columns {
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        let _ = write!(out, " {} {}→{}", c.column, text(&c.before), text(&c.after));
        if c.valid_from.is_some() || c.valid_till.is_some() {
            let _ = write!(out, " [{},{})", number(c.valid_from), number(c.valid_till));
        }
    }
    out
}

async fn between(on: &On, owner: Option<&str>, from: u64, to: u64) -> Vec<String> {
    let register: Arc<dyn Register> = on.register.clone();
    let found = differences(register, &avtal(), owner, from, to).await.unwrap();
    let found: Vec<Difference> = found.try_collect().await.unwrap();
    found.iter().map(told).collect()
}

async fn three_deliveries(on: &On) {
    on.deliver(100, &[a("t", "d"), b("d"), Avtal::new("C", "t", "d", 10, 300)]).await;
    on.deliver(150, &[a("u", "d"), b("e"), Avtal::new("D", "t", "d", 160, None)]).await;
    on.deliver(200, &[a("u", "d"), b("d"), Avtal::new("D", "t", "d", 170, 400)]).await;
}

/// What a snapshot's views show: keys and titles.
async fn shown(store: &Store, view: &str) -> Result<Vec<String>, RegisterError> {
    let sql = format!("SELECT avtals_id || ' ' || titel FROM {view} ORDER BY 1");
    let rows = store.ask(&sql, 100).await?;
    Ok(rows.column(0).as_string_view().iter().flatten().map(str::to_owned).collect())
}

super::both! {
    async fn differences_say_what_became_another_and_of_which_days(on: On) {
        three_deliveries(&on).await;
        assert_eq!(between(&on, None, 0, 1).await, ["new a", "new b", "new c"]);
        assert_eq!(
            between(&on, None, 1, 2).await,
            ["changed a titel t→u [150,300)", "corrected b diarienummer d→e [10,)", "ended c", "new d"]
        );
        assert_eq!(
            between(&on, None, 2, 3).await,
            ["corrected b diarienummer e→d [10,)", "corrected d giltig_fran 2026-06-10→2026-06-20 giltig_till →2027-02-05"]
        );
        // What was corrected back is as it was.
        assert_eq!(between(&on, None, 1, 3).await, ["changed a titel t→u [150,300)", "ended c", "new d"]);
        assert_eq!(between(&on, Some("22"), 0, 3).await.len(), 4);
        assert!(between(&on, Some("01"), 0, 3).await.is_empty());
        assert!(between(&on, None, 3, 3).await.is_empty());
        // A change whose period has moved away from all that was believed.
        on.deliver(210, &[Avtal::new("A", "v", "d", 400, 500), b("d"), Avtal::new("D", "t", "d", 170, 400)]).await;
        let moved = "changed a titel u→v giltig_fran 2026-01-11→2027-02-05 giltig_till 2026-10-28→2027-05-16";
        assert_eq!(between(&on, None, 3, 4).await, [moved]);
    }

    async fn a_large_difference_comes_in_pages(on: On) {
        let rows: Vec<Avtal> = (0..9000).map(|n| Avtal::new(&format!("K{n}"), "t", "d", 10, 300)).collect();
        on.deliver(100, &rows).await;
        let found = between(&on, None, 0, 1).await;
        let keys: std::collections::BTreeSet<&String> = found.iter().collect();
        assert_eq!((found.len(), keys.len()), (9000, 9000));
    }

    async fn a_timeline_has_every_change_once(on: On) {
        three_deliveries(&on).await;
        on.deliver(210, &[a("u", "d")]).await;
        on.deliver(220, &[a("u", "d"), b("d")]).await;
        let key = [("lanskod".to_owned(), "22".to_owned()), ("avtals_id".to_owned(), "B".to_owned())];
        let line = timeline(on.register.as_ref(), &avtal(), &key).await.unwrap();
        let line: Vec<(u64, EventKind)> = line.iter().map(|(_, seq, difference)| (*seq, difference.kind)).collect();
        let (new, corrected, ended) = (EventKind::New, EventKind::Corrected, EventKind::Ended);
        assert_eq!(line, [(1, new), (2, corrected), (3, corrected), (4, ended), (5, new)]);
    }

    async fn a_timeline_and_the_events_say_the_same(on: On) {
        three_deliveries(&on).await;
        for id in ["A", "B", "C", "D"] {
            let key = [("lanskod".to_owned(), "22".to_owned()), ("avtals_id".to_owned(), id.to_owned())];
            let line = timeline(on.register.as_ref(), &avtal(), &key).await.unwrap();
            let line: Vec<(u64, EventKind)> = line.iter().map(|(_, seq, found)| (*seq, found.kind)).collect();
            let events = on.register.events(0, 100).await.unwrap();
            let events = events.iter().filter(|event| event.key["avtals_id"] == id);
            assert_eq!(line, events.map(|event| (event.seq, event.kind)).collect::<Vec<_>>(), "{id}");
        }
    }

    async fn a_snapshot_shows_what_was_believed_then(on: On) {
        let first = on.deliver(100, &[a("t", "d")]).await.reg_at.unwrap();
        on.clock.advance(TimeDelta::hours(1));
        let before = on.clock.0.lock().unwrap().to_owned();
        on.clock.advance(TimeDelta::hours(1));
        on.deliver(150, &[a("u", "d"), b("d")]).await;
        let view = if on.url.starts_with("sqlite") { "ogonblick_forst_avtal" } else { "ogonblick_forst.avtal" };
        let made = on.register.make_snapshot("forst", before).await.unwrap();
        assert_eq!((made.seq, made.versions["avtal"].as_str()), (1, Some("1.0")));
        assert!(first < before);
        assert_eq!(shown(&on.store, view).await.unwrap(), ["A t"]);
        // Whatever comes later, also what it says of then.
        on.deliver(160, &[b("e")]).await;
        assert_eq!(shown(&on.store, view).await.unwrap(), ["A t"]);
        assert_eq!(on.slices(Believed::At(before)).await, ["A t d [10,300)*"]);
        assert_eq!(on.register.snapshots().await.unwrap(), [made]);
        let refused = async |name: &str, at| on.register.make_snapshot(name, at).await.unwrap_err();
        assert!(matches!(refused("forst", before).await, RegisterError::SnapshotExists(_)));
        assert!(matches!(refused("a\"b", before).await, RegisterError::SnapshotName(_)));
        assert!(matches!(refused("sen", before + TimeDelta::days(9)).await, RegisterError::SnapshotAhead));
        on.register.drop_snapshot("forst").await.unwrap();
        assert!(shown(&on.store, view).await.is_err());
        assert!(matches!(on.register.drop_snapshot("forst").await.unwrap_err(), RegisterError::UnknownSnapshot(_)));
        assert_eq!(on.slices(Believed::AtSeq(1)).await, ["A t d [10,300)*"]);
    }

    /// A view shows; nothing can be written through it.
    async fn a_snapshot_cannot_be_written_to(on: On) {
        on.deliver(100, &[a("t", "d")]).await;
        let now = on.clock.0.lock().unwrap().to_owned();
        on.register.make_snapshot("lasbar", now).await.unwrap();
        let view = if on.url.starts_with("sqlite") { "ogonblick_lasbar_avtal" } else { "ogonblick_lasbar.avtal" };
        for sql in [format!("DELETE FROM {view}"), format!("UPDATE {view} SET titel = 'x'")] {
            assert!(on.store.database.execute("test", &sql, &[]).await.is_err(), "{sql}");
        }
        assert_eq!(on.slices(Believed::Now).await, ["A t d [10,300)*"]);
    }
}
