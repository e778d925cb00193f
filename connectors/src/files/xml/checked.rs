//! Holds a document against its contract while it is walked through.
//!
//! What is wrong within a row makes that row unread; what is wrong elsewhere ends the reading. What is
//! told of a fault are names that the contract has, never names or values that the document has.

use super::contract::{Contract, Element, Holds, Kind};
use super::document::{Handler, Tag};
use super::path::Test;
use super::walk::Walk;
use crate::error::{ConnectorError, Result};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;

/// The envelope that a message may travel in.
const SOAP: [&str; 2] = ["http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"];

/// The check, and the walk that it goes before.
pub(super) struct Checked<'a> {
    contract: &'static Contract,
    /// Whether values are held against their kinds too.
    values: bool,
    walk: Walk<'a>,
    open: Vec<Level>,
    /// Whether the message has been there.
    seen: bool,
    text: String,
}

/// An element that is open.
enum Level {
    /// The envelope, or its body.
    Envelope,
    /// Something that nobody asks for: the envelope's head, elements of other namespaces.
    Passed,
    /// An element of the contract, with the place of its latest child, and how many there were.
    Known { element: &'static Element, at: usize, count: u32 },
}

impl<'a> Checked<'a> {
    /// A check of a document by `contract`.
    pub(super) fn new(contract: &'static Contract, values: bool, walk: Walk<'a>) -> Self {
        Self { contract, values, walk, open: Vec::new(), seen: false, text: String::new() }
    }

    /// Hands over the rows up to here.
    pub(super) fn finish(self) -> Result<()> {
        self.walk.finish()
    }

    /// Whether the message was in the document.
    pub(super) fn seen(&self) -> bool {
        self.seen
    }

    fn fault(&mut self, what: Message) -> Result<()> {
        if self.walk.in_row() {
            self.walk.fault(what.told(Language::Swedish).to_owned());
            return Ok(());
        }
        let (sv, en) = self.contract.title;
        let head =
            say!("dokumentet är inte som schemat för {sv} har det", "the document is not as the schema of {en} has it");
        Err(ConnectorError::source(what.after(&head)).hint(say!(
            "be avsändaren kontrollera meddelandet mot schemat och skicka det på nytt",
            "ask the sender to check the message against the schema and to send it anew"
        )))
    }

    /// What an element is, by where it stands; and what is wrong with it.
    fn place(&mut self, tag: &Tag<'_>) -> Result<(Level, Option<Message>)> {
        let named = |namespace: &str, name: &str| tag.is(&Test::Full(namespace.to_owned(), name.to_owned()));
        let soap = |name: &str| SOAP.iter().any(|namespace| named(namespace, name));
        match self.open.last_mut() {
            None | Some(Level::Envelope) if named(self.contract.namespace, self.contract.message.name) => {
                self.seen = true;
                Ok((Level::Known { element: &self.contract.message, at: 0, count: 0 }, None))
            }
            None if soap("Envelope") => Ok((Level::Envelope, None)),
            Some(Level::Envelope) if soap("Body") => Ok((Level::Envelope, None)),
            Some(Level::Envelope) if soap("Header") => Ok((Level::Passed, None)),
            Some(Level::Envelope) if soap("Fault") => Err(ConnectorError::source(say!(
                "dokumentet är ett felmeddelande från en tjänst (SOAP fault) och innehåller inga data",
                "the document is a service's error message (SOAP fault) and holds no data"
            ))
            .hint(say!(
                "läs vad tjänsten svarade, rätta felet och fråga igen",
                "read what the service answered, mend it, and ask again"
            ))),
            None | Some(Level::Envelope) => {
                let (sv, en) = self.contract.title;
                let error = ConnectorError::source(say!("dokumentet är inte {sv}", "the document is not {en}"));
                Err(error.hint(say!(
                    "kontrollera att filen är av det slag som jobbet läser",
                    "check that the file is of the kind that the job reads"
                )))
            }
            Some(Level::Passed) => Ok((Level::Passed, None)),
            Some(Level::Known { element, at, count }) => {
                let children = element.children();
                let here = children.iter().enumerate().position(|(nth, child)| {
                    let ahead = nth >= *at || matches!(element.holds, Holds::Choice(_));
                    ahead && tag.is(&Test::Local(child.name.to_owned()))
                });
                let Some(here) = here else {
                    if element.open && !tag.is_in(self.contract.namespace) {
                        return Ok((Level::Passed, None));
                    }
                    let known = children.iter().find(|child| tag.is(&Test::Local(child.name.to_owned())));
                    let what = match known {
                        Some(child) => say!(
                            "elementet {} står på fel plats",
                            "the element {} stands in the wrong place",
                            child.name
                        ),
                        None => say!(
                            "det finns ett element i {} som schemat inte har",
                            "there is an element in {} that the schema does not have",
                            element.name
                        ),
                    };
                    return Ok((Level::Passed, Some(what)));
                };
                let mut fault = None;
                if here == *at {
                    *count += 1;
                } else {
                    if matches!(element.holds, Holds::Choice(_)) {
                        fault = (*count > 0).then(|| {
                            say!(
                                "{} innehåller mer än ett slags element",
                                "{} holds more than one kind of element",
                                element.name
                            )
                        });
                    } else {
                        fault = missing(element, *at, *count, here);
                    }
                    (*at, *count) = (here, 1);
                }
                let Some(child) = children.get(here) else { return Ok((Level::Passed, fault)) };
                if *count > child.times.1 {
                    fault = Some(say!(
                        "elementet {} står där mer än en gång",
                        "the element {} stands there more than once",
                        child.name
                    ));
                }
                Ok((Level::Known { element: child, at: 0, count: 0 }, fault))
            }
        }
    }

