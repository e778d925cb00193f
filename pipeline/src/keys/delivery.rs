//! Whose bytes, from which run: the unit that has one key and is erased as one.

use std::fmt;

use super::{Error, Result};

/// An owner and one of its runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Delivery {
    owner: String,
    run: String,
}

impl Delivery {
    /// Names a delivery. Both parts become names of folders and files: 1–64 of `a–z A–Z 0–9 - _`.
    pub fn new(owner: &str, run: &str) -> Result<Self> {
        for (what, name) in [("owner", owner), ("run", run)] {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
                return Err(Error::Name { what });
            }
        }
        Ok(Self { owner: owner.to_owned(), run: run.to_owned() })
    }

    /// The owner: a länskod, or what the job calls itself where it has no region.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The run's id.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Both names with their lengths: unambiguous bytes to bind keys to.
    pub(crate) fn context(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.owner.len() + self.run.len() + 8);
        for part in [&self.owner, &self.run] {
            out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(part.as_bytes());
        }
        out
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_folder() {
        for (owner, run) in [("", "r"), ("..", "r"), ("a/b", "r"), ("22", "r.key"), ("22", "å"), ("22", "../x")] {
            assert!(Delivery::new(owner, run).is_err(), "{owner:?} {run:?}");
        }
        assert_eq!(Delivery::new("22", "r-1_a").unwrap().to_string(), "22/r-1_a");
    }

    #[test]
    fn moving_a_letter_between_the_parts_changes_the_context() {
        assert_ne!(Delivery::new("a", "bc").unwrap().context(), Delivery::new("ab", "c").unwrap().context());
    }
}
