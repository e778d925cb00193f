//! How fast: printed, never asserted. Run in release:
//! `cargo nextest run --release -p sluss-pipeline --run-ignored only speed --no-capture`.

use std::time::{Duration, Instant};

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::Int64Type;
use futures::TryStreamExt;

use sqlx::postgres::PgPoolCopyExt as _;

use super::harness::{self, Avtal, On};
use crate::merge::{Change, Diff};
use crate::register::{CONTENT, DeliveredBy, KEY, KeyKind, Publication, TableChange};

fn rows(n: usize, titel: &str) -> Vec<Avtal> {
    (0..n).map(|i| Avtal::new(&format!("1432012-{i:06}"), &format!("{titel} {i}"), "RS 2026-00123", 10, 3000)).collect()
}

fn publication(run: &str, base: u64, effective: i32) -> Publication {
    Publication {
        run: run.into(),
        job: "avtal".into(),
        owner: "22".into(),
        base,
        effective: harness::day(effective),
        mapping: "0123456789abcdef".into(),
        tables: vec![TableChange { table: "avtal".into(), complete: true }],
        ..Publication::default()
    }
}

fn per_row(what: &str, time: Duration, n: usize) {
    let micros = time.as_secs_f64() * 1e6 / f64::from(u32::try_from(n).unwrap());
    println!("{what:<44} {:>8.0} ms {micros:>8.2} us/row", time.as_secs_f64() * 1e3);
}

super::everywhere! {
    #[ignore = "a measurement"]
    async fn speed(on: On) {
        const N: usize = 1_000_000;
        println!("--- {} rows of 12 columns, {}", N, if on.url.starts_with("sqlite") {
            "SQLite"
        } else if on.url.contains("//inlasare@") {
            "PostgreSQL in roles"
        } else {
            "PostgreSQL"
        });
        let batches: Vec<_> = rows(N, "Avtal om specialistvård").chunks(8192).map(harness::avtal_batch).collect();
        let run = on.begin("avtal", "22", None).await;
        let time = Instant::now();
        for batch in &batches {
            on.register.stage(&run, "avtal", batch).await.unwrap();
        }
        per_row("stage", time.elapsed(), N);
        let staged = time.elapsed();
        let time = Instant::now();
        let published = on.register.publish(&publication(&run, 0, 100)).await.unwrap();
        per_row("publish, all new", time.elapsed(), N);
        let load = staged + time.elapsed();
        assert_eq!(published.tables[0].new, N as u64);

        let before = written(&on).await;
        let time = Instant::now();
        unchanged(&on, &batches).await;
        per_row("the same again: compared, nothing to do", time.elapsed(), N);
        println!("{:<44} {:>8.3} of what it cost new", "", time.elapsed().as_secs_f64() / load.as_secs_f64());
        let after = written(&on).await;
        assert_eq!(before.rows, after.rows, "a row was written");
        println!("{:<44} {:>8} bytes of write-ahead log; history and events as they were: {}",
            "", after.log - before.log, after.rows);

        let time = Instant::now();
        let keys: Vec<_> = on.register.current_keys("avtal", Some("22")).await.unwrap().try_collect().await.unwrap();
        per_row("current keys", time.elapsed(), N);
        assert_eq!(keys.iter().map(|b| b.keys.len()).sum::<usize>(), N);

        let time = Instant::now();
        let read: Vec<_> = on.register.current_rows("avtal", Some("22"), 1).await.unwrap().try_collect().await.unwrap();
        per_row("current rows, 26 columns", time.elapsed(), N);
        assert_eq!(read.iter().map(arrow::array::RecordBatch::num_rows).sum::<usize>(), N);

        let run = on.begin("avtal", "22", None).await;
        let changed: Vec<_> = rows(N / 10, "Ändrat").chunks(8192).map(harness::avtal_batch).collect();
        let time = Instant::now();
        for batch in &changed {
            on.register.stage(&run, "avtal", batch).await.unwrap();
        }
        let ended: Vec<_> = rows(N, "").iter().rev().take(N / 10).map(Avtal::key).collect();
        on.register.stage_keys(&run, "avtal", &ended, KeyKind::Ended).await.unwrap();
        per_row("stage a tenth changed, a tenth ended", time.elapsed(), N / 5);
        let time = Instant::now();
        let published = on.register.publish(&publication(&run, 1, 200)).await.unwrap();
        per_row("publish them", time.elapsed(), N / 5);
        assert_eq!((published.tables[0].changed, published.tables[0].ended), (N as u64 / 10, N as u64 / 10));

        let time = Instant::now();
        for _ in 0..20 {
            let run = on.begin("avtal", "22", None).await;
            let base = on.register.base().await.unwrap();
            on.register.stage(&run, "avtal", &harness::avtal_batch(&rows(5, &run))).await.unwrap();
            on.register.publish(&publication(&run, base, 300)).await.unwrap();
        }
        println!("{:<44} {:>8.1} ms each", "a delivery of five rows", time.elapsed().as_secs_f64() * 1e3 / 20.0);
        if on.url.contains("//sluss@") {
            beside_copy(&on, load, N).await;
        }
    }
}

