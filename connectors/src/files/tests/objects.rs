//! Object stores, against one in memory.

use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde_json::json;

use super::super::archive::Packing;
use super::super::objects::Objects;
use super::super::storage::Storage;
use super::io;
use crate::error::Actor;
use crate::registry;

async fn store() -> Arc<dyn ObjectStore> {
    let store = InMemory::new();
    for (key, text) in
        [("in/b.csv", "2"), ("in/a.csv", "1"), ("in/.dold", "x"), ("in/djup/c.csv", "3"), ("ut.csv", "4")]
    {
        store.put(&Path::parse(key).unwrap(), text.into()).await.unwrap();
    }
    store.put(&Path::parse("stor").unwrap(), vec![7; 9 << 20].into()).await.unwrap();
    Arc::new(store)
}

async fn names(key: &str) -> Vec<String> {
    let objects = Objects::with_store(store().await, key);
    objects.list().await.map(|found| found.into_iter().map(|file| file.name).collect()).unwrap_or_default()
}

#[tokio::test]
async fn a_key_a_prefix_and_a_glob() {
    assert_eq!(names("in/a.csv").await, ["in/a.csv"]);
    assert_eq!(names("in/").await, ["in/a.csv", "in/b.csv"]);
    assert_eq!(names("in").await, ["in/a.csv", "in/b.csv"]);
    assert_eq!(names("in/.dold").await, ["in/.dold"]);
    assert_eq!(names("in/**/*.csv").await, ["in/a.csv", "in/b.csv", "in/djup/c.csv"]);
    assert_eq!(names("*.csv").await, ["ut.csv"]);
    let error = Objects::with_store(store().await, "nej/").list().await.unwrap_err();
    assert_eq!((error.actor, error.retry), (Actor::Source, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_read_in_pieces_and_in_any_order() {
    let store = store().await;
    let storage = Storage::Objects(Objects::with_store(Arc::clone(&store), "stor"));
    let found = storage.list(&storage.already_read(None).unwrap()).await.unwrap().remove(0);
    assert_eq!(Packing::of(&found.name), Packing::None);
    let task = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Seek, SeekFrom};
        let mut bytes = Vec::new();
        let mut file = storage.open(&found).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        file.seek(SeekFrom::End(-3)).unwrap();
        let tail = file.read(&mut [0; 10]).unwrap();
        (bytes.len(), tail, storage, found)
    });
    let (size, tail, storage, found) = task.await.unwrap();
    assert_eq!((size, tail), (9 << 20, 3));
    // An object that is replaced meanwhile is not mixed with its successor.
    store.put(&Path::parse("stor").unwrap(), "ny".into()).await.unwrap();
    let task = tokio::task::spawn_blocking(move || {
        let error = std::io::Read::read(&mut storage.open(&found).unwrap(), &mut [0; 10]).unwrap_err();
        super::super::text::unreadable(error)
    });
    let error = task.await.unwrap();
    assert_eq!((error.actor, error.retry), (Actor::Source, true));
    assert!(error.what.contains("replaced"), "{error:?}");
}

#[test]
fn credentials_are_references_and_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let options = json!({
        "url": "s3://bucket/in/", "format": "csv",
        "s3": { "endpoint": "http://127.0.0.1:1", "allow_http": true,
                "access_key_id": { "secret": "key" }, "secret_access_key": { "secret": "secret" } },
    });
    assert!(registry::open("files", options.clone(), &io(dir.path(), 1)).is_ok());
    let parsed: crate::files::FilesOptions = serde_json::from_value(options.clone()).unwrap();
    let storage = Storage::new(&parsed, &io(dir.path(), 1)).unwrap();
    let text = format!("{parsed:?} {storage:?}");
    assert!(!text.contains("hemlig") && !text.contains("HEMLIG"), "{text}");

    let mut missing = options.clone();
    missing["s3"]["access_key_id"]["secret"] = json!("borta");
    let error = registry::open("files", missing, &io(dir.path(), 1)).err().unwrap();
    assert_eq!((error.actor, error.what.contains("`borta`")), (Actor::Configuration, true));

    let mut plain = options;
    plain["s3"]["secret_access_key"] = json!("mycket-hemligt");
    let error = registry::open("files", plain, &io(dir.path(), 1)).err().unwrap();
    assert_eq!(error.actor, Actor::Configuration);
    assert!(!format!("{error:?}").contains("hemligt"), "{error:?}");
}
