//! Integration tests: the program as its users meet it, on projects in temporary folders.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on should say so and stop")]

mod agreement;
mod backup;
mod bench;
#[path = "../long/bitemporal/mod.rs"]
mod bitemporal;
mod both;
#[path = "../long/cleared.rs"]
mod cleared;
mod cli;
mod commit_protocol;
mod coverage;
mod demo;
mod erasure;
mod faults;
mod foreign;
mod guards;
#[path = "../long/histories/mod.rs"]
mod histories;
mod http;
mod incremental;
mod inkorg;
#[path = "../long/kills.rs"]
mod kills;
mod lake_merge;
mod matching;
mod nation;
mod ownership;
mod packages;
mod peers;
mod push;
mod real_files;
mod replay;
mod s3;
mod sandbox;
#[path = "../long/scale.rs"]
mod scale;
#[path = "../long/seconds/mod.rs"]
mod seconds;
mod secrecy;
mod secrets;
mod serve;
mod services;
mod small;
mod sole_trader;
mod sql;
mod suggest;
mod sweep;
mod template;
mod tidy;
mod watch;
#[path = "../long/year/mod.rs"]
mod year;
