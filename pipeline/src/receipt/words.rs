//! The words of a receipt. One list, filled in once for each language, so that none can lack one.

use sluss_schemas::rule::Language;

/// The words of one language. In sentences `{}` stands for what the name says.
pub(super) struct Words {
    /// Date.
    pub(super) title: &'static str,
    pub(super) job: &'static str,
    pub(super) run: &'static str,
    pub(super) file: &'static str,
    pub(super) sheet: &'static str,
    /// Count.
    pub(super) answer: &'static str,
    /// Count.
    pub(super) answers: &'static str,
    pub(super) row: &'static str,
    pub(super) column: &'static str,
    pub(super) rows: &'static str,
    pub(super) rows_in_all: &'static str,
    pub(super) share: &'static str,
    pub(super) read: &'static str,
    pub(super) accepted: &'static str,
    pub(super) rejected: &'static str,
    pub(super) withheld: &'static str,
    pub(super) filtered: &'static str,
    pub(super) table: &'static str,
    pub(super) mapped: &'static str,
    pub(super) accepted_short: &'static str,
    pub(super) repaired_short: &'static str,
    pub(super) rejected_short: &'static str,
    pub(super) withheld_short: &'static str,
    pub(super) register: &'static str,
    pub(super) new: &'static str,
    pub(super) changed: &'static str,
    pub(super) ended: &'static str,
    pub(super) unchanged: &'static str,
    pub(super) stale: &'static str,
    pub(super) stale_note: &'static str,
    pub(super) to_mend: &'static str,
    pub(super) remarks: &'static str,
    pub(super) repairs: &'static str,
    pub(super) warnings: &'static str,
    /// Count.
    pub(super) more: &'static str,
    /// Suggestion.
    pub(super) suggested: &'static str,
    pub(super) published: &'static str,
    pub(super) nothing_published: &'static str,
    /// Table.
    pub(super) unread: &'static str,
    pub(super) done: &'static str,
    /// Rejected, read.
    pub(super) done_with_rejected: &'static str,
    /// Reason.
    pub(super) held: &'static str,
    /// Reason.
    pub(super) failed: &'static str,
    /// Date.
    pub(super) still: &'static str,
    pub(super) still_nothing: &'static str,
    // The workbook.
    pub(super) status: &'static str,
    pub(super) status_done: &'static str,
    pub(super) status_held: &'static str,
    pub(super) status_failed: &'static str,
    pub(super) owner: &'static str,
    pub(super) delivered: &'static str,
    pub(super) summary_sheet: &'static str,
    pub(super) errors_sheet: &'static str,
    /// Number.
    pub(super) rows_sheet: &'static str,
    pub(super) rule: &'static str,
    pub(super) meaning: &'static str,
    pub(super) what: &'static str,
    pub(super) mend: &'static str,
    pub(super) suggestion: &'static str,
    pub(super) count: &'static str,
    pub(super) severity_reject: &'static str,
    pub(super) severity_warn: &'static str,
    pub(super) severity_repair: &'static str,
    pub(super) no_errors: &'static str,
    pub(super) cut: &'static str,
    pub(super) examples_only: &'static str,
    pub(super) raw: &'static str,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::Swedish => &super::swedish::WORDS,
        Language::English => &super::english::WORDS,
    }
}

/// Puts values in the places of a sentence, in order.
pub(super) fn fill(sentence: &str, values: &[&str]) -> String {
    let mut parts = sentence.split("{}");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (part, value) in parts.zip(values.iter().chain(std::iter::repeat(&""))) {
        out.push_str(value);
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_their_places() {
        assert_eq!(fill("a {} b {}", &["1", "{}"]), "a 1 b {}");
        assert_eq!(fill("a {} b {}", &["1"]), "a 1 b ");
        assert_eq!(fill("a", &["1"]), "a");
    }
}
