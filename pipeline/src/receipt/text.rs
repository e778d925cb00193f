//! The receipt as plain text that fits 100 columns, the line that matters last.

use sluss_schemas::rule::{self, Language, Severity};

use super::facts::{Example, FileCount, Receipt, RuleCount, State, TableCount};
use super::layout::{columns, paragraph, shorten};
use super::number::{NO_BREAK, count, share};
use super::words::{Words, fill, words};

/// Renders the receipt.
pub fn text(receipt: &Receipt, language: Language) -> String {
    let mut page = Page { receipt, language, words: words(language), out: String::new() };
    page.head();
    page.files();
    page.source_rows();
    page.tables();
    page.register();
    page.rules(Severity::Reject);
    page.rules(Severity::Warn);
    page.rules(Severity::Repair);
    page.warnings();
    page.published();
    let end = verdict(receipt, language);
    paragraph(&mut page.out, "", &end);
    page.out
}

/// How the delivery ended and what to do, in one or two sentences.
pub(super) fn verdict(receipt: &Receipt, language: Language) -> String {
    let words = words(language);
    let not_published = |sentence: &str, reason: &super::Text| {
        let still = match receipt.published.delivered {
            Some(date) => fill(words.still, &[&date.to_string()]),
            None => words.still_nothing.to_owned(),
        };
        format!("{} {still}", fill(sentence, &[reason.in_language(language)]).trim_end())
    };
    match &receipt.state {
        State::Held { reason } => not_published(words.held, reason),
        State::Failed { reason } => not_published(words.failed, reason),
        State::Done if receipt.rows.rejected == 0 => words.done.to_owned(),
        State::Done => {
            let figure = |n| count(n, language);
            fill(words.done_with_rejected, &[&figure(receipt.rows.rejected), &figure(receipt.rows.read)])
        }
    }
}

/// Where something stood: `avtal.xlsx, blad Avtal, rad 17, kolumn Org.nr`.
pub(super) fn address(example: &Example, language: Language) -> String {
    let words = words(language);
    let mut parts = vec![shorten(&example.file, 60)];
    if let Some(part) = &example.part {
        parts.push(part_of(&example.file, &shorten(part, 31), words));
    }
    // Without separators: people look for it as it stands in their own program.
    parts.push(format!("{} {}", words.row.to_lowercase(), example.row));
    if let Some(column) = &example.column {
        parts.push(format!("{} {}", words.column.to_lowercase(), shorten(column, 40)));
    }
    parts.join(", ")
}

/// A part of a file: a workbook's is called a sheet, an archive's or a response's speaks for itself.
fn part_of(file: &str, part: &str, words: &Words) -> String {
    let extension = file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("xlsx" | "xlsm" | "xlsb" | "xls" | "ods") => format!("{} {part}", words.sheet.to_lowercase()),
        _ => part.to_owned(),
    }
}

/// How many answers of an address had rows, and their size.
pub(super) fn answers(file: &FileCount, words: &Words, language: Language) -> Option<String> {
    let n = file.answers?;
    let counted = fill(if n == 1 { words.answer } else { words.answers }, &[&count(n, language)]);
    // Rounded up: what is something never shows as nothing.
    let size = file.bytes.map(|bytes| format!("{}{NO_BREAK}kB", count(bytes.div_ceil(1000), language)));
    Some([counted].into_iter().chain(size).collect::<Vec<_>>().join(", "))
}

/// What is wrong and what to do. A rule that this version does not know is told by its id.
pub(super) fn message(id: &str, example: Option<&Example>, language: Language) -> (String, String) {
    let column = example.and_then(|e| e.column.as_deref());
    let suggestion = example.and_then(|e| e.suggestion.as_deref());
    match rule::find(id) {
        Some(rule) => (rule.what(language, column), rule.mend(language, column, suggestion)),
        None => (id.to_owned(), String::new()),
    }
}

/// A column's heading and what stands in it.
type Figure<'a> = (&'a str, fn(&TableCount) -> u64);

struct Page<'a> {
    receipt: &'a Receipt,
    language: Language,
    words: &'static Words,
    out: String,
}

