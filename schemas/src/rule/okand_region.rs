//! A region that there is not.
//!
//! ## What it checks
//!
//! Values that the mapping reads as a region: name, county code, SKR’s region code, NUTS 3 or
//! organisation number, as the mapping says which.
//!
//! ## Why
//!
//! SKR’s code 12 is Uppsala, the county code 12 is Skåne. A code of the wrong kind would give one
//! region’s rows to another.
//!
//! ## Example
//!
//! `02`, which no county has had since 1968, and `Region Norrland`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "okand_region",
    severity: Severity::Reject,
    sv: "Värdet pekar inte ut någon av de 21 regionerna.",
    mend_sv: "Menade ni {forslag}? Ange länskod med två siffror.",
    en: "The value names none of the 21 regions.",
    mend_en: "Did you mean {forslag}? Give the two-digit county code.",
    why_sv: "SKR:s kod 12 är Uppsala, länskod 12 är Skåne. En kod av fel slag skulle ge en regions rader till en annan.",
    example_sv: "`02`, som inget län haft sedan 1968, och `Region Norrland`.",
    doc: super::documentation!("okand_region.rs"),
};
