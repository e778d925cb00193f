//! Files in an object store: listed by prefix or glob, read in ranges.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use futures::{FutureExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt};
use sluss_schemas::say;
use sluss_schemas::secret::SecretRef;

use super::locate::{glob, is_glob, is_hidden};
use super::options::S3Options;
use super::pieces::Pieces;
use super::storage::{Found, Place};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::secret::resolve;

/// Bytes asked for at a time; the next piece is under way while one is read.
const PIECE: u64 = 4 << 20;

/// A place in an object store.
pub(super) struct Objects {
    store: Arc<dyn ObjectStore>,
    bucket: String,
    /// Key, prefix or glob.
    key: String,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the store: it knows the credentials.
        f.debug_struct("Objects").field("bucket", &self.bucket).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Objects {
    /// Reads the address and resolves the credentials. No I/O.
    pub(super) fn new(url: &str, s3: Option<&S3Options>, io: &Io) -> Result<Self> {
        let Some(rest) = url.strip_prefix("s3://") else {
            return Err(ConnectorError::configuration(say!(
                "adressens början är okänd",
                "the address's scheme is not known"
            ))
            .hint(say!(
                "använd `s3://bucket/prefix/`, eller `path` för filer på disk",
                "use `s3://bucket/prefix/`, or `path` for files on disk"
            )));
        };
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(ConnectorError::configuration(say!(
                "adressen anger ingen bucket",
                "the address names no bucket"
            ))
            .hint(say!("skriv `s3://bucket/prefix/`", "write `s3://bucket/prefix/`")));
        }
        let defaults = S3Options::default();
        let s3 = s3.unwrap_or(&defaults);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(s3.region.as_deref().unwrap_or("eu-north-1"))
            .with_allow_http(s3.allow_http)
            .with_virtual_hosted_style_request(s3.virtual_hosted)
            .with_skip_signature(s3.anonymous);
        if let Some(endpoint) = &s3.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(secret) = resolved(s3.access_key_id.as_ref(), io)? {
            builder = builder.with_access_key_id(secret);
        }
        if let Some(secret) = resolved(s3.secret_access_key.as_ref(), io)? {
            builder = builder.with_secret_access_key(secret);
        }
        if let Some(secret) = resolved(s3.session_token.as_ref(), io)? {
            builder = builder.with_token(secret);
        }
        // The cause is left out: it may quote the address with what was written into it.
        let store = builder.build().map_err(|_| {
            ConnectorError::configuration(say!(
                "objektlagrets inställningar passar inte ihop",
                "the object store's options do not fit together"
            ))
            .hint(say!(
                "kontrollera `s3.endpoint` (med https://, eller `allow_http = true`) och `s3.region`",
                "check `s3.endpoint` (with https://, or `allow_http = true`) and `s3.region`"
            ))
        })?;
        Ok(Self { store: Arc::new(store), bucket: bucket.to_owned(), key: key.to_owned() })
    }

    #[cfg(test)]
    pub(super) fn with_store(store: Arc<dyn ObjectStore>, key: &str) -> Self {
        Self { store, bucket: "test".into(), key: key.into() }
    }

