//! Values: one file per kind, from the text of a cell to a typed value.
//!
//! Every reader gives a [`Reading`](crate::reading::Reading): nothing is guessed silently. A value
//! that reads clean allocates nothing.

pub mod adress;
pub mod alder_grupp;
pub mod datum;
pub mod decimal;
pub mod flyttal;
pub mod heltal;
pub mod ja_nej;
pub mod klockslag;
pub mod koordinat;
pub mod manad;
pub mod tidpunkt;
pub mod typography;
pub mod vantetidsintervall;
pub mod vecka;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{code, gln, hsa_id, icd10, kva, lanskod, orgnr, postnummer, sctid, telefon};
    use crate::region;

    #[test]
    fn a_megabyte_in_a_cell_is_no_trouble() {
        let all = datum::Options { format: Some(&datum::ISO), excel: true, two_digit_year: true };
        for unit in ["a", "å", "1", "0", " ", "-", "1 ", "1,", "$", "i ", "#1", "🙂", "\u{a0}", "+46 ", "(0)", "tel "]
        {
            let text = unit.repeat(1_000_000 / unit.len());
            let _ = (code::read(&text), gln::read(&text), hsa_id::read(&text, &hsa_id::HsaOptions::default()));
            let _ = (icd10::read(&text), kva::read(&text), lanskod::read_any(&text), orgnr::read(&text));
            let _ = (postnummer::read(&text), sctid::read(&text), telefon::read(&text), region::unambiguous(&text));
            let _ = (datum::read_with(&text, all), datum::read_as(&text, datum::ISO), tidpunkt::read(&text));
            let _ = (decimal::read(&text, 2), heltal::read(&text), flyttal::read(&text), ja_nej::read(&text));
            let _ = (klockslag::read(&text), klockslag::read_hours(&text), koordinat::read(&text), adress::read(&text));
        }
    }
}
