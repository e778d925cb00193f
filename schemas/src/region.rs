//! The 21 regions in the code systems that their files use, and their place in the national grid.
//!
//! **Trap:** SKR's code and the länskod share digits with different meanings (SKR 21 is
//! Östergötland, länskod 21 is Gävleborg). A bare two-digit text says nothing without its system.

use crate::value::typography::{Short, trim};

/// One region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Länskod (SCB), two digits: the key of the national tables.
    pub lanskod: &'static str,
    /// SKR's region code, as waiting-time deliveries carry it.
    pub skr: &'static str,
    /// NUTS level 3 (EU 2016/2066).
    pub nuts3: &'static str,
    /// Kolada's municipality id.
    pub kolada: &'static str,
    /// The region's own name.
    pub name: &'static str,
    /// What a map or a table calls it.
    pub short: &'static str,
    /// The county (län) that it covers.
    pub county: &'static str,
    /// Organisation number, ten digits.
    pub orgnr: &'static str,
    /// Column in the national grid, from 0.
    pub column: u8,
    /// Row in the national grid, from 0.
    pub row: u8,
    /// Folded name stems by which it is recognised.
    stems: &'static [&'static str],
}

macro_rules! regions {
    ($($lan:literal $skr:literal $nuts:literal $kolada:literal $name:literal $short:literal $county:literal $orgnr:literal
        ($column:literal, $row:literal) [$($stem:literal),+];)+) => {
        /// All of them, by länskod.
        pub const REGIONS: [Region; 21] = [$(Region {
            lanskod: $lan, skr: $skr, nuts3: $nuts, kolada: $kolada, name: $name, short: $short, county: $county,
            orgnr: $orgnr, column: $column, row: $row, stems: &[$($stem),+],
        }),+];
    };
}

regions! {
    "01" "10" "SE110" "0001" "Region Stockholm" "Stockholm" "Stockholms län" "2321000016" (4, 5) ["stockholm", "sll"];
    "03" "12" "SE121" "0003" "Region Uppsala" "Uppsala" "Uppsala län" "2321000024" (4, 4) ["uppsala"];
    "04" "13" "SE122" "0004" "Region Sörmland" "Sörmland" "Södermanlands län" "2321000032" (3, 5) ["sormland", "sodermanland"];
    "05" "21" "SE123" "0005" "Region Östergötland" "Östergötland" "Östergötlands län" "2321000040" (2, 5) ["ostergotland"];
    "06" "22" "SE211" "0006" "Region Jönköpings län" "Jönköpings län" "Jönköpings län" "2321000057" (2, 6) ["jonkoping"];
    "07" "23" "SE212" "0007" "Region Kronoberg" "Kronoberg" "Kronobergs län" "2321000065" (2, 7) ["kronoberg"];
    "08" "24" "SE213" "0008" "Region Kalmar län" "Kalmar län" "Kalmar län" "2321000073" (3, 6) ["kalmar"];
    "09" "26" "SE214" "0009" "Region Gotland" "Gotland" "Gotlands län" "2120000803" (5, 6) ["gotland", "gotlandskommun"];
    "10" "27" "SE221" "0010" "Region Blekinge" "Blekinge" "Blekinge län" "2321000081" (3, 7) ["blekinge"];
    "12" "41" "SE224" "0012" "Region Skåne" "Skåne" "Skåne län" "2321000255" (1, 7) ["skane"];
    "13" "42" "SE231" "0013" "Region Halland" "Halland" "Hallands län" "2321000115" (1, 6) ["halland"];
    "14" "51" "SE232" "0014" "Västra Götalandsregionen" "Västra Götaland" "Västra Götalands län" "2321000131" (1, 5) ["vastragotaland", "vgr"];
    "17" "54" "SE311" "0017" "Region Värmland" "Värmland" "Värmlands län" "2321000156" (1, 4) ["varmland"];
    "18" "55" "SE124" "0018" "Region Örebro län" "Örebro län" "Örebro län" "2321000164" (2, 4) ["orebro"];
    "19" "56" "SE125" "0019" "Region Västmanland" "Västmanland" "Västmanlands län" "2321000172" (3, 4) ["vastmanland"];
    "20" "57" "SE312" "0020" "Region Dalarna" "Dalarna" "Dalarnas län" "2321000180" (2, 3) ["dalarna"];
    "21" "61" "SE313" "0021" "Region Gävleborg" "Gävleborg" "Gävleborgs län" "2321000198" (3, 3) ["gavleborg"];
    "22" "62" "SE321" "0022" "Region Västernorrland" "Västernorrland" "Västernorrlands län" "2321000206" (3, 2) ["vasternorrland"];
    "23" "63" "SE322" "0023" "Region Jämtland Härjedalen" "Jämtland Härjedalen" "Jämtlands län" "2321000214" (2, 2) ["jamtland", "jamtlandharjedalen"];
    "24" "64" "SE331" "0024" "Region Västerbotten" "Västerbotten" "Västerbottens län" "2321000222" (3, 1) ["vasterbotten"];
    "25" "65" "SE332" "0025" "Region Norrbotten" "Norrbotten" "Norrbottens län" "2321000230" (3, 0) ["norrbotten"];
}

