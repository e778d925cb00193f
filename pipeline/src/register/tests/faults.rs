//! Faults of the machinery in the middle of a publication: no room, a connection that is cut, others
//! at the same time. Nothing is lost, nothing comes twice, and the same publication mends it.

use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{AssertSqlSafe, PgPool};

use super::harness::{self, Avtal, On};
use crate::ledger::CHANNEL;
use crate::register::database::Database;
use crate::register::{Believed, RegisterError};

fn contracts(count: usize, titel: &str) -> Vec<Avtal> {
    (0..count).map(|n| Avtal::new(&format!("K{n:04}"), titel, "d", 10, 300)).collect()
}

/// Events are numbered from 1 without a gap, and there are so many.
async fn events_are_whole(on: &On, count: usize) {
    let numbers: Vec<u64> = on.register.events(0, u32::MAX).await.unwrap().iter().map(|event| event.no).collect();
    assert_eq!(numbers, (1..=count as u64).collect::<Vec<_>>());
}

#[test]
fn a_full_disk_loses_nothing_in_sqlite() {
    harness::runtime().block_on(async {
        let on = On::sqlite().await;
        on.deliver(100, &contracts(3, "t")).await;
        let run = on.begin("avtal", "22", None).await;
        let publication = on.stage(&run, "22", 150, &contracts(3000, "u"), &[]).await.unwrap();
        let Database::Sqlite(pools) = on.store.database.as_ref() else { panic!("SQLite") };
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&pools.write).await.unwrap();
        let room = async |pages: i64| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pools.write).await.unwrap();
        };
        // Less and more room: it runs out early, in the rows, and late, in the events.
        for more in [0, 8, 60, 200] {
            room(pages + more).await;
            let refused = on.register.publish(&publication).await.unwrap_err();
            assert!(matches!(refused, RegisterError::Connection(_)) && refused.retry(), "{more}: {refused:?}");
            assert!(refused.hint().unwrap().to_string().contains("room"), "{refused:?}");
            assert_eq!(on.register.base().await.unwrap(), 1, "{more}");
            assert_eq!(on.slices(Believed::Ever).await.len(), 3, "{more}");
            events_are_whole(&on, 3).await;
        }
        room(1 << 30).await;
        let published = on.register.publish(&publication).await.unwrap();
        assert_eq!((published.seq, published.events), (Some(2), 3000));
        events_are_whole(&on, 3003).await;
        assert_eq!(on.slices(Believed::AtSeq(1)).await.len(), 3);
    });
}

