//! The audit log: one chain, whoever writes and however many at once; whatever is done to it is found.

use std::sync::Arc;

use super::harness::{self, Avtal, On, avtal, organisation};
use crate::ledger::{Act, Break, Chain, Head, Note, RunState};
use crate::register::database::Tx;
use crate::register::{Publication, Store};

fn note(object: &str) -> Note<'_> {
    Note { who: Some("prov"), act: Act::Secrecy, object, outcome: "done", run: None }
}

impl On {
    /// As one who owns the tables and has taken the guards away.
    async fn unguarded(&self, sql: &str) {
        let mut tx = self.store.database.begin().await.unwrap();
        let off = match tx {
            Tx::Sqlite(_) => {
                "DROP TRIGGER IF EXISTS revision_andring; DROP TRIGGER IF EXISTS revision_bort; \
                 DROP TRIGGER IF EXISTS revision_huvud_bort; DROP TRIGGER IF EXISTS revision_huvud_steg"
            }
            Tx::Postgres(_) => {
                "ALTER TABLE revision DISABLE TRIGGER ALL; ALTER TABLE revision_huvud DISABLE TRIGGER ALL"
            }
        };
        tx.define("test", off).await.unwrap();
        tx.define("test", sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn refuses(&self, sql: &str) {
        let mut tx = self.store.database.begin().await.unwrap();
        assert!(tx.define("test", sql).await.is_err(), "{sql}");
    }

    async fn chain(&self, kept: &[Head]) -> Chain {
        self.register.verify_audit_log(kept).await.unwrap()
    }

    /// Six entries after those of the migration; gives the number of the first of them.
    async fn six(&self) -> u64 {
        let before = self.register.audit_head().await.unwrap().no;
        for i in 0..6 {
            self.register.note(&note(&format!("avtal {i}"))).await.unwrap();
        }
        before + 1
    }

    async fn whole(&self) -> Head {
        let head = self.register.audit_head().await.unwrap();
        assert_eq!(self.chain(&[]).await, Chain::Whole { head: head.clone() });
        head
    }
}

super::everywhere! {
    async fn every_end_of_a_run_is_in_the_audit_log(on: On) {
        on.register.act_as("erik (1000)");
        let before = on.whole().await.no;
        on.deliver(100, &[Avtal::new("A", "t", "d", 10, 300)]).await;
        let held = on.begin("avtal", "22", None).await;
        on.register.end_run(&held, RunState::Held, Some("för få rader"), None).await.unwrap();
        let believed = on.begin("avtal", "22", None).await;
        let staged = on.stage(&believed, "22", 110, &[Avtal::new("A", "u", "d", 10, 300)], &[]).await.unwrap();
        on.register.publish(&Publication { believed: true, ..staged.clone() }).await.unwrap();
        // Published before: nothing more is said.
        on.register.publish(&staged).await.unwrap();
        let entries = on.register.audit_log(before, 10).await.unwrap();
        let said: Vec<String> =
            entries.iter().map(|e| format!("{} {} {} {} {:?}", e.who, e.act, e.object, e.outcome, e.run)).collect();
        assert_eq!(said, [
            "erik (1000) run avtal done owner=22 seq=1 events=1 Some(\"r0\")",
            "erik (1000) run avtal held owner=22 Some(\"r1\")",
            "erik (1000) believe avtal done owner=22 seq=2 events=1 Some(\"r2\")",
        ]);
        on.whole().await;
    }

    async fn a_run_that_does_not_publish_leaves_no_entry_of_a_publication(on: On) {
        let before = on.whole().await;
        let run = on.begin("avtal", "22", None).await;
        // Names another region than the job's owner.
        let staged = on.stage(&run, "22", 100, &[Avtal::new("A", "t", "d", 10, 300).of("14")], &[]).await.unwrap();
        on.register.publish(&staged).await.unwrap_err();
        assert_eq!(on.whole().await, before);
    }

    async fn writers_at_once_make_one_chain(on: On) {
        let other = Arc::new(On::of(&on.url, &[avtal(), organisation()], on.clock.clone()).await);
        let on = Arc::new(on);
        let before = on.whole().await.no;
        let mut tasks = vec![];
        for writer in 0..8 {
            let on = Arc::clone(if writer % 2 == 0 { &on } else { &other });
            tasks.push(tokio::spawn(async move {
                for i in 0..20 {
                    let object = format!("{writer} {i}");
                    // SQLite says that it is busy where another process writes for long.
                    while on.register.note(&note(&object)).await.is_err() {}
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(on.whole().await.no, before + 160);
    }

    async fn what_cannot_be_stored_does_not_stop_an_act(on: On) {
        let odd = Note { who: Some("a\0b"), act: Act::Keys, object: "å\u{1f}\n'\"", outcome: "", run: Some("") };
        on.register.note(&odd).await.unwrap();
        on.whole().await;
    }
}

super::both! {
    async fn the_audit_log_is_only_added_to(on: On) {
        on.six().await;
        on.refuses("UPDATE revision SET outcome = 'x'").await;
        on.refuses("DELETE FROM revision").await;
        on.refuses("DELETE FROM revision_huvud").await;
        on.refuses("UPDATE revision_huvud SET no = no - 1").await;
        if on.url.starts_with("postgres") {
            on.refuses("TRUNCATE revision").await;
            on.refuses("TRUNCATE revision_huvud").await;
        }
        on.whole().await;
    }

    async fn a_changed_column_is_found_where_it_was_changed(on: On) {
        let first = on.six().await;
        let no = first + 2;
        for (column, value, why) in [
            ("who", "'någon'", Break::Changed),
            ("act", "'run'", Break::Changed),
            ("object", "'annat'", Break::Changed),
            ("outcome", "'refused'", Break::Changed),
            ("run", "'r7'", Break::Changed),
            ("run", "''", Break::Changed),
            ("previous", "hash", Break::Relinked),
            ("hash", "previous", Break::Changed),
            ("at", "ett ögonblick senare", Break::Changed),
        ] {
            let kept = format!("CREATE TABLE kopia AS SELECT * FROM revision; UPDATE revision SET {column} = {value} WHERE no = {no}");
            let sql = if column == "at" {
                let later = if on.url.starts_with("sqlite") { "at + 1" } else { "at + interval '1 microsecond'" };
                kept.replace(value, later)
            } else {
                kept
            };
            on.unguarded(&sql).await;
            assert_eq!(on.chain(&[]).await, Chain::Broken { no, why }, "{column}");
            on.unguarded("DELETE FROM revision; INSERT INTO revision SELECT * FROM kopia; DROP TABLE kopia").await;
            on.whole().await;
        }
        on.unguarded(&format!("UPDATE revision SET no = no + 100 WHERE no = {no}")).await;
        assert_eq!(on.chain(&[]).await, Chain::Broken { no, why: Break::Missing });
    }

    async fn an_entry_rewritten_with_its_own_hash_breaks_the_next(on: On) {
        let first = on.six().await;
        let mut forged = on.register.audit_log(first + 1, 1).await.unwrap().remove(0);
        forged.outcome = "refused".into();
        // The forger knows how entries are hashed.
        let hash = forged.digest();
        on.unguarded(&format!("UPDATE revision SET outcome = 'refused', hash = '{hash}' WHERE no = {}", forged.no)).await;
        assert_eq!(on.chain(&[]).await, Chain::Broken { no: forged.no + 1, why: Break::Relinked });
    }

    async fn entries_taken_away_or_moved_are_missed(on: On) {
        let first = on.six().await;
        let copy = "CREATE TABLE kopia AS SELECT * FROM revision";
        on.unguarded(copy).await;
        let back = "DELETE FROM revision; INSERT INTO revision SELECT * FROM kopia";
        on.unguarded(&format!("DELETE FROM revision WHERE no = {}", first + 3)).await;
        assert_eq!(on.chain(&[]).await, Chain::Broken { no: first + 3, why: Break::Missing });
        on.unguarded(back).await;
        on.unguarded("DELETE FROM revision WHERE no = 1").await;
        assert_eq!(on.chain(&[]).await, Chain::Broken { no: 1, why: Break::Missing });
        on.unguarded(back).await;
        // Two change places.
        let (a, b) = (first + 1, first + 2);
        on.unguarded(&format!(
            "UPDATE revision SET no = -1 WHERE no = {a}; UPDATE revision SET no = {a} WHERE no = {b}; \
             UPDATE revision SET no = {b} WHERE no = -1"
        ))
        .await;
        assert_eq!(on.chain(&[]).await, Chain::Broken { no: a, why: Break::Relinked });
        on.unguarded(back).await;
        // The end is cut: the head in the database tells, until it is moved back as well.
        let head = on.whole().await;
        on.unguarded(&format!("DELETE FROM revision WHERE no > {a}")).await;
        assert_eq!(on.chain(&[]).await, Chain::Broken { no: a + 1, why: Break::Missing });
        on.unguarded(&format!(
            "UPDATE revision_huvud SET no = {a}, hash = (SELECT hash FROM revision WHERE no = {a})"
        ))
        .await;
        on.whole().await;
        assert_eq!(on.chain(std::slice::from_ref(&head)).await, Chain::Broken { no: a + 1, why: Break::Anchor });
        // Written on from there: as long as before, and another.
        while on.register.audit_head().await.unwrap().no < head.no + 2 {
            on.register.note(&note("annat")).await.unwrap();
        }
        on.whole().await;
        assert_eq!(on.chain(std::slice::from_ref(&head)).await, Chain::Broken { no: head.no, why: Break::Anchor });
    }

    async fn an_entry_put_beside_the_log_is_found(on: On) {
        let first = on.six().await;
        let end = first + 5;
        on.unguarded(&format!(
            "INSERT INTO revision SELECT no + 1, at, who, act, object, outcome, run, hash, hash FROM revision WHERE no = {end}"
        ))
        .await;
        assert_eq!(on.chain(&[]).await, Chain::Broken { no: end + 1, why: Break::BeyondHead });
        on.unguarded(&format!("DELETE FROM revision WHERE no > {end}")).await;
        on.unguarded("UPDATE revision_huvud SET hash = 'x'").await;
        assert_eq!(on.chain(&[]).await, Chain::Broken { no: end, why: Break::Head });
    }
}

/// An empty register has an empty log, and a long one is walked part by part.
#[test]
fn a_long_log_is_whole() {
    harness::runtime().block_on(async {
        let on = On::sqlite().await;
        let store: &Store = &on.store;
        let mut tx = store.database.begin().await.unwrap();
        for i in 0..5000 {
            crate::ledger::note(store, &mut tx, &note(&i.to_string())).await.unwrap();
        }
        tx.commit().await.unwrap();
        let head = on.whole().await;
        assert!(head.no >= 5000);
        on.unguarded("UPDATE revision SET who = 'x' WHERE no = 4500").await;
        assert_eq!(on.chain(&[]).await, Chain::Broken { no: 4500, why: Break::Changed });
    });
}
