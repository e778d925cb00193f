//! A delivery has one effect, however often and by however many at once it is handed in.

use super::{Listener, project, rows};
use crate::both::{On, both};

both! {
    fn the_same_key_is_the_same_delivery(on: On) {
        let sandbox = project(&on, "");
        let listener = Listener::start(&sandbox);
        let key = [("idempotency-key", "8f14e45f-ceea-467f-a0e6-3c3b5d1f4b11")];
        let first = listener.post("avtal", &key, rows("22", 3));
        assert_eq!(first.status, 202, "{first:?}");
        let again = listener.post("avtal", &key, rows("22", 3));
        assert_eq!((again.status, again.json()), (202, first.json()));
        let other = listener.post("avtal", &key, rows("22", 4));
        assert_eq!(other.status, 409, "{other:?}");
        assert_eq!(other.json()["run"], first.json()["run"]);
        // The same content for another table is another delivery; another sender's key is another key.
        assert_eq!(listener.post("uppdrag", &key, rows("22", 3)).status, 409);
        let vgr = listener.send("POST", "/v1/regions/14/avtal", "vgr", &key, rows("14", 3).into_bytes());
        assert_eq!(vgr.status, 202, "{vgr:?}");
        // What cannot be read gets the same answer too.
        let bad = [("idempotency-key", "trasig")];
        let refused = listener.post("avtal", &bad, "[{]");
        assert_eq!(refused.status, 422, "{refused:?}");
        assert_eq!(listener.post("avtal", &bad, "[{]").json(), refused.json());
        listener.stop();
        // And after a restart.
        let listener = Listener::start(&sandbox);
        assert_eq!(listener.taken_up, 0);
        assert_eq!(listener.post("avtal", &key, rows("22", 3)).json(), first.json());
        assert_eq!(listener.post("avtal", &bad, "[{]").json(), refused.json());
        listener.stop();
        assert_eq!((sandbox.runs("done"), sandbox.runs("failed")), (2, 1));
        sandbox.agrees("after repetitions");
    }

    fn fifty_at_once_and_each_has_its_effect_once(on: On) {
        let sandbox = project(&on, "at_once = 100\nper_minute = 1000");
        let listener = Listener::start(&sandbox);
        let request = |n: usize| {
            let (region, sender) = if n.is_multiple_of(2) { ("22", "vasternorrland") } else { ("14", "vgr") };
            // Every delivery comes twice, the second time with the same key.
            let row = serde_json::json!([crate::push::row(region, n / 4)]).to_string();
            let key = vec![("idempotency-key", format!("nyckel-{}", n / 4))];
            (format!("/v1/regions/{region}/avtal"), sender, key, row)
        };
        let replies = listener.at_once((0..50).map(request).collect());
        let mut runs = std::collections::BTreeSet::new();
        for reply in &replies {
            assert_eq!(reply.status, 202, "{reply:?}");
            assert_eq!(reply.json()["state"], "done", "{reply:?}");
            runs.insert(reply.run());
        }
        // 50 posts: 25 for each region, of which two and two have a key in common.
        assert_eq!(runs.len(), 26);
        assert_eq!(sandbox.runs("done"), 26);
        assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 26);
        listener.stop();
        sandbox.agrees("after fifty at once");
    }
}

#[test]
fn a_sender_in_no_hurry_fetches_the_receipt_later() {
    let sandbox = project(&On::Sqlite, "");
    let listener = Listener::start(&sandbox);
    let reply = listener.post("avtal", &[("prefer", "respond-async")], rows("22", 500));
    assert_eq!(reply.status, 202, "{reply:?}");
    loop {
        let receipt = listener.get(reply.header("location"), "vasternorrland", &[]);
        let answer = receipt.json();
        if answer["state"] == "running" {
            assert_eq!((receipt.status, receipt.header("retry-after")), (202, "2"), "{receipt:?}");
            std::thread::sleep(std::time::Duration::from_millis(50));
            continue;
        }
        assert_eq!((receipt.status, &answer["state"]), (200, &"done".into()), "{receipt:?}");
        assert_eq!(answer["report"]["rows"]["accepted"], 500);
        break;
    }
    listener.stop();
}
