//! Data keys: one for each delivery, wrapped, in a small file of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::delivery::Delivery;
use super::{Error, KeySet, Result, file, text};

/// How the names of key files end.
const SUFFIX: &str = ".key";
/// Version of the key file's form.
const FORMAT: u32 = 1;
/// More than a key file's size: destroying overwrites all of it.
const WHOLE: usize = 1024;

/// How long a delivery's bytes are kept. None: until somebody erases them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The landed bytes go at this instant.
    pub landing_until: Option<DateTime<Utc>>,
    /// The rejected rows go at this instant.
    pub quarantine_until: Option<DateTime<Utc>>,
}

/// A delivery's data key, unwrapped. Cleared from memory when dropped.
#[derive(Clone)]
pub struct DataKey {
    delivery: Delivery,
    key: Zeroizing<[u8; 32]>,
}

impl DataKey {
    /// Whose bytes it opens.
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.key
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("delivery", &self.delivery).finish_non_exhaustive()
    }
}

/// What a rotation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Keys that were wrapped anew.
    pub rewrapped: u64,
    /// Keys that the current master key had wrapped already.
    pub current: u64,
}

/// The folder of wrapped data keys, `<folder>/<owner>/<run>.key`.
#[derive(Clone, Debug)]
pub struct KeyStore {
    folder: PathBuf,
    masters: Arc<KeySet>,
}

/// A key file. The delivery, the master key's name and version, the day it was made and how long its
/// bytes are kept are authenticated together with the key: none of them can be changed by hand.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: u32,
    owner: String,
    run: String,
    master: String,
    master_version: u32,
    created: DateTime<Utc>,
    kept: Kept,
    nonce: String,
    wrapped: String,
}

impl KeyStore {
    /// Uses `folder`, which need not exist yet, and `masters` to wrap with.
    pub fn open(folder: impl Into<PathBuf>, masters: Arc<KeySet>) -> Self {
        Self { folder: folder.into(), masters }
    }

    /// Makes the key of a delivery that begins. A run that is taken up again gets the key it has.
    pub fn create(&self, delivery: &Delivery, kept: Kept, now: DateTime<Utc>) -> Result<DataKey> {
        let _lock = self.lock()?;
        match self.get(delivery) {
            Err(Error::Erased { .. }) => {}
            found => return found,
        }
        let key = DataKey { delivery: delivery.clone(), key: Zeroizing::new(file::random()?) };
        let path = self.path(delivery);
        if let Some(folder) = path.parent() {
            file::create_folder(folder)?;
        }
        file::write_new(&path, &self.wrap(&key, kept, now)?)?;
        Ok(key)
    }

    /// The key of a delivery; [`Error::Erased`] where it is not there.
    pub fn get(&self, delivery: &Delivery) -> Result<DataKey> {
        self.unwrap_key(&read(&self.path(delivery), delivery)?, delivery)
    }

    /// How long a delivery is kept.
    pub fn kept(&self, delivery: &Delivery) -> Result<Kept> {
        Ok(read(&self.path(delivery), delivery)?.kept)
    }

    /// Destroys a delivery's key: its objects, wherever copies of them are, can never be read again.
    /// False where it had none.
    pub fn destroy(&self, delivery: &Delivery) -> Result<bool> {
        let _lock = self.lock()?;
        file::shred(&self.path(delivery), WHOLE)
    }

    /// All deliveries that have a key, in order.
    pub fn deliveries(&self) -> Result<Vec<Delivery>> {
        let mut out = Vec::new();
        for (owner, folder) in file::files(&self.folder)? {
            if !folder.is_dir() {
                continue;
            }
            for (name, _) in file::files(&folder)? {
                if let Some(delivery) = name.strip_suffix(SUFFIX).and_then(|run| Delivery::new(&owner, run).ok()) {
                    out.push(delivery);
                }
            }
        }
        Ok(out)
    }

    /// How many data keys each version of the master key has wrapped: a version that has wrapped none may
    /// leave the secret.
    pub fn versions(&self) -> Result<BTreeMap<u32, u64>> {
        let mut out = BTreeMap::new();
        for delivery in self.deliveries()? {
            *out.entry(read(&self.path(&delivery), &delivery)?.master_version).or_default() += 1;
        }
        Ok(out)
    }

    /// The master key.
    pub fn masters(&self) -> &KeySet {
        &self.masters
    }

