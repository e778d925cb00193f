//! What status, metrics and alerts ask the ledger: how jobs last ended, what waits, what has been told.

use chrono::TimeDelta;
use serde_json::json;
use sluss_schemas::chunk::Origin;

use super::harness::{self, Avtal, On};
use crate::ledger::{Alert, DeliveredOrigin, Latest, RunState, Waiting};

/// Ends a run as one that read something, or nothing.
async fn done(on: &On, run: &str, origins: bool, counts: serde_json::Value) {
    let mut publication = on.stage(run, "22", 100, &[Avtal::new("A", run, "d", 10, None)], &[]).await.unwrap();
    publication.counts = counts;
    on.register.publish(&publication).await.unwrap();
    if origins {
        let origin = Origin { index: 0, name: "avtal.csv".into(), part: None };
        let delivered = DeliveredOrigin { origin, object: None, bytes: None, rows: Some(1) };
        on.register.record_origins(run, &[delivered]).await.unwrap();
    }
}

async fn latest(on: &On, job: &str) -> Latest {
    on.register.latest_ends().await.unwrap().into_iter().find(|latest| latest.job == job).unwrap()
}

fn alert(name: &str) -> Alert {
    Alert { name: name.into(), kind: "held".into(), owner: "22".into(), said: json!({ "subject": name }) }
}

