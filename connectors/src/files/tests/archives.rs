//! `.gz` and `.zip`: read as a stream, broken ones refused, the packed bytes landed.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{lines, open, read};
use crate::error::Actor;

fn gz(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn zip(path: &Path, members: &[(&str, &str)]) {
    let mut writer = ZipWriter::new(fs::File::create(path).unwrap());
    for (nth, (name, text)) in members.iter().enumerate() {
        let method = if nth % 2 == 0 { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap();
}

#[tokio::test]
async fn gzip_also_in_several_parts() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.csv.gz"), [gz("a;b\n1;2\n"), gz("3;4\n")].concat()).unwrap();
    let source = open(dir.path(), json!({ "path": "a.csv.gz", "format": "csv" }));
    assert_eq!(lines(&read(source.as_ref(), None).await.unwrap()), ["2 1|2", "3 3|4"]);
}

#[tokio::test]
async fn members_in_the_order_of_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("in.zip");
    zip(&path, &[("b/2.csv", "a\n2\n"), ("a/1.csv", "a\n1\n"), ("__MACOSX/._1.csv", "?"), ("lasmig.txt", "hej")]);
    let source = open(dir.path(), json!({ "path": "*.zip", "format": "csv", "member": "*.csv" }));
    let chunks = read(source.as_ref(), None).await.unwrap();
    let parts: Vec<_> = chunks.iter().map(|chunk| (chunk.origin.index, chunk.origin.part.clone().unwrap())).collect();
    assert_eq!(parts, [(0, "a/1.csv".to_owned()), (1, "b/2.csv".to_owned())]);
    assert_eq!(lines(&chunks), ["2 1", "2 2"]);
    assert_eq!(source.discover().await.unwrap()[0].columns[0].name, "a");

    let none = open(dir.path(), json!({ "path": "in.zip", "format": "csv", "member": "a/1.csb" }));
    let error = read(none.as_ref(), None).await.unwrap_err();
    assert_eq!((error.actor, error.place.as_deref()), (Actor::Source, Some("in.zip")));
    assert!(error.hint.unwrap().contains("`a/1.csv`"));
}

#[tokio::test]
async fn damaged_archives_end_in_an_error_that_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let packed = gz(&"a;b\n1;2\n".repeat(5000));
    zip(&dir.path().join("whole.zip"), &[("1.csv", &"a;b\n1;2\n".repeat(50)), ("2.csv", "a\nhej\n")]);
    let whole = fs::read(dir.path().join("whole.zip")).unwrap();
    let mut wrong = whole.clone();
    let at = wrong.windows(3).position(|bytes| bytes == b"hej").unwrap();
    wrong[at] = b'H';
    let mut locked = whole.clone();
    for at in 0..locked.len() - 10 {
        match &locked[at..at + 4] {
            b"PK\x03\x04" => locked[at + 6] |= 1,
            b"PK\x01\x02" => locked[at + 8] |= 1,
            _ => {}
        }
    }
    for (name, bytes, what) in [
        ("cut.csv.gz", &packed[..packed.len() / 2], "damaged"),
        ("no.csv.gz", &b"a;b\n1;2\n"[..], "damaged"),
        ("cut.zip", &whole[..whole.len() - 30], "damaged"),
        ("wrong.zip", &wrong[..], "damaged"),
        ("locked.zip", &locked[..], "password"),
    ] {
        fs::write(dir.path().join(name), bytes).unwrap();
        let source = open(dir.path(), json!({ "path": name, "format": "csv" }));
        let error = read(source.as_ref(), None).await.unwrap_err();
        assert_eq!(error.actor, Actor::Source, "{name}: {error:?}");
        assert!(error.what.contains(what), "{name}: {error:?}");
        assert!(error.place.unwrap().starts_with(name));
    }
}
