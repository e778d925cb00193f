//! klockslag
/// Not a time of day, or not a point in time.
pub const FELAKTIG: &str = "felaktig_tid";
