//! The one table of clearances: outlet × class of a column × status of the row's contract.

use super::status::Status;
use crate::table::Class;

/// Where something of the register can leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outlet {
    /// The views `oppen_…` beside the register's tables.
    View,
    /// The analysts' lake, and what is derived from it.
    Lake,
    /// `sluss sql`, as it is without `--operator`.
    Sql,
    /// What is told to those who follow the register.
    Event,
    /// The console, for whoever is not an operator.
    Console,
    /// The receipt to the region whose delivery it was.
    Receipt,
    /// A file of rejected rows for the region that owns them.
    Export,
    /// The encrypted quarantine, which its region's rejected rows wait in.
    Quarantine,
    /// Logs and errors.
    Log,
}

impl Outlet {
    /// All of them, those that most can read first.
    pub const ALL: [Self; 9] = [
        Self::View,
        Self::Lake,
        Self::Sql,
        Self::Event,
        Self::Console,
        Self::Receipt,
        Self::Export,
        Self::Quarantine,
        Self::Log,
    ];

    /// Whether a cell of a column of `class`, in a row of a contract with `status`, may leave here.
    ///
    /// A contract that its region withholds leaves nowhere. The receipt, the export and the quarantine
    /// are the region's own: what is secret to others is not to it. A receipt shows places, and of cells
    /// only what a suggestion is made of.
    pub const fn clears(self, class: Class, status: Status) -> bool {
        match self {
            Self::View | Self::Lake | Self::Sql | Self::Event | Self::Console => {
                matches!(class, Class::Oppen) && matches!(status, Status::Open)
            }
            Self::Receipt => matches!(class, Class::Oppen) && !matches!(status, Status::Withheld),
            Self::Export | Self::Quarantine => !matches!(status, Status::Withheld),
            Self::Log => false,
        }
    }

    /// What it is called, in Swedish.
    pub const fn sv(self) -> &'static str {
        match self {
            Self::View => "registrets öppna vyer (`oppen_…`)",
            Self::Lake => "analysernas datalager, och vad som härleds ur det",
            Self::Sql => "`sluss sql` utan `--operator`",
            Self::Event => "händelser",
            Self::Console => "konsolen, för den som inte är operatör",
            Self::Receipt => "kvittensen till regionen",
            Self::Export => "`sluss quarantine export`, till regionen",
            Self::Quarantine => "karantänen, krypterad",
            Self::Log => "loggar och fel",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_withheld_or_logged_leaves_nowhere_and_what_is_open_leaves_where_it_should() {
        for outlet in Outlet::ALL {
            for class in [Class::Oppen, Class::Skyddad, Class::Personuppgift] {
                assert!(!outlet.clears(class, Status::Withheld), "{outlet:?}");
                assert!(!Outlet::Log.clears(class, Status::Open));
                for status in [Status::Undecided, Status::Secret] {
                    assert!(!outlet.clears(class, status) || outlet >= Outlet::Receipt, "{outlet:?} {class:?}");
                }
                assert!(class == Class::Oppen || outlet > Outlet::Receipt || !outlet.clears(class, Status::Open));
            }
            assert_eq!(outlet.clears(Class::Oppen, Status::Open), outlet != Outlet::Log, "{outlet:?}");
        }
    }
}
