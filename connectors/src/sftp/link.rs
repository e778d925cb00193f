//! A server, and the connection to it that is made again when it breaks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::Mutex;

use super::fault::Fault;
use super::login::{self, Login};
use super::options::SftpOptions;
use super::session::Session;
use crate::connect::Io;
use crate::error::Result;

/// Where a server is, and how it lets us in.
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) login: Login,
    /// Fingerprints of the keys that the server may show.
    pub(super) known: Arc<Vec<String>>,
    /// How long an answer may take.
    pub(super) patience: Duration,
}

/// A server that is asked over one connection at a time.
pub(super) struct Link {
    target: Target,
    waits: ExponentialBuilder,
    session: Mutex<Option<Arc<Session>>>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("host", &self.target.host)
            .field("login", &self.target.login)
            .finish_non_exhaustive()
    }
}

impl Link {
    /// Checks the options and resolves the secrets. No I/O.
    pub(super) fn new(options: &SftpOptions, io: &Io) -> Result<Self> {
        let target = Target {
            host: options.host.clone(),
            port: options.port.unwrap_or(22),
            login: Login::new(options, io)?,
            known: Arc::new(login::fingerprints(options)?),
            patience: Duration::from_secs(options.timeout_seconds.unwrap_or(30).max(1)),
        };
        let retries = usize::try_from(options.retries.unwrap_or(4)).unwrap_or(usize::MAX);
        let waits = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(options.first_wait_ms.unwrap_or(500)))
            .with_max_delay(Duration::from_mins(1))
            .with_max_times(retries)
            .with_jitter();
        Ok(Self { target, waits, session: Mutex::new(None) })
    }

    /// What a person calls the server.
    pub(super) fn shown(&self) -> String {
        format!("{}:{}", self.target.host, self.target.port)
    }

    /// Does something on the connection; where it breaks, again on a new one.
    pub(super) async fn again<T, F>(&self, act: impl Fn(Arc<Session>) -> F) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, Fault>>,
    {
        let mut waits = self.waits.build();
        loop {
            let outcome = match self.session().await {
                Ok(session) => {
                    let outcome = act(Arc::clone(&session)).await;
                    if let Err(Fault::Broken(_)) = &outcome {
                        self.forget(&session).await;
                    }
                    outcome
                }
                Err(fault) => Err(fault),
            };
            let error = match outcome {
                Ok(done) => return Ok(done),
                Err(Fault::Broken(error)) => error,
                Err(fault) => return Err(fault.into_error()),
            };
            let Some(wait) = waits.next() else { return Err(error) };
            tracing::warn!(server = self.shown(), "{error}; trying again");
            tokio::time::sleep(wait).await;
        }
    }

    async fn session(&self) -> std::result::Result<Arc<Session>, Fault> {
        let mut session = self.session.lock().await;
        if let Some(open) = &*session {
            return Ok(Arc::clone(open));
        }
        let opened = Arc::new(Session::open(&self.target).await?);
        *session = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// The session is of no use; another that has been made since is.
    async fn forget(&self, broken: &Arc<Session>) {
        let mut session = self.session.lock().await;
        if session.as_ref().is_some_and(|open| Arc::ptr_eq(open, broken)) {
            *session = None;
        }
        drop(session);
        broken.close().await;
    }
}
