//! What region 14's system could send to reach what is region 22's.

#![expect(clippy::string_slice, reason = "ids and tokens are ASCII")]

use crate::both::On;
use crate::push::{Listener, TOKENS, project, rows};

crate::both::both! {
    fn a_sender_cannot_reach_another_region(on: On) {
        let sandbox = project(&on, "");
        let listener = Listener::start(&sandbox);
        let key: &[(&str, &str)] = &[("idempotency-key", "samma")];
        let first = listener.post("avtal", key, rows("22", 2));
        let run = first.run();
        let place = first.header("location").to_owned();
        let of_22 = || sandbox.number("SELECT count(*) FROM register.avtal WHERE lanskod = '22'");
        assert_eq!(of_22(), 2);

        let body = rows("22", 3);
        let (token_of_22, token_of_14) = (TOKENS[0].1, TOKENS[1].1);
        let bearer = |token: &str| format!("Bearer {token}");
        let post = |path: &str, headers: &[(&str, &str)]| {
            listener.send("POST", path, "vgr", headers, body.clone().into_bytes()).status
        };
        let get = |path: &str, headers: &[(&str, &str)]| listener.get(path, "vgr", headers).status;
        let attempts: Vec<(&str, u16, &[u16])> = vec![
            ("hand in for another", post("/v1/regions/22/avtal", &[]), &[403]),
            ("hand in for another, with its key", post("/v1/regions/22/avtal", key), &[403]),
            ("by a path that turns", post("/v1/regions/14/../22/avtal", &[]), &[403, 404]),
            ("by a path that turns, hidden", post("/v1/regions/14%2f..%2f22/avtal", &[]), &[403, 404]),
            ("by a null character", post("/v1/regions/22%00/avtal", &[]), &[403, 404]),
            ("by other digits", post("/v1/regions/%EF%BC%92%EF%BC%92/avtal", &[]), &[403, 404]),
            ("by a blank", post("/v1/regions/22%20/avtal", &[]), &[403, 404]),
            ("by two regions in the path", post("/v1/regions/14,22/avtal", &[]), &[403, 404]),
            ("by a table that turns", post("/v1/regions/14/..%2f..%2f22%2favtal", &[]), &[404]),
            ("by another method", post("/v1/regions/22/avtal?owner=14", &[("x-http-method-override", "PUT")]), &[403]),
            ("by a header of its own", post("/v1/regions/22/avtal", &[("x-lanskod", "22"), ("x-forwarded-user", "vasternorrland")]), &[403]),
            ("read another's receipt", get(&place, &[]), &[404]),
            ("read it as text", get(&place, &[("accept", "text/plain")]), &[404]),
            ("read it by its last part", get(&format!("/v1/receipts/{}", &run[run.len() - 12..]), &[]), &[404]),
            ("read it in capitals", get(&format!("/v1/receipts/{}", run.to_uppercase()), &[]), &[404]),
            ("read receipts by a pattern", get("/v1/receipts/%25", &[]), &[404]),
            ("read all receipts", get("/v1/receipts/", &[]), &[404]),
            ("read it as nobody", listener.get(&place, "", &[]).status, &[401]),
            ("read it by an expired token", listener.get(&place, "gammal", &[]).status, &[401]),
            ("by half a token", listener.get(&place, "", &[("authorization", &bearer(&token_of_22[..20]))]).status, &[401]),
            ("by a token with more", listener.get(&place, "", &[("authorization", &bearer(&format!("{token_of_22}x")))]).status, &[401]),
            ("by two tokens", listener.get(&place, "", &[("authorization", &bearer(&format!("{token_of_14} {token_of_22}")))]).status, &[401]),
        ];
        for (name, status, wanted) in &attempts {
            assert!(wanted.contains(status), "{name}: {status}");
        }
        // An unknown run and another's look the same.
        let known = listener.get(&place, "vgr", &[]).text.replace(&run, "");
        let unknown = listener.get("/v1/receipts/00000000-0000-7000-8000-000000000000", "vgr", &[]).text;
        assert_eq!(known, unknown.replace("00000000-0000-7000-8000-000000000000", ""));

        // The same key of another sender is another delivery, not the answer that 22 got.
        let other = listener.send("POST", "/v1/regions/14/avtal", "vgr", key, rows("14", 1).into_bytes());
        assert_ne!(other.run(), run);
        assert_eq!(other.report()["rows"]["accepted"], 1, "{other:?}");
        // Rows that name another region are its sender's fault and nobody's rows.
        let forged = listener.send("POST", "/v1/regions/14/avtal", "vgr", &[], body.clone().into_bytes());
        assert!(forged.text.contains("fel_agare"), "{forged:?}");
        assert_eq!(of_22(), 2);
        assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 3);
        listener.stop();

        // Who was turned away is in the audit log, and no token is.
        let log = sandbox.json(&["audit", "list", "-n", "1000"]);
        let turned = log.as_array().unwrap().iter().filter(|entry| entry["act"] == "turned_away").count();
        assert!(turned >= 5, "{log}");
        assert!(!log.to_string().contains("kanariefagel"), "{log}");
        sandbox.ok(&["audit", "verify"]);
    }
}
