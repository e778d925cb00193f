//! Alerts: told once when something begins, once when it ends, reminded while it stands; by letter and by post.

use std::path::Path;

use ring::hmac;
use serde_json::Value;

use super::receiver::Post;
use super::{JOB, NAME, Receiver, contracts, deliver, project, run_at};
use crate::both::{On, both};
use crate::sandbox::Sandbox;
use crate::services;

const KEY: &str = "larmnyckel-0123456789abcdef";

fn webhook(receiver: &Receiver, more: &str) -> String {
    format!(
        "[[alert.to]]\nname = \"drift\"\nwebhook = \"{}/larm\"\nkey = {{ secret = \"larm_nyckel\" }}\n{more}\n",
        receiver.url
    )
}

/// Event, what it is about, and what it concerns, of each post.
fn told(posts: &[Post]) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    posts.iter().map(Post::json).map(|p| (text(&p["event"]), text(&p["about"]), text(&p["subject"]))).collect()
}

fn line(event: &str, about: &str, subject: &str) -> (String, String, String) {
    (event.to_owned(), about.to_owned(), subject.to_owned())
}

/// Whether the post is signed with our key, as whoever takes it would check.
fn is_signed(post: &Post) -> bool {
    let header = post.header("sluss-signature").unwrap();
    let (time, tag) = header.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let tag: Vec<u8> =
        (0..tag.len() / 2).map(|i| u8::from_str_radix(tag.get(2 * i..2 * i + 2).unwrap(), 16).unwrap()).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    hmac::verify(&key, format!("{time}.{}", post.text()).as_bytes(), &tag).is_ok()
}

both! {
    fn what_is_held_is_told_once_reminded_and_told_when_it_is_over(on: On) {
        let receiver = Receiver::start();
        let sandbox = project(&webhook(&receiver, ""));
        on.configure(&sandbox);
        sandbox.secrets(&format!("larm_nyckel = \"{KEY}\"\n{}", existing(&sandbox)));
        assert_eq!(run_at(&sandbox, "2026-11-01T03:00:00Z"), Some(0));
        assert_eq!(told(&receiver.taken()), []);

        deliver(&sandbox, &contracts(0..10));
        assert_eq!(run_at(&sandbox, "2026-11-02T03:00:00Z"), Some(3));
        let posts = receiver.taken();
        assert_eq!(told(&posts), [line("begins", "held", NAME)]);
        assert!(is_signed(&posts[0]));
        let post = posts[0].json();
        assert_eq!((&post["owner"], &post["guards"][0]), (&Value::from("22"), &Value::from("krympt_leverans")));
        assert!(post["text"]["sv"].as_str().unwrap().contains("Leveransen har 10 rader mot 40 förra gången"), "{post:#}");
        assert!(post["hint"]["sv"].as_str().unwrap().contains("--believe"), "{post:#}");

        // The next night it is the same thing; a day after it was told one is reminded.
        assert_eq!(run_at(&sandbox, "2026-11-02T15:00:00Z"), Some(3));
        assert_eq!(told(&receiver.taken()), []);
        assert_eq!(run_at(&sandbox, "2026-11-03T04:00:00Z"), Some(3));
        assert_eq!(told(&receiver.taken()), [line("reminder", "held", NAME)]);
        let standing = sandbox.json(&["alerts", "list"]);
        assert_eq!((&standing[0]["about"], &standing[0]["since"]), (&"held".into(), &"2026-11-02T03:00:00Z".into()));

        deliver(&sandbox, &contracts(0..41));
        assert_eq!(run_at(&sandbox, "2026-11-04T03:00:00Z"), Some(0));
        assert_eq!(told(&receiver.taken()), [line("ends", "held", NAME)]);
        assert_eq!(sandbox.json(&["alerts", "list"]), Value::Array(vec![]));
        assert_eq!(run_at(&sandbox, "2026-11-05T03:00:00Z"), Some(0));
        assert_eq!(told(&receiver.taken()), []);
    }
}

/// The secrets that a project has already.
fn existing(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path().join("secrets.toml")).unwrap_or_default()
}

