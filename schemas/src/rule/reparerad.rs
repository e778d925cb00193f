//! A value whose spelling was mended.
//!
//! ## What it checks
//!
//! Identifiers, codes, dates and numbers that were read after blanks, hyphens, case or look-alike
//! characters were put right.
//!
//! ## Why
//!
//! Repairs are counted, so that a source that gets worse is seen. A repair never changes what the value
//! says.
//!
//! ## Example
//!
//! ` cje20 ` becomes `CJE20`, and `232100-0016` becomes `2321000016`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "reparerad",
    severity: Severity::Repair,
    sv: "Värdets skrivsätt är rättat, utan att något gått förlorat.",
    mend_sv: "Ni behöver inte göra något. Skriv gärna värdet i ren form nästa gång.",
    en: "The spelling of the value was mended, and nothing was lost.",
    mend_en: "Nothing needs to be done. Preferably write the plain form next time.",
    why_sv: "Rättelser räknas, så att det syns när en källa blir sämre. En rättelse ändrar aldrig vad värdet säger.",
    example_sv: "` cje20 ` blir `CJE20`, och `232100-0016` blir `2321000016`.",
    doc: super::documentation!("reparerad.rs"),
};
