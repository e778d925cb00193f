//! One connection to a server.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use russh::Disconnect;
use russh::client::{self, Handle};
use russh_sftp::client::rawsession::SftpResult;
use russh_sftp::client::{Config, RawSftpSession};
use sluss_schemas::say;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::fault::{self, Fault, unreachable};
use super::link::Target;
use super::login::{self, Watch, unknown_server};
use crate::error::ConnectorError;

/// Bytes of an answer at most. Some servers list a whole folder in one.
const LONGEST_ANSWER: u32 = 4 << 20;

/// A connection on which files can be asked for.
pub(super) struct Session {
    /// The protocol. Ask through [`Session::ask`], which knows when nobody will answer.
    pub(super) sftp: RawSftpSession,
    handle: Handle<Watch>,
    ends: watch::Receiver<()>,
    patience: Duration,
}

impl Session {
    /// Connects and logs in.
    pub(super) async fn open(target: &Target) -> Result<Self, Fault> {
        let addresses = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
        let addresses: Vec<_> = addresses.map_err(|_| Fault::Final(unknown_host()))?.collect();
        let socket = timeout(target.patience, TcpStream::connect(addresses.as_slice())).await;
        let socket = socket.map_err(|_| fault::silent())?.map_err(|error| {
            Fault::Broken(unreachable(say!("servern kan inte nås", "the server cannot be reached")).because(error))
        })?;
        let config = client::Config {
            keepalive_interval: Some(target.patience),
            keepalive_max: 2,
            nodelay: true,
            ..client::Config::default()
        };
        let (watch, shown, ends) = Watch::new(Arc::clone(&target.known));
        let handle = timeout(target.patience, client::connect_stream(Arc::new(config), socket, watch)).await;
        let handle = handle.map_err(|_| fault::silent())?;
        let mut handle = handle.map_err(|error| {
            let shown = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
            match shown {
                Some(shown) => Fault::Final(unknown_server(&shown, &target.known)),
                None => no_handshake(error),
            }
        })?;
        timeout(target.patience, target.login.log_in(&mut handle)).await.map_err(|_| login::hung_up())??;
        let opening = async {
            let channel = handle.channel_open_session().await?;
            channel.request_subsystem(true, "sftp").await?;
            Ok::<_, russh::Error>(channel)
        };
        let channel = timeout(target.patience, opening).await.map_err(|_| fault::silent())?;
        let channel = channel.map_err(|_| fault::broken())?;
        let config = Config {
            max_packet_len: LONGEST_ANSWER,
            // Ours is the shorter one.
            request_timeout_secs: target.patience.as_secs().saturating_add(5),
            ..Config::default()
        };
        let sftp = RawSftpSession::new_with_config(channel.into_stream(), config);
        let session = Self { sftp, handle, ends, patience: target.patience };
        match session.ask(session.sftp.init()).await {
            Ok(_) => Ok(session),
            Err(Fault::Broken(_)) => Err(Fault::Broken(
                ConnectorError::source(say!(
                    "servern släpper in användaren men ger inga filer (SFTP)",
                    "the server lets the user in but gives no files (SFTP)"
                ))
                .hint(say!(
                    "be den som sköter servern att tillåta SFTP för användaren",
                    "ask whoever runs the server to allow SFTP for the user"
                ))
                .retryable(),
            )),
            Err(other) => Err(other),
        }
    }

    /// Waits for an answer, and not for longer than there is somebody who may give it.
    pub(super) async fn ask<T>(&self, question: impl Future<Output = SftpResult<T>>) -> Result<T, Fault> {
        let mut ends = self.ends.clone();
        tokio::select! {
            biased;
            answer = timeout(self.patience, question) => match answer {
                Ok(answer) => answer.map_err(Fault::from),
                Err(_) => Err(fault::silent()),
            },
            // Nothing is ever sent: this returns when the connection's end of it is dropped.
            _ = ends.changed() => Err(fault::broken()),
        }
    }

    /// Says goodbye; a server that no longer listens is left.
    pub(super) async fn close(&self) {
        let _ = self.sftp.close_session();
        let _ = timeout(Duration::from_secs(1), self.handle.disconnect(Disconnect::ByApplication, "", "")).await;
    }
}

fn unknown_host() -> ConnectorError {
    ConnectorError::configuration(say!("serverns namn är okänt", "the server's name is not known")).hint(say!(
        "kontrollera `host`, och att namnet kan slås upp härifrån",
        "check `host`, and that the name can be looked up from here"
    ))
}

fn no_handshake(error: russh::Error) -> Fault {
    match error {
        russh::Error::NoCommonAlgo { .. } => Fault::Final(
            ConnectorError::source(say!(
                "servern kan bara krypteringar som inte längre är säkra",
                "the server only knows ciphers that are no longer safe"
            ))
            .hint(say!("be den som sköter servern att uppdatera den", "ask whoever runs the server to update it")),
        ),
        russh::Error::Version => Fault::Final(
            ConnectorError::configuration(say!("det är ingen SSH-server", "it is no SSH server"))
                .hint(say!("kontrollera `host` och `port`", "check `host` and `port`")),
        ),
        error => Fault::Broken(
            unreachable(say!("anslutningen till servern bröts", "the connection to the server broke")).because(error),
        ),
    }
}
