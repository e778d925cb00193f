//! Runs, cursors, receipts, manifests, leases, the quarantine's index, events.

use chrono::TimeDelta;
use serde_json::json;
use sluss_schemas::chunk::{Origin, RowId};

use super::harness::{self, Avtal, On, new_run};
use crate::ledger::{
    Cause, DeliveredOrigin, EventKind,
    EventKind::{Changed, Corrected, Ended, New},
    QuarantineFilter, QuarantineRow, QuarantineState, Receipt, RunFilter, RunState,
};
use crate::register::{NewManifest, NewPartition, PartitionContent, Publication, RegisterError};

fn rejected(row: u64, rules: &[&str]) -> QuarantineRow {
    QuarantineRow {
        table: "avtal".into(),
        row: RowId(row),
        rules: rules.iter().map(|r| (*r).to_owned()).collect(),
        object: "karantan/ab".into(),
    }
}

super::everywhere! {
    async fn a_publication_writes_the_whole_ledger_at_once(on: On) {
        let run = on.begin("avtal", "22", None).await;
        let mut publication = on.stage(&run, "22", 100, &[Avtal::new("A", "t", "d", 10, None)], &[]).await.unwrap();
        publication.cursor = Some("after row 1".into());
        publication.counts = json!({ "rows": 3, "rejected": 2 });
        publication.receipt = Receipt { document: json!({ "rader": 3 }), text: "Tre rader kom, två avvisades.\n".into() };
        publication.quarantine = vec![rejected(1 << 63, &["hsa_luhn", "felaktigt_datum"]), rejected(2, &["hsa_luhn"])];
        publication.manifests =
            vec![NewManifest { table: "vantande".into(), actions: json!({ "add": ["a.parquet"], "remove": [] }) }];
        publication.partitions = vec![NewPartition {
            table: "vantande".into(),
            partition: "22/2026-10".into(),
            content: Some(PartitionContent { digest: "d1".into(), rows: 7, files: json!(["a.parquet"]) }),
        }];
        let published = on.register.publish(&publication).await.unwrap();
        assert!(on.register.last_done("avtal").await.unwrap().is_none(), "a run without a delivery is none to compare with");
        let origin = Origin { index: 0, name: "avtal.csv".into(), part: None };
        on.register.record_origins(&run, &[DeliveredOrigin { origin, object: None, bytes: None, rows: Some(3) }]).await.unwrap();

        assert_eq!(on.register.cursor("avtal").await.unwrap().as_deref(), Some("after row 1"));
        assert_eq!(on.register.receipt(&run).await.unwrap(), Some(publication.receipt.clone()));
        let done = on.register.last_done("avtal").await.unwrap().unwrap();
        assert_eq!((done.id.as_str(), done.state, done.seq), (run.as_str(), RunState::Done, Some(1)));
        assert_eq!(done.counts, Some(publication.counts.clone()));
        assert_eq!(done.mapping.as_deref(), Some("m1"));
        assert_eq!(done.schema_versions, Some(json!({ "avtal": "1.0" })));
        assert_eq!(done.ended, published.reg_at);
        let states: Vec<_> = on.register.transitions(&run).await.unwrap().iter().map(|t| (t.from, t.to)).collect();
        assert_eq!(states, [(None, RunState::Running), (Some(RunState::Running), RunState::Done)]);

        let pending = on.register.pending_manifests().await.unwrap();
        assert_eq!((pending.len(), pending[0].seq, pending[0].run.as_str()), (1, 1, run.as_str()));
        assert_eq!(pending[0].actions, publication.manifests[0].actions);
        on.register.mark_projected(1, "vantande", 4).await.unwrap();
        on.register.mark_projected(1, "vantande", 5).await.unwrap();
        assert!(on.register.mark_projected(9, "vantande", 5).await.is_err());
        assert!(on.register.pending_manifests().await.unwrap().is_empty());
        assert_eq!(on.register.lake_versions().await.unwrap(), [("vantande".to_owned(), 4)]);
        let partitions = on.register.lake_partitions("vantande").await.unwrap();
        assert_eq!((partitions.len(), partitions[0].rows, partitions[0].seq), (1, 7, 1));

        let listed = on.register.quarantine(&QuarantineFilter::default()).await.unwrap();
        let rows: Vec<_> = listed.iter().map(|q| (q.row.row.0, q.row.rules.len(), q.job.as_str())).collect();
        assert_eq!(rows, [(1 << 63, 2, "avtal"), (2, 1, "avtal")]);
        let causes = on.register.quarantine_causes(&QuarantineFilter::default()).await.unwrap();
        let cause = |rule: &str, rows| Cause { table: "avtal".into(), rule: rule.into(), rows };
        assert_eq!(causes, [cause("hsa_luhn", 2), cause("felaktigt_datum", 1)]);

        let events = on.register.events(0, 10).await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].no, events[0].seq, events[0].kind), (1, 1, EventKind::New));
        assert_eq!(events[0].key, json!({ "lanskod": "22", "avtals_id": "A" }));
    }

    async fn a_publication_without_change_still_ends_the_run(on: On) {
        on.deliver(100, &[Avtal::new("A", "t", "d", 10, None)]).await;
        let run = on.begin("avtal", "22", None).await;
        let mut publication = on.stage(&run, "22", 110, &[Avtal::new("A", "t", "d", 10, None)], &[]).await.unwrap();
        publication.cursor = Some("further".into());
        publication.receipt.text = "Inget nytt.".into();
        let published = on.register.publish(&publication).await.unwrap();
        assert_eq!((published.seq, published.events), (None, 0));
        assert_eq!(on.register.base().await.unwrap(), 1);
        let run = on.register.run(&run).await.unwrap().unwrap();
        assert_eq!((run.state, run.seq), (RunState::Done, None));
        assert_eq!(on.register.cursor("avtal").await.unwrap().as_deref(), Some("further"));
        assert_eq!(on.register.receipt(&run.id).await.unwrap().unwrap().text, "Inget nytt.");
    }

    async fn events_are_numbered_without_gaps_in_the_order_of_publication(on: On) {
        on.deliver(100, &[Avtal::new("B", "t", "d", 10, None), Avtal::new("A", "t", "d", 10, None)]).await;
        on.deliver(120, &[Avtal::new("A", "u", "d", 10, None)]).await;
        on.deliver(130, &[Avtal::new("A", "u", "e", 10, None), Avtal::new("B", "t", "d", 10, None)]).await;
        let events = on.register.events(0, 100).await.unwrap();
        let shown: Vec<_> = events.iter().map(|e| (e.no, e.seq, e.kind, e.key["avtals_id"].as_str().unwrap())).collect();
        // Within a publication by kind and key hash.
        assert_eq!(shown[2..], [
            (3, 2, Changed, "A"),
            (4, 2, Ended, "B"),
            (5, 3, Corrected, "A"),
            (6, 3, New, "B"),
        ]);
        assert_eq!((shown[0].0, shown[1].0), (1, 2));
        assert_eq!(on.register.events(4, 1).await.unwrap(), events[4..5]);
    }

    async fn a_run_that_is_held_keeps_its_reason_and_loses_its_staging(on: On) {
        let run = on.begin("avtal", "22", None).await;
        let publication = on.stage(&run, "22", 100, &[Avtal::new("A", "t", "d", 10, None)], &[]).await.unwrap();
        on.register.record_quarantine(&run, &[rejected(5, &["hsa_luhn"])]).await.unwrap();
        let counts = json!({ "rows": 1 });
        on.register.end_run(&run, RunState::Held, Some("hälften saknas"), Some(&counts)).await.unwrap();
        on.register.end_run(&run, RunState::Held, Some("igen"), None).await.unwrap();
        let receipt = Receipt { document: json!({}), text: "Stoppad".into() };
        on.register.record_receipt(&run, &receipt).await.unwrap();
        let held = on.register.run(&run).await.unwrap().unwrap();
        assert_eq!((held.state, held.reason.as_deref(), held.counts), (RunState::Held, Some("hälften saknas"), Some(counts)));
        assert_eq!(on.register.receipt(&run).await.unwrap(), Some(receipt));
        let refused = on.register.publish(&publication).await.unwrap_err();
        assert!(matches!(refused, RegisterError::RunState { .. }), "{refused}");
        let refused = on.register.end_run(&run, RunState::Failed, None, None).await.unwrap_err();
        assert!(matches!(refused, RegisterError::RunState { .. }), "{refused}");
        assert_eq!(on.register.sweep().await.unwrap(), 0);
        assert!(on.register.last_done("avtal").await.unwrap().is_none());
    }

    async fn runs_are_listed_latest_first(on: On) {
        for (id, job) in [("x1", "a"), ("x2", "b"), ("x3", "a")] {
            let mut run = new_run(id, job, "22", None);
            run.input_digest = Some(format!("digest of {id}"));
            on.register.begin_run(&run).await.unwrap();
            // Beginning it again changes nothing, taking it over is refused.
            on.register.begin_run(&run).await.unwrap();
            run.job = "c".into();
            assert!(on.register.begin_run(&run).await.is_err());
        }
        on.register.end_run("x1", RunState::Failed, Some("avbrott"), None).await.unwrap();
        let ids = |runs: Vec<crate::ledger::Run>| runs.into_iter().map(|r| r.id).collect::<Vec<_>>();
        assert_eq!(ids(on.register.runs(&RunFilter::default()).await.unwrap()), ["x3", "x2", "x1"]);
        let of_a = RunFilter { job: Some("a".into()), ..RunFilter::default() };
        assert_eq!(ids(on.register.runs(&of_a).await.unwrap()), ["x3", "x1"]);
        let failed = RunFilter { state: Some(RunState::Failed), ..RunFilter::default() };
        assert_eq!(ids(on.register.runs(&failed).await.unwrap()), ["x1"]);
        let same_input = RunFilter { input_digest: Some("digest of x2".into()), ..RunFilter::default() };
        assert_eq!(ids(on.register.runs(&same_input).await.unwrap()), ["x2"]);
        let one = RunFilter { limit: Some(1), ..RunFilter::default() };
        assert_eq!(ids(on.register.runs(&one).await.unwrap()), ["x3"]);
        assert!(on.register.run("x4").await.unwrap().is_none());
        assert!(on.register.begin_run(&new_run("x5", "a", "22", Some("x9"))).await.is_err());
    }

    async fn origins_are_kept_with_their_objects(on: On) {
        let run = on.begin("avtal", "22", None).await;
        let origin = |index, object: Option<&str>| DeliveredOrigin {
            origin: Origin { index, name: "avtal.xlsx".into(), part: Some(format!("Blad{index}")) },
            object: object.map(str::to_owned),
            bytes: Some(1000),
            rows: None,
        };
        on.register.record_origins(&run, &[origin(0, None), origin(1, Some("ab12"))]).await.unwrap();
        on.register.record_origins(&run, &[origin(0, Some("cd34"))]).await.unwrap();
        assert_eq!(on.register.origins(&run).await.unwrap(), [origin(0, Some("cd34")), origin(1, Some("ab12"))]);
    }

    async fn a_lease_has_one_holder_and_a_fence_that_grows(on: On) {
        let minute = TimeDelta::minutes(1);
        let first = on.register.take_lease("avtal", "one", minute).await.unwrap().unwrap();
        assert_eq!(first.fence, 1);
        assert!(on.register.take_lease("avtal", "two", minute).await.unwrap().is_none());
        assert!(on.register.renew_lease(&first, minute).await.unwrap().is_some());
        on.clock.advance(TimeDelta::minutes(2));
        let second = on.register.take_lease("avtal", "two", minute).await.unwrap().unwrap();
        assert_eq!(second.fence, 2);
        assert!(on.register.renew_lease(&first, minute).await.unwrap().is_none());

        // The first holder wakes and would publish.
        let run = on.begin("avtal", "22", None).await;
        let publication = on.stage(&run, "22", 100, &[Avtal::new("A", "t", "d", 10, None)], &[]).await.unwrap();
        let late = Publication { fence: Some(first.fence), ..publication.clone() };
        assert!(matches!(on.register.publish(&late).await, Err(RegisterError::Fenced(_))));
        assert_eq!(on.register.base().await.unwrap(), 0);
        let now = Publication { fence: Some(second.fence), ..publication };
        on.register.publish(&now).await.unwrap();
        on.register.release_lease(&second).await.unwrap();
        assert_eq!(on.register.take_lease("avtal", "one", minute).await.unwrap().unwrap().fence, 3);
    }

    async fn the_quarantine_is_found_marked_and_replayed(on: On) {
        let run = on.begin("avtal", "22", None).await;
        let many: Vec<_> = (0..2500).map(|i| rejected(i, if i % 2 == 0 { &["jamn"] } else { &["udda", "it's"] })).collect();
        on.register.record_quarantine(&run, &many).await.unwrap();
        let even = QuarantineFilter { rule: Some("jamn".into()), limit: Some(3), ..QuarantineFilter::default() };
        let rows: Vec<_> = on.register.quarantine(&even).await.unwrap().iter().map(|q| q.row.row.0).collect();
        assert_eq!(rows, [0, 2, 4]);
        let odd = QuarantineFilter { rule: Some("it's".into()), ..QuarantineFilter::default() };
        assert_eq!(on.register.mark_quarantine(&odd, QuarantineState::Dropped).await.unwrap(), 1250);
        let open = QuarantineFilter { state: Some(QuarantineState::Open), ..QuarantineFilter::default() };
        assert_eq!(on.register.quarantine(&open).await.unwrap().len(), 1250);
        on.register.end_run(&run, RunState::Held, None, None).await.unwrap();

        let replay = on.begin("avtal", "22", Some(&run)).await;
        let mut publication = on.stage(&replay, "22", 100, &[], &[]).await.unwrap();
        publication.replay_of = Some(run.clone());
        publication.quarantine = vec![rejected(4, &["jamn"])];
        on.register.publish(&publication).await.unwrap();
        let waiting = on.register.quarantine(&open).await.unwrap();
        assert_eq!(waiting.iter().map(|q| (&q.run, q.row.row.0)).collect::<Vec<_>>(), [(&replay, 4)]);
        // What somebody dropped stays dropped.
        let dropped = QuarantineFilter { state: Some(QuarantineState::Dropped), ..QuarantineFilter::default() };
        assert_eq!(on.register.quarantine(&dropped).await.unwrap().len(), 1250);
        let one = QuarantineFilter { row: Some(RowId(2)), job: Some("avtal".into()), ..QuarantineFilter::default() };
        let found = on.register.quarantine(&one).await.unwrap();
        assert_eq!((found.len(), found[0].state), (1, QuarantineState::Replayed));
    }
}