    /// All objects, in the order of their keys; finding none is an error.
    pub(super) async fn list(&self) -> Result<Vec<Found>> {
        let parse = |key: &str| {
            Path::parse(key.trim_end_matches('/')).map_err(|error| {
                ConnectorError::configuration(say!(
                    "nyckeln är ingen som ett objektlager kan ha",
                    "the key is not one that a store can have"
                ))
                .at(key)
                .because(error)
            })
        };
        let mut objects: Vec<ObjectMeta> = Vec::new();
        if is_glob(&self.key) {
            let fixed: Vec<&str> = self.key.split('/').take_while(|part| !is_glob(part)).collect();
            let matcher = glob(&self.key)?;
            objects =
                self.store.list(Some(&parse(&fixed.join("/"))?)).try_collect().await.map_err(|e| self.failed(&e))?;
            objects.retain(|object| matcher.is_match(object.location.as_ref()));
        } else if !self.key.is_empty() && !self.key.ends_with('/') {
            match self.store.head(&parse(&self.key)?).await {
                Ok(object) => objects.push(object),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(self.failed(&error)),
            }
        }
        if objects.is_empty() && !is_glob(&self.key) {
            let listing = self.store.list_with_delimiter(Some(&parse(&self.key)?)).await;
            objects = listing.map_err(|e| self.failed(&e))?.objects;
        }
        let named = Path::parse(&self.key).ok();
        let mut found: Vec<Found> = objects
            .into_iter()
            .filter(|object| named.as_ref() == Some(&object.location) || !is_hidden(object.location.as_ref()))
            .map(|object| Found {
                name: object.location.as_ref().to_owned(),
                size: object.size,
                stamp: object.e_tag.unwrap_or_else(|| object.last_modified.to_rfc3339()),
                place: Place::Object(object.location),
            })
            .collect();
        if found.is_empty() {
            return Err(ConnectorError::source(say!(
                "objektlagret har inget där",
                "the object store holds nothing there"
            ))
            .at(format!("s3://{}/{}", self.bucket, self.key))
            .hint(say!(
                "kontrollera `url`, och att leveransen har kommit",
                "check `url`, and that the delivery has come"
            ))
            .retryable());
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// Opens an object for reading on a blocking thread. Every request is bound to the version that was listed.
    pub(super) fn open(&self, path: &Path, found: &Found) -> Pieces {
        // Some stores have no tags: then the time of change is what the stamp holds.
        let tag = Some(found.stamp.clone()).filter(|stamp| stamp.contains('"') || !stamp.contains('T'));
        let (store, path) = (Arc::clone(&self.store), path.clone());
        let fetch = move |range: Range<u64>| {
            let (store, path) = (Arc::clone(&store), path.clone());
            let options =
                GetOptions { range: Some(GetRange::Bounded(range)), if_match: tag.clone(), ..GetOptions::default() };
            async move {
                let bytes = async { store.get_opts(&path, options).await?.bytes().await };
                bytes.await.map_err(|error| explain(&error))
            }
            .boxed()
        };
        Pieces::new(found.size, PIECE, Box::new(fetch))
    }

    fn failed(&self, error: &object_store::Error) -> ConnectorError {
        explain(error).at(format!("s3://{}/{}", self.bucket, self.key))
    }
}

/// Who must act on a store's error. Its own words are left out: they may hold addresses with
/// signatures and the server's whole answer.
fn explain(error: &object_store::Error) -> ConnectorError {
    use object_store::Error as E;
    match error {
        E::NotFound { .. } => {
            ConnectorError::source(say!("objektet finns inte längre", "the object does not exist any longer"))
                .retryable()
        }
        E::Precondition { .. } => ConnectorError::source(say!(
            "objektet byttes ut medan det lästes",
            "the object was replaced while it was read"
        ))
        .retryable(),
        E::PermissionDenied { .. } => {
            ConnectorError::configuration(say!("objektlagret nekar åtkomst", "the object store refuses access")).hint(
                say!(
                    "kontrollera att uppgifterna ger rätt att lista och läsa i bucketen",
                    "check the credentials' rights to list and read the bucket"
                ),
            )
        }
        E::Unauthenticated { .. } => ConnectorError::configuration(say!(
            "objektlagret godtar inte inloggningsuppgifterna",
            "the object store does not accept the credentials"
        ))
        .hint(say!("kontrollera hemligheterna som `s3` hänvisar till", "check the secrets that `s3` refers to")),
        // A list request's answer is not sorted out by the library.
        E::Generic { .. } if error.to_string().contains("NoSuchBucket") => {
            ConnectorError::configuration(say!("bucketen finns inte", "the bucket does not exist"))
                .hint(say!("kontrollera bucketens namn i `url`", "check the bucket's name in `url`"))
        }
        _ => ConnectorError::source(say!(
            "objektlagret svarar inte som det ska",
            "the object store does not answer as it should"
        ))
        .hint(say!(
            "kontrollera att adressen kan nås och kör igen",
            "check that the address can be reached, then run again"
        ))
        .retryable(),
    }
}

fn resolved(secret: Option<&SecretRef>, io: &Io) -> Result<Option<String>> {
    secret.map(|secret| Ok(resolve(secret, io)?.expose().to_owned())).transpose()
}