/// Cuts the connection that waits for a lock, once there is one.
async fn cut(other: &PgPool) {
    let waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
                   AND wait_event_type = 'Lock' AND application_name = 'sluss'";
    loop {
        let pids: Vec<i32> = sqlx::query_scalar(waiting).fetch_all(other).await.unwrap();
        if let Some(pid) = pids.first() {
            let cut: bool =
                sqlx::query_scalar("SELECT pg_terminate_backend($1)").bind(pid).fetch_one(other).await.unwrap();
            assert!(cut);
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_connection_cut_in_the_middle_loses_nothing_in_postgres() {
    harness::runtime().block_on(async {
        // Where the publication stands when it is cut: before its first step, in rows, events, receipt and end.
        for table in ["sekvens", "avtal", "handelse", "kvittens", "korning"] {
            let Some(on) = On::postgres().await else { return };
            on.deliver(100, &contracts(2, "t")).await;
            let run = on.begin("avtal", "22", None).await;
            let publication = on.stage(&run, "22", 150, &contracts(3, "u"), &[]).await.unwrap();
            let other = PgPool::connect(&on.url).await.unwrap();
            let mut lock = other.begin().await.unwrap();
            let sql = format!("LOCK TABLE {table} IN EXCLUSIVE MODE");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *lock).await.unwrap();
            let (refused, ()) = tokio::join!(on.register.publish(&publication), cut(&other));
            let refused = refused.unwrap_err();
            assert!(matches!(refused, RegisterError::Connection(_)) && refused.retry(), "{table}: {refused:?}");
            lock.rollback().await.unwrap();
            assert_eq!(on.register.base().await.unwrap(), 1, "{table}");
            assert_eq!(on.slices(Believed::Ever).await.len(), 2, "{table}");
            events_are_whole(&on, 2).await;
            // The pool finds itself a new connection, and nothing was written before.
            let published = on.register.publish(&publication).await.unwrap();
            assert_eq!((published.seq, published.events), (Some(2), 3), "{table}");
            events_are_whole(&on, 5).await;
        }
    });
}

/// One publisher's part: deliveries of its own keys, planned anew whenever another came before.
async fn deliver_often(on: &On, owner: &str, name: &str, times: i32) -> u64 {
    let mut moved = 0;
    for time in 0..times {
        let run = format!("{name}-{time}");
        on.register.begin_run(&harness::new_run(&run, "avtal", owner, None)).await.unwrap();
        let row = Avtal::new(name, &format!("t{time}"), "d", 10, 300).of(owner);
        loop {
            // Another publisher's rows of the same owner stay: what is absent does not end here.
            let publication = on.stage_rows(&run, owner, 100 + time, std::slice::from_ref(&row)).await.unwrap();
            match on.register.publish(&publication).await {
                Ok(published) => {
                    assert_eq!(published.events, 1);
                    break;
                }
                Err(error) => {
                    assert!(matches!(error, RegisterError::Moved { .. }), "{error:?}");
                    moved += 1;
                    on.register.unstage(&run).await.unwrap();
                }
            }
        }
    }
    moved
}

/// Reads events as they come: each number once, in order, and nothing ever before what has been read.
async fn follow(on: &On, count: u64) -> Vec<u64> {
    let (mut seen, mut seqs) = (0, Vec::new());
    while seen < count {
        for event in on.register.events(seen, 7).await.unwrap() {
            assert_eq!(event.no, seen + 1, "an event came out of turn");
            seen = event.no;
            seqs.push(event.seq);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    seqs
}

async fn publishers_at_once(on: On) {
    const TIMES: i32 = 8;
    // Other processes, as far as the database can tell.
    let (two, three, reader) =
        (On::again(on.url.clone()).await, On::again(on.url.clone()).await, On::again(on.url.clone()).await);
    // Two of the same owner, one of another.
    let (_, _, _, seqs) = tokio::join!(
        deliver_often(&on, "22", "A", TIMES),
        deliver_often(&two, "22", "B", TIMES),
        deliver_often(&three, "01", "C", TIMES),
        follow(&reader, 3 * u64::from(TIMES.cast_unsigned())),
    );
    assert!(seqs.is_sorted(), "{seqs:?}");
    events_are_whole(&on, seqs.len()).await;
    assert_eq!(on.register.base().await.unwrap(), seqs.len() as u64);
    // Each key has all of its deliveries: the first from its period's start, the others from their day.
    let believed = on.slices(Believed::Now).await;
    assert_eq!(believed.len(), 3 * 8, "{believed:?}");
    assert_eq!(on.slices(Believed::Current).await.len(), 3);
}

super::both! {
    async fn publishers_at_once_come_one_after_the_other(on: On) {
        publishers_at_once(on).await;
    }
}

/// A server whose transactions are stricter than the publication needs: it would refuse the later of two.
#[test]
fn a_servers_stricter_default_fails_no_publication() {
    harness::runtime().block_on(async {
        for level in ["serializable", "repeatable read"] {
            let Some(url) = harness::postgres_url().await else { return };
            let pool = PgPool::connect(&url).await.unwrap();
            let name = url.rsplit('/').next().unwrap();
            let sql = format!("ALTER DATABASE {name} SET default_transaction_isolation = '{level}'");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
            pool.close().await;
            publishers_at_once(On::again(url).await).await;
        }
    });
}

/// What commits is told, with its last number, and what does not is not.
#[test]
fn postgres_tells_listeners_of_events() {
    harness::runtime().block_on(async {
        let Some(on) = On::postgres().await else { return };
        let mut listener = PgListener::connect(&on.url).await.unwrap();
        listener.listen(CHANNEL).await.unwrap();
        on.deliver(100, &contracts(3, "t")).await;
        assert_eq!(listener.recv().await.unwrap().payload(), "3");
        // Another region's rows: refused, and nobody hears of it. Nor of a delivery without news.
        let run = on.begin("avtal", "22", None).await;
        let foreign = [Avtal::new("X", "t", "d", 10, 300).of("01")];
        on.publish(&run, "22", 110, &foreign, &[]).await.unwrap_err();
        on.deliver(120, &contracts(3, "t")).await;
        on.deliver(130, &contracts(4, "u")).await;
        assert_eq!(listener.recv().await.unwrap().payload(), "7");
    });
}

#[test]
fn what_a_crashed_server_has_emptied_is_not_published_as_nothing_new() {
    harness::runtime().block_on(async {
        let Some(on) = On::postgres().await else { return };
        on.deliver(100, &contracts(2, "t")).await;
        let run = on.begin("avtal", "22", None).await;
        let publication = on.stage(&run, "22", 150, &contracts(3, "u"), &[]).await.unwrap();
        // What recovery does to every unlogged table, in the moment between staging and publishing.
        let other = PgPool::connect(&on.url).await.unwrap();
        let sql = "SELECT format('steg.%I', tablename) FROM pg_tables WHERE schemaname = 'steg'";
        let staged: Vec<String> = sqlx::query_scalar(sql).fetch_all(&other).await.unwrap();
        assert_eq!(staged.len(), 2, "{staged:?}");
        sqlx::raw_sql(AssertSqlSafe(format!("TRUNCATE {}", staged.join(", ")))).execute(&other).await.unwrap();
        let refused = on.register.publish(&publication).await.unwrap_err();
        assert!(matches!(refused, RegisterError::Connection(_)) && refused.retry(), "{refused:?}");
        assert_eq!(on.register.base().await.unwrap(), 1);
        events_are_whole(&on, 2).await;
        on.register.unstage(&run).await.unwrap();
        let publication = on.stage(&run, "22", 150, &contracts(3, "u"), &[]).await.unwrap();
        assert_eq!(on.register.publish(&publication).await.unwrap().events, 3);
    });
}

#[test]
fn runs_are_alive_again_after_the_server_has_been_away() {
    harness::runtime().block_on(async {
        let Some(on) = On::postgres().await else { return };
        let run = on.begin("avtal", "22", None).await;
        let other = PgPool::connect(&on.url).await.unwrap();
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = \
                   (SELECT oid FROM pg_database WHERE datname = current_database())";
        let cuts: Vec<bool> = sqlx::query_scalar(cut).fetch_all(&other).await.unwrap();
        assert!(!cuts.is_empty(), "no lock showed the run as alive");
        let held = cut.replace("pg_terminate_backend(pid)", "count(*)");
        loop {
            let locks: i64 = sqlx::query_scalar(AssertSqlSafe(held.clone())).fetch_one(&other).await.unwrap();
            if locks == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // As each renewal of leases does.
        while on.store.hold_again().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let elsewhere = On::again(on.url.clone()).await;
        elsewhere.register.sweep().await.unwrap();
        let found = on.register.run(&run).await.unwrap().unwrap();
        assert_eq!(found.state, crate::ledger::RunState::Running, "another process took it for dead");
    });
}
