//! Rules: what a national row must be, one file each.
//!
//! A rule's file holds its documentation (*What it checks, Why, Example*, as its `//!` comment,
//! which is the reference page), its texts and, where rows are judged by it alone, its kernel.
//!
//! Rules are raised in four places. Readers raise what they cannot read, the normaliser
//! ([`normalise`]) what is no identifier, [`judges`] what a row breaks by itself, and the pipeline
//! what only the whole delivery shows (duplicates, references). All of them add to one
//! [`Findings`]; what breaking a rule means in a table is told by
//! [`Table::severity`](crate::table::Table::severity).

mod bind;
mod code_column;
mod documentation;
mod explained;
mod hsa_column;
mod hsa_common;
pub mod normalise;
mod page;
pub mod period;
mod suggestions;
mod text;

mod dubblett_exakt;
mod dubblett_konflikt;
mod dubblett_rubrik;
mod fel_agare;
mod fel_antal_kolumner;
mod felaktig_manad;
mod felaktig_position;
mod felaktig_tid;
mod felaktig_vecka;
mod felaktigt_datum;
mod felaktigt_ja_nej;
mod felaktigt_postnummer;
mod felaktigt_tal;
mod felaktigt_telefonnummer;
mod foralder_avvisad;
mod framtida_datum;
mod gln_felformat;
mod gln_kontrollsiffra;
mod hsa_felformat;
mod hsa_luhn;
mod hsa_personnummer;
mod hsa_pseudo;
mod hsa_skiftlage;
mod hsa_test;
mod kod_fel_system;
mod kod_felformat;
mod kod_inte_an_giltig;
mod kod_oavgjord;
mod kod_okand;
mod kod_utanfor_urval;
mod kod_utgangen;
mod motstridig_grupp;
mod negativ_tid;
mod oavslutat_citat;
mod ogiltiga_tecken;
mod okand_i_kodmappning;
mod okand_region;
mod olasbar_rad;
mod orgnr_enskild;
mod orgnr_felformat;
mod orgnr_luhn;
mod personnummer_i_text;
mod rad_utan_tabell;
mod reparerad;
mod saknad_foralder;
mod saknad_referens;
mod sctid_felformat;
mod sctid_kontrollsiffra;
mod slut_fore_start;
mod tomt_obligatoriskt;
mod utanfor_varden;

use arrow::array::RecordBatch;
use chrono::NaiveDate;

pub(crate) use bind::bind;
pub use bind::judges;
use documentation::documentation;
pub use page::page;
pub use text::Language;

use crate::code::CodeIndex;
use crate::finding::Findings;

/// Every rule, in reading order: reading, values, columns, rows, sets.
pub static ALL: &[&RuleDoc] = &[
    &fel_antal_kolumner::RULE,
    &ogiltiga_tecken::RULE,
    &oavslutat_citat::RULE,
    &olasbar_rad::RULE,
    &dubblett_rubrik::RULE,
    &felaktigt_datum::RULE,
    &felaktigt_tal::RULE,
    &felaktigt_ja_nej::RULE,
    &felaktig_tid::RULE,
    &felaktig_manad::RULE,
    &felaktig_vecka::RULE,
    &felaktigt_postnummer::RULE,
    &felaktigt_telefonnummer::RULE,
    &okand_region::RULE,
    &felaktig_position::RULE,
    &kod_felformat::RULE,
    &okand_i_kodmappning::RULE,
    &reparerad::RULE,
    &tomt_obligatoriskt::RULE,
    &orgnr_felformat::RULE,
    &orgnr_luhn::RULE,
    &orgnr_enskild::RULE,
    &hsa_felformat::RULE,
    &hsa_luhn::RULE,
    &hsa_test::RULE,
    &hsa_pseudo::RULE,
    &hsa_personnummer::RULE,
    &hsa_skiftlage::RULE,
    &sctid_felformat::RULE,
    &sctid_kontrollsiffra::RULE,
    &gln_felformat::RULE,
    &gln_kontrollsiffra::RULE,
    &kod_okand::RULE,
    &kod_utgangen::RULE,
    &kod_inte_an_giltig::RULE,
    &kod_fel_system::RULE,
    &kod_utanfor_urval::RULE,
    &kod_oavgjord::RULE,
    &utanfor_varden::RULE,
    &framtida_datum::RULE,
    &slut_fore_start::RULE,
    &negativ_tid::RULE,
    &personnummer_i_text::RULE,
    &fel_agare::RULE,
    &dubblett_exakt::RULE,
    &dubblett_konflikt::RULE,
    &saknad_referens::RULE,
    &saknad_foralder::RULE,
    &foralder_avvisad::RULE,
    &motstridig_grupp::RULE,
    &rad_utan_tabell::RULE,
];

/// The rule with that id.
pub fn find(id: &str) -> Option<&'static RuleDoc> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// The rule's id that was probably meant.
pub fn nearest(id: &str) -> Option<&'static str> {
    crate::table::nearest(id, ALL.iter().map(|rule| rule.id))
}

/// What a broken rule means for the row.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Accepted, with a remark on the receipt.
    Warn,
    /// Accepted after a repair that loses nothing.
    Repair,
    /// Rejected to quarantine.
    Reject,
}

/// A rule's texts. In the messages `{kolumn}` stands for the column and `{forslag}` for the suggestion.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub struct RuleDoc {
    /// Lower-case ASCII id, stable for ever: `hsa_luhn`.
    pub id: &'static str,
    /// What breaking it means, where a table does not say otherwise.
    pub severity: Severity,
    /// What is wrong, to a contract administrator.
    pub sv: &'static str,
    /// How to mend it: one action.
    pub mend_sv: &'static str,
    /// What is wrong, in English.
    pub en: &'static str,
    /// How to mend it, in English.
    pub mend_en: &'static str,
    /// Why there is the rule, in Swedish.
    pub why_sv: &'static str,
    /// What breaks it, in Swedish.
    pub example_sv: &'static str,
    /// The reference page (Markdown).
    pub doc: &'static str,
}

/// What a rule may look at besides the rows.
pub struct Context<'a> {
    /// Code systems, indexed.
    pub codes: &'a CodeIndex,
    /// The delivery's date: what *today* means in this run.
    pub today: NaiveDate,
    /// The owner's länskod, where the job has one.
    pub owner: Option<&'a str>,
}

/// A rule bound to the columns of one table. Judges typed national batches (the table's Arrow
/// schema, with nulls where a value was missing or unreadable), vectorised.
pub trait Judge: Send + Sync {
    /// Adds what is wrong to `out`. A bad row is data, never an error.
    ///
    /// `out` already holds what readers and the normaliser found in this batch: a value that one of
    /// them could not read is not judged again, and its null is not called missing.
    fn judge(&self, rows: &RecordBatch, cx: &Context<'_>, out: &mut Findings);
}

#[cfg(test)]
mod tests;