    /// Wraps every data key with the current master key; no object is touched. Afterwards older
    /// versions may leave the secret. Can be broken off and repeated at any time.
    pub fn rotate(&self) -> Result<Rotation> {
        // Destroying waits meanwhile: a key must not come back because it was being rewritten.
        let _lock = self.lock()?;
        let mut done = Rotation::default();
        for delivery in self.deliveries()? {
            let path = self.path(&delivery);
            let old = read(&path, &delivery)?;
            if old.master_version == self.masters.current() && old.master == self.masters.name() {
                done.current += 1;
                continue;
            }
            let key = self.unwrap_key(&old, &delivery)?;
            file::replace(&path, &self.wrap(&key, old.kept, old.created)?)?;
            done.rewrapped += 1;
            crate::fail::point("nyckel-omslagen");
        }
        Ok(done)
    }

    fn path(&self, delivery: &Delivery) -> PathBuf {
        self.folder.join(delivery.owner()).join(format!("{}{SUFFIX}", delivery.run()))
    }

    /// Held while key files are made, rewritten or destroyed, also against other processes.
    fn lock(&self) -> Result<File> {
        file::create_folder(&self.folder)?;
        let path = self.folder.join(".lock");
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .and_then(|lock| lock.lock().map(|()| lock))
            .map_err(Error::io(&path, "locked"))
    }

    fn wrap(&self, key: &DataKey, kept: Kept, created: DateTime<Utc>) -> Result<Vec<u8>> {
        let nonce: [u8; 12] = file::random()?;
        let mut out = KeyFile {
            format: FORMAT,
            owner: key.delivery.owner().to_owned(),
            run: key.delivery.run().to_owned(),
            master: self.masters.name().to_owned(),
            master_version: self.masters.current(),
            created,
            kept,
            nonce: text::hex(&nonce),
            wrapped: String::new(),
        };
        let payload = Payload { msg: key.bytes(), aad: &out.bound(&key.delivery) };
        let wrapped = self.cipher(out.master_version)?.encrypt(&nonce.into(), payload).map_err(|_| Error::TooLarge)?;
        out.wrapped = text::base64(&wrapped);
        serde_json::to_vec_pretty(&out).map_err(|e| Error::io(&self.path(&key.delivery), "written")(e.into()))
    }

    fn unwrap_key(&self, file: &KeyFile, delivery: &Delivery) -> Result<DataKey> {
        let bad = || Error::Unwrap { delivery: delivery.to_string(), master: file.master.clone() };
        if file.master != self.masters.name() {
            return Err(Error::NoKey { name: file.master.clone() });
        }
        let nonce: [u8; 12] = text::from_hex(&file.nonce).ok_or_else(bad)?;
        let wrapped = text::from_base64(&file.wrapped).ok_or_else(bad)?;
        let payload = Payload { msg: &wrapped, aad: &file.bound(delivery) };
        let plain = self.cipher(file.master_version)?.decrypt(&nonce.into(), payload).map_err(|_| bad())?;
        let plain = Zeroizing::new(plain);
        let mut key = Zeroizing::new([0; 32]);
        if plain.len() != key.len() {
            return Err(bad());
        }
        key.copy_from_slice(&plain);
        Ok(DataKey { delivery: delivery.clone(), key })
    }

    fn cipher(&self, version: u32) -> Result<Aes256Gcm> {
        Ok(Aes256Gcm::new(self.masters.key(version)?.into()))
    }
}

fn read(path: &Path, delivery: &Delivery) -> Result<KeyFile> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(Error::Erased { delivery: delivery.to_string() });
        }
        Err(e) => return Err(Error::io(path, "read")(e)),
    };
    let bad = || Error::KeyFile { path: path.to_owned() };
    let file: KeyFile = serde_json::from_slice(&bytes).map_err(|_| bad())?;
    if file.format == FORMAT { Ok(file) } else { Err(bad()) }
}

