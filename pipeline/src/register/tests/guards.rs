//! What must not happen: overlaps, rewriting, foreign rows, stale plans, lost or doubled runs.

use std::sync::Arc;

use futures::TryStreamExt;
use sqlx::AssertSqlSafe;

use super::harness::{self, Avtal, On, avtal, avtal_batch, day, key_of, organisation, organisation_batch};
use crate::ledger::RunState;
use crate::register::database::Tx;
use crate::register::{
    Believed, KeyKind, Publication, Publish as _, Question, Register, RegisterError, Store, TableChange, open,
};

fn a(titel: &str) -> Avtal {
    Avtal::new("A", titel, "d", 10, 300)
}

impl On {
    /// Runs a statement as somebody with all rights in the database could.
    async fn sql(&self, sql: &str) -> Result<(), RegisterError> {
        let mut tx = self.store.database.begin().await?;
        match &mut tx {
            Tx::Sqlite(tx) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop),
            Tx::Postgres(tx) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop),
        }
        .map_err(|e| RegisterError::from_sqlx(e, "test"))?;
        tx.commit().await
    }
}

const COPY: &str = "lanskod, avtals_id, _nyckel, _innehall, _agare, _aktuell, _version, _mappning, _korning, _rad, \
                    reg_fran, _seq_fran";

fn again(aktuell: &str, from: &str, till: &str) -> String {
    let columns = COPY.replace("_aktuell", aktuell);
    format!("INSERT INTO avtal ({COPY}, giltig_fran, giltig_till) SELECT {columns}, {from}, {till} FROM avtal")
}

async fn overlaps_are_refused_on(on: &On) {
    on.deliver(100, &[a("t")]).await;
    let refused = on.sql(&again("FALSE", "giltig_fran", "giltig_till")).await.unwrap_err();
    assert!(matches!(&refused, RegisterError::Overlap(_)), "{refused:?}");
    let refused = on.sql(&again("FALSE", "NULL", "NULL")).await.unwrap_err();
    assert!(matches!(&refused, RegisterError::Overlap(_)), "{refused:?}");
    // Side by side, and empty, they do not overlap.
    on.sql(&again("FALSE", "giltig_till", "NULL")).await.unwrap();
    on.sql(&format!("{} WHERE _aktuell = TRUE", again("FALSE", "giltig_fran", "giltig_fran"))).await.unwrap();
}

