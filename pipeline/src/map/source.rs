//! The table `source` of a mapping: a bounded channel that the extraction fills.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Batches that may wait between extraction and a mapping.
const WAITING_BATCHES: usize = 2;

/// The extraction's end of the channel. Dropping it ends the source.
pub type Feed = mpsc::Sender<RecordBatch>;

/// A stream of source batches that can be read once.
pub(super) struct SourceStream {
    schema: SchemaRef,
    receiver: Mutex<Option<mpsc::Receiver<RecordBatch>>>,
}

impl SourceStream {
    pub(super) fn channel(schema: SchemaRef) -> (Feed, Arc<Self>) {
        let (sender, receiver) = mpsc::channel(WAITING_BATCHES);
        (sender, Arc::new(Self { schema, receiver: Mutex::new(Some(receiver)) }))
    }
}

impl fmt::Debug for SourceStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SourceStream")
    }
}

impl PartitionStream for SourceStream {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _cx: Arc<TaskContext>) -> SendableRecordBatchStream {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let batches = match receiver {
            Some(receiver) => ReceiverStream::new(receiver).map(Ok).boxed(),
            // `prepare` refuses a plan that scans the source twice, so this is a defect of ours.
            None => futures::stream::once(async {
                Err::<RecordBatch, _>(DataFusionError::Internal("the source was read twice".into()))
            })
            .boxed(),
        };
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}
