//! Integration tests: the program as its users meet it, on projects in temporary folders.

mod commit_protocol;
mod demo;
mod guards;
mod real_files;
mod sandbox;
mod tidy;