super::both! {
    async fn believed_periods_of_one_key_never_overlap(on: On) {
        overlaps_are_refused_on(&on).await;
    }

    async fn a_key_has_one_current_slice(on: On) {
        on.deliver(100, &[a("t")]).await;
        let refused = on.sql(&again("TRUE", "giltig_till", "NULL")).await.unwrap_err();
        assert!(matches!(&refused, RegisterError::Overlap(_)), "{refused:?}");
    }

    async fn history_is_never_rewritten(on: On) {
        on.deliver(100, &[a("t")]).await;
        on.deliver(150, &[a("u")]).await;
        for change in [
            "UPDATE avtal SET titel = 'x'",
            "UPDATE avtal SET giltig_till = NULL",
            "UPDATE avtal SET _aktuell = FALSE WHERE _aktuell = TRUE",
            "UPDATE avtal SET reg_fran = reg_fran",
            // Closed once, it stays closed, and at the same time.
            "UPDATE avtal SET reg_till = NULL, _seq_till = NULL WHERE reg_till IS NOT NULL",
            "UPDATE avtal SET reg_till = reg_fran, _seq_till = 9 WHERE reg_till IS NOT NULL",
        ] {
            let refused = on.sql(change).await.unwrap_err();
            assert!(matches!(&refused, RegisterError::History(_)), "{change}: {refused:?}");
        }
        on.sql("UPDATE avtal SET reg_till = reg_fran, _seq_till = 9 WHERE reg_till IS NULL").await.unwrap();
    }

    async fn publishing_a_run_again_gives_the_first_result(on: On) {
        let run = on.begin("avtal", "22", None).await;
        let publication = on.stage(&run, "22", 100, &[a("t")], &[]).await.unwrap();
        let first = on.register.publish(&publication).await.unwrap();
        let second = on.register.publish(&publication).await.unwrap();
        assert_eq!(first, second);
        assert_eq!(on.register.events(0, 10).await.unwrap().len(), 1);
        assert_eq!(on.slices(Believed::Ever).await.len(), 1);
        let refused = on.register.stage(&run, "avtal", &avtal_batch(&[a("u")])).await.unwrap_err();
        assert!(matches!(refused, RegisterError::RunState { .. }));
    }

    async fn a_plan_that_others_overtook_is_refused(on: On) {
        on.deliver(100, &[a("t")]).await;
        let (one, two) = (on.begin("avtal", "22", None).await, on.begin("avtal", "22", None).await);
        let planned = on.stage(&one, "22", 120, &[a("u")], &[]).await.unwrap();
        on.publish(&two, "22", 120, &[a("v")], &[]).await.unwrap();
        let refused = on.register.publish(&planned).await.unwrap_err();
        assert!(matches!(&refused, RegisterError::Moved { .. }) && refused.retry(), "{refused:?}");
        // Planned anew, it goes.
        on.register.unstage(&one).await.unwrap();
        on.publish(&one, "22", 130, &[a("u")], &[]).await.unwrap();
        assert_eq!(on.slices(Believed::Current).await, ["A u d [130,300)*"]);
    }

    async fn other_owners_do_not_move_the_base(on: On) {
        let (one, two) = (on.begin("avtal", "22", None).await, on.begin("avtal", "01", None).await);
        let planned = on.stage(&one, "22", 120, &[a("u")], &[]).await.unwrap();
        on.publish(&two, "01", 120, &[a("v").of("01")], &[]).await.unwrap();
        on.register.publish(&planned).await.unwrap();
        assert_eq!(on.slices(Believed::Now).await, ["01/A v d [10,300)*", "A u d [10,300)*"]);
        // One owner's empty delivery ends its own rows only.
        on.deliver(130, &[]).await;
        assert_eq!(on.slices(Believed::Current).await, ["01/A v d [10,300)*"]);
    }

    async fn a_job_publishes_its_own_owners_rows_only(on: On) {
        let run = on.begin("avtal", "22", None).await;
        let refused = on.publish(&run, "22", 100, &[a("t").of("01")], &[]).await.unwrap_err();
        assert!(matches!(&refused, RegisterError::Owner { rows: 1, .. }), "{refused:?}");
        assert_eq!(on.register.base().await.unwrap(), 0);
    }

    async fn a_key_has_one_owner(on: On) {
        let publish = async |owner: &str, namn: &'static str| {
            let run = on.begin("organisation", owner, None).await;
            on.register.stage(&run, "organisation", &organisation_batch(&[("2321000206", namn, "81")])).await.unwrap();
            on.register
                .publish(&Publication {
                    run,
                    job: "organisation".into(),
                    owner: owner.into(),
                    base: on.register.base().await.unwrap(),
                    effective: day(100),
                    tables: vec![TableChange { table: "organisation".into(), complete: true }],
                    ..Publication::default()
                })
                .await
        };
        publish("22", "Region Västernorrland").await.unwrap();
        let key = key_of(&["2321000206"]);
        assert_eq!(on.register.foreign_keys("organisation", "14", &[key, key_of(&["x"])]).await.unwrap(), [key]);
        assert!(on.register.foreign_keys("organisation", "22", &[key]).await.unwrap().is_empty());
        let refused = publish("14", "Någon annan").await.unwrap_err();
        assert!(matches!(&refused, RegisterError::Foreign { rows: 1, .. }), "{refused:?}");
    }

    async fn a_table_without_valid_time_counts_from_the_delivery(on: On) {
        for (effective, namn, form) in [(100, "A", "81"), (150, "B", "81"), (160, "B", "82")] {
            let run = on.begin("organisation", "hsa", None).await;
            on.register.stage(&run, "organisation", &organisation_batch(&[("2321000206", namn, form)])).await.unwrap();
            let base = on.register.base().await.unwrap();
            let publication = Publication {
                run,
                job: "organisation".into(),
                owner: "hsa".into(),
                base,
                effective: day(effective),
                tables: vec![TableChange { table: "organisation".into(), complete: true }],
                ..Publication::default()
            };
            on.register.publish(&publication).await.unwrap();
        }
        let batches: Vec<_> = on.register.scan("organisation", None, None).await.unwrap().try_collect().await.unwrap();
        let shown = harness::shown(&batches);
        assert_eq!(batches[0].num_columns(), 5);
        assert!(shown.contains("| 2321000206 | A    | 82   | 2026-04-11  | 2026-05-31  |"), "{shown}");
        assert!(shown.contains("| 2321000206 | B    | 82   | 2026-05-31  |             |"), "{shown}");
    }

    async fn a_rejected_row_keeps_its_predecessor_marked_as_stale(on: On) {
        let b = Avtal::new("B", "t", "d", 10, None);
        on.deliver(100, &[a("t"), b.clone()]).await;
        let publish = async |effective, rows: &[Avtal], stale: &[[u8; 16]]| {
            let run = on.begin("avtal", "22", None).await;
            on.publish(&run, "22", effective, rows, stale).await.unwrap()
        };
        let published = publish(110, std::slice::from_ref(&b), &[a("t").key()]).await;
        assert_eq!((published.tables[0].stale, published.tables[0].ended, published.events), (1, 0, 0));
        assert_eq!(on.slices(Believed::Now).await, ["A t d [10,300)*?", "B t d [10,)*"]);
        assert_eq!(on.register.stale_keys("avtal", "22").await.unwrap(), [a("t").key()]);
        // Rejected again: nothing is new.
        assert_eq!(publish(120, std::slice::from_ref(&b), &[a("t").key()]).await.seq, None);
        // Accepted, and unchanged.
        let published = publish(130, &[a("t"), b.clone()], &[]).await;
        assert_eq!((published.tables[0].fresh, published.seq), (1, Some(3)));
        assert_eq!(on.slices(Believed::Now).await, ["A t d [10,300)*", "B t d [10,)*"]);
        assert_eq!(on.slices(Believed::AtSeq(2)).await, ["A t d [10,300)*?", "B t d [10,)*"]);
        // A key that nobody knows cannot become stale.
        assert_eq!(publish(140, &[a("t"), b], &[key_of(&["22", "X"])]).await.seq, None);
    }

    async fn an_incremental_delivery_leaves_other_stale_marks_alone(on: On) {
        let b = Avtal::new("B", "t", "d", 10, None);
        on.deliver(100, &[a("t"), b.clone()]).await;
        let run = on.begin("avtal", "22", None).await;
        on.publish(&run, "22", 110, &[], &[a("t").key(), b.key()]).await.unwrap();
        let run = on.begin("avtal", "22", None).await;
        on.register.stage_keys(&run, "avtal", &[b.key()], KeyKind::Fresh).await.unwrap();
        let publication = Publication {
            run,
            job: "avtal".into(),
            owner: "22".into(),
            base: on.register.base().await.unwrap(),
            effective: day(120),
            tables: vec![TableChange { table: "avtal".into(), complete: false }],
            ..Publication::default()
        };
        on.register.publish(&publication).await.unwrap();
        assert_eq!(on.slices(Believed::Now).await, ["A t d [10,300)*?", "B t d [10,)*"]);
    }

    async fn a_replay_leaves_what_a_later_delivery_published(on: On) {
        let row = |id: &str, titel: &str| Avtal::new(id, titel, "d", 10, None);
        let first = on.begin("avtal", "22", None).await;
        on.publish(&first, "22", 100, &[row("A", "1"), row("B", "1"), row("C", "1")], &[]).await.unwrap();
        // Later: A changes, B is as it was, C ends.
        on.deliver(120, &[row("A", "2"), row("B", "1")]).await;
        // The first delivery again, its mapping mended.
        let replay = on.begin("avtal", "22", Some(&first)).await;
        let rows = [row("A", "1'"), row("B", "1'"), row("C", "1'"), row("D", "1'")];
        let mut publication = on.stage(&replay, "22", 100, &rows, &[]).await.unwrap();
        let keys = rows.each_ref().map(Avtal::key);
        let mut later = vec![keys[0], keys[2]];
        later.sort_unstable();
        assert_eq!(on.register.superseded_keys(&replay, "avtal", &keys).await.unwrap(), later);
        publication.replay_of = Some(first.clone());
        let published = on.register.publish(&publication).await.unwrap();
        // A and C, by their rows.
        assert_eq!(published.tables[0].superseded, [1 << 63, (1 << 63) + 2]);
        assert_eq!(on.slices(Believed::Current).await, ["A 2 d [10,)*".replace("10", "120"), "B 1' d [100,)*".into(), "D 1' d [10,)*".into()]);
        // A replay of the same delivery is no later delivery.
        let replay = on.begin("avtal", "22", Some(&first)).await;
        let mut publication = on.stage(&replay, "22", 100, &[row("B", "1''")], &[row("D", "").key()]).await.unwrap();
        publication.replay_of = Some(first.clone());
        on.register.publish(&publication).await.unwrap();
        assert_eq!(on.slices(Believed::Current).await, ["A 2 d [120,)*", "B 1'' d [100,)*", "D 1' d [10,)*?"]);
    }

    async fn a_key_staged_twice_is_refused_and_nothing_is_published(on: On) {
        for round in 0..2 {
            let run = on.begin("avtal", "22", None).await;
            let mut publication = on.stage(&run, "22", 100 + round, &[a("t")], &[]).await.unwrap();
            on.register.stage(&run, "avtal", &avtal_batch(&[a("u"), a("v")])).await.unwrap();
            publication.base = on.register.base().await.unwrap();
            let refused = on.register.publish(&publication).await.unwrap_err();
            assert!(matches!(&refused, RegisterError::Overlap(t) if t == "avtal"), "{refused:?}");
            on.register.end_run(&run, RunState::Failed, None, None).await.unwrap();
            if round == 0 {
                on.deliver(100, &[a("t")]).await;
            }
        }
        assert_eq!(on.slices(Believed::Ever).await, ["A t d [10,300)*"]);
    }

    async fn values_that_a_database_cannot_hold_are_refused_in_both(on: On) {
        let run = on.begin("avtal", "22", None).await;
        let stage = async |row: Avtal| on.register.stage(&run, "avtal", &avtal_batch(&[a("ok"), row])).await.unwrap_err();
        let secret = "191212121212";
        for (row, what) in [
            (Avtal::new("B", &format!("{secret}\0"), "d", 10, 300), "titel"),
            (Avtal::new("B", secret, "d", 3_000_000, None), "giltig_fran"),
            (Avtal::new("B", secret, "d", 300, 10), "giltig_till"),
        ] {
            let refused = stage(row).await;
            assert!(matches!(&refused, RegisterError::Value { column, row, .. } if column == what && *row == (1 << 63) + 1), "{refused:?}");
            assert!(!format!("{refused} {refused:?}").contains(secret));
        }
        // None of the batches left anything.
        let publication = on.stage(&run, "22", 100, &[a("t")], &[]).await.unwrap();
        assert_eq!(on.register.publish(&publication).await.unwrap().events, 1);
    }

    async fn every_type_comes_back_as_it_went_in(on: On) {
        let names: Vec<String> = avtal().column.iter().map(|c| c.name.clone()).collect();
        let sorted = |batches: &[arrow::array::RecordBatch]| {
            let batch = arrow::compute::concat_batches(&batches[0].schema(), batches).unwrap();
            let order = arrow::compute::sort_to_indices(batch.column_by_name("avtals_id").unwrap(), None, None).unwrap();
            arrow::compute::take_record_batch(&batch, &order).unwrap()
        };
        // Few rows and many take different ways into PostgreSQL.
        for (more, day) in [(0, 100), (3000, 110)] {
            let mut rows = vec![a("Ögonsjukvård – katarakt 😀"), Avtal::new("O'Brien\\\"", "", "", None, None)];
            rows.extend((0..more).map(|i| Avtal::new(&format!("{i:04}"), "\u{1}\t{}", "å", i, None)));
            on.sql("DELETE FROM avtal").await.unwrap();
            on.deliver(day, &rows).await;
            let question = Question {
                table: "avtal".into(),
                columns: Some(names.iter().cloned().chain(["_nyckel", "_innehall", "_rad"].map(str::to_owned)).collect()),
                ..Question::default()
            };
            let back: Vec<_> = on.register.read(&question).await.unwrap().try_collect().await.unwrap();
            assert_eq!(sorted(&back), sorted(&[avtal_batch(&rows)]));
        }
        let key = on.register.events(0, 9).await.unwrap().into_iter().map(|e| e.key["avtals_id"].as_str().unwrap().to_owned());
        assert!(key.collect::<Vec<_>>().contains(&"O'Brien\\\"".to_owned()));
    }

    async fn the_register_shows_what_it_believed_of_a_day(on: On) {
        on.deliver(100, &[a("t")]).await;
        on.clock.advance(chrono::TimeDelta::days(1));
        let between = { use sluss_schemas::clock::Clock as _; on.clock.now() };
        on.clock.advance(chrono::TimeDelta::days(1));
        on.deliver(150, &[a("u")]).await;
        let key = [("lanskod".to_owned(), "22".to_owned()), ("avtals_id".to_owned(), "A".to_owned())];
        let show = async |valid: Option<i32>, recorded| {
            let batches = on.register.show("avtal", &key, valid.map(day), recorded).await.unwrap();
            harness::shown(&batches.try_collect::<Vec<_>>().await.unwrap())
        };
        let now = show(Some(200), None).await;
        assert!(now.contains("| u ") && !now.contains("| t "), "{now}");
        let then = show(Some(200), Some(between)).await;
        assert!(then.contains("| t ") && !then.contains("| u "), "{then}");
        let history: Vec<_> = on.register.history("avtal", &key).await.unwrap().try_collect().await.unwrap();
        assert_eq!(history[0].num_rows(), 3);
        let none = [("avtals_id".to_owned(), "' OR TRUE --".to_owned())];
        let found: Vec<_> = on.register.show("avtal", &none, None, None).await.unwrap().try_collect().await.unwrap();
        assert!(found.is_empty());
        assert!(on.register.show("avtal", &[("belopp".into(), "1".into())], None, None).await.is_err());
    }

    async fn a_query_reads_and_cannot_write(on: On) {
        on.deliver(100, &[a("t"), Avtal::new("B", "t", "d", 10, None)]).await;
        let sql = "SELECT titel, COUNT(*) AS antal, SUM(antal) AS summa FROM avtal_nu GROUP BY titel";
        let answer = on.register.query(sql, 100).await.unwrap();
        assert!(harness::shown(&[answer]).contains("| t     | 2     | -14   |"));
        let empty = on.register.query("SELECT titel FROM avtal WHERE FALSE;", 100).await.unwrap();
        assert_eq!((empty.num_rows(), empty.schema().field(0).name().as_str()), (0, "titel"));
        assert_eq!(on.register.query("SELECT * FROM avtal", 1).await.unwrap().num_rows(), 1);
        for sql in [
            "DELETE FROM avtal",
            "WITH x AS (DELETE FROM avtal RETURNING *) SELECT * FROM x",
            "SELECT 1) AS x; DELETE FROM avtal; SELECT (1",
            "SELECT * FROM finns_inte",
        ] {
            assert!(on.register.query(sql, 1).await.is_err(), "{sql}");
        }
        assert_eq!(on.slices(Believed::Now).await.len(), 2);
    }

    async fn keys_load_their_current_rows(on: On) {
        let rows: Vec<Avtal> = (0..20_000).map(|i| Avtal::new(&format!("{i:05}"), "t", "d", 10, None)).collect();
        on.deliver(100, &rows).await;
        let keys: Vec<[u8; 16]> = rows.iter().take(10_000).map(Avtal::key).chain([key_of(&["x"])]).collect();
        let loaded: Vec<_> = on.register.load_current("avtal", Some("22"), &keys).await.unwrap().try_collect().await.unwrap();
        assert_eq!(loaded.iter().map(arrow::array::RecordBatch::num_rows).sum::<usize>(), 10_000);
        let none: Vec<_> = on.register.load_current("avtal", Some("01"), &keys).await.unwrap().try_collect().await.unwrap();
        assert!(none.is_empty());
        // A reader that stops early leaves the register usable.
        for _ in 0..20 {
            let mut batches = on.register.scan("avtal", None, None).await.unwrap();
            assert!(batches.try_next().await.unwrap().is_some());
        }
        assert_eq!(on.register.base().await.unwrap(), 1);
    }

    async fn two_publishers_take_turns(on: On) {
        let other = Store::open(&on.url, &[avtal(), organisation()], on.clock.clone()).await.unwrap();
        let other: Arc<dyn Register> = Arc::new(other);
        let mut work = vec![];
        for (i, owner) in ["01", "03", "04", "05", "06", "07", "08", "09"].into_iter().enumerate() {
            let run = on.begin("avtal", owner, None).await;
            let rows: Vec<Avtal> = (0..300).map(|n| Avtal::new(&n.to_string(), "t", "d", 10, None).of(owner)).collect();
            let publication = on.stage(&run, owner, 100, &rows, &[]).await.unwrap();
            let register = if i % 2 == 0 { on.register.clone() } else { other.clone() };
            work.push(tokio::spawn(async move { register.publish(&publication).await }));
        }
        let mut seqs = vec![];
        let mut recorded = vec![];
        for work in work {
            let published = work.await.unwrap().unwrap();
            assert_eq!(published.events, 300);
            seqs.push(published.seq.unwrap());
            recorded.push((published.seq, published.reg_at));
        }
        seqs.sort_unstable();
        assert_eq!(seqs, [1, 2, 3, 4, 5, 6, 7, 8]);
        // The clock stands still; recorded time does not.
        recorded.sort_unstable();
        assert!(recorded.windows(2).all(|w| w[0].1 < w[1].1));
        let events = on.register.events(0, 10_000).await.unwrap();
        assert!(events.iter().zip(1..).all(|(e, no)| e.no == no) && events.len() == 2400);
        assert!(events.windows(2).all(|w| w[0].seq <= w[1].seq));
    }

    async fn the_same_run_published_by_two_at_once_is_published_once(on: On) {
        let other = Store::open(&on.url, &[avtal(), organisation()], on.clock.clone()).await.unwrap();
        let run = on.begin("avtal", "22", None).await;
        let publication = on.stage(&run, "22", 100, &[a("t")], &[]).await.unwrap();
        let (one, two) = tokio::join!(on.register.publish(&publication), other.publish(&publication));
        // The second may find staging gone, and says so; it never publishes twice.
        let done: Vec<_> = [one, two].into_iter().flatten().collect();
        assert!(!done.is_empty());
        assert!(done.iter().all(|p| p == &done[0]));
        assert_eq!(on.register.events(0, 10).await.unwrap().len(), 1);
        assert_eq!(on.register.publish(&publication).await.unwrap(), done[0]);
    }

    async fn dead_runs_staging_is_swept(on: On) {
        let (one, two) = (on.begin("avtal", "22", None).await, on.begin("avtal", "22", None).await);
        on.register.stage(&one, "avtal", &avtal_batch(&[a("t")])).await.unwrap();
        on.register.stage(&two, "avtal", &avtal_batch(&[a("u")])).await.unwrap();
        on.sql(&format!("UPDATE korning SET state = 'failed' WHERE id = '{one}'")).await.unwrap();
        assert_eq!(on.register.sweep().await.unwrap(), 1);
        assert_eq!(on.register.sweep().await.unwrap(), 0);
        let publication = Publication {
            run: two,
            job: "avtal".into(),
            owner: "22".into(),
            effective: day(100),
            tables: vec![TableChange { table: "avtal".into(), complete: true }],
            ..Publication::default()
        };
        on.register.publish(&publication).await.unwrap();
        assert_eq!(on.slices(Believed::Now).await, ["A u d [10,300)*"]);
    }

    async fn a_new_nullable_column_comes_by_itself_and_nothing_else_does(on: On) {
        on.deliver(100, &[a("t")]).await;
        let mut table = organisation();
        let mut column = table.column[1].clone();
        column.name = "ort".into();
        table.column.push(column.clone());
        table.version = "1.1".into();
        let register = open(&on.url, &[avtal(), table.clone()], on.clock.clone()).await.unwrap();
        assert_eq!(register.schema("organisation", None).unwrap().fields().len(), 6);
        assert_eq!(register.query("SELECT ort FROM organisation_nu", 1).await.unwrap().num_rows(), 0);
        let run = on.begin("o", "hsa", None).await;
        on.register.stage(&run, "organisation", &organisation_batch(&[("1", "n", "f")])).await.unwrap();
        let tables = vec![TableChange { table: "organisation".into(), complete: true }];
        let publication = Publication { run, job: "o".into(), owner: "hsa".into(), base: 9, effective: day(1), tables, ..Publication::default() };
        on.register.publish(&publication).await.unwrap();
        // It is guarded like the others.
        assert!(matches!(on.sql("UPDATE organisation SET ort = 'x'").await, Err(RegisterError::History(_))));

        let refused = async |change: fn(&mut sluss_schemas::table::Table)| {
            let mut other = table.clone();
            change(&mut other);
            let refused = open(&on.url, &[avtal(), other], on.clock.clone()).await.err().unwrap();
            assert!(matches!(&refused, RegisterError::Migration { .. }), "{refused:?}");
        };
        refused(|t| drop(t.column.pop())).await;
        refused(|t| t.column[1].kind = sluss_schemas::table::Kind::Integer).await;
        refused(|t| t.column[1].required = true).await;
        refused(|t| t.key = vec!["orgnr".into(), "namn".into()]).await;
        refused(|t| {
            let mut new = t.column[0].clone();
            new.name = "ny".into();
            t.column.push(new);
        })
        .await;
    }
}

