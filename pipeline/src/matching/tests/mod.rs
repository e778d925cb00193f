//! Matching measured: a made-up country with planted distortions, and what must hold of every answer.

mod distort;
mod luck;
mod measure;
mod rules;
mod world;
