//! Runs on threads of their own: the lake's writers stay on the thread that made them, and a run that
//! computes for long keeps nobody else waiting.

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Does `work` on a thread of its own; none where it panicked. Dropping this breaks it off at the next point
/// at which it waits.
///
/// # Errors
///
/// The system has no thread left.
pub(crate) async fn on_its_own_thread<T, W>(
    name: &str,
    work: impl FnOnce() -> W + Send + 'static,
) -> std::io::Result<Option<T>>
where
    T: Send + 'static,
    W: Future<Output = T>,
{
    let (done, result) = oneshot::channel();
    let runtime = Handle::current();
    let broken_off = CancellationToken::new();
    let _guard = broken_off.clone().drop_guard();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let done_or_not = runtime.block_on(async {
            tokio::select! {
                result = work() => Some(result),
                () = broken_off.cancelled() => None,
            }
        });
        if let Some(result) = done_or_not {
            // Nobody waits for it where the program is stopping.
            let _ = done.send(result);
        }
    })?;
    Ok(result.await.ok())
}