#[test]
fn without_btree_gist_a_trigger_forbids_overlaps() {
    harness::runtime().block_on(async {
        let Some(on) = On::postgres_prepared("DROP EXTENSION IF EXISTS btree_gist").await else { return };
        overlaps_are_refused_on(&on).await;
    });
}

#[test]
fn an_address_that_is_not_understood_is_not_shown() {
    harness::runtime().block_on(async {
        for url in ["mysql://u:hemligt@h/d", "hemligt", "sqlite::memory:", "postgres://u:hemligt@h:port/d"] {
            let error = open(url, &[], harness::TestClock::new()).await.err().unwrap();
            assert!(matches!(error, RegisterError::Address(_)), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("hemligt"));
        }
    });
}

#[test]
fn a_server_that_does_not_answer_is_told_at_once() {
    harness::runtime().block_on(async {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("postgres://u:hemligt@127.0.0.1:{port}/d");
        let error = open(&url, &[], harness::TestClock::new()).await.err().unwrap();
        assert!(matches!(error, RegisterError::Connection(_)) && error.retry(), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hemligt"));
    });
}

#[test]
fn the_national_tables_can_all_be_kept() {
    harness::runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}", folder.path().join("r.db").display());
        for url in [Some(file), harness::postgres_url().await].into_iter().flatten() {
            let tables = sluss_schemas::table::national();
            let register = open(&url, tables, harness::TestClock::new()).await.unwrap();
            assert!(register.schema("avtal", None).is_ok());
            assert!(matches!(register.schema("vantande", None), Err(RegisterError::UnknownTable(_))));
            let mut made = Made::look(&url).await;
            let first = made.state().await;
            // Opening it again finds everything in place, and writes nothing.
            open(&url, tables, harness::TestClock::new()).await.unwrap();
            assert_eq!(made.state().await, first, "{url}");
            // Fewer tables are another shape: what was made stays.
            open(&url, &tables[..1], harness::TestClock::new()).await.unwrap();
            assert_ne!(made.state().await, first, "{url}");
            assert!(open(&url, tables, harness::TestClock::new()).await.unwrap().is_current().await.unwrap());
        }
    });
}

/// Who wrote a database last, as it tells itself.
enum Made {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl Made {
    async fn look(url: &str) -> Self {
        use sqlx::Connection as _;
        if url.starts_with("sqlite") {
            Self::Sqlite(sqlx::SqliteConnection::connect(url).await.unwrap())
        } else {
            Self::Postgres(sqlx::PgConnection::connect(url).await.unwrap())
        }
    }

    async fn state(&mut self) -> i64 {
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar("PRAGMA data_version").fetch_one(connection).await.unwrap(),
            // The latest transaction that wrote a table, a guard or a view.
            Self::Postgres(connection) => {
                let sql = "SELECT max(x) FROM (SELECT max(xmin::text::bigint) AS x FROM tabell UNION ALL \
                           SELECT max(xmin::text::bigint) FROM pg_proc UNION ALL \
                           SELECT max(xmin::text::bigint) FROM pg_class) w";
                sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
            }
        }
    }
}
