//! From a table's file to a [`Table`]: every error says which file, which line, and what to do.

use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};

use super::check;
use super::{Store, Table};

/// What is wrong with a table's file. Whoever wrote the file must act; a retry does not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}", line.map(|n| format!(":{n}")).unwrap_or_default())]
pub struct TableError {
    /// The file, as it was named to the parser.
    pub file: String,
    /// The line, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// The one thing to do.
    pub hint: String,
}

/// Where in a table's file a check found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// A field of the table itself.
    Table(&'static str),
    /// A field of the n-th `[[column]]`.
    Column(usize, &'static str),
    /// A field of the n-th `[[rule]]`.
    Rule(usize, &'static str),
}

/// What a check found; it becomes a [`TableError`] once its line is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) at: At,
    pub(super) what: String,
    pub(super) hint: String,
}

impl Problem {
    /// The error, at its line.
    pub(super) fn located(self, text: &str, file: &str) -> TableError {
        let line = locate(text, self.at).map(|offset| line_of(text, offset));
        TableError { file: file.to_owned(), line, what: self.what, hint: self.hint }
    }
}

impl Table {
    /// Reads a table's file. `file` is only named in errors.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong: TOML that is no TOML, a key that nobody knows (with the nearest
    /// one that is known), a type, a name, a reference or a rule that cannot be.
    pub fn parse(text: &str, file: &str) -> Result<Self, TableError> {
        let table: Self = toml::from_str(text).map_err(|e| unreadable(&e, text, file))?;
        match check::table(&table).and_then(|()| check::file_name(&table, file)) {
            Ok(()) => Ok(table),
            Err(problem) => Err(problem.located(text, file)),
        }
    }

    /// The table as its file would say it, for printing.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }
}

impl Store {
    /// The word in a table's file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Lake => "lake",
        }
    }
}

fn unreadable(error: &toml::de::Error, text: &str, file: &str) -> TableError {
    let what = error.message().trim_end_matches('\n').replace('\n', "; ");
    let line = error.span().map(|span| line_of(text, span.start));
    let hint = did_you_mean(&what)
        .unwrap_or_else(|| "mend the line; the format is in docs/schema/table.schema.json".to_owned());
    TableError { file: file.to_owned(), line, what, hint }
}

/// Serde says what it did not expect and what it would have taken, in backticks: the nearest of them.
fn did_you_mean(message: &str) -> Option<String> {
    let message = message.strip_prefix("unknown field").or_else(|| message.strip_prefix("unknown variant"))?;
    let mut quoted = message.split('`').skip(1).step_by(2);
    let wrong = quoted.next()?;
    let known: Vec<&str> = quoted.collect();
    let mut hint = match nearest(wrong, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => String::from("use one of these, or remove it:"),
    };
    if !hint.ends_with('?') {
        for name in known {
            let _ = write!(hint, " `{name}`");
        }
    }
    Some(hint)
}

/// The name that was probably meant.
pub(crate) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

/// The byte at which the thing stands; the thing that would hold it, where it is left out.
fn locate(text: &str, at: At) -> Option<usize> {
    let file = DeTable::parse(text).ok()?;
    let (list, index, field) = match at {
        At::Table(field) => return file.get_ref().get(field).map(|value| value.span().start),
        At::Column(index, field) => ("column", index, field),
        At::Rule(index, field) => ("rule", index, field),
    };
    let DeValue::Array(items) = file.get_ref().get(list)?.get_ref() else { return None };
    let item = items.get(index)?;
    let DeValue::Table(fields) = item.get_ref() else { return None };
    Some(fields.get(field).map_or_else(|| item.span().start, |value| value.span().start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = r#"
name = "prov"
version = "1.0"
meaning = "En provtabell."
key = ["lanskod", "prov_id"]
owner = "lanskod"

[[column]]
name = "lanskod"
type = "text"
required = true
identifier = "lanskod"
meaning = "Länskod."

[[column]]
name = "prov_id"
type = "text"
required = true
meaning = "Id."

[[column]]
name = "enhet"
type = "text"
identifier = { kind = "hsa_id", luhn = "reject", fold_case = true, suffix = [4, 8] }
references = { table = "enhet", missing = "reject" }
meaning = "Enhet."

[[column]]
name = "kva"
type = "text"
identifier = "code"
code = { system = "kva", on = "dag" }
meaning = "Åtgärd."

[[column]]
name = "dag"
type = "date"
meaning = "Dag."

[[rule]]
rule = "framtida_datum"
columns = ["dag"]
"#;

    fn error(from: &str, to: &str) -> TableError {
        assert!(GOOD.contains(from), "the text to replace is there");
        Table::parse(&GOOD.replacen(from, to, 1), "prov.toml").expect_err("must be refused")
    }

    #[test]
    fn reads_short_and_full_forms() {
        let table = Table::parse(GOOD, "prov.toml").expect("a good table");
        let identifier = |name| table.column(name).and_then(|c| c.identifier.clone());
        assert_eq!(identifier("lanskod"), Some(super::super::Identifier::Lanskod));
        assert!(matches!(identifier("enhet"), Some(super::super::Identifier::HsaId { suffix: (4, 8), .. })));
        let again = Table::parse(&table.to_toml().expect("prints"), "prov.toml");
        assert_eq!(again.as_ref(), Ok(&table), "what is printed is read as the same");
    }

    #[test]
    fn an_unknown_key_gets_its_neighbour() {
        let e = error("required = true\nidentifier", "requird = true\nidentifier");
        assert_eq!((e.line, e.hint.as_str()), (Some(11), "did you mean `required`?"), "{e}");
        let e = error("identifier = \"lanskod\"", "identifier = \"lansko\"");
        assert_eq!((e.line, e.hint.as_str()), (Some(12), "did you mean `lanskod`?"), "{e}");
    }

    #[test]
    fn errors_point_at_the_line() {
        let cases = [
            ("key = [\"lanskod\", \"prov_id\"]", "key = [\"lanskod\", \"provid\"]", 5, "did you mean `prov_id`?"),
            (
                "name = \"prov_id\"\ntype = \"text\"\nrequired = true",
                "name = \"prov_id\"\ntype = \"text\"",
                5,
                "required",
            ),
            ("name = \"dag\"", "name = \"Dag\"", 36, "lower-case"),
            ("name = \"dag\"", "name = \"reg_fran\"", 36, "another name"),
            ("on = \"dag\"", "on = \"dagg\"", 32, "did you mean `dag`?"),
            ("type = \"date\"", "type = \"datum\"", 37, "docs/schema"),
            ("rule = \"framtida_datum\"", "rule = \"framtid_datum\"", 41, "did you mean `framtida_datum`?"),
            ("columns = [\"dag\"]", "columns = [\"kva\"]", 42, "date"),
            ("owner = \"lanskod\"", "owner = \"lan\"", 6, "did you mean"),
        ];
        for (from, to, line, hint) in cases {
            let e = error(from, to);
            assert_eq!(e.line, Some(line), "{to}: {e}");
            assert!(e.hint.contains(hint) || e.what.contains(hint), "{to}: {e}: {}", e.hint);
            assert!(e.to_string().starts_with(&format!("prov.toml:{line}: ")), "{e}");
        }
    }

    #[test]
    fn the_file_is_called_after_its_table() {
        let e = Table::parse(GOOD, "tables/annan.toml").expect_err("another name");
        assert!(e.hint.contains("prov.toml"), "{}", e.hint);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,200}", cut in 0usize..900) {
            let _ = Table::parse(&text, "x.toml");
            let _ = Table::parse(GOOD.get(..cut).unwrap_or(GOOD), "prov.toml");
        }
    }
}