super::everywhere! {
    async fn the_latest_run_and_the_latest_delivery_of_a_job_are_told(on: On) {
        let hour = TimeDelta::hours(1);
        let run = on.begin("avtal", "22", None).await;
        assert!(on.register.latest_ends().await.unwrap().is_empty(), "one at work has not ended");
        done(&on, &run, true, json!({})).await;
        let first = latest(&on, "avtal").await;
        assert_eq!((first.state, first.owner.as_str(), first.ended), (RunState::Done, "22", first.delivered));
        assert!(first.delivered.is_some());

        // Held: the attempt is later than what came.
        on.clock.advance(hour);
        let held = on.begin("avtal", "22", None).await;
        on.register.end_run(&held, RunState::Held, Some("x"), None).await.unwrap();
        let second = latest(&on, "avtal").await;
        assert_eq!((second.state, second.delivered), (RunState::Held, first.delivered));

        // Replayed and published: in order, and as old as the delivery that was replayed.
        let came = on.register.run(&held).await.unwrap().unwrap().started;
        on.clock.advance(hour);
        let replay = on.begin("avtal", "22", Some(&held)).await;
        done(&on, &replay, true, json!({})).await;
        let third = latest(&on, "avtal").await;
        assert_eq!((third.state, third.delivered), (RunState::Done, Some(came)));
        assert!(third.ended > third.delivered);

        // A source that was asked and had nothing is fresh; a folder in which nothing arrived is as old as it was.
        on.clock.advance(hour);
        let empty = on.begin("avtal", "22", None).await;
        done(&on, &empty, false, json!({ "asked": false })).await;
        let waited = latest(&on, "avtal").await;
        assert_eq!((waited.ended > third.ended, waited.delivered), (true, Some(came)));
        on.clock.advance(hour);
        let asked = on.begin("avtal", "22", None).await;
        done(&on, &asked, false, json!({ "asked": true })).await;
        let asked = latest(&on, "avtal").await;
        assert_eq!(asked.delivered, asked.ended);

        on.clock.advance(hour);
        let failed = on.begin("avtal", "22", None).await;
        on.register.end_run(&failed, RunState::Failed, Some("x"), None).await.unwrap();
        assert_eq!(latest(&on, "avtal").await.state, RunState::Failed);
        let since = on.register.run(&held).await.unwrap().unwrap().started;
        let counted = on.register.run_counts(since).await.unwrap();
        let counted: Vec<_> = counted.iter().map(|c| (c.owner.as_str(), c.state, c.runs)).collect();
        assert_eq!(counted, [("22", RunState::Done, 3), ("22", RunState::Failed, 1), ("22", RunState::Held, 1)]);
    }

    async fn what_waits_is_counted(on: On) {
        assert_eq!(on.register.waiting().await.unwrap(), Waiting::default());
        let run = on.begin("avtal", "22", None).await;
        let lease = on.register.take_lease("avtal", "a", TimeDelta::minutes(1)).await.unwrap().unwrap();
        let waiting = on.register.waiting().await.unwrap();
        assert_eq!((waiting.running, waiting.leases), (1, 1));
        on.clock.advance(TimeDelta::minutes(2));
        assert_eq!(on.register.waiting().await.unwrap().leases, 0, "it has run out: {lease:?}");
        on.register.end_run(&run, RunState::Failed, None, None).await.unwrap();
        assert_eq!(on.register.waiting().await.unwrap(), Waiting::default());
        assert!(on.register.is_current().await.unwrap());
    }

    async fn an_alert_is_told_once_while_it_stands(on: On) {
        let since = on.register.alert_begins(&alert("held a")).await.unwrap().unwrap();
        on.clock.advance(TimeDelta::hours(1));
        assert_eq!(on.register.alert_begins(&alert("held a")).await.unwrap(), None);
        assert_eq!(on.register.alert_ends("held b").await.unwrap(), None, "what does not stand does not end");
        let standing = on.register.standing_alerts().await.unwrap();
        assert_eq!((standing.len(), standing[0].since, standing[0].told), (1, since, Some(since)));
        // Of two who saw it stand, one tells it again.
        assert!(on.register.alert_again(&standing[0]).await.unwrap());
        assert!(!on.register.alert_again(&standing[0]).await.unwrap());
        // Nobody could be reached: it is told as soon as may be, by one.
        on.register.alert_untold("held a").await.unwrap();
        let untold = on.register.standing_alerts().await.unwrap();
        assert_eq!(untold[0].told, None);
        assert!(on.register.alert_again(&untold[0]).await.unwrap());
        assert!(!on.register.alert_again(&untold[0]).await.unwrap());
        let ended = on.register.alert_ends("held a").await.unwrap().unwrap();
        assert_eq!((ended.since, ended.alert), (since, alert("held a")));
        assert_eq!(on.register.alert_ends("held a").await.unwrap(), None);
        assert!(on.register.standing_alerts().await.unwrap().is_empty());
        // It begins anew, with its own beginning.
        let again = on.register.alert_begins(&alert("held a")).await.unwrap().unwrap();
        assert!(again > since);
        // What nobody has been told of ends in silence.
        on.register.alert_untold("held a").await.unwrap();
        assert_eq!(on.register.alert_ends("held a").await.unwrap(), None);
    }

    async fn who_missed_an_alert_is_told_by_one_while_it_stands(on: On) {
        on.register.alert_begins(&alert("held a")).await.unwrap();
        on.register.alert_begins(&alert("held b")).await.unwrap();
        on.register.alert_missed("held a", &["drift", "region"]).await.unwrap();
        on.register.alert_missed("held b", &["drift"]).await.unwrap();
        on.register.alert_ends("held b").await.unwrap();
        let taken = on.register.take_missed_alerts().await.unwrap();
        let taken: Vec<_> = taken.into_iter().map(|(standing, mut missed)| {
            missed.sort_unstable();
            (standing.alert.name, missed)
        }).collect();
        assert_eq!(taken, [("held a".to_owned(), vec!["drift".to_owned(), "region".to_owned()])]);
        assert!(on.register.take_missed_alerts().await.unwrap().is_empty());
    }

    async fn a_days_digest_is_taken_once_and_can_be_given_back(on: On) {
        let day = harness::day(10);
        assert!(on.register.take_digest("drift", day).await.unwrap());
        assert!(!on.register.take_digest("drift", day).await.unwrap());
        assert!(on.register.take_digest("region", day).await.unwrap());
        on.register.return_digest("drift", day).await.unwrap();
        assert!(on.register.take_digest("drift", day).await.unwrap());
        assert!(!on.register.take_digest("drift", harness::day(9)).await.unwrap(), "the day before is past");
        assert!(on.register.take_digest("drift", harness::day(11)).await.unwrap());
    }
}