impl Page<'_> {
    fn figure(&self, n: u64) -> String {
        count(n, self.language)
    }

    fn gap(&mut self) {
        self.out.push('\n');
    }

    fn head(&mut self) {
        let (receipt, words) = (self.receipt, self.words);
        paragraph(&mut self.out, "", &fill(words.title, &[&receipt.delivered.to_string()]));
        let owner = if receipt.owner.code == receipt.owner.name {
            receipt.owner.name.clone()
        } else {
            format!("{} {}", receipt.owner.code, receipt.owner.name)
        };
        let line = format!("{owner} · {} {} · {} {}", words.job, receipt.job, words.run, receipt.run);
        paragraph(&mut self.out, "", &line);
    }

    fn files(&mut self) {
        if self.receipt.files.is_empty() {
            return;
        }
        self.gap();
        let mut rows = vec![vec![self.words.file.to_owned(), self.words.rows.to_owned()]];
        for file in &self.receipt.files {
            let part = file.part.iter().map(|part| part_of(&file.name, part, self.words));
            let answers = answers(file, self.words, self.language);
            let name = [file.name.clone()].into_iter().chain(part).chain(answers).collect::<Vec<_>>().join(", ");
            rows.push(vec![name, self.figure(file.rows)]);
        }
        columns(&mut self.out, &rows);
    }

    fn source_rows(&mut self) {
        self.gap();
        let (rows, words) = (self.receipt.rows, self.words);
        let mut lines = vec![vec![words.rows_in_all.to_owned(), words.rows.to_owned(), words.share.to_owned()]];
        lines.push(vec![words.read.to_owned(), self.figure(rows.read)]);
        let always = [(words.accepted, rows.accepted), (words.rejected, rows.rejected)];
        let sometimes = [(words.withheld, rows.withheld), (words.filtered, rows.filtered)];
        for (word, n) in always.into_iter().chain(sometimes.into_iter().filter(|(_, n)| *n > 0)) {
            lines.push(vec![format!("  {word}"), self.figure(n), share(n, rows.read, self.language)]);
        }
        columns(&mut self.out, &lines);
    }

    fn tables(&mut self) {
        let words = self.words;
        self.table_counts(
            words.table,
            &[
                (words.mapped, |t| t.mapped),
                (words.accepted_short, |t| t.accepted),
                (words.repaired_short, |t| t.repaired),
                (words.rejected_short, |t| t.rejected),
                (words.withheld_short, |t| t.withheld),
            ],
        );
    }

    fn register(&mut self) {
        if self.receipt.state != State::Done {
            return;
        }
        let words = self.words;
        self.table_counts(
            words.register,
            &[
                (words.new, |t| t.new),
                (words.changed, |t| t.changed),
                (words.ended, |t| t.ended),
                (words.unchanged, |t| t.unchanged),
                (words.stale, |t| t.stale),
            ],
        );
        if self.receipt.tables.iter().any(|t| t.stale > 0) {
            paragraph(&mut self.out, "", words.stale_note);
        }
    }

    fn table_counts(&mut self, heading: &str, figures: &[Figure<'_>]) {
        if self.receipt.tables.is_empty() {
            return;
        }
        self.gap();
        let heads = [heading].into_iter().chain(figures.iter().map(|(word, _)| *word));
        let mut rows: Vec<Vec<String>> = vec![heads.map(str::to_owned).collect()];
        for table in &self.receipt.tables {
            let values = figures.iter().map(|(_, value)| self.figure(value(table)));
            rows.push([table.table.clone()].into_iter().chain(values).collect());
        }
        columns(&mut self.out, &rows);
    }

    fn rules(&mut self, severity: Severity) {
        let heading = match severity {
            Severity::Reject => self.words.to_mend,
            Severity::Warn => self.words.remarks,
            Severity::Repair => self.words.repairs,
        };
        let receipt = self.receipt;
        let rules: Vec<&RuleCount> = receipt.rules.iter().filter(|r| r.severity == severity).collect();
        let Some(most) = rules.iter().map(|r| r.count).max() else { return };
        self.gap();
        paragraph(&mut self.out, "", heading);
        let width = self.figure(most).chars().count() + 2;
        for rule in rules {
            self.rule(rule, width);
        }
    }

    fn rule(&mut self, rule: &RuleCount, width: usize) {
        // With a single kind of column the sentence can name it; the suggestion differs row by row.
        let mut general = rule.examples.first().cloned().unwrap_or_default();
        general.suggestion = None;
        if rule.examples.iter().any(|e| e.column != general.column) {
            general.column = None;
        }
        let (what, mend) = message(&rule.rule, Some(&general), self.language);
        let place = rule.table.as_deref().unwrap_or(self.words.unread);
        let figure = self.figure(rule.count);
        paragraph(&mut self.out, &format!("{figure:>width$}  "), &format!("{what} ({place}, {})", rule.rule));
        let indent = " ".repeat(width + 2);
        if !mend.is_empty() {
            paragraph(&mut self.out, &indent, &mend);
        }
        // Who need do nothing need not be told where.
        if rule.severity == Severity::Repair {
            return;
        }
        for example in &rule.examples {
            let suggestion = example.suggestion.as_deref().map(|s| format!(": {}", fill(self.words.suggested, &[s])));
            let line = format!("{}{}", address(example, self.language), suggestion.unwrap_or_default());
            paragraph(&mut self.out, &format!("{indent}· "), &line);
        }
        let shown = u64::try_from(rule.examples.len()).unwrap_or(u64::MAX);
        if let Some(left) = rule.count.checked_sub(shown).filter(|left| *left > 0 && shown > 0) {
            let more = fill(self.words.more, &[&self.figure(left)]);
            paragraph(&mut self.out, &format!("{indent}· "), &more);
        }
    }

    fn warnings(&mut self) {
        if self.receipt.warnings.is_empty() {
            return;
        }
        self.gap();
        paragraph(&mut self.out, "", self.words.warnings);
        for warning in &self.receipt.warnings {
            paragraph(&mut self.out, "  · ", warning.in_language(self.language));
        }
    }

    fn published(&mut self) {
        self.gap();
        let tables = self.receipt.published.tables.iter().map(|t| format!("{} {}", t.table, self.figure(t.rows)));
        let tables = tables.collect::<Vec<_>>().join(", ");
        let what = if tables.is_empty() { self.words.nothing_published } else { &tables };
        let line = format!("{}: {what}", self.words.published);
        paragraph(&mut self.out, "", &line);
    }
}
