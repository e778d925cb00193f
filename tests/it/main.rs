//! Integration tests: the program as its users meet it, on projects in temporary folders.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on should say so and stop")]

mod bench;
mod commit_protocol;
mod demo;
mod guards;
mod lake_merge;
mod real_files;
mod sandbox;
mod sql;
mod tidy;
