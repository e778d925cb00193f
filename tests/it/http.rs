//! A source over HTTP from end to end: many answers, an answer that has not changed, a typed check.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::sandbox::Sandbox;

/// What a server answers: further lines of the head, and the body. None: nothing has changed.
type Answer = Option<(String, String)>;

/// A server on the loopback; it goes with the test's process.
struct Server {
    address: SocketAddr,
    /// Requests so far: their first lines.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts. The handler gets the request's first line and its head.
    fn start(handler: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (handler, log) = (Arc::new(handler), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    let mut stream = stream;
                    loop {
                        let mut head = String::new();
                        while !head.ends_with("\r\n\r\n") {
                            // A client that goes away is none of the server's business.
                            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                                return;
                            }
                        }
                        let first = head.lines().next().unwrap().to_owned();
                        log.lock().unwrap().push(first.clone());
                        let answer = match handler(&first, &head.to_lowercase()) {
                            Some((more, body)) => format!(
                                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{more}content-length: {}\r\n\r\n{body}",
                                body.len()
                            ),
                            None => "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned(),
                        };
                        if stream.write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

/// A project with one job on the server.
fn project(server: &Server, mode: &str, options: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    let job = format!(
        "[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\nmode = \"{mode}\"\n[source]\nconnector = \"rest\"\n\
         [source.options]\nurl = \"http://{}/avtal\"\nrows = \"avtal[*]\"\n\
         columns = {{ nr = \"id\", namn = \"titel\" }}\n{options}\n[map]\navtal = \"avtal.sql\"\n",
        server.address
    );
    sandbox.write("regions/22-vasternorrland/avtal.toml", job);
    sandbox.write(
        "regions/22-vasternorrland/avtal.sql",
        "SELECT '22' AS lanskod, nr AS avtals_id, namn AS titel, DATE '2026-01-01' AS giltig_fran FROM source",
    );
    sandbox
}

fn rows(from: usize, to: usize) -> String {
    let mut text = String::new();
    for nr in from..to {
        let comma = if nr == from { "" } else { "," };
        write!(text, r#"{comma}{{"id":"A{nr}","titel":"Avtal {nr}"}}"#).unwrap();
    }
    text
}

/// The one run that the program tells of.
fn run(sandbox: &Sandbox) -> serde_json::Value {
    sandbox.json(&["run", "avtal"])["runs"][0].take()
}

#[test]
fn the_answers_of_an_address_are_one_line_of_the_receipt() {
    let server = Server::start(|first, _| {
        let page: usize = first.split("page=").nth(1).unwrap().split([' ', '&']).next().unwrap().parse().unwrap();
        let end = if page > 120 { page * 2 - 2 } else { page * 2 };
        Some((String::new(), format!(r#"{{"avtal":[{}]}}"#, rows(page * 2 - 2, end))))
    });
    let sandbox = project(&server, "snapshot", "paging = { page = {} }");
    let run = run(&sandbox);
    assert_eq!((&run["state"], &run["balance"]["rows_in"]), (&"done".into(), &240.into()), "{run}");
    let files = run["files"].as_array().unwrap();
    let place = format!("{}/avtal", server.address);
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!((&files[0]["name"], &files[0]["rows"]), (&place.as_str().into(), &240.into()));
    let answers = files[0]["answers"].as_u64().unwrap();
    assert!((120..=121).contains(&answers), "{files:?}");
    assert!(files[0]["bytes"].as_u64().unwrap() > 240 * 20, "{files:?}");
    let id = run["run"].as_str().unwrap();
    let receipt = sandbox.ok(&["receipt", id]).replace('\u{a0}', " ");
    assert_eq!(receipt.matches(&place).count(), 1, "{receipt}");
    assert!(receipt.contains(&format!("{place}, {answers} svar, ")), "{receipt}");
    let shown = sandbox.ok(&["runs", id]);
    assert_eq!(shown.matches(&place).count(), 1, "{shown}");
    // The ledger knows each of them, and the bytes that it gave.
    let whole = sandbox.json(&["runs", id]);
    let origins = whole["origins"].as_array().unwrap();
    assert_eq!(origins.len() as u64, answers);
    assert!(origins.iter().all(|origin| origin["object"].is_string()), "{origins:?}");
}

#[test]
fn what_has_not_changed_is_nothing_new_and_no_empty_delivery() {
    let edition = Arc::new(AtomicUsize::new(1));
    let now = Arc::clone(&edition);
    let server = Server::start(move |_, head| {
        let edition = now.load(Ordering::SeqCst);
        let tag = format!("\"v{edition}\"");
        if head.contains(&format!("if-none-match: {tag}")) {
            return None;
        }
        Some((format!("etag: {tag}\r\n"), format!(r#"{{"avtal":[{}]}}"#, rows(0, 3 + edition))))
    });
    let sandbox = project(&server, "incremental", "");
    let first = run(&sandbox);
    assert_eq!((&first["state"], &first["balance"]["rows_in"]), (&"done".into(), &4.into()), "{first}");
    // Twice: a run without news leaves the mark where it was.
    for _ in 0..2 {
        let again = run(&sandbox);
        assert_eq!((&again["state"], &again["balance"]["rows_in"]), (&"done".into(), &0.into()), "{again}");
        assert_eq!((&again["held"], &again["files"]), (&serde_json::json!([]), &serde_json::json!([])), "{again}");
    }
    assert_eq!(server.asked(), 3, "one request each");
    assert_eq!(sandbox.number("SELECT count(*) n FROM register.avtal WHERE giltig_till IS NULL"), 4);
    edition.store(2, Ordering::SeqCst);
    let changed = run(&sandbox);
    assert_eq!((&changed["state"], &changed["balance"]["rows_in"]), (&"done".into(), &5.into()), "{changed}");
    assert_eq!(sandbox.number("SELECT count(*) n FROM register.avtal WHERE giltig_till IS NULL"), 5);
    assert_eq!((sandbox.runs("done"), sandbox.runs("held")), (4, 0));
    // From the beginning: nothing is known, and all is asked for.
    let full = sandbox.json(&["run", "avtal", "--full"])["runs"][0].take();
    assert_eq!(full["balance"]["rows_in"], 5, "{full}");
    sandbox.agrees("after runs without news");
}
