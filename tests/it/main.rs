//! Integration tests: the program as its users meet it, on projects in temporary folders.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on should say so and stop")]

mod cli;
mod commit_protocol;
mod demo;
mod guards;
mod real_files;
mod sandbox;
mod tidy;
