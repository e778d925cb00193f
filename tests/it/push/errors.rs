//! Every way of being turned away, each with its status and a next step in both languages.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::listener::{log, refuses};
use super::{Listener, Reply, TOKENS, project, rows};
use crate::both::On;

/// A problem as RFC 9457 wants it.
fn problem(reply: &Reply, status: u16) -> String {
    assert_eq!(reply.status, status, "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/problem+json", "{reply:?}");
    let body = reply.json();
    assert_eq!(body["status"], status);
    for field in ["type", "title", "detail", "hint"] {
        assert!(body[field].as_str().is_some_and(|text| !text.is_empty()), "{field} is missing: {body}");
    }
    body["type"].as_str().unwrap().to_owned()
}

#[test]
fn each_wrong_request_is_told_what_is_wrong() {
    let sandbox = project(&On::Sqlite, "max_bytes = 4096");
    let listener = Listener::start(&sandbox);
    let avtal = "/v1/regions/22/avtal";
    let post = |path: &str, sender: &str, headers: &[(&str, &str)], body: &str| {
        listener.send("POST", path, sender, headers, body.as_bytes().to_vec())
    };
    let one = rows("22", 1);

    let stranger = post(avtal, "", &[], &one);
    problem(&stranger, 401);
    assert_eq!(stranger.header("www-authenticate"), "Bearer realm=\"sluss\"");
    problem(&post(avtal, "", &[("authorization", "Bearer kanariefagel-fel")], &one), 401);
    problem(&post(avtal, "", &[("authorization", "Basic YTpi")], &one), 401);
    let expired = post(avtal, "gammal", &[], &one);
    problem(&expired, 401);
    assert!(expired.text.contains("2020-12-31"), "{}", expired.text);

    problem(&post("/v1/regions/14/avtal", "vasternorrland", &[], &one), 403);
    problem(&post(avtal, "bara-kapacitet", &[], &one), 403);
    assert!(post("/v1/regions/22/avtalet", "vasternorrland", &[], &one).text.contains("`avtal`"));
    problem(&post("/v1/regions/22/avtalet", "vasternorrland", &[], &one), 404);
    problem(&post("/v1/regions/22/kod", "vasternorrland", &[], &one), 404);
    problem(&listener.get("/v1/nowhere", "vasternorrland", &[]), 404);
    problem(&listener.get(avtal, "vasternorrland", &[]), 405);
    problem(&listener.get("/v1/receipts/00000000-0000-7000-8000-000000000000", "vasternorrland", &[]), 404);

    problem(&post(avtal, "vasternorrland", &[("content-type", "application/pdf")], &one), 415);
    problem(&post(avtal, "vasternorrland", &[("content-type", "text/csv; charset=utf-16")], &one), 415);
    problem(&post(avtal, "vasternorrland", &[("content-encoding", "br")], &one), 415);
    problem(&post(avtal, "vasternorrland", &[("idempotency-key", "två ord")], &one), 400);
    problem(&post(avtal, "vasternorrland", &[], ""), 400);
    problem(&post(avtal, "vasternorrland", &[("content-encoding", "gzip")], &one), 400);
    problem(&post(avtal, "vasternorrland", &[], &rows("22", 200)), 413);

    let broken = post(avtal, "vasternorrland", &[], "[{\"lanskod\": \"22\", \"titel\": \"hemligtvärde\"");
    problem(&broken, 422);
    assert!(!broken.text.contains("hemligtvärde"), "{}", broken.text);
    let strange = post(avtal, "vasternorrland", &[], "[{\"lanskod\": \"22\", \"avtalsid\": \"A-1\"}]");
    problem(&strange, 422);
    assert!(strange.json()["hint"].as_str().unwrap().contains("`avtals_id`"), "{}", strange.text);
    // Its receipt says the same.
    assert_eq!(listener.get(strange.json()["instance"].as_str().unwrap(), "vasternorrland", &[]).status, 422);

    let english = post(avtal, "", &[("accept-language", "en-GB,sv;q=0.5")], &one);
    assert_eq!(english.header("content-language"), "en");
    assert!(english.text.contains("The sender is not known"), "{}", english.text);

    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 0);
    listener.stop();
}

