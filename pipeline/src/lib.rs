//! tmp
pub mod error; pub mod fail; pub mod job; pub mod map; pub mod merge;
