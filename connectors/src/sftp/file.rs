//! A file on the server: read in pieces, and read on where a broken connection stopped.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use russh_sftp::protocol::{FileAttributes, OpenFlags};
use sluss_schemas::say;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::fault::Fault;
use super::folder::listed;
use super::link::Link;
use super::session::Session;
use crate::arrival::Listed;
use crate::error::{ConnectorError, Result};
use crate::files::pieces::Pieces;

/// Bytes that are waited for at a time; the next piece is under way while one is read.
const PIECE: u64 = 1 << 19;
/// Bytes of one question: what every server answers whole.
const BLOCK: u32 = 1 << 15;
/// Questions that are asked before the first of them is answered.
const AHEAD: usize = 16;

/// The file on the server, whatever connection it is read on.
struct Remote {
    link: Arc<Link>,
    path: String,
    /// As it was when it was found: only that is read.
    file: Listed,
    /// The server's name for the open file, on the connection where it is.
    open: Mutex<Option<(Arc<Session>, String)>>,
    runtime: Handle,
}

impl Remote {
    /// The open file on this connection; opened anew where it was open on another.
    async fn handle(&self, session: &Arc<Session>) -> std::result::Result<String, Fault> {
        let mut open = self.open.lock().await;
        if let Some((on, handle)) = &*open
            && Arc::ptr_eq(on, session)
        {
            return Ok(handle.clone());
        }
        let opening = session.sftp.open(self.path.clone(), OpenFlags::READ, FileAttributes::empty());
        let handle = session.ask(opening).await?.handle;
        *open = Some((Arc::clone(session), handle.clone()));
        let now = session.ask(session.sftp.fstat(handle.clone())).await?.attrs;
        if listed(self.file.name.clone(), &now) == self.file { Ok(handle) } else { Err(changed()) }
    }

    async fn opened(&self) -> Result<()> {
        let opening = self.link.again(|session| async move {
            match self.handle(&session).await {
                Err(Fault::Missing) => Err(Fault::Final(
                    ConnectorError::source(say!(
                        "filen togs bort innan den lästes",
                        "the file was taken away before it was read"
                    ))
                    .hint(say!("kör igen", "run again"))
                    .retryable(),
                )),
                opened => opened.map(drop),
            }
        });
        opening.await
    }

    async fn piece(&self, range: Range<u64>) -> Result<Bytes> {
        self.link
            .again(|session| {
                let range = range.clone();
                async move {
                    let handle = self.handle(&session).await?;
                    let starts = range.clone().step_by(BLOCK as usize);
                    let blocks = stream::iter(starts).map(|start| {
                        let length = u32::try_from(range.end - start).unwrap_or(BLOCK).min(BLOCK);
                        block(&session, &handle, start, length)
                    });
                    let whole = BytesMut::with_capacity(usize::try_from(range.end - range.start).unwrap_or_default());
                    let gather = |mut whole: BytesMut, block: Vec<u8>| async move {
                        whole.extend_from_slice(&block);
                        Ok::<_, Fault>(whole)
                    };
                    blocks.buffered(AHEAD).try_fold(whole, gather).await.map(BytesMut::freeze)
                }
            })
            .await
    }
}

/// One block, whole: a server may give less than it is asked for.
async fn block(session: &Session, handle: &str, start: u64, length: u32) -> std::result::Result<Vec<u8>, Fault> {
    let mut block = Vec::new();
    loop {
        let got = u32::try_from(block.len()).unwrap_or(length);
        if got >= length {
            block.truncate(length as usize);
            return Ok(block);
        }
        match session.ask(session.sftp.read(handle, start + u64::from(got), length - got)).await {
            Ok(more) if more.data.is_empty() => return Err(changed()),
            Ok(more) if block.is_empty() => block = more.data,
            Ok(more) => block.extend(more.data),
            // It ends before where it ended when it was found.
            Err(Fault::End) => return Err(changed()),
            Err(fault) => return Err(fault),
        }
    }
}

fn changed() -> Fault {
    Fault::Final(
        ConnectorError::source(say!("filen ändrades medan den lästes", "the file was changed while it was read"))
            .hint(say!("kör igen när avsändaren är klar", "run again when the sender has finished"))
            .retryable(),
    )
}

impl Drop for Remote {
    /// Servers let a user have a limited number of files open.
    fn drop(&mut self) {
        if let Some((session, handle)) = self.open.get_mut().take() {
            self.runtime.spawn(async move {
                // A connection that has ended has closed its files.
                let _ = session.ask(session.sftp.close(handle)).await;
            });
        }
    }
}

/// Opens a file on the server. Called on a blocking thread of a runtime.
pub(super) fn open(link: &Arc<Link>, path: String, file: &Listed) -> Result<Pieces> {
    let runtime = Handle::current();
    let remote = Remote { link: Arc::clone(link), path, file: file.clone(), open: Mutex::new(None), runtime };
    let remote = Arc::new(remote);
    // What is wrong with it is told before anything is read.
    remote.runtime.block_on(remote.opened())?;
    let fetch = move |range: Range<u64>| {
        let remote = Arc::clone(&remote);
        async move { remote.piece(range).await }.boxed()
    };
    Ok(Pieces::new(file.size, PIECE, Box::new(fetch)))
}