fn with_key(more: &str, receiver: &Receiver) -> Sandbox {
    let sandbox = project(&webhook(receiver, more));
    sandbox.secrets(&format!("larm_nyckel = \"{KEY}\"\n{}", existing(&sandbox)));
    sandbox
}

#[test]
fn what_fails_is_broken_or_late_is_told() {
    let receiver = Receiver::start();
    let sandbox = with_key("[freshness]\navtal = { within = \"36h\", regions = { \"01\" = false } }", &receiver);
    assert_eq!(run_at(&sandbox, "2026-11-01T03:00:00Z"), Some(0));
    let begun = told(&receiver.taken());
    // Twenty regions are waited for; one of them has come, and one is excepted.
    assert_eq!(begun.len(), 19, "{begun:?}");
    assert!(begun.iter().all(|(event, about, _)| (event.as_str(), about.as_str()) == ("begins", "late")));
    assert!(
        !begun.contains(&line("begins", "late", "22/avtal")) && !begun.contains(&line("begins", "late", "01/avtal"))
    );

    // Its source is gone: the run fails.
    std::fs::remove_file(sandbox.path().join(format!("{NAME}.csv"))).unwrap();
    assert_ne!(run_at(&sandbox, "2026-11-01T15:00:00Z"), Some(0));
    let posts = receiver.taken();
    assert_eq!(told(&posts), [line("begins", "failed", NAME)]);
    assert!(posts[0].json()["actor"].is_string());

    // Two days later nothing has come either.
    sandbox.write("regions/01-stockholm/avtal.toml", JOB.replace("\"22\"", "\"01\"").replace("mode", "mod"));
    sandbox.write("regions/14-vastra-gotaland/avtal.toml", "[job]\nowner = \"14\nfeeds");
    assert_ne!(sandbox.run(&["--clock", "2026-11-02T18:00:00Z", "run", NAME, "--full"]).code, Some(0));
    let posts = told(&receiver.taken());
    assert!(posts.contains(&line("begins", "late", "22/avtal")), "{posts:?}");
    assert!(posts.contains(&line("begins", "broken", "regions/14-vastra-gotaland/avtal")), "{posts:?}");

    // All is in order again.
    std::fs::remove_dir_all(sandbox.path().join("regions/14-vastra-gotaland")).unwrap();
    std::fs::remove_dir_all(sandbox.path().join("regions/01-stockholm")).unwrap();
    deliver(&sandbox, &contracts(0..40));
    assert_eq!(run_at(&sandbox, "2026-11-02T19:00:00Z"), Some(0));
    let posts = told(&receiver.taken());
    for over in [
        line("ends", "failed", NAME),
        line("ends", "late", "22/avtal"),
        line("ends", "broken", "regions/14-vastra-gotaland/avtal"),
    ] {
        assert!(posts.contains(&over), "{over:?} is not in {posts:?}");
    }
}

#[test]
fn who_could_not_be_reached_is_told_later() {
    let receiver = Receiver::start();
    let sandbox = with_key("", &receiver);
    receiver.answers(410);
    deliver(&sandbox, "nr;namn;fran\n");
    let answer = sandbox.run(&["--clock", "2026-11-01T03:00:00Z", "run", "avtal", "--full"]);
    assert_eq!(answer.code, Some(3), "the run is what it is: {}", answer.stderr);
    assert!(answer.stderr.contains("an alert was not taken") && !answer.stderr.contains(KEY), "{}", answer.stderr);
    assert!(sandbox.json(&["alerts", "list"])[0]["told"].is_null());
    receiver.answers(200);
    assert_eq!(run_at(&sandbox, "2026-11-01T04:00:00Z"), Some(3));
    assert_eq!(told(&receiver.taken()), [line("begins", "held", NAME)]);
}

