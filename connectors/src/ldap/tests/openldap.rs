//! What a real directory gives, and what it refuses.

use std::collections::HashSet;
use std::sync::Arc;

use ldap3::Mod;
use serde_json::json;
use sluss_schemas::chunk::Cursor;

use super::server::Server;
use super::{PASSWORD, TOP, column, count, io, open, options, read, rows, with};
use crate::compliance::{Case, Kept, check, check_overlapping};
use crate::error::Actor;

#[tokio::test(flavor = "multi_thread")]
async fn passes_the_suite_in_full_and_in_increments() {
    let Some(server) = Server::start(3000) else { return };
    let options = options(&server.url);
    let broken = [
        (json!({ "url": "ldap://localhost:1" }), Actor::Configuration),
        (json!({ "url": "ldaps://localhost:1" }), Actor::Source),
        (json!({ "url": format!("ldaps://sluss:{PASSWORD}@localhost") }), Actor::Configuration),
        (json!({ "base": "o=Finns inte,c=SE" }), Actor::Configuration),
        (json!({ "base": "detta är inget namn" }), Actor::Configuration),
        (json!({ "filter": "(objectClass=" }), Actor::Configuration),
        (json!({ "page_size": 0 }), Actor::Configuration),
        (json!({ "tls": {} }), Actor::Configuration),
        (json!({ "tls": { "ca": "other.pem" } }), Actor::Configuration),
        (json!({ "tls": { "ca": "finns-inte.pem" } }), Actor::Configuration),
        (json!({ "tls": { "ca": { "secret": "ca" } } }), Actor::Configuration),
        (json!({ "tls": { "ca": "ca.pem", "certificate": "client.pem" } }), Actor::Configuration),
        (json!({ "url": server.url.replace("localhost", "127.0.0.1") }), Actor::Configuration),
        (json!({ "url": server.plain().replace("ldap", "ldaps"), "timeout_seconds": 5 }), Actor::Source),
    ];
    let logins = [
        json!({ "method": "simple", "dn": format!("cn=sluss,{TOP}"), "password": { "secret": "fel" } }),
        json!({ "method": "simple", "dn": format!("cn=sluss,{TOP}"), "password": { "secret": "tomt" } }),
        json!({ "method": "simple", "dn": format!("cn=sluss,{TOP}"), "password": { "secret": "okant" } }),
        json!({ "method": "simple" }),
        json!({ "method": "external" }),
        json!({ "dn": "c=SE" }),
        json!({ "method": "anonymous" }),
    ];
    let logins = logins.map(|bind| (json!({ "bind": bind }), Actor::Configuration));
    let mut case = Case {
        connector: "ldap",
        options: options.clone(),
        io: io(&server.folder, 50),
        rows: 3000,
        unread: 0,
        landed: None,
        secrets: vec![PASSWORD.into(), "PRIVATE KEY".into()],
        broken: broken
            .into_iter()
            .chain(logins)
            .map(|(change, actor)| (with(options.clone(), &change), actor))
            .collect(),
    };
    check(&case).await;
    case.broken.clear();
    case.options = with(options, &json!({ "increment": { "overlap_seconds": 5 } }));
    check_overlapping(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_reads_the_same() {
    let Some(server) = Server::start(40) else { return };
    let io = io(&server.folder, 1000);
    let options = options(&server.url);
    let certificate = json!({ "ca": "ca.pem", "certificate": "client.pem", "key": { "secret": "client" } });
    let external = json!({ "method": "external" });
    for change in [
        json!({}),
        json!({ "bind": external, "tls": certificate }),
        json!({ "url": server.plain(), "starttls": true }),
        json!({ "url": server.plain(), "starttls": true, "bind": external, "tls": certificate }),
        json!({ "url": server.plain(), "allow_plaintext": true, "tls": {} }),
    ] {
        let options = with(options.clone(), &change);
        open(&io, options.clone()).unwrap().check().await.unwrap_or_else(|e| panic!("{change}: {e} {e:?}"));
        assert_eq!(count(&rows(&io, options, None).await.unwrap()), 40, "{change}");
    }
    // A certificate that the server does not know, and a key that is not the certificate's.
    for tls in [
        json!({ "ca": "ca.pem", "certificate": "stranger.pem", "key": { "secret": "stranger" } }),
        json!({ "ca": "ca.pem", "certificate": "client.pem", "key": { "secret": "stranger" } }),
        json!({ "ca": "ca.pem", "certificate": "client.pem", "key": { "secret": "losenord" } }),
    ] {
        let options = with(options.clone(), &json!({ "bind": external, "tls": tls }));
        let error = open(&io, options).unwrap().check().await.unwrap_err();
        assert_eq!(error.actor, Actor::Configuration, "{tls}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_come_as_declared_and_the_answer_lands() {
    let Some(server) = Server::start(8) else { return };
    let io = io(&server.folder, 1000);
    let options = options(&server.url);
    let landing = Arc::new(Kept::default());
    let chunks = read(open(&io, options.clone()).unwrap().as_ref(), None, landing.clone()).await.unwrap();
    assert_eq!(column(&chunks, "telephoneNumber")[..2], ["+46 70 1740605|+46 70 1740606", "-"]);
    assert_eq!(column(&chunks, "hsaVisitingAddress")[1], "Provvägen 2$123 45$Exempelköping");
    assert_eq!(column(&chunks, "parentDN")[0], format!("ou=Enheter,{TOP}"));
    let (name, ldif) = landing.sealed().into_iter().next().unwrap();
    assert_eq!(name, format!("{}/ou=Enheter,{TOP}", server.url));
    let ldif = String::from_utf8(ldif).unwrap();
    assert_eq!(ldif.lines().filter(|line| line.starts_with("dn:")).count(), 8);
    assert!(ldif.contains("hsaIdentity: SE5999009052-EX000003\n"), "{ldif}");

    let each = json!([ "hsaIdentity", { "name": "telephoneNumber", "values": "rows" } ]);
    let each = rows(&io, with(options.clone(), &json!({ "attributes": each })), None).await.unwrap();
    assert_eq!(count(&each), 10, "two units have two numbers");

    let one =
        rows(&io, with(options.clone(), &json!({ "attributes": ["hsaIdentity", "telephoneNumber"] })), None).await;
    let unread: Vec<_> = one.unwrap().into_iter().flat_map(|chunk| chunk.unread).collect();
    assert_eq!(unread.iter().map(|row| row.row.row()).collect::<Vec<_>>(), [1, 8]);
    assert!(unread[0].detail.contains("telephoneNumber har 2 värden"), "{}", unread[0].detail);
    assert!(String::from_utf8_lossy(&unread[0].raw).contains("SE5999009052-EX000000"));

    let mut hsa = with(options, &json!({ "filter": "(!(objectClass=hsaFeignedDataObject))" }));
    hsa.as_object_mut().unwrap().remove("attributes");
    let source = open(&io, hsa.clone()).unwrap();
    let streams = source.discover().await.unwrap();
    assert_eq!((streams[0].columns.len(), streams[0].columns[3].name.as_str()), (31, "hsaIdentity"));
    let hsa = rows(&io, hsa, None).await.unwrap();
    assert_eq!((count(&hsa), column(&hsa, "businessClassificationCode")[1].as_str()), (9, "1500|1600"));
}

#[tokio::test(flavor = "multi_thread")]
async fn referrals_and_bytes_are_told_and_not_followed() {
    let Some(server) = Server::start(1) else { return };
    let io = io(&server.folder, 1000);
    let base = json!({ "base": format!("ou=Annat,{TOP}"), "filter": "(objectClass=*)",
                       "attributes": ["hsaIdentity", "raadata"] });
    let chunks = rows(&io, with(options(&server.url), &base), None).await.unwrap();
    assert_eq!(column(&chunks, "hsaIdentity"), ["-", "SE5999009052-EXBILD"]);
    let unread: Vec<_> = chunks.iter().flat_map(|chunk| &chunk.unread).collect();
    let details: Vec<_> = unread.iter().map(|row| row.detail.as_str()).collect();
    assert_eq!(details.len(), 2, "{details:?}");
    assert!(details.iter().any(|detail| detail.contains("hänvisningar följs inte")), "{details:?}");
    assert!(details.iter().any(|detail| detail.contains("raadata innehåller byte")), "{details:?}");
    assert!(unread.iter().any(|row| String::from_utf8_lossy(&row.raw).contains("ldap://annan.example.se/")));
    let kept = with(options(&server.url), &json!({ "base": format!("ou=Annan katalog,ou=Annat,{TOP}") }));
    let error = rows(&io, kept, None).await.unwrap_err();
    assert!(error.what.contains("another directory") && error.actor == Actor::Configuration, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_increment_reads_what_was_changed() {
    let Some(server) = Server::start(500) else { return };
    let io = io(&server.folder, 100);
    let options = with(options(&server.url), &json!({ "increment": { "overlap_seconds": 0 } }));
    let cursor = |chunks: &[sluss_schemas::chunk::Chunk]| chunks.last().unwrap().cursor.clone().unwrap();
    let full = rows(&io, options.clone(), None).await.unwrap();
    assert!(full.iter().rev().skip(1).all(|chunk| chunk.cursor.is_none()), "only the end has a cursor");
    // Times are whole seconds: what was changed in the cursor's own second comes again.
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    let mut administrator = server.administrator().await;
    for n in [7, 70] {
        let dn = format!("ou=Mottagning {n},ou=Enheter,{TOP}");
        let changes = vec![Mod::Replace("management", HashSet::from(["4"]))];
        administrator.modify(&dn, changes).await.unwrap().success().unwrap();
    }
    let changed = rows(&io, options.clone(), Some(cursor(&full))).await.unwrap();
    let ids: Vec<_> =
        column(&changed, "ou").into_iter().filter(|ou| ou == "Mottagning 7" || ou == "Mottagning 70").collect();
    assert_eq!(ids.len(), 2);
    // And then from there: the two again at most, and never nothing to go on from.
    let after = cursor(&changed);
    let quiet = rows(&io, options.clone(), Some(after.clone())).await.unwrap();
    assert!(count(&quiet) <= 2, "{}", count(&quiet));
    assert_eq!(cursor(&quiet), after);
    // An overlap reaches back to late ones.
    let late = with(options.clone(), &json!({ "increment": { "overlap_seconds": 3600 } }));
    assert_eq!(count(&rows(&io, late, Some(after.clone())).await.unwrap()), 500);
    // A cursor of another search says nothing of this one.
    let other = with(options.clone(), &json!({ "filter": "(objectClass=*)" }));
    for (options, cursor) in [(other, after), (options, Cursor("files1:".into()))] {
        let error = rows(&io, options, Some(cursor)).await.unwrap_err();
        assert!(error.actor == Actor::Configuration && error.hint.unwrap().contains("--full"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_was_put_back_is_read_as_a_whole() {
    let Some(server) = Server::start(60) else { return };
    let io = io(&server.folder, 100);
    let options = with(options(&server.url), &json!({ "increment": { "overlap_seconds": 0 } }));
    let cursor = |chunks: &[sluss_schemas::chunk::Chunk]| chunks.last().unwrap().cursor.clone().unwrap();
    let before = cursor(&rows(&io, options.clone(), None).await.unwrap());
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    // A change that the directory then has no longer, as after a restored backup.
    let mut administrator = server.administrator().await;
    let dn = format!("ou=Mottagning 7,ou=Enheter,{TOP}");
    let change = vec![Mod::Replace("management", HashSet::from(["4"]))];
    administrator.modify(&dn, change).await.unwrap().success().unwrap();
    let ahead = cursor(&rows(&io, options.clone(), Some(before.clone())).await.unwrap());
    assert!(ahead.0 > before.0, "{ahead:?}");
    administrator.delete(&dn).await.unwrap().success().unwrap();

    let all = rows(&io, options.clone(), Some(ahead)).await.unwrap();
    assert_eq!((count(&all), cursor(&all)), (59, before.clone()));
    assert_eq!(cursor(&rows(&io, options, Some(before.clone())).await.unwrap()), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_directory_cuts_short_is_no_answer() {
    let Some(server) = Server::start(1200) else { return };
    // The directory gives pages of 1,000 at most to this account.
    let io = io(&server.folder, 100);
    let error = rows(&io, with(options(&server.url), &json!({ "page_size": 5000 })), None).await.unwrap_err();
    assert!(error.what.contains("cut its answer short") && error.actor == Actor::Source, "{error}");
}
