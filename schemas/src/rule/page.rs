//! The reference page of all rules.

use std::fmt::{self, Write as _};

use super::{ALL, RuleDoc, Severity};

/// The reference page (Markdown): every rule with its texts and its documentation.
pub fn page() -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write_page(&mut page);
    page
}

impl RuleDoc {
    /// The rule's own part of the reference page.
    pub fn page(&self) -> String {
        let mut page = String::new();
        let _ = self.write_page(&mut page);
        page
    }

    fn write_page(&self, page: &mut String) -> fmt::Result {
        let (title, rest) = self.doc.split_once('\n').unwrap_or((self.doc, ""));
        writeln!(page, "## {}\n\n{title}\n", self.id)?;
        writeln!(page, "| | |\n|---|---|")?;
        writeln!(page, "| Severity | {} |", severity(self.severity))?;
        writeln!(page, "| Svenska | {} {} |", self.sv, self.mend_sv)?;
        writeln!(page, "| English | {} {} |\n", self.en, self.mend_en)?;
        for line in rest.trim().lines() {
            let demoted = if line.starts_with("## ") { "#" } else { "" };
            writeln!(page, "{demoted}{line}")?;
        }
        writeln!(page)
    }
}

fn write_page(page: &mut String) -> fmt::Result {
    writeln!(page, "# Rules\n")?;
    writeln!(
        page,
        "Every rule that a national row is judged by. *reject* sends the row to quarantine, *repair* and *warn* \
         accept it and tell of it on the receipt; a table may say otherwise. In the messages `{{kolumn}}` stands \
         for the column and `{{forslag}}` for a suggestion; a sentence with a suggestion is left out where there \
         is none.\n"
    )?;
    writeln!(page, "| Rule | Severity | |\n|---|---|---|")?;
    for rule in ALL {
        writeln!(page, "| [`{0}`](#{0}) | {1} | {2} |", rule.id, severity(rule.severity), rule.title())?;
    }
    writeln!(page)?;
    for rule in ALL {
        rule.write_page(page)?;
    }
    let end = page.trim_end().len();
    page.truncate(end + 1);
    Ok(())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warn => "warn",
        Severity::Repair => "repair",
        Severity::Reject => "reject",
    }
}