/// The region of a länskod.
pub fn by_lanskod(code: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|r| r.lanskod == code)
}

/// The region of SKR's region code.
pub fn by_skr(code: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|r| r.skr == code)
}

/// The region of a NUTS 3 code, in any case.
pub fn by_nuts3(code: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|r| r.nuts3.eq_ignore_ascii_case(code))
}

/// The region of a Kolada municipality id.
pub fn by_kolada(code: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|r| r.kolada == code)
}

/// The region of an organisation number of ten digits.
pub fn by_orgnr(orgnr: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|r| r.orgnr == orgnr)
}

/// The region of a name in one of its usual forms: *Region Dalarna*, *DALARNA*, *Dalarnas län*,
/// *Landstinget Dalarna*, *Västra Götaland*, *VGR*. Municipalities and companies are not regions.
pub fn by_name(text: &str) -> Option<&'static Region> {
    let mut name = Short::<64>::new();
    for word in text.split(|c: char| !(c.is_alphanumeric() || is_combining(c))).filter(|w| !w.is_empty()) {
        let mut folded = Short::<40>::new();
        for c in word.chars().filter(|c| !is_combining(*c)) {
            if !folded.push(fold(c)) {
                return None;
            }
        }
        if !matches!(
            folded.text(),
            "region" | "regionen" | "landsting" | "landstinget" | "i" | "lan" | "lans" | "lanet" | "och"
        ) && !folded.text().chars().all(|c| name.push(c))
        {
            return None;
        }
    }
    let whole = name.text();
    let whole = whole.strip_suffix("regionen").unwrap_or(whole);
    let bare = whole.strip_suffix('s');
    REGIONS.iter().find(|r| r.stems.iter().any(|stem| *stem == whole || Some(*stem) == bare))
}

/// The region that `text` names or numbers in a form that can mean nothing else; a bare two-digit
/// code is never such a form.
pub fn unambiguous(text: &str) -> Option<&'static Region> {
    let text = trim(text);
    by_nuts3(text).or_else(|| by_kolada(text)).or_else(|| by_orgnr(text)).or_else(|| by_name(text))
}

/// Accents and case out: all 21 names stay apart without them.
fn fold(c: char) -> char {
    match c {
        'å' | 'Å' | 'ä' | 'Ä' | 'á' | 'à' => 'a',
        'ö' | 'Ö' | 'ó' => 'o',
        c => c.to_ascii_lowercase(),
    }
}

/// Decomposed text (macOS file names) writes å as a and a ring.
const fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::identifier::luhn;

    #[test]
    fn every_code_is_unique_and_every_organisation_number_passes_luhn() {
        for f in [
            |r: &Region| r.lanskod,
            |r: &Region| r.skr,
            |r: &Region| r.nuts3,
            |r: &Region| r.kolada,
            |r: &Region| r.orgnr,
        ] {
            assert_eq!(REGIONS.iter().map(f).collect::<BTreeSet<_>>().len(), 21);
        }
        assert_eq!(REGIONS.iter().map(|r| (r.column, r.row)).collect::<BTreeSet<_>>().len(), 21);
        for r in &REGIONS {
            assert!(luhn::holds(r.orgnr.as_bytes()), "{}", r.name);
            assert_eq!(r.kolada, format!("00{}", r.lanskod));
        }
    }

    #[test]
    fn names_in_the_forms_that_are_used() {
        for r in &REGIONS {
            let county = r.county.trim_end_matches(" län");
            for form in [
                r.name.to_owned(),
                r.short.to_owned(),
                r.county.to_owned(),
                r.name.to_uppercase(),
                r.short.to_lowercase(),
                format!("Landstinget i {}", r.county),
                format!("{county} läns landsting"),
                format!(" Region  {} ", r.short),
                r.name.replace('å', "a\u{30a}").replace('ä', "a\u{308}").replace('ö', "o\u{308}"),
            ] {
                assert_eq!(by_name(&form).map(|r| r.lanskod), Some(r.lanskod), "{form}");
            }
        }
        for (name, code) in [
            ("Västra Götaland", "14"),
            ("VGR", "14"),
            ("Landstinget i Kalmar län", "08"),
            ("Landstinget Sörmland", "04"),
            ("Region Jämtland-Härjedalen", "23"),
            ("REGION JÄMTLANDS LÄN", "23"),
            ("Gotlands kommun", "09"),
        ] {
            assert_eq!(by_name(name).map(|r| r.lanskod), Some(code), "{name}");
        }
    }

    #[test]
    fn what_is_no_region_is_not_taken_for_one() {
        for other in [
            "",
            "Region",
            "Kalmar kommun",
            "Skåne Care AB",
            "Gamla Uppsala Buss Aktiebolag",
            "Götaland",
            "14",
            "Norge",
            "län",
        ] {
            assert_eq!(by_name(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = (by_name(&text), unambiguous(&text));
        }
    }
}