#[test]
fn a_packed_delivery_is_measured_unpacked() {
    let sandbox = project(&On::Sqlite, "max_bytes = 100000");
    let listener = Listener::start(&sandbox);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b' '; 50_000_000]).unwrap();
    let bomb = packed.finish().unwrap();
    assert!(bomb.len() < 100_000);
    problem(&listener.post("avtal", &[("content-encoding", "gzip")], bomb), 413);
    // Cut off: nothing of it is believed.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(rows("22", 100).as_bytes()).unwrap();
    let whole = packed.finish().unwrap();
    problem(&listener.post("avtal", &[("content-encoding", "gzip")], whole[..whole.len() - 20].to_vec()), 400);
    assert_eq!(sandbox.runs("failed") + sandbox.runs("done"), 0);
    listener.stop();
}

#[test]
fn a_sender_who_sends_too_much_is_asked_to_wait() {
    let sandbox = project(&On::Sqlite, "per_minute = 3");
    let listener = Listener::start(&sandbox);
    for _ in 0..3 {
        assert_eq!(listener.post("avtal", &[], rows("22", 1)).status, 202);
    }
    let reply = listener.post("avtal", &[], rows("22", 1));
    problem(&reply, 429);
    assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
    // The other region has an allowance of its own.
    let other = listener.send("POST", "/v1/regions/14/avtal", "vgr", &[], rows("14", 1).into_bytes());
    assert_eq!(other.status, 202, "{other:?}");
    listener.stop();
}

#[test]
fn a_region_sees_its_own_receipts_only() {
    let sandbox = project(&On::Sqlite, "");
    let listener = Listener::start(&sandbox);
    let reply = listener.post("avtal", &[], rows("22", 2));
    let place = reply.header("location").to_owned();
    assert_eq!(listener.get(&place, "vasternorrland", &[]).status, 200);
    problem(&listener.get(&place, "vgr", &[]), 404);
    problem(&listener.get(&place, "", &[]), 401);
    // Two regions hand in the same ids: each has its own.
    let other = listener.send("POST", "/v1/regions/14/avtal", "vgr", &[], rows("14", 2).into_bytes());
    assert_eq!(other.report()["rows"]["accepted"], 2, "{other:?}");
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 4);
    listener.stop();
}

#[test]
fn a_delivery_that_breaks_off_leaves_nothing() {
    let sandbox = project(&On::Sqlite, "idle_seconds = 1");
    let listener = Listener::start(&sandbox);
    let before = sandbox.stored().len();
    let address = listener.url.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /v1/regions/22/avtal HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Idempotency-Key: bruten\r\nContent-Length: 100000\r\n\r\n[",
        TOKENS[0].1
    );
    // The sender goes away.
    let mut gone = TcpStream::connect(address).unwrap();
    gone.write_all(head.as_bytes()).unwrap();
    drop(gone);
    // The sender falls silent.
    let mut silent = TcpStream::connect(address).unwrap();
    silent.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    silent.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    // The same key goes through with the whole.
    let reply = listener.post("avtal", &[("idempotency-key", "bruten")], rows("22", 3));
    assert_eq!(reply.report()["rows"]["accepted"], 3, "{reply:?}");
    assert_eq!((sandbox.runs("failed"), sandbox.runs("done")), (0, 1));
    listener.stop();
    let parts = sandbox.stored().into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "part")).count();
    assert_eq!(parts, 0, "{before}");
    let keys = |folder: &str| {
        let is_key = |path: &std::path::Path| {
            path.extension().is_some_and(|e| e == "key") && path.to_string_lossy().contains(folder)
        };
        sandbox.stored().iter().filter(|(path, _)| is_key(path)).count()
    };
    assert_eq!(keys("/nycklar/22/"), 1, "{}", log(&sandbox));
}

#[test]
fn off_the_machine_only_behind_tls() {
    let sandbox = project(&On::Sqlite, "");
    let refused = refuses(&sandbox, &["--listen", "0.0.0.0:0"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("[push.tls]"), "{}", refused.stderr);
    let without = sandbox.run(&["serve", "--no-jobs"]);
    assert_eq!(without.code, Some(2), "nothing to serve: {}", without.stderr);
    let empty = crate::sandbox::Sandbox::empty();
    let nobody = refuses(&empty, &[]);
    assert!(nobody.code == Some(2) && nobody.stderr.contains("[[push.token]]"), "{}", nobody.stderr);
}
