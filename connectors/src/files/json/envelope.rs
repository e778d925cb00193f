//! What stands around the rows of an answer: the next page's address, how many there are.

use sluss_schemas::say;

use super::extract::{Extractor, Values};
use super::path::{Path, Start, Step};
use crate::error::{ConnectorError, Result};

/// Paths from the whole text to single values.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    extractor: Extractor,
    width: usize,
}

impl Envelope {
    /// Reads the paths.
    pub(crate) fn new(paths: &[&str]) -> Result<Self> {
        let steps = paths.iter().map(|text| {
            let path = Path::parse(text)?;
            match path.start {
                Start::Above(levels) if levels > 0 => Err(ConnectorError::configuration(say!(
                    "sökvägen {text:?} leder ut ur svaret",
                    "the path {text:?} leads out of the answer"
                ))
                .hint(say!("skriv den från hela svaret: `meta.next`", "write it from the whole answer: `meta.next`"))),
                _ => Ok(path.steps),
            }
        });
        let steps: Vec<Vec<Step>> = steps.collect::<Result<_>>()?;
        let extractor = Extractor::new(steps.iter().enumerate().map(|(at, steps)| (at, steps.as_slice())));
        Ok(Self { extractor: extractor.flat(true), width: paths.len() })
    }

    /// The values, in the order of the paths; none where there is none, or null.
    pub(crate) fn read(&self, bytes: &[u8]) -> Result<Vec<Option<String>>> {
        let malformed = || {
            ConnectorError::source(say!("svaret är inte välformad JSON", "the answer is not well-formed JSON")).hint(
                say!(
                    "fråga källans förvaltare; svaret ligger i landningszonen",
                    "ask the source's administrator; the answer lies in the landing zone"
                ),
            )
        };
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii();
        let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
        let mut values = Values::new(self.width);
        // The parser's words may quote a value.
        self.extractor.value(text, "|", &mut values).map_err(|_| malformed())?;
        Ok((0..self.width).map(|at| values.get(at).map(str::to_owned)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_the_rows_is_read() {
        let envelope = Envelope::new(&["meta.next", "count", "link[relation=next].url"]).unwrap();
        let read = |text: &str| envelope.read(text.as_bytes()).unwrap();
        let text = r#" {"rows":[{"count":3}],"meta":{"next":"b"},"count":7,
            "link":[{"relation":"self","url":"x"},{"url":"y","relation":"next"}]} "#;
        assert_eq!(read(text), [Some("b".into()), Some("7".into()), Some("y".into())]);
        assert_eq!(read(r#"{"meta":null,"link":[]}"#), [None, None, None]);
        assert_eq!(read("[1]"), [None, None, None]);
        assert!(envelope.read(b"{\"count\":").is_err());
        assert!(Envelope::new(&["../x"]).is_err());
    }
}