/// What a database has written: a digest of where the rows of history and events lie and of who wrote them,
/// and in PostgreSQL the end of its log.
struct Written {
    rows: String,
    log: i64,
}

async fn written(on: &On) -> Written {
    if on.url.starts_with("sqlite") {
        let sql = "SELECT (SELECT COUNT(*) || ' ' || MAX(_id) || ' ' || COUNT(reg_till) FROM avtal) || ' ' || \
                   (SELECT COUNT(*) || ' ' || MAX(no) FROM handelse) AS t";
        let rows = on.register.query(sql, 1).await.unwrap();
        return Written { rows: rows.column(0).as_string_view().value(0).to_owned(), log: 0 };
    }
    // As its administrator: row-level security hides nothing from the count.
    let url = on.url.replace("//inlasare@", "//sluss@");
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let sql = "SELECT concat_ws(' ', (SELECT concat_ws(' ', count(*), max(ctid), max(xmin::text::bigint), \
               max(xmax::text::bigint), count(reg_till)) FROM avtal), (SELECT concat_ws(' ', count(*), max(ctid), \
               max(xmin::text::bigint)) FROM handelse), pg_relation_size('avtal'), pg_relation_size('handelse'), \
               pg_relation_size('avtal_aktuell'), (SELECT publish_seq FROM sekvens)), \
               (pg_current_wal_insert_lsn() - '0/0')::bigint";
    let (rows, log) = sqlx::query_as(sql).fetch_one(&pool).await.unwrap();
    pool.close().await;
    Written { rows, log }
}

/// A whole delivery that is as it was: its run, the comparison as the pipeline makes it, its end.
async fn unchanged(on: &On, batches: &[RecordBatch]) {
    let run = on.begin("avtal", "22", None).await;
    let base = on.register.base().await.unwrap();
    let mut current = vec![];
    let jobs = vec!["avtal".to_owned()];
    for by in [DeliveredBy::Jobs(jobs.clone()), DeliveredBy::Others(jobs)] {
        let mut keys = on.register.current_keys_by("avtal", Some("22"), Some(by)).await.unwrap();
        let mut rows = vec![];
        while let Some(batch) = keys.try_next().await.unwrap() {
            rows.extend(batch.keys.iter().map(|key| u128::from_be_bytes(*key)).zip(batch.hashes));
        }
        current.push(rows);
    }
    let others = current.pop().unwrap();
    let mut diff = Diff::against(current.pop().unwrap(), others);
    for batch in batches {
        let keys = batch.column_by_name(KEY).unwrap().as_fixed_size_binary();
        let contents = batch.column_by_name(CONTENT).unwrap().as_primitive::<Int64Type>();
        for (key, content) in keys.iter().zip(contents.values()) {
            let key = u128::from_be_bytes(key.unwrap().try_into().unwrap());
            assert_eq!(diff.accepted(key, *content), Change::Unchanged);
        }
    }
    assert!(diff.absent().is_empty());
    let published = on.register.publish(&publication(&run, base, 150)).await.unwrap();
    assert_eq!((published.seq, published.events), (None, 0));
}

/// The same rows by COPY alone, from one table into another with the same indexes and guards.
async fn beside_copy(on: &On, load: Duration, n: usize) {
    let pool = sqlx::PgPool::connect(&on.url).await.unwrap();
    let run = |sql: &'static str| {
        let pool = pool.clone();
        async move { sqlx::raw_sql(sql).execute(&pool).await.unwrap() }
    };
    run("CREATE TABLE bredvid (LIKE avtal INCLUDING ALL)").await;
    run("ALTER TABLE bredvid ADD EXCLUDE USING gist (_nyckel WITH =, daterange(giltig_fran, giltig_till) WITH &&) \
         WHERE (reg_till IS NULL)")
    .await;
    run("ALTER TABLE bredvid ALTER _id DROP IDENTITY").await;
    // Closed slices as they were when they were new.
    let rows: Vec<_> = {
        let names = "lanskod, avtals_id, titel, diarienummer, belopp, stort, antal, andel, aktiv, beslutad, giltig_fran, \
                     giltig_till, _id, _nyckel, _innehall, _agare, _aktuell, _version, _mappning, _korning, _rad, reg_fran, \
                     NULL::timestamptz, _seq_fran, NULL::bigint";
        let sql =
            format!("COPY (SELECT {names} FROM avtal WHERE _seq_fran = 1 ORDER BY _rad) TO STDOUT (FORMAT binary)");
        pool.copy_out_raw(&sql).await.unwrap().try_collect().await.unwrap()
    };
    let time = Instant::now();
    let mut copy = pool.copy_in_raw("COPY bredvid FROM STDIN (FORMAT binary)").await.unwrap();
    let all: Vec<u8> = rows.concat();
    for piece in all.chunks(256 * 1024) {
        copy.send(piece).await.unwrap();
    }
    copy.finish().await.unwrap();
    let plain = time.elapsed();
    per_row("COPY alone, same indexes", plain, n);
    println!("{:<44} {:>8.2} of the rate of COPY alone", "stage and publish", plain.as_secs_f64() / load.as_secs_f64());
}
