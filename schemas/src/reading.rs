//! The outcome of reading one value: nothing is ever guessed silently.

/// What a reader made of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// Nothing there (empty, blank, or a word that means nothing, such as *tills vidare* for a date).
    Empty,
    /// Read as it stood, in canonical form.
    Clean(T),
    /// Read after a repair that loses nothing (blanks, case, look-alike characters): is counted.
    Repaired(T),
    /// Could not be read; the id of the rule that says why.
    Unreadable(&'static str),
}

impl<T> Reading<T> {
    /// The value, where there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Clean(v) | Self::Repaired(v) => Some(v),
            Self::Empty | Self::Unreadable(_) => None,
        }
    }

    /// Changes the value and keeps the verdict.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Empty => Reading::Empty,
            Self::Clean(v) => Reading::Clean(f(v)),
            Self::Repaired(v) => Reading::Repaired(f(v)),
            Self::Unreadable(rule) => Reading::Unreadable(rule),
        }
    }
}
