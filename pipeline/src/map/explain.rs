//! What the SQL planner refuses, in the user's words: what, in which line, and what was probably meant.

use arrow::datatypes::Schema;
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::functions;
use crate::error::PipelineError;

/// Slips up to which a name is taken for another.
const SLIPS: usize = 3;

/// A planner's error with its place. `sql` is the mapping or the condition, `place` its file.
pub(super) fn refused(error: &DataFusionError, place: &str, sql: &str, source: &Schema) -> PipelineError {
    let error = error.find_root();
    if let DataFusionError::SchemaError(schema_error, _) = error
        && let datafusion::common::SchemaError::FieldNotFound { field, .. } = schema_error.as_ref()
    {
        return no_column(&field.name, place, sql, source);
    }
    let words = planners_words(error);
    if let Some(name) = between(&words, "Invalid function '", "'") {
        let known = functions::docs().map(|(known, _)| known);
        let out =
            PipelineError::configuration(say!("det finns ingen funktion {name}()", "there is no function {name}()"))
                .at(located(place, sql, name));
        // The national ones go first: the planner knows those of SQL only.
        let near = nearest(name, known).or_else(|| between(&words, "Did you mean '", "'"));
        return out.hint(match near {
            Some(near) => say!("menade ni `{near}()`?", "did you mean `{near}()`?"),
            None => say!("`sluss docs funktioner` visar dem", "`sluss docs funktioner` lists them"),
        });
    }
    if let Some(table) = between(&words, "table '", "' not found") {
        let table = table.rsplit('.').next().unwrap_or(table);
        return PipelineError::configuration(say!(
            "mappningen läser ur `{table}`, som inte finns",
            "the mapping reads from `{table}`, which is not there"
        ))
        .at(located(place, sql, table))
        .hint(say!("skriv FROM source: det är jobbets källa", "write FROM source: it is the job's source"));
    }
    if let (Some(expected), Some(found), Some(line)) = (
        between(&words, "Expected: ", ", found: "),
        between(&words, ", found: ", " at Line: "),
        between(&words, "Line: ", ","),
    ) {
        let end = found == "EOF";
        let out = PipelineError::configuration(if end {
            say!("SQL:en tar slut där {expected} väntas", "the SQL ends where {expected} is expected")
        } else {
            say!("här står `{found}` där {expected} väntas", "here stands `{found}` where {expected} is expected")
        });
        return out.at(format!("{place}:{line}")).hint(say!(
            "felet är oftast strax före: ett komma, en parentes eller ett citattecken för mycket eller för lite",
            "the slip is mostly just before: a comma, a bracket or a quote too many or too few"
        ));
    }
    let out = PipelineError::configuration(say!(
        "mappningens SQL godtas inte: {words}",
        "the mapping's SQL is refused: {words}"
    ));
    match between(&words, "Line: ", ",") {
        Some(line) => out.at(format!("{place}:{line}")),
        None => out.at(place),
    }
}

fn no_column(name: &str, place: &str, sql: &str, source: &Schema) -> PipelineError {
    let known = || source.fields().iter().map(|f| f.name().as_str()).filter(|n| *n != ROW_ID);
    let out =
        PipelineError::configuration(say!("källan har ingen kolumn \"{name}\"", "the source has no column \"{name}\""))
            .at(located(place, sql, name));
    if let Some(near) = nearest(name, known()) {
        return out.hint(say!("menade ni \"{near}\"?", "did you mean \"{near}\"?"));
    }
    let known = known().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    out.hint(say!("källan har: {known}", "the source has: {known}"))
}

/// The known name that is at most a few slips away, whatever the case.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let slips = known.map(|known| (strsim::damerau_levenshtein(&known.to_lowercase(), &wanted), known));
    slips.min().filter(|(slips, _)| *slips <= SLIPS && *slips < wanted.chars().count()).map(|(_, known)| known)
}

/// `place:line` where `sql` has the word, outside of comments and literals; else `place`.
pub(super) fn located(place: &str, sql: &str, word: &str) -> Message {
    match line_of(sql, word) {
        Some(line) => format!("{place}:{line}").into(),
        None => place.into(),
    }
}

fn line_of(sql: &str, word: &str) -> Option<usize> {
    let has = |line: &str, fold: bool| {
        let line = line.split("--").next().unwrap_or_default();
        let (line, word) =
            if fold { (line.to_lowercase(), word.to_lowercase()) } else { (line.into(), word.to_owned()) };
        let part = |c: char| c.is_alphanumeric() || c == '_';
        line.match_indices(&word).any(|(at, found)| {
            let before = line.get(..at).and_then(|text| text.chars().next_back());
            let after = line.get(at + found.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(|c| part(c) || c == '\'') && !after.is_some_and(|c| part(c) || c == '\'')
        })
    };
    let find = |fold| sql.lines().position(|line| has(line, fold)).map(|line| line + 1);
    find(false).or_else(|| find(true))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// What the SQL planner says, in one line. It speaks English only.
pub(crate) fn planners_words(error: &DataFusionError) -> String {
    let text = match error {
        DataFusionError::SQL(error, _) => match error.as_ref() {
            ParserError::ParserError(text) | ParserError::TokenizerError(text) => text.clone(),
            ParserError::RecursionLimitExceeded => "too deeply nested".to_owned(),
        },
        DataFusionError::SchemaError(error, _) => error.to_string(),
        DataFusionError::Plan(text) | DataFusionError::Execution(text) => text.clone(),
        other => other.strip_backtrace(),
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_their_line() {
        let sql = "SELECT\n  -- Slut\n  'Slut' AS x,\n  Slutar AS y,\n  datum(\"Slut\") AS z\nFROM source";
        assert_eq!(line_of(sql, "Slut"), Some(5));
        assert_eq!(line_of(sql, "SLUTAR"), Some(4));
        assert_eq!(line_of(sql, "borta"), None);
    }

    #[test]
    fn near_names_are_found_and_far_ones_not() {
        assert_eq!(nearest("datm", ["datum", "decimal"].into_iter()), Some("datum"));
        assert_eq!(nearest("abc", ["xyz"].into_iter()), None);
    }
}