#[test]
fn one_who_could_not_be_reached_is_told_later_and_the_others_once() {
    let (reached, down) = (Receiver::start(), Receiver::start());
    let to =
        |name: &str, receiver: &Receiver| format!("[[alert.to]]\nname = \"{name}\"\nwebhook = \"{}\"\n", receiver.url);
    let sandbox = project(&[to("jour", &reached), to("drift", &down)].concat());
    down.answers(410);
    deliver(&sandbox, "nr;namn;fran\n");
    assert_eq!(run_at(&sandbox, "2026-11-01T03:00:00Z"), Some(3));
    assert_eq!((told(&reached.taken()), told(&down.taken())), (vec![line("begins", "held", NAME)], vec![]));
    assert_eq!(run_at(&sandbox, "2026-11-01T04:00:00Z"), Some(3));
    down.answers(200);
    assert_eq!(run_at(&sandbox, "2026-11-01T05:00:00Z"), Some(3));
    assert_eq!(run_at(&sandbox, "2026-11-01T06:00:00Z"), Some(3));
    assert_eq!((told(&reached.taken()), told(&down.taken())), (vec![], vec![line("begins", "held", NAME)]));
}

#[test]
fn each_receiver_is_told_of_its_own() {
    let (region, other, digest) = (Receiver::start(), Receiver::start(), Receiver::start());
    let to = |receiver: &Receiver, name: &str, more: &str| {
        format!("[[alert.to]]\nname = \"{name}\"\nwebhook = \"{}\"\n{more}\n", receiver.url)
    };
    let settings = [
        to(&region, "region", "owners = [\"22\"]\nabout = [\"held\"]\nlanguage = \"en\""),
        to(&other, "grannen", "owners = [\"14\"]"),
        to(&digest, "sammandrag", "at_once = false\ndigest = true"),
    ]
    .concat();
    let sandbox = project(&format!("[alert]\ndigest_at = \"07:00\"\n{settings}[freshness]\navtal = \"36h\"\n"));
    deliver(&sandbox, "nr;namn;fran\n");
    // Before seven in Sweden there is no digest.
    assert_eq!(run_at(&sandbox, "2026-11-02T05:59:00Z"), Some(3));
    assert_eq!(told(&region.taken()), [line("begins", "held", NAME)]);
    // Of its own table, which is late.
    assert_eq!(told(&other.taken()), [line("begins", "late", "14/avtal")]);
    assert_eq!(digest.taken().len(), 0);
    assert_eq!(run_at(&sandbox, "2026-11-02T06:00:00Z"), Some(3));
    assert_eq!(run_at(&sandbox, "2026-11-02T12:00:00Z"), Some(3));
    let posts = digest.taken();
    assert_eq!(posts.len(), 1, "once a day");
    let post = posts[0].json();
    assert_eq!((&post["event"], &post["day"]), (&"digest".into(), &"2026-11-02".into()));
    assert_eq!(
        (&post["states"]["held"], &post["states"]["silent"], &post["runs"]["held"]),
        (&1.into(), &20.into(), &2.into())
    );
    let text = post["text"]["sv"].as_str().unwrap();
    assert!(text.contains("22 Västernorrland avtal HÅLLS: senaste leveransen hålls"), "{text}");
    assert_eq!(run_at(&sandbox, "2026-11-03T06:00:00Z"), Some(3));
    assert_eq!(digest.taken().len(), 1, "and the next day again");
}

