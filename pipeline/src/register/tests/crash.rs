//! A process that dies at any step of a publication leaves nothing, or all of it.

use std::process::Command;

use super::harness::{Avtal, On, new_run};
use crate::fail;
use crate::ledger::RunState;
use crate::register::{Believed, Publication};

/// The register's address, for the process that is to die.
const URL: &str = "SLUSS_TEST_REGISTER";

/// Every step, in order. From the commit on, the run is published.
const POINTS: [(&str, bool); 19] = [
    ("publish.before", false),
    ("publish.staged", false),
    ("publish.locked", false),
    ("publish.checked", false),
    ("publish.planned", false),
    ("publish.inserted", false),
    ("publish.closed", false),
    ("publish.changed", false),
    ("publish.events", false),
    ("publish.stale", false),
    ("publish.table", false),
    ("publish.rows", false),
    ("publish.manifests", false),
    ("publish.receipt", false),
    ("publish.cursor", false),
    ("publish.quarantine", false),
    ("publish.ledger", false),
    ("publish.commit", false),
    ("publish.committed", true),
];

fn before() -> [Avtal; 2] {
    [Avtal::new("A", "t", "d", 10, 300), Avtal::new("B", "t", "d", 10, None)]
}

fn after() -> [Avtal; 2] {
    [Avtal::new("A", "u", "d", 10, 300), Avtal::new("C", "t", "d", 10, None)]
}

async fn plan(on: &On, run: &str) -> Publication {
    let mut publication = on.stage(run, "22", 150, &after(), &[]).await.unwrap();
    publication.cursor = Some(format!("after {run}"));
    publication.manifests =
        vec![crate::register::NewManifest { table: "vantande".into(), actions: serde_json::json!([]) }];
    publication
}

/// What is to die: run in a process of its own by the test below.
#[test]
#[ignore = "run by the test of the fail points"]
#[allow(clippy::disallowed_methods, reason = "told by the process that started this one")]
fn publish_and_die() {
    let Ok(url) = std::env::var(URL) else { return };
    super::harness::runtime().block_on(async {
        let on = On::again(url).await;
        on.register.begin_run(&new_run("doomed", "avtal", "22", None)).await.unwrap();
        let publication = plan(&on, "doomed").await;
        on.register.publish(&publication).await.unwrap();
    });
}

fn die_at(url: &str, point: &str) {
    let died = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--test-threads=1"])
        .arg(concat!(module_path!(), "::publish_and_die").split_once("::").unwrap().1)
        .env(fail::VARIABLE, point)
        .env(URL, url)
        .output()
        .unwrap();
    assert!(!died.status.success(), "{point}: it lived on\n{}", String::from_utf8_lossy(&died.stdout));
    let told = String::from_utf8_lossy(&died.stderr).into_owned();
    assert!(!told.contains("panicked"), "{point}: {told}");
}

async fn dies_at(on: On, point: &str, published: bool) {
    on.deliver(100, &before()).await;
    die_at(&on.url, point);
    // The next start.
    let on = On::again(on.url.clone()).await;
    let old = ["A t d [10,300)*", "B t d [10,)*"].map(str::to_owned).to_vec();
    let new = ["A t d [10,150)", "A u d [150,300)*", "B t d [10,150)", "C t d [10,)*"].map(str::to_owned).to_vec();
    let run = on.register.run("doomed").await.unwrap().unwrap();
    let manifests = on.register.pending_manifests().await.unwrap().len();
    let cursor = on.register.cursor("avtal").await.unwrap();
    let (base, events) = (on.register.base().await.unwrap(), on.register.events(0, 100).await.unwrap().len());
    if published {
        assert_eq!(on.slices(Believed::Now).await, new, "{point}");
        assert_eq!((run.state, base, events, manifests), (RunState::Done, 2, 5, 1), "{point}");
        assert_eq!(cursor.as_deref(), Some("after doomed"), "{point}");
    } else {
        assert_eq!(on.slices(Believed::Now).await, old, "{point}");
        assert_eq!((run.state, base, events, manifests), (RunState::Running, 1, 2, 0), "{point}");
        assert_eq!(cursor, None, "{point}");
        // It is found dead; its delivery comes again.
        on.register.end_run("doomed", RunState::Failed, Some("avbruten"), None).await.unwrap();
        on.register.begin_run(&new_run("next", "avtal", "22", None)).await.unwrap();
        let publication = plan(&on, "next").await;
        on.register.publish(&publication).await.unwrap();
        assert_eq!(on.slices(Believed::Now).await, new, "{point}");
        assert_eq!(on.register.events(0, 100).await.unwrap().len(), 5, "{point}");
    }
    assert_eq!(on.slices(Believed::AtSeq(1)).await, old, "{point}");
    on.register.sweep().await.unwrap();
    assert_eq!(on.register.sweep().await.unwrap(), 0, "{point}");
}

#[test]
fn sqlite_survives_every_fail_point() {
    super::harness::runtime().block_on(async {
        for (point, published) in POINTS {
            dies_at(On::sqlite().await, point, published).await;
        }
    });
}

#[test]
fn postgres_survives_every_fail_point() {
    super::harness::runtime().block_on(async {
        for (point, published) in POINTS {
            let Some(on) = On::postgres().await else { return };
            dies_at(on, point, published).await;
        }
    });
}