impl KeyFile {
    /// What the wrapping vouches for besides the key. The delivery is the one that was asked for,
    /// not the one that the file claims: a key file that was moved does not open.
    fn bound(&self, delivery: &Delivery) -> Vec<u8> {
        let instant = |t: Option<DateTime<Utc>>| t.map_or(i64::MAX, |t| t.timestamp_micros()).to_be_bytes();
        let mut out = b"sluss data key 1\0".to_vec();
        out.extend_from_slice(&delivery.context());
        out.extend_from_slice(&self.master_version.to_be_bytes());
        out.extend_from_slice(&instant(Some(self.created)));
        out.extend_from_slice(&instant(self.kept.landing_until));
        out.extend_from_slice(&instant(self.kept.quarantine_until));
        out.extend_from_slice(self.master.as_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masters(text: &str) -> Arc<KeySet> {
        Arc::new(KeySet::parse("master", text).unwrap())
    }

    fn hex(byte: u8) -> String {
        format!("{:0>64}", format!("{byte:x}"))
    }

    fn now() -> DateTime<Utc> {
        "2026-11-22T02:15:00Z".parse().unwrap()
    }

    #[test]
    fn a_key_survives_and_is_wrapped() {
        let home = tempfile::tempdir().unwrap();
        let store = KeyStore::open(home.path(), masters(&hex(1)));
        let delivery = Delivery::new("22", "r1").unwrap();
        assert!(matches!(store.get(&delivery), Err(Error::Erased { .. })));
        let kept = Kept { landing_until: Some(now()), quarantine_until: None };
        let key = store.create(&delivery, kept, now()).unwrap();
        assert_eq!(store.get(&delivery).unwrap().bytes(), key.bytes());
        assert_eq!(store.create(&delivery, Kept::default(), now()).unwrap().bytes(), key.bytes());
        assert_eq!(store.kept(&delivery).unwrap(), kept);
        let file = std::fs::read_to_string(home.path().join("22/r1.key")).unwrap();
        assert!(!file.contains(&text::hex(key.bytes())) && !file.contains(&text::base64(key.bytes())));
        let other = store.create(&Delivery::new("22", "r2").unwrap(), kept, now()).unwrap();
        assert_ne!(other.bytes(), key.bytes());
    }

    #[test]
    fn a_wrong_master_a_moved_and_a_changed_file_do_not_open() {
        let home = tempfile::tempdir().unwrap();
        let store = KeyStore::open(home.path(), masters(&hex(1)));
        let delivery = Delivery::new("22", "r1").unwrap();
        store.create(&delivery, Kept::default(), now()).unwrap();
        let wrong = KeyStore::open(home.path(), masters(&hex(2)));
        assert!(matches!(wrong.get(&delivery), Err(Error::Unwrap { .. })));
        let gone = KeyStore::open(home.path(), masters(&format!("2:{}", hex(1))));
        assert!(matches!(gone.get(&delivery), Err(Error::NoVersion { version: 1, .. })));

        let path = home.path().join("22/r1.key");
        let moved = Delivery::new("22", "r2").unwrap();
        std::fs::copy(&path, home.path().join("22/r2.key")).unwrap();
        assert!(matches!(store.get(&moved), Err(Error::Unwrap { .. })));

        let text = std::fs::read_to_string(&path).unwrap();
        let longer = text.replace("\"landing_until\": null", "\"landing_until\": \"2036-01-01T00:00:00Z\"");
        assert_ne!(longer, text);
        std::fs::write(&path, longer).unwrap();
        assert!(matches!(store.get(&delivery), Err(Error::Unwrap { .. })));
        std::fs::write(&path, "{").unwrap();
        assert!(matches!(store.get(&delivery), Err(Error::KeyFile { .. })));
    }

    #[test]
    fn rotation_wraps_anew_and_keeps_every_data_key() {
        let home = tempfile::tempdir().unwrap();
        let old = KeyStore::open(home.path(), masters(&hex(1)));
        let deliveries: Vec<_> = ["a", "b", "c"].iter().map(|run| Delivery::new("14", run).unwrap()).collect();
        let keys: Vec<_> = deliveries.iter().map(|d| *old.create(d, Kept::default(), now()).unwrap().bytes()).collect();
        let both = KeyStore::open(home.path(), masters(&format!("1:{} 2:{}", hex(1), hex(2))));
        assert_eq!(both.rotate().unwrap(), Rotation { rewrapped: 3, current: 0 });
        assert_eq!(both.rotate().unwrap(), Rotation { rewrapped: 0, current: 3 });
        let new = KeyStore::open(home.path(), masters(&format!("2:{}", hex(2))));
        for (delivery, key) in deliveries.iter().zip(&keys) {
            assert_eq!(new.get(delivery).unwrap().bytes(), key);
        }
        assert!(old.get(&deliveries[0]).is_err());
    }

    #[test]
    fn a_destroyed_key_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let store = KeyStore::open(home.path(), masters(&hex(1)));
        let delivery = Delivery::new("22", "r1").unwrap();
        store.create(&delivery, Kept::default(), now()).unwrap();
        assert_eq!(store.deliveries().unwrap(), std::slice::from_ref(&delivery));
        assert!(store.destroy(&delivery).unwrap());
        assert!(!store.destroy(&delivery).unwrap());
        assert!(matches!(store.get(&delivery), Err(Error::Erased { .. })));
        assert!(store.deliveries().unwrap().is_empty());
        assert_eq!(store.rotate().unwrap(), Rotation::default());
    }
}
