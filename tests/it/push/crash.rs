//! Killed in the middle: an accepted delivery is not lost, and is never run twice to two effects.

use super::{Listener, project, rows};
use crate::both::{On, both};

/// Places in a run where the process dies, and whether it was published there.
const POINTS: [(&str, bool); 5] = [
    ("landad", false),
    ("karantan-fore", false),
    ("publicera-fore", false),
    ("publish.ledger", false),
    ("publish.committed", true),
];

both! {
    fn the_same_key_again_after_a_kill_is_one_effect(on: On) {
        for (point, published) in POINTS {
            let sandbox = match &on {
                On::Sqlite => project(&On::Sqlite, ""),
                On::Postgres(_) => project(&On::postgres().unwrap(), ""),
            };
            let key = [("idempotency-key", "en-leverans")];
            let dying = Listener::start_with(&sandbox, |command| {
                command.env("SLUSS_FAIL_POINT", point);
            });
            let body = rows("22", 20);
            assert!(dying.try_post("/v1/regions/22/avtal", &key, &body).is_none(), "{point}");
            assert!(dying.died(), "{point}");

            let listener = Listener::start(&sandbox);
            assert_eq!(listener.taken_up, u64::from(!published), "{point}");
            let reply = listener.post("avtal", &key, body.clone());
            assert_eq!((reply.status, &reply.json()["state"]), (202, &"done".into()), "{point}: {reply:?}");
            assert_eq!(reply.report()["rows"]["accepted"], 20, "{point}");
            assert_eq!(listener.post("avtal", &key, body).json(), reply.json(), "{point}");
            listener.stop();
            assert_eq!((sandbox.runs("done"), sandbox.runs("failed")), (1, usize::from(!published)), "{point}");
            assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 20, "{point}");
            sandbox.agrees(point);
        }
    }
}

#[test]
fn what_was_accepted_is_taken_up_at_the_next_start() {
    let sandbox = project(&On::Sqlite, "parallel = 1");
    let listener = Listener::start(&sandbox);
    // Answered at once, while the runs wait for their turn.
    let replies: Vec<_> =
        (0..4).map(|n| listener.post("avtal", &[("prefer", "respond-async")], rows("22", 200 + n))).collect();
    assert!(replies.iter().all(|reply| reply.status == 202));
    listener.kill();
    let listener = Listener::start(&sandbox);
    for (n, reply) in replies.iter().enumerate() {
        // The sender asks for what it was told, and knows nothing of the kill.
        loop {
            let receipt = listener.get(reply.header("location"), "vasternorrland", &[]);
            let answer = receipt.json();
            if answer["state"] == "done" {
                assert_eq!(
                    (&answer["run"], answer["report"]["rows"]["read"].as_u64()),
                    (&reply.json()["run"], Some(200 + n as u64))
                );
                break;
            }
            assert_eq!(receipt.status, 202, "{receipt:?}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
    listener.stop();
    assert_eq!(sandbox.runs("done"), 4);
    sandbox.agrees("after a kill");
}

#[test]
fn told_to_stop_it_ends_what_it_has_begun() {
    let sandbox = project(&On::Sqlite, "");
    let listener = Listener::start(&sandbox);
    let reply = listener.post("avtal", &[("prefer", "respond-async")], rows("22", 2000));
    assert_eq!(reply.status, 202, "{reply:?}");
    assert_eq!(listener.stop(), Some(0));
    assert_eq!((sandbox.runs("done"), sandbox.runs("failed")), (1, 0));
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 2000);
}
