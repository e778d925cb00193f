//! The driver: finding, cursors, damage, panics.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use serde_json::json;
use sluss_schemas::landing::NoLanding;

use super::super::driver::Files;
use super::super::format::{Emit, Format, Input};
use super::{io, lines, open, read};
use crate::compliance::Kept;
use crate::connect::{Field, Source};
use crate::error::{Actor, ConnectorError, Result};
use crate::registry;

fn write(base: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = base.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

async fn names(base: &Path, path: serde_json::Value) -> Vec<String> {
    let source = open(base, json!({ "path": path, "format": "csv" }));
    let mut names: Vec<_> =
        read(source.as_ref(), None).await.unwrap().iter().map(|chunk| chunk.origin.name.clone()).collect();
    names.dedup();
    names
}

#[tokio::test]
async fn files_folders_globs_and_lists_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path();
    write(base, &[("in/b.csv", "a\n1\n"), ("in/a.csv", "a\n1\n"), ("in/.x.csv", "a\n"), ("in/~$a.csv", "?")]);
    write(base, &[("in/djup/c.csv", "a\n1\n"), ("in/djup/d.txt", "a\n1\n"), ("in/[x].csv", "a\n1\n")]);
    assert_eq!(names(base, json!("in")).await, ["in/[x].csv", "in/a.csv", "in/b.csv"]);
    assert_eq!(names(base, json!("in/a.csv")).await, ["in/a.csv"]);
    assert_eq!(names(base, json!("in/[x].csv")).await, ["in/[x].csv"]);
    assert_eq!(names(base, json!("in/**/*.csv")).await, ["in/[x].csv", "in/a.csv", "in/b.csv", "in/djup/c.csv"]);
    assert_eq!(names(base, json!("*/?.csv")).await, ["in/a.csv", "in/b.csv"]);
    assert_eq!(
        names(base, json!(["in/djup", "in/a.csv", "./in/a.csv"])).await,
        ["in/a.csv", "in/djup/c.csv", "in/djup/d.txt"]
    );
    let absolute = base.join("in/a.csv");
    assert_eq!(names(Path::new("/"), json!(absolute)).await.len(), 1);
    let url = json!({ "url": format!("file://{}", absolute.display()), "format": "csv" });
    assert_eq!(read(open(base, url).as_ref(), None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_found_is_an_error_with_the_nearest_name() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("leverans/avtal.csv", "a\n1\n")]);
    fs::create_dir(dir.path().join("tom")).unwrap();
    for (path, hint) in [
        ("leverans/avtall.csv", Some("did you mean `leverans/avtal.csv`?")),
        ("leverans/*.xml", None),
        ("leveranser/avtal.csv", Some("did you mean `leverans`?")),
        ("tom", None),
    ] {
        let source = open(dir.path(), json!({ "path": path, "format": "csv" }));
        let error = source.check().await.unwrap_err();
        assert_eq!((error.actor, error.place.as_deref(), error.retry), (Actor::Source, Some(path), true));
        if hint.is_some() {
            assert_eq!(error.hint.as_deref(), hint);
        }
        assert!(read(source.as_ref(), None).await.is_err());
    }
}

#[tokio::test]
async fn a_cursor_knows_versions_of_files_and_not_their_names() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("a.csv", "a\n1\n"), ("b.csv", "a\n2\n"), ("tom.csv", "")]);
    let source = open(dir.path(), json!({ "path": "*.csv", "format": "csv" }));
    let chunks = read(source.as_ref(), None).await.unwrap();
    let end = chunks.last().unwrap().cursor.clone().unwrap();
    assert!(!end.0.contains("csv"));
    // The empty file gave no chunk, so no cursor tells that it has been read; it stays harmless.
    assert!(read(source.as_ref(), Some(end.clone())).await.unwrap().is_empty());
    // A file that comes later, but first in order, is read; so is one that is replaced.
    write(dir.path(), &[("0.csv", "a\n0\n"), ("b.csv", "a\n22\n")]);
    let rest = read(source.as_ref(), Some(end.clone())).await.unwrap();
    assert_eq!(lines(&rest), ["2 0", "2 22"]);
    let end = rest.last().unwrap().cursor.clone().unwrap();
    assert!(read(source.as_ref(), Some(end)).await.unwrap().is_empty());
    let alien = sluss_schemas::chunk::Cursor("2026-11-01".into());
    assert_eq!(read(source.as_ref(), Some(alien)).await.unwrap_err().actor, Actor::Configuration);
}