fn letters(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder.join("box")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|e| e == "eml"));
    names.sort();
    names.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn letters_go_by_a_real_mail_server_encrypted_and_logged_in() {
    let Some((port, folder)) = services::smtp() else { return };
    let mail = |password: &str, ca: &str| {
        format!(
            "[alert.mail]\nserver = \"localhost\"\nport = {port}\nfrom = \"Sluss <sluss@exempel.se>\"\n\
             user = \"sluss\"\npassword = {{ secret = \"{password}\" }}\n{ca}\n\
             [[alert.to]]\nname = \"drift\"\nmail = \"Driften <drift@exempel.se>\"\n\
             [[alert.to]]\nname = \"region\"\nmail = \"avtal@exempel.se\"\nowners = [\"22\"]\nlanguage = \"en\"\n"
        )
    };
    let ca = format!("ca = {:?}", folder.join("ca.pem"));
    let sandbox = project(&mail("brev", &ca));
    sandbox.secrets(&format!("brev = \"brevlosen-for-prov\"\n{}", existing(&sandbox)));
    // Nothing is sent before it is asked for.
    let dry = sandbox.ok(&["alerts", "test"]);
    assert!(dry.contains("drift@exempel.se") && dry.contains("Inget är skickat"), "{dry}");
    assert_eq!(letters(&folder).len(), 0);
    let tried = sandbox.ok(&["alerts", "test", "--send"]);
    assert!(tried.contains("2 av 2 tog emot ett prov"), "{tried}");
    assert_eq!(letters(&folder).len(), 2);
    deliver(&sandbox, "nr;namn;fran\n");
    assert_eq!(run_at(&sandbox, "2026-11-02T05:59:00Z"), Some(3));
    let all = letters(&folder);
    assert_eq!(all.len(), 4);
    let decoded: Vec<String> = all.iter().map(|letter| plain(letter)).collect();
    let swedish = decoded.iter().find(|letter| letter.contains("Leverans hålls")).unwrap();
    assert!(
        swedish.contains("To-Envelope: drift@exempel.se") && swedish.contains("From: Sluss <sluss@exempel.se>"),
        "{swedish}"
    );
    assert!(swedish.contains("Subject: [Sluss] Leverans"), "{swedish}");
    assert!(swedish.contains("Leveransen har 0 rader; jobbet kräver minst 1."), "{swedish}");
    let english = decoded.iter().find(|letter| letter.contains("Delivery held")).unwrap();
    assert!(english.contains("the delivery has 0 rows"), "{english}");

    // A wrong password, and a server that nobody vouches for: told, and no letter.
    for (password, ca) in [("fel", ca.as_str()), ("brev", "")] {
        let sandbox = project(&mail(password, ca));
        let secrets = format!("brev = \"brevlosen-for-prov\"\nfel = \"kanariefagel\"\n{}", existing(&sandbox));
        sandbox.secrets(&secrets);
        let answer = sandbox.run(&["alerts", "test", "--send"]);
        assert_eq!(answer.code, Some(1), "{}{}", answer.stdout, answer.stderr);
        assert!(answer.stdout.contains("0 av 2 tog emot ett prov"), "{}", answer.stdout);
        assert!(!format!("{}{}", answer.stdout, answer.stderr).contains("kanariefagel"));
    }
    assert_eq!(letters(&folder).len(), 4);
}

/// A letter with its quoted-printable parts and encoded words undone, as a reader shows it.
fn plain(letter: &str) -> String {
    let soft = letter.replace("=\r\n", "").replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = soft.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        if let Some(byte) = hex.filter(|_| *first == b'=') {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn settings_that_cannot_be_meant_are_refused() {
    let refused = |settings: &str| {
        let sandbox = project(settings);
        let answer = sandbox.run(&["alerts", "test"]);
        assert_eq!(answer.code, Some(2), "{settings}: {}", answer.stdout);
        answer.stderr
    };
    let to = "[[alert.to]]\nname = \"a\"\n";
    for (settings, why) in [
        (String::new(), "ingen får larm"),
        (to.to_owned(), "en av dem"),
        (format!("{to}webhook = \"http://larm.exempel.se/\""), "utan TLS"),
        (format!("{to}webhook = \"https://larm.exempel.se/\"\nkey = {{ secret = \"borta\" }}"), "`borta`"),
        (format!("{to}webhook = \"https://a.se/\"\nowners = [\"99\"]"), "länskod"),
        (format!("{to}mail = \"a@exempel.se\""), "ingen server"),
        (format!("[alert]\ndigest_at = \"sju\"\n{to}webhook = \"https://a.se/\""), "klockslag"),
        (format!("{to}webhook = \"https://a.se/\"\n{to}webhook = \"https://b.se/\""), "två mottagare"),
    ] {
        let told = refused(&settings);
        assert!(told.contains(why), "{settings}: {told}");
    }
    let mail = "[alert.mail]\nserver = \"post.exempel.se\"\nencryption = \"none\"\nfrom = \"a@exempel.se\"\n";
    assert!(refused(&format!("{mail}{to}mail = \"b@exempel.se\"")).contains("utan kryptering"));
}
