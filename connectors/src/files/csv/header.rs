//! The names of a file's columns, and whether they are the declared ones.

use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::error::{ConnectorError, Result};
use crate::files::text::{self, shown};

/// Names out of header cells: trimmed, `kolumn_7` for the seventh where nothing stands.
pub(super) fn names(cells: impl Iterator<Item = String>) -> Result<Vec<String>> {
    let names: Vec<String> = cells
        .enumerate()
        .map(|(i, cell)| match cell.trim() {
            "" => text::unnamed(i),
            name => name.to_owned(),
        })
        .collect();
    text::check_names(&names).map_err(|what| {
        ConnectorError::source(what).hint(say!(
            "ge varje kolumn ett eget namn, eller ange `header = false` och `columns`",
            "give each column a name of its own, or declare `header = false` and `columns`"
        ))
    })?;
    Ok(names)
}

/// Compares a header with the declared names, in any order.
pub(super) fn freeze(declared: &[String], found: &[String]) -> Result<()> {
    let missing: Vec<&str> = declared.iter().filter(|name| !found.contains(name)).map(String::as_str).collect();
    let new: Vec<String> =
        found.iter().enumerate().filter(|(_, name)| !declared.contains(name)).map(|(i, name)| shown(name, i)).collect();
    if missing.is_empty() && new.is_empty() {
        return Ok(());
    }
    // Not one name in common: it is a row of data, whose values must not be shown.
    if missing.len() == declared.len() {
        return Err(ConnectorError::source(say!(
            "första raden har ingen av de angivna kolumnerna: rubrikraden saknas",
            "the first row holds none of the declared columns: the header is missing"
        ))
        .hint(say!(
            "be avsändaren om rubrikraden, eller ange `header = false` eller rubrikradens nummer",
            "ask the sender for the header, or declare `header = false`, or the number of its line"
        )));
    }
    let mut what = Vec::new();
    if !missing.is_empty() {
        what.push(say!("saknas: {}", "missing: {}", missing.join(", ")));
    }
    if !new.is_empty() {
        what.push(say!("nya: {}", "new: {}", new.join(", ")));
    }
    Err(ConnectorError::source(Message::join(&what, "; ").after(&say!(
        "rubrikraden skiljer sig från de angivna kolumnerna",
        "the header differs from the declared columns"
    )))
    .hint(say!(
        "fråga avsändaren, eller anpassa `columns` och mappningen",
        "ask the sender, or bring `columns` and the mapping up to date"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn blank_names_get_their_number() {
        assert_eq!(names(list(&["a ", "", "\u{a0}b"]).into_iter()).unwrap(), ["a", "kolumn_2", "b"]);
    }

    #[test]
    fn doubled_names_are_told() {
        let error = names(list(&["a", "b", "a"]).into_iter()).unwrap_err();
        assert_eq!(error.to_string(), "several columns have the same name: `a` (1, 3)");
        assert!(names(list(&["_rad"]).into_iter()).is_err());
    }

    #[test]
    fn drift_is_told_by_name_but_data_is_not() {
        assert!(freeze(&list(&["a", "b"]), &list(&["b", "a"])).is_ok());
        let error = freeze(&list(&["a", "b"]), &list(&["a", "c", "19121212-1212"])).unwrap_err().to_string();
        assert_eq!(error, "the header differs from the declared columns: missing: b; new: `c`, kolumn_3");
        let error = freeze(&list(&["a", "b"]), &list(&["Anna", "Berg"])).unwrap_err().to_string();
        assert!(!error.contains("Anna"), "{error}");
    }
}
