//! kodverk