    fn attributes(&mut self, element: &'static Element, tag: &Tag<'_>) -> Result<()> {
        let mut faults = Vec::new();
        let mut present = vec![false; element.attributes.len()];
        tag.attributes(|attribute| {
            if attribute.prefixed("xsi") || attribute.prefixed("xml") {
                return Ok(());
            }
            let name = attribute.local();
            match element.attributes.iter().position(|known| known.name == name) {
                Some(nth) => {
                    if let Some(present) = present.get_mut(nth) {
                        *present = true;
                    }
                    if let Some(known) = element.attributes.get(nth)
                        && !known.kind.takes(&attribute.value()?)
                    {
                        faults.push(unlike(&say!("attributet {}", "the attribute {}", known.name), known.kind));
                    }
                }
                None => faults.push(say!(
                    "{} har ett attribut som schemat inte har",
                    "{} has an attribute that the schema does not have",
                    element.name
                )),
            }
            Ok(())
        })?;
        for (attribute, present) in element.attributes.iter().zip(present) {
            if attribute.required && !present {
                faults.push(say!("attributet {} saknas", "the attribute {} is missing", attribute.name));
            }
        }
        match faults.into_iter().next() {
            Some(fault) => self.fault(fault),
            None => Ok(()),
        }
    }
}

/// A value is not of its kind.
fn unlike(what: &Message, kind: Kind) -> Message {
    let wanted = kind.wanted();
    let [sv, en] = [Language::Swedish, Language::English].map(|language| (what.told(language), wanted.told(language)));
    Message::new(format!("{} är inte {}", sv.0, sv.1), format!("{} is not {}", en.0, en.1))
}

/// The element that should have stood between the latest child and the one at `here`.
fn missing(element: &Element, at: usize, count: u32, here: usize) -> Option<Message> {
    let between = element.children().iter().enumerate().take(here).skip(at);
    let mut absent = between.filter(|(nth, child)| child.times.0 > if *nth == at { count } else { 0 });
    absent.next().map(|(_, child)| say!("elementet {} saknas", "the element {} is missing", child.name))
}

impl Handler for Checked<'_> {
    fn start(&mut self, tag: &Tag<'_>) -> Result<()> {
        let (level, fault) = self.place(tag)?;
        // The row begins with its element: a fault of the row before it is none of its own.
        self.walk.start(tag)?;
        if let Some(fault) = fault {
            self.fault(fault)?;
        }
        if let (Level::Known { element, .. }, true) = (&level, self.values) {
            self.attributes(element, tag)?;
        }
        self.text.clear();
        self.open.push(level);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        if let Some(Level::Known { element, .. }) = self.open.last() {
            match element.holds {
                Holds::Value(Kind::Text) => {}
                Holds::Value(_) if self.values => self.text.push_str(text),
                Holds::Value(_) => {}
                Holds::Sequence(_) | Holds::Choice(_) => {
                    if !text.trim_ascii().is_empty() {
                        self.fault(say!(
                            "det står text mellan elementen i {}",
                            "there is text between the elements of {}",
                            element.name
                        ))?;
                    }
                }
            }
        }
        if self.walk.wants_text() { self.walk.text(text) } else { Ok(()) }
    }

    fn end(&mut self) -> Result<()> {
        if let Some(Level::Known { element, at, count }) = self.open.pop() {
            let children = element.children();
            let fault = match element.holds {
                Holds::Value(kind) if self.values && !kind.takes(&self.text) => {
                    Some(unlike(&say!("elementet {}", "the element {}", element.name), kind))
                }
                Holds::Sequence(_) => missing(element, at, count, children.len()),
                _ => None,
            };
            if let Some(fault) = fault {
                self.fault(fault)?;
            }
        }
        self.text.clear();
        self.walk.end()
    }

    fn wants_text(&self) -> bool {
        true
    }
}
