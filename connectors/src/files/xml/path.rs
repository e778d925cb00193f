//! Paths to elements and attributes, a small part of `XPath` 1.0, section 2.5.

use std::collections::BTreeMap;

use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::error::{ConnectorError, Result};

/// What an element or attribute must be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// Anything: `*`.
    Any,
    /// By local name, in whatever namespace.
    Local(String),
    /// By namespace and local name.
    Full(String, String),
}

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// At any depth below (`//`), not just the next.
    pub(super) deep: bool,
    /// What the element must be called.
    pub(super) test: Test,
    /// Which of several with that name under one parent, from 1.
    pub(super) nth: Option<u32>,
}

/// Where a path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At the document: `/…`.
    Document,
    /// So many levels above the row: `../…` is 1, the row itself 0.
    Above(usize),
}

/// A path to an element, or to an attribute of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// Where it starts.
    pub(super) start: Start,
    /// The way down.
    pub(super) steps: Vec<Step>,
    /// The attribute at its end.
    pub(super) attribute: Option<Test>,
}

/// Namespaces by the prefixes that the job declares.
pub(super) type Namespaces = BTreeMap<String, String>;

impl Path {
    /// Reads a path: `//hsaUnit`, `/a/b`, `b`, `a/@x`, `../@x`, `a[2]`, `p:a`, `.`.
    pub(super) fn parse(text: &str, namespaces: &Namespaces) -> Result<Self> {
        let wrong = |why: Message| {
            ConnectorError::configuration(why.after(&say!("sökvägen {text:?} är fel", "the path {text:?} is wrong")))
                .hint(say!(
                    "skriv sökvägar som a/b, a/@x, ../@x, /rot/a, //a eller a[2]",
                    "write paths as a/b, a/@x, ../@x, /root/a, //a or a[2]"
                ))
        };
        let mut path = Path { start: Start::Above(0), steps: Vec::new(), attribute: None };
        let mut rest = text.trim();
        let mut deep = false;
        if let Some(after) = rest.strip_prefix("//") {
            (path.start, deep, rest) = (Start::Document, true, after);
        } else if let Some(after) = rest.strip_prefix('/') {
            (path.start, rest) = (Start::Document, after);
        }
        if rest.is_empty() {
            return Err(wrong(say!("den leder inte till något", "it names nothing")));
        }
        let mut segments = rest.split('/').peekable();
        while let Some(segment) = segments.next() {
            if path.attribute.is_some() {
                return Err(wrong(say!("inget kan följa efter ett attribut", "nothing can follow an attribute")));
            }
            match segment.trim() {
                "" if deep || segments.peek().is_none() => {
                    return Err(wrong(say!("ett namn saknas", "a name is missing")));
                }
                "" => deep = true,
                "." if !deep => {}
                ".." => match &mut path.start {
                    Start::Above(levels) if path.steps.is_empty() && !deep => *levels += 1,
                    _ => return Err(wrong(say!(".. kan bara stå först", ".. can only stand first"))),
                },
                segment => {
                    if let Some(name) = segment.strip_prefix('@') {
                        if deep {
                            return Err(wrong(say!(
                                "skriv * mellan // och ett attribut",
                                "write * between // and an attribute"
                            )));
                        }
                        path.attribute = Some(test(name, namespaces, &wrong)?);
                    } else {
                        let (name, nth) = match segment.strip_suffix(']').and_then(|s| s.split_once('[')) {
                            Some((name, nth)) => {
                                let nth = nth.parse().ok().filter(|n| *n > 0);
                                (
                                    name,
                                    Some(nth.ok_or_else(|| {
                                        wrong(say!(
                                            "inom hakparentes står ett tal från 1",
                                            "a number from 1 stands in brackets"
                                        ))
                                    })?),
                                )
                            }
                            None => (segment, None),
                        };
                        path.steps.push(Step { deep, test: test(name, namespaces, &wrong)?, nth });
                        deep = false;
                    }
                }
            }
        }
        Ok(path)
    }
}

fn test(name: &str, namespaces: &Namespaces, wrong: &dyn Fn(Message) -> ConnectorError) -> Result<Test> {
    let local = |name: &str| {
        let plain = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "@[]():*'\"<>&=".contains(c));
        if plain {
            Ok(name.to_owned())
        } else {
            Err(wrong(say!(
                "ett namn saknas eller har tecken som namn inte kan ha",
                "a name is missing or has signs that names do not have"
            )))
        }
    };
    if name == "*" {
        return Ok(Test::Any);
    }
    match name.split_once(':') {
        None => Ok(Test::Local(local(name)?)),
        Some((prefix, name)) => match namespaces.get(prefix) {
            Some(namespace) => Ok(Test::Full(namespace.clone(), local(name)?)),
            None => Err(wrong(say!("dess prefix finns inte i namespaces", "its prefix is not in namespaces"))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Path> {
        Path::parse(text, &BTreeMap::from([("cbc".to_owned(), "urn:c".to_owned())]))
    }

    #[test]
    fn paths_are_read() {
        let step = |deep, name: &str, nth| Step { deep, test: Test::Local(name.to_owned()), nth };
        let rows = parse("//hsaUnits/hsaUnit").unwrap();
        assert_eq!(rows.steps, [step(true, "hsaUnits", None), step(false, "hsaUnit", None)]);
        let above = parse("../../@DatatGallerFor").unwrap();
        assert_eq!((above.start, above.steps.len()), (Start::Above(2), 0));
        assert_eq!(above.attribute, Some(Test::Local("DatatGallerFor".to_owned())));
        let full = parse("/a/cbc:ID[2]//x").unwrap();
        assert_eq!(full.start, Start::Document);
        assert_eq!(full.steps[1], Step { deep: false, test: Test::Full("urn:c".into(), "ID".into()), nth: Some(2) });
        assert!(full.steps[2].deep);
        assert_eq!(parse(".").unwrap().steps, []);
        assert_eq!(parse("./*").unwrap().steps[0].test, Test::Any);
        assert_eq!(parse("se.vgregion.Map_-Entry").unwrap().steps.len(), 1);
    }

    #[test]
    fn wrong_paths_are_refused() {
        for wrong in
            ["", "/", "//", "a/", "a///b", "a/../b", "@x/a", "a//@x", "x:a", "a[0]", "a[b]", "a b", "count(a)", "@"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_parsed_without_a_panic(text in r"[a-zåäö/.@:\[\]*0-9 ]{0,20}|.*") {
            let _ = parse(&text);
        }
    }
}
