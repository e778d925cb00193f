//! The lake's errors: which are of its store, and which may pass by themselves.

use std::error::Error;

use deltalake::DeltaTableError;
use deltalake::kernel::transaction::TransactionError;
use sluss_schemas::say;

use crate::error::PipelineError;

/// The lake, or its store, has failed. What may pass is worth another try.
pub(crate) fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> PipelineError {
    let error = error.into();
    let passes = chain(error.as_ref()).any(|cause| is_raced(cause) || store_error(cause).is_some_and(passes));
    let told = PipelineError::operator(say!(
        "lakehouse kunde inte läsas eller skrivas",
        "the lake could not be read or written"
    ))
    .hint(say!(
        "kontrollera att lakehouse går att nå, att nycklarna gäller och att det finns plats",
        "check that the lake can be reached, that its keys hold, and that there is room"
    ))
    .because(error);
    if passes { told.retryable() } else { told }
}

/// Whether an error comes from the lake's store, through whatever read from it.
pub(crate) fn is_of_store(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|cause| store_error(cause).is_some())
}

/// Whether another process has written the same log meanwhile.
pub(super) fn has_raced(error: &PipelineError) -> bool {
    chain(error).any(is_raced)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn is_raced(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(DeltaTableError::VersionAlreadyExists(_)))
        || matches!(
            error.downcast_ref(),
            Some(
                TransactionError::CommitConflict(_)
                    | TransactionError::MaxCommitAttempts(_)
                    | TransactionError::VersionAlreadyExists(_)
            )
        )
}

fn store_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a object_store::Error> {
    // The query engine boxes it.
    error.downcast_ref().or_else(|| error.downcast_ref::<Box<object_store::Error>>().map(Box::as_ref))
}

/// A store that does not answer, or says that it cannot now; not one that refuses.
fn passes(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::Generic { .. } | object_store::Error::JoinError { .. })
}

#[cfg(test)]
mod tests {
    use datafusion::error::DataFusionError;

    use super::*;

    fn away() -> object_store::Error {
        object_store::Error::Generic { store: "S3", source: "connection refused".into() }
    }

    fn refused() -> object_store::Error {
        object_store::Error::PermissionDenied { path: "x".into(), source: "403".into() }
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        let raced = TransactionError::MaxCommitAttempts(15);
        for passing in [
            PipelineError::from(DeltaTableError::from(away())),
            DeltaTableError::VersionAlreadyExists(3).into(),
            DeltaTableError::Transaction { source: raced }.into(),
            DataFusionError::ObjectStore(Box::new(away())).into(),
            failed(away()),
        ] {
            assert!(passing.retry, "{passing:?}");
        }
        for lasting in [
            PipelineError::from(DeltaTableError::from(refused())),
            DeltaTableError::NoSchema.into(),
            DataFusionError::ObjectStore(Box::new(refused())).into(),
            DataFusionError::Plan("x".into()).into(),
            failed(refused()),
        ] {
            assert!(!lasting.retry, "{lasting:?}");
        }
    }

    #[test]
    fn a_log_that_another_wrote_is_known_through_what_is_told_of_it() {
        assert!(has_raced(&DeltaTableError::VersionAlreadyExists(3).into()));
        assert!(!has_raced(&failed(away())));
        assert_eq!(PipelineError::from(DataFusionError::Plan("x".into())).actor, crate::error::Actor::Us);
        assert_eq!(
            PipelineError::from(DataFusionError::ObjectStore(Box::new(away()))).actor,
            crate::error::Actor::Operator
        );
    }
}
