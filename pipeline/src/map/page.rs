//! The reference page of the national functions, with examples that a test runs.

use std::fmt::Write as _;

use super::functions;

/// Calls of each function and what they give.
const EXAMPLES: &[(&str, &str)] = &[
    ("datum('2026-03-01')", "2026-03-01"),
    ("datum('1 mars 2026')", "2026-03-01"),
    ("datum('tills vidare')", ""),
    ("datum('99991231')", ""),
    ("datum('20260301', 'YYYYMMDD')", "2026-03-01"),
    ("vecka('2026-W05')", "2026-01-26"),
    ("vecka('v 5 2026')", "2026-01-26"),
    ("decimal('1 234,50')", "1234.50"),
    ("decimal('0,125', 3)", "0.125"),
    ("heltal('1 200')", "1200"),
    ("ja_nej('J')", "true"),
    ("orgnr('232100-0016')", "2321000016"),
    ("lanskod('Region Skåne')", "12"),
    ("lanskod('51', 'skr')", "14"),
    ("kva('aa 099')", "AA099"),
    ("icd10('H25.1')", "H251"),
    ("kodtext(' f01 ')", "F01"),
    ("telefon('0771-11 77 00')", "+46771117700"),
    ("postnummer('413 45')", "41345"),
    ("adress_rad('Exempelgatan 1$413 45$Göteborg')", "Exempelgatan 1"),
    ("adress_postnummer('Exempelgatan 1$413 45$Göteborg')", "41345"),
    ("adress_ort('Exempelgatan 1$413 45$Göteborg')", "Göteborg"),
    ("vantetidsintervall('45')", "31-60"),
    ("oppettid('1-5#08:00#17:00', 'till')", "17:00"),
];

/// The reference page (Markdown).
pub fn page() -> String {
    let mut page = String::from(
        "# Funktioner\n\n\
         Funktioner i mappningens SQL, utöver dem som SQL har. De gissar aldrig i tysthet: det som rättas räknas \
         som *rättat*, det som inte går att läsa avvisas med sin orsak. Tomt förblir tomt.\n\n\
         | Funktion | Ger | Exempel |\n|---|---|---|\n",
    );
    for (name, doc) in functions::docs() {
        let examples: Vec<String> = EXAMPLES
            .iter()
            .filter(|(call, _)| call.split('(').next() == Some(name))
            .map(|(call, gives)| {
                let gives = if gives.is_empty() { "tomt".to_owned() } else { format!("`{gives}`") };
                format!("`{call}` → {gives}")
            })
            .collect();
        let usage = doc.usage.replace('|', "\\|");
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| `{usage}` | {} | {} |", doc.sv, examples.join("<br>"));
    }
    page
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::util::display::array_value_to_string;
    use datafusion::prelude::SessionContext;

    use super::*;
    use crate::map::Lookups;

    struct Nothing;

    impl Lookups for Nothing {
        fn crosswalk(&self, _: &str, _: &str) -> Option<String> {
            None
        }
        fn has_crosswalk(&self, _: &str) -> bool {
            false
        }
        fn pseudonym(&self, _: &str, _: &str) -> String {
            String::new()
        }
    }

    #[tokio::test]
    async fn the_examples_are_true() {
        let session = SessionContext::new();
        let lookups: Arc<dyn Lookups> = Arc::new(Nothing);
        for function in functions::all(&lookups) {
            session.register_udf(function);
        }
        for (call, gives) in EXAMPLES {
            let frame = session.sql(&format!("SELECT {call}")).await.unwrap_or_else(|e| panic!("{call}: {e}"));
            let batches = frame.collect().await.unwrap_or_else(|e| panic!("{call}: {e}"));
            assert_eq!(array_value_to_string(batches[0].column(0), 0).ok().as_deref(), Some(*gives), "{call}");
        }
    }
}
