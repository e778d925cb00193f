//! Paths within a JSON text, a small part of `JSONPath` (RFC 9535) with `../` for what stands above.

use sluss_schemas::say;

use crate::error::{ConnectorError, Result};

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A member of an object.
    Key(String),
    /// All elements of an array: `[*]`.
    Each,
    /// One element of an array, from 0.
    Nth(usize),
    /// Those elements of an array whose member has this text: `[system=hsa_id]`. A name of a code
    /// system or of an identifier stands for all that sources call it.
    Where(String, String),
}

/// Where a column's path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At the document: `$.…`.
    Document,
    /// So many objects above the row: `../…` is 1, the row itself 0.
    Above(usize),
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// Where it starts.
    pub(super) start: Start,
    /// The way down.
    pub(super) steps: Vec<Step>,
}

impl Path {
    /// Reads a path: `entry[*].resource`, `$.data[0]`, `adress.ort`, `../id`, `['odd key']`, `.`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            ConnectorError::configuration(say!("sökvägen {text:?} är fel", "the path {text:?} is wrong")).hint(say!(
                "skriv sökvägar som a.b, a[0], a[*].b, a[slag=x].b, ../a, $.a eller ['a b']",
                "write paths as a.b, a[0], a[*].b, a[kind=x].b, ../a, $.a or ['a b']"
            ))
        };
        let mut rest = text.trim();
        let mut start = Start::Above(0);
        if let Some(after) = rest.strip_prefix('$') {
            (start, rest) = (Start::Document, after);
            if rest.is_empty() {
                return Ok(Self { start, steps: Vec::new() });
            }
            rest = rest.strip_prefix('.').unwrap_or(rest);
        } else {
            let mut levels = 0;
            while let Some(after) = rest.strip_prefix("../") {
                (levels, rest) = (levels + 1, after);
            }
            start = if levels > 0 { Start::Above(levels) } else { start };
            if rest == "." && levels == 0 {
                return Ok(Self { start, steps: Vec::new() });
            }
        }
        let mut steps = Vec::new();
        let mut name_follows = !rest.starts_with('[');
        while name_follows || !rest.is_empty() {
            if name_follows {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (name, after) = rest.split_at_checked(end).ok_or_else(wrong)?;
                if name.is_empty() || name.contains(['/', ']', '\'', '"']) || name.trim() != name {
                    return Err(wrong());
                }
                steps.push(Step::Key(name.to_owned()));
                rest = after;
            } else {
                let inner = rest.strip_prefix('[').ok_or_else(wrong)?;
                if let Some(quoted) = inner.strip_prefix('\'') {
                    let (name, after) = quoted.split_once("']").ok_or_else(wrong)?;
                    steps.push(Step::Key(name.to_owned()));
                    rest = after;
                } else {
                    let (index, after) = inner.split_once(']').ok_or_else(wrong)?;
                    let step = match index.split_once('=') {
                        Some((key, text)) if !key.is_empty() && !text.is_empty() => {
                            Step::Where(key.to_owned(), text.to_owned())
                        }
                        Some(_) => return Err(wrong()),
                        None if index == "*" => Step::Each,
                        None => Step::Nth(index.parse().map_err(|_| wrong())?),
                    };
                    steps.push(step);
                    rest = after;
                }
            }
            name_follows = false;
            if let Some(after) = rest.strip_prefix('.') {
                (name_follows, rest) = (true, after);
            }
        }
        Ok(Self { start, steps })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read() {
        let key = |name: &str| Step::Key(name.to_owned());
        let steps = |text: &str| Path::parse(text).unwrap().steps;
        assert_eq!(steps("entry[*].resource"), [key("entry"), Step::Each, key("resource")]);
        assert_eq!(steps("$.data[*].values[0]"), [key("data"), Step::Each, key("values"), Step::Nth(0)]);
        assert_eq!(steps("[*]"), [Step::Each]);
        assert_eq!(steps("$[*]['odd. key'].b"), [Step::Each, key("odd. key"), key("b")]);
        assert_eq!(steps("."), []);
        assert_eq!(steps("$"), []);
        assert_eq!(Path::parse("../../id").unwrap(), Path { start: Start::Above(2), steps: vec![key("id")] });
        assert_eq!(steps("Ålder (år)"), [key("Ålder (år)")]);
        let filter = Step::Where("system".to_owned(), "urn:oid:1.2".to_owned());
        assert_eq!(steps("id[system=urn:oid:1.2].value"), [key("id"), filter, key("value")]);
    }

    #[test]
    fn wrong_paths_are_refused() {
        for wrong in [
            "", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a[=x]", "a[x=]", "a]b", "a/b", "..", "../", "a[*]b",
            "$.", "a ['x'",
        ] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_parsed_without_a_panic(text in r"[a-zå/.$\[\]*0-9' ]{0,20}|.*") {
            let _ = Path::parse(&text);
        }
    }
}
