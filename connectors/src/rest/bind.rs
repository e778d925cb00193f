//! Addresses with places for values: `https://api.example.se/avtal/{id}`.

use std::collections::BTreeMap;

use sluss_schemas::say;
use url::Url;

use crate::error::{ConnectorError, Result};
use crate::http::Http;

/// Names and their values, in order.
pub(super) type Binding = Vec<(String, String)>;

/// An address with places for values.
#[derive(Clone, Debug)]
pub(super) struct Template {
    url: String,
    query: BTreeMap<String, String>,
    /// The pattern as a place in errors and origins.
    pub(super) place: String,
}

impl Template {
    /// Checks the address and that every place has a value among `names`.
    pub(super) fn new(
        url: &str,
        query: &BTreeMap<String, String>,
        names: &[String],
        http: &Http,
        option: &str,
    ) -> Result<Self> {
        let bound: Binding = names.iter().map(|name| (name.clone(), "x".to_owned())).collect();
        let place = url.split_once("://").map_or(url, |(_, rest)| rest);
        let place = place.split(['?', '#']).next().unwrap_or_default().to_owned();
        let template = Self { url: url.to_owned(), query: query.clone(), place };
        for text in query.values().map(String::as_str).chain([url]) {
            let mut unknown = None;
            fill(text, |name| {
                if !names.iter().any(|known| known == name) {
                    unknown = Some(name.to_owned());
                }
                String::new()
            });
            if let Some(name) = unknown {
                return Err(ConnectorError::configuration(say!(
                    "ingenting säger vad {{{name}}} står för",
                    "nothing says what stands for {{{name}}}"
                ))
                .hint(say!(
                    "ange `each = {{ {name} = [\"…\"] }}`, eller en `parent` med `values`",
                    "give `each = {{ {name} = [\"…\"] }}`, or a `parent` with `values`"
                )));
            }
        }
        http.address(&template.url(&bound)?, option)?;
        Ok(template)
    }

    /// The address with its values.
    pub(super) fn address(&self, bound: &Binding) -> Result<Url> {
        // What is bound stands within the address: the parser's words could quote it.
        let mut url = Url::parse(&self.url(bound)?).map_err(|_| unfit(&self.place))?;
        if !self.query.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (name, text) in &self.query {
                pairs.append_pair(name, &fill(text, |name| value(bound, name).to_owned()));
            }
        }
        Ok(url)
    }

    fn url(&self, bound: &Binding) -> Result<String> {
        // As a step of the path, these would lead elsewhere.
        if bound
            .iter()
            .any(|(name, value)| matches!(value.as_str(), "" | "." | "..") && self.url.contains(&format!("{{{name}}}")))
        {
            return Err(unfit(&self.place));
        }
        Ok(fill(&self.url, |name| encode(value(bound, name))))
    }
}

fn unfit(place: &str) -> ConnectorError {
    ConnectorError::source(say!(
        "ett värde kan inte vara en del av adressen",
        "a value cannot be a part of the address"
    ))
    .at(place.to_owned())
    .hint(say!(
        "jämför `parent.values` med vad det första anropet svarar",
        "compare `parent.values` with what the first request answers"
    ))
}

fn value<'b>(bound: &'b Binding, name: &str) -> &'b str {
    bound.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

/// The text with its places filled.
fn fill(text: &str, mut give: impl FnMut(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        filled.push_str(&give(name));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A value as one step of a path: everything that could mean something there is encoded.
fn encode(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            for half in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(half), 16).unwrap_or_default().to_ascii_uppercase());
            }
        }
    }
    text
}

/// All combinations of values, the last name's changing fastest.
pub(super) fn product(each: &BTreeMap<String, Vec<String>>) -> Vec<Binding> {
    each.iter().fold(vec![Vec::new()], |bindings, (name, values)| {
        let with = |binding: &Binding| {
            values
                .iter()
                .map(|value| [binding.clone(), vec![(name.clone(), value.clone())]].concat())
                .collect::<Vec<_>>()
        };
        bindings.iter().flat_map(with).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_place() {
        assert_eq!(fill("a/{x}/{y}?{", str::to_uppercase), "a/X/Y?{");
        assert_eq!(encode("SE12/3 ?å-a_b"), "SE12%2F3%20%3F%C3%A5-a_b");
        let template = Template {
            url: "https://exempel.se/v1/{id}/rader".into(),
            query: BTreeMap::from([("q".into(), "{id}&b".into())]),
            place: "exempel.se/v1/{id}/rader".into(),
        };
        let address = |id: &str| template.address(&vec![("id".into(), id.into())]);
        assert_eq!(address("a/../b").unwrap().as_str(), "https://exempel.se/v1/a%2F..%2Fb/rader?q=a%2F..%2Fb%26b");
        for wrong in ["", ".", ".."] {
            assert!(address(wrong).is_err());
        }
    }

    #[test]
    fn values_are_combined() {
        let each = BTreeMap::from([
            ("a".to_owned(), vec!["1".to_owned(), "2".to_owned()]),
            ("b".to_owned(), vec!["3".to_owned()]),
        ]);
        let text = |binding: &Binding| binding.iter().flat_map(|(k, v)| [k.as_str(), v.as_str()]).collect::<String>();
        assert_eq!(product(&each).iter().map(text).collect::<Vec<_>>(), ["a1b3", "a2b3"]);
        assert_eq!(product(&BTreeMap::new()).len(), 1);
    }
}
