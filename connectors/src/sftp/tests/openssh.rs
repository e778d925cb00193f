//! What comes out of a real server, and where files go on it.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;

use serde_json::json;

use super::{PASSPHRASE, PASSWORD, Server, io, open, options, read, values, with};
use crate::compliance::{Case, check};
use crate::connect::Ended;
use crate::error::Actor;

#[tokio::test(flavor = "multi_thread")]
async fn the_suite() {
    let Some(server) = Server::start() else { return };
    let rows = |from: usize| (from..from + 60_000).map(|i| format!("{i};åäö {i}\n")).collect::<Vec<_>>().concat();
    let files = [("a.csv", format!("id;namn\n{}", rows(0))), ("b.csv", format!("id;namn\n{}kort\n", rows(90_000)))];
    for (name, text) in &files {
        server.put(name, text);
    }
    server.put("c.csv.filepart", "id;na");
    let landed = files.into_iter().map(|(name, text)| (format!("in/{name}"), text.into_bytes()));
    let working = options(&server);
    let broken = [
        (json!({ "host_key": null }), Actor::Configuration),
        (json!({ "host_key": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU" }), Actor::Configuration),
        (json!({ "host_key": "nyckel" }), Actor::Configuration),
        (json!({ "key": null }), Actor::Configuration),
        (json!({ "key": { "secret": "saknas" } }), Actor::Configuration),
        (json!({ "key": { "secret": "host_key.pub" } }), Actor::Configuration),
        (json!({ "key": { "secret": "stranger" } }), Actor::Configuration),
        (json!({ "key": { "secret": "locked" } }), Actor::Configuration),
        (json!({ "key": null, "password": { "secret": "losenord" } }), Actor::Configuration),
        (json!({ "folder": "finns-inte" }), Actor::Source),
        (json!({ "port": 1, "retries": 1 }), Actor::Source),
    ];
    let secret = |name: &str| std::fs::read_to_string(server.folder.join(name)).unwrap();
    let body = |name: &str| secret(name).lines().nth(2).unwrap().to_owned();
    let case = Case {
        connector: "sftp",
        options: working.clone(),
        io: io(&server.folder, 1000),
        rows: 120_000,
        unread: 1,
        landed: Some(landed.collect::<BTreeMap<_, _>>()),
        secrets: vec![PASSPHRASE.into(), PASSWORD.into(), body("client"), body("stranger"), body("locked")],
        broken: broken.into_iter().map(|(changes, actor)| (with(working.clone(), &changes), actor)).collect(),
    };
    check(&case).await;
    assert_eq!(server.names("").len(), 3, "reading moves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_every_kind_and_a_known_host_by_its_key() {
    let Some(server) = Server::start() else { return };
    server.put("a.csv", "x\n1\n");
    let line = std::fs::read_to_string(server.folder.join("host_key.pub")).unwrap();
    for changes in [
        json!({ "key": { "secret": "client-rsa" } }),
        json!({ "key": { "secret": "locked" }, "passphrase": { "secret": "losenfras" } }),
        json!({ "host_key": line.trim() }),
        json!({ "host_key": ["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", server.host_key()] }),
        json!({ "folder": server.path("").display().to_string() }),
    ] {
        let source = open(&server, with(options(&server), &changes)).unwrap();
        let rows = read(source.as_ref(), None).await.unwrap_or_else(|error| panic!("{changes}: {error}"));
        assert_eq!(values(&rows), ["1"], "{changes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_moves_and_a_copy_of_it_gives_no_rows() {
    let Some(server) = Server::start() else { return };
    for (name, text) in [("a.csv", "x\n1\n"), ("b.csv", "x\n2\n"), ("kopia.csv", "x\n1\n")] {
        server.put(name, text);
    }
    let source = open(&server, options(&server)).unwrap();
    let chunks = read(source.as_ref(), None).await.unwrap();
    assert_eq!(values(&chunks), ["1", "2"]);
    let cursor = chunks.last().unwrap().cursor.clone().unwrap();
    source.ended(Ended::Published(&cursor)).await.unwrap();
    assert_eq!((server.names("klart").len(), server.names("").len()), (3, 0));

    server.put("a.csv", "x\n1\n");
    server.put("c.csv", "<html>503");
    let source = open(&server, options(&server)).unwrap();
    let error = read(source.as_ref(), Some(cursor.clone())).await.unwrap_err();
    assert_eq!((error.actor, error.place.as_deref()), (Actor::Source, Some("in/c.csv")));
    source.ended(Ended::Failed).await.unwrap();
    assert_eq!(server.names("fel"), ["c.csv", "c.csv.fel.txt"]);
    // The next run only moves what is known.
    let source = open(&server, options(&server)).unwrap();
    assert!(read(source.as_ref(), Some(cursor.clone())).await.unwrap().is_empty());
    source.ended(Ended::Published(&cursor)).await.unwrap();
    assert_eq!((server.names("klart").len(), server.names("").len()), (4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_below_links_markers_and_names_that_are_no_text() {
    let Some(server) = Server::start() else { return };
    for (name, text) in
        [("a.csv", "x\n1\n"), ("under/b.csv", "x\n2\n"), ("under/djup/c.csv", "x\n3\n"), ("d.csv", "x\n4\n")]
    {
        server.put(name, text);
    }
    for marker in ["a.csv.ok", "under/b.ok", "under/djup/c.csv.ok"] {
        server.put(marker, "");
    }
    std::os::unix::fs::symlink(server.path("a.csv"), server.path("lank.csv")).unwrap();
    server.put("lank.ok", "");
    std::os::unix::fs::symlink(server.path(""), server.path("runt")).unwrap();
    std::fs::write(server.path("").join(std::ffi::OsStr::from_bytes(b"\xe5.csv")), "x\n5\n").unwrap();
    let changes = json!({ "pattern": "**/*.csv", "arrival": { "marker": ".ok", "done": "klart" } });
    let source = open(&server, with(options(&server), &changes)).unwrap();
    // The link leads to the same content: it is a copy.
    let chunks = read(source.as_ref(), None).await.unwrap();
    assert_eq!(values(&chunks), ["1", "2", "3"]);
    source.ended(Ended::Published(chunks.last().unwrap().cursor.as_ref().unwrap())).await.unwrap();
    assert_eq!(server.names("klart/under/djup"), ["c.csv", "c.csv.ok"]);
    assert_eq!(server.names("klart/under"), ["b.csv", "b.ok"]);
    let left = server.names("");
    assert!(left.contains(&"d.csv".to_owned()) && !left.contains(&"a.csv".to_owned()), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_files_in_order() {
    let Some(server) = Server::start() else { return };
    for nth in 0..2000 {
        server.put(&format!("{nth:05}.csv"), &format!("x\n{nth}\n"));
    }
    let source = open(&server, options(&server)).unwrap();
    let chunks = read(source.as_ref(), None).await.unwrap();
    let rows = values(&chunks);
    assert_eq!((rows.len(), rows[1999].as_str()), (2000, "1999"));
    source.ended(Ended::Published(chunks.last().unwrap().cursor.as_ref().unwrap())).await.unwrap();
    assert_eq!((server.names("klart").len(), server.names("").len()), (2000, 0));
}
