//! Ownership attacked from outside the database: job files that a region could write, what its system can
//! send, and the whole program on a register whose database keeps owners apart as well.
//!
//! The attempts in SQL stand beside the register, in `pipeline/src/register/tests/roles/`.

mod database;
mod jobs;
mod pushed;
