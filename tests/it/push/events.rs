//! Those who follow the register: each event once and in order, and nobody's but one's own.

use serde_json::{Value, json};

use super::{Listener, TOKENS, project, row, rows};
use crate::both::{On, both};

/// Everything that a sender is told, asked for in pieces.
fn followed(listener: &Listener, sender: &str, limit: u64) -> Vec<Value> {
    let (mut after, mut all) = (0, Vec::new());
    loop {
        let reply = listener.get(&format!("/v1/events?after={after}&limit={limit}"), sender, &[]);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.header("cache-control"), "no-store");
        let answer = reply.json();
        let events = answer["events"].as_array().unwrap();
        assert!(events.len() as u64 <= limit);
        let last = events.last().map_or(after, |event| event["no"].as_u64().unwrap());
        assert_eq!(answer["next"], last);
        all.extend(events.iter().cloned());
        if answer["more"] == false {
            return all;
        }
        assert_eq!(events.len() as u64, limit);
        after = last;
    }
}

fn told(events: &[Value]) -> Vec<(u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    events.iter().map(|e| (e["no"].as_u64().unwrap(), text(&e["kind"]), text(&e["key"]["avtals_id"]))).collect()
}

both! {
    fn events_come_once_each_in_order_and_to_their_own_region(on: On) {
        let sandbox = project(&on, "");
        let listener = Listener::start(&sandbox);
        assert!(followed(&listener, "vasternorrland", 5).is_empty());
        listener.post("avtal", &[], rows("22", 3)).run();
        let other = listener.send("POST", "/v1/regions/14/avtal", "vgr", &[], rows("14", 2).into_bytes());
        other.run();
        let mut changed = row("22", 1);
        changed["titel"] = json!("Kanariefågelns nya titel");
        let run = listener.post("avtal", &[], json!([changed]).to_string()).run();

        let own = followed(&listener, "vasternorrland", 2);
        let numbers: Vec<u64> = told(&own).iter().map(|(no, ..)| *no).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b) && numbers.len() == 4, "{own:?}");
        assert!(own.iter().all(|event| event["owner"] == "22" && event["table"] == "avtal"), "{own:?}");
        let last = own.last().unwrap();
        assert_eq!((last["key"].clone(), last["run"].as_str()), (json!({ "lanskod": "22", "avtals_id": "P-001" }), Some(&*run)));
        // No more than that: no value beside the key.
        let mut names: Vec<&String> = last.as_object().unwrap().keys().collect();
        names.sort_unstable();
        assert_eq!(names, ["key", "kind", "no", "owner", "recorded", "run", "seq", "table"]);
        assert!(!json!(own).to_string().contains("titel"));
        assert_eq!(told(&followed(&listener, "vgr", 100)).len(), 2);
        let all = followed(&listener, "riket", 4);
        assert_eq!(told(&all).iter().map(|(no, ..)| *no).collect::<Vec<_>>(), (1..=6).collect::<Vec<_>>());
        // A sender of one table follows that table.
        assert!(followed(&listener, "bara-kapacitet", 100).is_empty());

        for (sender, status) in [("gammal", 401), ("ingen", 401)] {
            assert_eq!(listener.get("/v1/events", sender, &[]).status, status, "{sender}");
        }
        for wrong in ["after=-1", "after=x", "limit=0", "owner=14", "lanskod=14", "after=0;DROP", "tabell=avtal"] {
            let reply = listener.get(&format!("/v1/events?{wrong}"), "vasternorrland", &[]);
            assert_eq!((reply.status, reply.header("content-type")), (400, "application/problem+json"), "{wrong}");
            assert!(!reply.text.contains("DROP"), "{reply:?}");
        }
        assert_eq!(listener.send("POST", "/v1/events", "vasternorrland", &[], Vec::new()).status, 405);
        // One who reads for the country hands in for nobody, and sees nobody's receipt.
        for region in ["00", "22"] {
            let reply = listener.send("POST", &format!("/v1/regions/{region}/avtal"), "riket", &[], rows(region, 1).into_bytes());
            assert_eq!(reply.status, 403, "{reply:?}");
        }
        assert_eq!(listener.get(&format!("/v1/receipts/{run}"), "riket", &[]).status, 404);
        listener.stop();
    }

    fn that_a_contract_has_opened_is_told_to_those_who_could_not_see_it(on: On) {
        let sandbox = project(&on, "");
        let listener = Listener::start(&sandbox);
        listener.post("avtal", &[], rows("22", 2)).run();
        // As if it had been closed until today.
        on.execute(&sandbox, "INSERT INTO sekretess_stangd (lanskod, avtals_id) VALUES ('22', 'P-001')");
        sandbox.ok(&["project"]);
        let own = told(&followed(&listener, "vasternorrland", 100));
        assert_eq!(own.iter().map(|(no, ..)| *no).collect::<Vec<_>>(), [1, 2], "it knows its own contract");
        // A reader for the country who has come as far as 2 gets it, and one who begins gets each once.
        let all = followed(&listener, "riket", 100);
        let new = |id: &str| {
            let new = told(&all).into_iter().filter(|(_, kind, key)| kind == "new" && key == id);
            new.map(|(no, ..)| no).collect::<Vec<_>>()
        };
        assert_eq!((new("P-000").len(), new("P-001"), all.len()), (1, vec![3], 2), "{all:?}");
        let event = all.last().unwrap();
        assert_eq!(event["seq"], 1, "the publication that the row came with");
        assert!(event["recorded"].as_str().unwrap() > all[0]["recorded"].as_str().unwrap(), "{all:?}");
        listener.stop();
    }

    fn one_who_waits_is_told_as_soon_as_there_is_something(on: On) {
        let sandbox = project(&on, "");
        let listener = Listener::start(&sandbox);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| listener.get("/v1/events?wait=60", "vasternorrland", &[]));
            let other = listener.send("POST", "/v1/regions/14/avtal", "vgr", &[], rows("14", 1).into_bytes());
            other.run();
            listener.post("avtal", &[], rows("22", 1)).run();
            let reply = waiting.join().unwrap().json();
            assert_eq!(told(reply["events"].as_array().unwrap()), [(2, "new".to_owned(), "P-000".to_owned())]);
        });
        // Where there is nothing, an answer without events says where to go on.
        let reply = listener.get("/v1/events?after=2&wait=1", "vasternorrland", &[]).json();
        assert_eq!(reply, json!({ "events": [], "next": 2, "more": false }));
        listener.stop();
    }
}

#[test]
fn one_who_asks_too_often_must_wait_and_may_still_hand_in() {
    let sandbox = project(&On::Sqlite, "per_minute = 3");
    let listener = Listener::start(&sandbox);
    let asked: Vec<u16> = (0..5).map(|_| listener.get("/v1/events", TOKENS[0].0, &[]).status).collect();
    assert_eq!(asked[..3], [200, 200, 200]);
    let refused = listener.get("/v1/events", TOKENS[0].0, &[]);
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    listener.post("avtal", &[], rows("22", 1)).run();
    listener.stop();
}
