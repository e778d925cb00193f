//! Deliveries that are handed to us, over HTTP or as a file: received, given to their job, run.
//!
//! `receive` lands what comes, `form` says how it is written, `target` which job takes it, `deliver`
//! gives it to the engine, which judges and publishes it as it does every other delivery.

mod deliver;
mod form;
mod own_columns;
mod receive;
mod target;

pub(crate) use deliver::{Received, run};
pub(crate) use form::{Form, media, own_media};
pub(crate) use receive::{Incoming, NotReceived, receive};
pub(crate) use target::{Target, check_jobs, own_tables, target, target_of_run};

/// The connector's name in a job.
pub(crate) const NAME: &str = "push";
