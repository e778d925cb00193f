//! personnummer