#[tokio::test]
async fn a_web_page_is_refused_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let page = "<!DOCTYPE html>\n<html><body>Service unavailable</body></html>";
    write(dir.path(), &[("a.csv", "a\n1\n"), ("b.csv", page)]);
    let source = open(dir.path(), json!({ "path": "*.csv", "format": "csv" }));
    let kept = Kept::default();
    let mut stream = source.read(None, Arc::new(kept.clone()));
    assert!(stream.next().await.unwrap().is_ok());
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(stream.next().await.is_none());
    assert_eq!((error.actor, error.place.as_deref()), (Actor::Source, Some("b.csv")));
    assert!(error.what.contains("HTML"));
    assert_eq!(kept.sealed().get("b.csv").map(Vec::as_slice), Some(page.as_bytes()));
}

struct Panics;

impl Format for Panics {
    fn read(&self, _: Input, _: usize, _: &mut dyn Emit) -> Result<()> {
        panic!("19121212-1212")
    }
    fn columns(&self, _: Input) -> Result<Vec<Field>> {
        panic!("19121212-1212")
    }
}

#[tokio::test]
async fn a_panic_is_the_jobs_failure_and_ours() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("a.csv", "a\n1\n")]);
    let options = serde_json::from_value(json!({ "path": "a.csv", "format": "csv" })).unwrap();
    let source = Files::with_format(&options, &io(dir.path(), 10), Box::new(Panics)).unwrap();
    let error = read(&source, None).await.unwrap_err();
    assert_eq!(error.actor, Actor::Us);
    assert!(!format!("{error:?}").contains("1212"), "{error:?}");
    assert_eq!(source.check().await.unwrap_err().actor, Actor::Us);
}

#[tokio::test]
async fn a_landing_zone_that_fails_stops_the_reading() {
    struct Full;
    impl sluss_schemas::landing::Landing for Full {
        fn begin(
            &self,
            _: &sluss_schemas::chunk::Origin,
        ) -> std::io::Result<Box<dyn sluss_schemas::landing::LandingWriter>> {
            Ok(Box::new(Full))
        }
    }
    impl sluss_schemas::landing::LandingWriter for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<()> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn finish(self: Box<Self>) -> std::io::Result<()> {
            Ok(())
        }
    }
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("a.csv", "a\n1\n")]);
    let source = open(dir.path(), json!({ "path": "a.csv", "format": "csv" }));
    let error: ConnectorError = source.read(None, Arc::new(Full)).next().await.unwrap().unwrap_err();
    assert!(error.what.contains("kept"), "{error:?}");
    assert!(source.read(None, Arc::new(NoLanding)).next().await.unwrap().is_ok());
}

#[test]
fn options_that_do_not_fit_are_told_by_name() {
    let open = |options| registry::open("files", options, &io(Path::new("."), 1)).err().unwrap();
    let hint = |options| open(options).hint.unwrap();
    assert_eq!(hint(json!({ "path": "a", "format": "csv", "csv": { "delimter": "," } })), "did you mean `delimiter`?");
    assert_eq!(hint(json!({ "path": "a", "fromat": "csv" })), "did you mean `format`?");
    assert_eq!(hint(json!({ "path": "a", "format": "xslx" })), "did you mean `xlsx`?");
    assert!(open(json!({ "path": "a" })).what.contains("`format`"));
    assert!(open(json!({ "format": "csv" })).what.contains("neither"));
    assert!(open(json!({ "path": "a", "url": "s3://b/", "format": "csv" })).what.contains("both"));
    assert!(open(json!({ "path": "a", "format": "csv", "xlsx": {} })).what.contains("`xlsx`"));
    assert!(open(json!({ "path": "a", "format": "csv", "s3": {} })).what.contains("`s3`"));
    assert!(open(json!({ "url": "ftp://b/", "format": "csv" })).what.contains("scheme"));
    let error = registry::open("filer", json!({}), &io(Path::new("."), 1)).err().unwrap();
    assert_eq!(error.hint.as_deref(), Some("did you mean `files`?"));
}
