//! What a nation of two thousand jobs costs: a round without anything to do, memory, and how long lists take
//! over a ledger of a hundred thousand runs. A measurement: run it by name, in a release build.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::TimeDelta;
use sluss::scheduler::{Catalogue, Deaf, Files, Ran, Runner, Scheduler};
use sluss_pipeline::job::{Job, Project};
use sluss_pipeline::ledger::{Claimed, Occasion};
use sluss_pipeline::register::Register;
use sluss_pipeline::schedule::Serve;
use sluss_schemas::clock::{Clock, FixedClock, SystemClock};

use crate::both::On;
use crate::sandbox::Sandbox;

const JOBS: usize = 2_000;
const RUNS: usize = 100_000;
/// Rounds that are timed.
const ROUNDS: u32 = 200;

/// Nothing is due: nothing runs.
struct Nothing;

#[async_trait]
impl Runner for Nothing {
    async fn run(&self, _job: &Job, _occasion: &Occasion, _claimed: &Claimed) -> Ran {
        Ran::Done(None)
    }
}

/// A project of two thousand jobs.
fn project(on: &On) -> Sandbox {
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    let codes = [
        "01", "03", "04", "05", "06", "07", "08", "09", "10", "12", "13", "14", "17", "18", "19", "20", "21", "22",
        "23", "24", "25",
    ];
    for number in 0..JOBS {
        let code = codes[number % codes.len()];
        let (hour, minute) = (number / 60 % 24, number % 60);
        sandbox.write(
            &format!("regions/{code}-x/jobb{number}.toml"),
            format!(
                "[job]\nowner = \"{code}\"\nfeeds = [\"avtal\"]\nschedule = \"0 {minute} {hour} * * *\"\n\
                 [source]\nconnector = \"files\"\n[source.options]\npath = \"a.csv\"\nformat = \"csv\"\n[map]\navtal = \"avtal.sql\"\n"
            ),
        );
        sandbox.write(&format!("regions/{code}-x/avtal.sql"), "SELECT nr AS avtals_id FROM source");
    }
    sandbox
}

/// A hundred thousand runs and occasions, spread over the jobs and the last fifty days.
fn fill(on: &On, sandbox: &Sandbox) {
    let job = "'regions/x/jobb' || (n % 2000)";
    let (series, time, docs) = match on {
        On::Sqlite => (
            format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {RUNS})"),
            "1790000000000000 + n * 43200000",
            "json_object('asked', json(CASE WHEN n % 6 = 0 THEN 'true' ELSE 'false' END), 'balance', json_object('rows_in', n, 'rejected', n % 7))",
        ),
        On::Postgres(_) => (
            format!("WITH s(n) AS (SELECT generate_series(1, {RUNS}))"),
            "to_timestamp(1790000000 + n * 43.2)",
            "json_build_object('asked', n % 6 = 0, 'balance', json_build_object('rows_in', n, 'rejected', n % 7))",
        ),
    };
    on.execute(sandbox, &format!(
        "INSERT INTO korning (id, job, owner, mode, state, started, ended, counts, delivery_nr) {series} \
         SELECT 'r' || n, {job}, '22', 'snapshot', CASE WHEN n % 50 = 0 THEN 'held' WHEN n % 33 = 0 THEN 'failed' ELSE 'done' END, \
         {time}, {time}, {docs}, n FROM s"
    ));
    // Two of three had something; the others were asked, and had nothing new.
    on.execute(
        sandbox,
        &format!(
            "INSERT INTO leverans (run, origin, name, part, object, bytes, row_count) {series} \
         SELECT 'r' || n, 0, 'avtal.csv', NULL, NULL, 1000, 10 FROM s WHERE n % 3 <> 0"
        ),
    );
    on.execute(sandbox, &format!(
        "INSERT INTO tillfalle (job, kind, due, window_from, window_to, state, ready, run, began, ended) {series} \
         SELECT {job}, 'schedule', {time}, '', '', CASE WHEN n % 50 = 0 THEN 'held' WHEN n % 33 = 0 THEN 'failed' ELSE 'done' END, \
         {time}, 'r' || n, {time}, {time} FROM s"
    ));
}

fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap().to_owned();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement"]
fn two_thousand_jobs_on_sqlite() {
    measure(&On::Sqlite);
}

#[test]
#[ignore = "a measurement"]
fn two_thousand_jobs_on_postgres() {
    if let Some(on) = On::postgres() {
        measure(&on);
    }
}

fn measure(on: &On) {
    let sandbox = project(on);
    let began = Instant::now();
    sandbox.ok(&["jobs"]);
    println!("first `sluss jobs`: {:.0?}", began.elapsed());
    fill(on, &sandbox);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(idle(&sandbox, on));
    for command in [&["jobs"][..], &["status"], &["runs"]] {
        let mut times: Vec<Duration> = (0..7)
            .map(|_| {
                let began = Instant::now();
                let answer = sandbox.run(command);
                assert!(!answer.stdout.is_empty(), "{}", answer.stderr);
                began.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!("`sluss {}` over {RUNS} runs: {:.0?} (median), {:.0?} (worst)", command[0], times[3], times[6]);
    }
}

async fn idle(sandbox: &Sandbox, on: &On) {
    let before = memory();
    let project = Arc::new(Project::open(sandbox.path()).unwrap());
    let tables: Vec<_> = project.tables.iter().cloned().collect();
    // No job falls due while it is measured.
    let clock: Arc<dyn Clock> = Arc::new(FixedClock(SystemClock.now() + TimeDelta::days(1)));
    let register: Arc<dyn Register> =
        sluss_pipeline::register::open(&on.url(sandbox), &tables, Arc::clone(&clock)).await.unwrap();
    let scheduler = Arc::new(Scheduler::new(
        register,
        clock,
        Serve::default(),
        Arc::new(Nothing),
        Arc::new(Deaf),
        Catalogue::default(),
    ));
    let mut files = Files::new(project);
    let began = Instant::now();
    let loaded = files.look().unwrap().unwrap();
    println!("reading {JOBS} job files: {:.0?}", began.elapsed());
    scheduler.follow(loaded).await;
    let began = Instant::now();
    for _ in 0..20 {
        assert!(files.look().unwrap().is_none());
    }
    println!("looking whether files have changed: {:.1?}", began.elapsed() / 20);
    scheduler.tick().await.unwrap();
    let began = Instant::now();
    for _ in 0..ROUNDS {
        scheduler.tick().await.unwrap();
    }
    println!("a round with nothing to do: {:.2?}", began.elapsed() / ROUNDS);
    let began = Instant::now();
    scheduler.refresh().await.unwrap();
    println!("asking the ledger for the jobs' states: {:.1?}", began.elapsed());
    println!("memory for all of it: {} MiB", memory().saturating_sub(before) / 1024);
}
