//! The canary: a sender's token stands nowhere but in the request.

use super::listener::log;
use super::{Listener, TOKENS, project, rows};
use crate::both::On;

#[test]
fn no_token_is_to_be_found_anywhere() {
    let sandbox = project(&On::Sqlite, "");
    sandbox.write("token", TOKENS[0].1);
    sandbox.write("avtal.json", rows("22", 5));
    let listener = Listener::start(&sandbox);
    let mut seen = Vec::new();
    for body in [rows("22", 3), "[{".to_owned(), String::new()] {
        seen.push(listener.post("avtal", &[("idempotency-key", "kanariefagel-nyckel")], body).text);
    }
    let wrong = format!("Bearer {}x", TOKENS[0].1);
    seen.push(listener.send("POST", "/v1/regions/22/avtal", "", &[("authorization", &wrong)], Vec::new()).text);
    let [file, token] = ["avtal.json", "token"].map(|name| sandbox.path().join(name).display().to_string());
    let submitted = sandbox.run(&[
        "submit",
        &file,
        "--region",
        "22",
        "--table",
        "avtal",
        "--url",
        &listener.url,
        "--token-file",
        &token,
        "-vv",
    ]);
    assert_eq!(submitted.code, Some(0), "{}", submitted.stderr);
    seen.extend([submitted.stdout, submitted.stderr]);
    // The list of processes, while it listens.
    for part in ["cmdline", "environ"] {
        let bytes = std::fs::read(format!("/proc/{}/{part}", listener.process())).unwrap();
        seen.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    listener.stop();
    seen.push(log(&sandbox));
    for arguments in [&["runs", "-v"][..], &["doctor"], &["jobs"]] {
        let answer = sandbox.run(arguments);
        seen.extend([answer.stdout, answer.stderr]);
    }
    assert!(log(&sandbox).contains("vasternorrland"), "the log says who handed in");
    for text in seen {
        for (_, token) in TOKENS {
            assert!(!text.contains(token), "a token was shown");
        }
    }
    // Register, ledger, lake, landing zone, quarantine.
    for (path, bytes) in sandbox.stored() {
        for (_, token) in TOKENS {
            let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
            assert!(!found, "a token stands in {}", path.display());
        }
        let key = b"kanariefagel-nyckel";
        assert!(!bytes.windows(key.len()).any(|window| window == key), "a sender's key stands in {}", path.display());
    }
}
