//! A document as a plain sequence of starts, texts and ends, checked for being well-formed.
//!
//! Document type definitions are not read: no entity but the five of XML itself is known, so that
//! nothing is fetched and nothing grows.

use std::borrow::Cow;
use std::io::Read;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, QName, ResolveResult};
use quick_xml::{Error, Reader, XmlVersion};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::path::Test;
use crate::error::{ConnectorError, Result};
use crate::files::decode::{Decoded, broken_off};

/// Elements within each other at most.
const MAX_DEPTH: usize = 256;
/// Longest single text, tag or comment in bytes.
const MAX_PIECE: usize = 64 << 20;

/// Gets what a document holds, in its order.
pub(crate) trait Handler {
    /// An element begins.
    fn start(&mut self, tag: &Tag<'_>) -> Result<()>;
    /// Text within the element, in one or several pieces.
    fn text(&mut self, text: &str) -> Result<()>;
    /// The element ends.
    fn end(&mut self) -> Result<()>;
    /// Whether text matters here.
    fn wants_text(&self) -> bool;
}

/// An element's name and attributes.
pub(crate) struct Tag<'a> {
    start: &'a BytesStart<'a>,
    namespaces: Option<&'a NamespaceResolver>,
}

impl Tag<'_> {
    /// The name without its prefix.
    pub(crate) fn local(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.start.local_name().into_inner())
    }

    /// Whether the name is the one asked for.
    pub(super) fn is(&self, test: &Test) -> bool {
        matches(test, self.start.name(), self.namespaces, true)
    }

    /// Whether the name is of the namespace.
    pub(crate) fn is_in(&self, namespace: &str) -> bool {
        let resolved = self.namespaces.map(|namespaces| namespaces.resolve(self.start.name(), true).0);
        matches!(resolved, Some(ResolveResult::Bound(bound)) if bound.as_ref() == namespace.as_bytes())
    }

    /// Whether there are attributes.
    pub(super) fn has_attributes(&self) -> bool {
        !self.start.attributes_raw().trim_ascii().is_empty()
    }

    /// Gives the attributes, without the declarations of namespaces.
    pub(crate) fn attributes(&self, mut each: impl FnMut(Attribute<'_>) -> Result<()>) -> Result<()> {
        for attribute in self.start.attributes() {
            let attribute = attribute.map_err(|_| {
                malformed(say!(
                    "ett attribut är fel skrivet eller står två gånger",
                    "an attribute is written wrongly or stands twice"
                ))
            })?;
            if attribute.key.as_namespace_binding().is_none() {
                each(Attribute { inner: &attribute, namespaces: self.namespaces })?;
            }
        }
        Ok(())
    }

    /// Whether the element says of itself that it has no value (`xsi:nil="true"`).
    pub(super) fn is_nil(&self) -> Result<bool> {
        let mut nil = false;
        if self.has_attributes() {
            self.attributes(|a| {
                nil |= a.prefixed("xsi") && a.local() == "nil" && matches!(&*a.value()?, "true" | "1");
                Ok(())
            })?;
        }
        Ok(nil)
    }
}

/// An attribute.
pub(crate) struct Attribute<'a> {
    inner: &'a quick_xml::events::attributes::Attribute<'a>,
    namespaces: Option<&'a NamespaceResolver>,
}

impl Attribute<'_> {
    /// The name without its prefix.
    pub(crate) fn local(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.inner.key.local_name().into_inner())
    }

    /// Whether it has the prefix.
    pub(super) fn prefixed(&self, prefix: &str) -> bool {
        self.inner.key.prefix().is_some_and(|p| p.as_ref() == prefix.as_bytes())
    }

    /// Whether the name is the one asked for.
    pub(super) fn is(&self, test: &Test) -> bool {
        matches(test, self.inner.key, self.namespaces, false)
    }

    /// The value, its references resolved.
    pub(crate) fn value(&self) -> Result<Cow<'_, str>> {
        self.inner.normalized_value(XmlVersion::Explicit1_0).map_err(|e| match e {
            Error::Escape(quick_xml::escape::EscapeError::UnrecognizedEntity(..)) => unknown_entity(),
            _ => malformed(say!(
                "ett attribut har en felaktig referens (&…;)",
                "an attribute has a wrong reference (&…;)"
            )),
        })
    }
}

fn matches(test: &Test, name: QName<'_>, namespaces: Option<&NamespaceResolver>, element: bool) -> bool {
    match test {
        Test::Any => true,
        Test::Local(local) => is_local(name, local),
        Test::Full(namespace, local) => {
            is_local(name, local)
                && namespaces.is_some_and(|n| match n.resolve(name, element).0 {
                    ResolveResult::Bound(bound) => bound.as_ref() == namespace.as_bytes(),
                    _ => false,
                })
        }
    }
}

/// Whether a name is `local`, or has a prefix before it.
fn is_local(name: QName<'_>, local: &str) -> bool {
    let prefix = name.as_ref().strip_suffix(local.as_bytes());
    prefix.is_some_and(|prefix| prefix.is_empty() || prefix.split_last().is_some_and(|(last, _)| *last == b':'))
}

/// Reads a document. `namespaces` are followed only when asked for. An error says in which line.
pub(crate) fn read(input: impl Read, namespaces: bool, handler: &mut impl Handler) -> Result<()> {
    let mut reader = Reader::from_reader(Decoded::xml(input, MAX_PIECE)?);
    let mut state = State { depth: 0, roots: 0, namespaces: namespaces.then(NamespaceResolver::default) };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().next_piece();
        let step = match reader.read_event_into(&mut buffer) {
            Ok(event) => state.event(event, handler),
            Err(error) => Err(not_well_formed(&error)),
        };
        match step {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) if error.place.is_some() => return Err(error),
            Err(error) => return Err(error.at(say!("rad {}", "line {}", reader.get_ref().line()))),
        }
    }
}

struct State {
    depth: usize,
    roots: usize,
    namespaces: Option<NamespaceResolver>,
}

impl State {
    /// Passes an event on; false at the end.
    fn event(&mut self, event: Event<'_>, handler: &mut impl Handler) -> Result<bool> {
        match event {
            Event::Start(start) => self.start(&start, handler)?,
            Event::Empty(start) => {
                self.start(&start, handler)?;
                self.end(handler)?;
            }
            Event::End(_) => self.end(handler)?,
            Event::Text(text) => {
                if self.depth == 0 {
                    if !text.trim_ascii().is_empty() {
                        return Err(malformed(say!(
                            "det finns text utanför rotelementet",
                            "there is text outside the root element"
                        )));
                    }
                } else if handler.wants_text() {
                    handler.text(&lines(utf8(&text)?))?;
                }
            }
            Event::CData(text) => {
                if self.depth == 0 {
                    return Err(malformed(say!(
                        "det finns text utanför rotelementet",
                        "there is text outside the root element"
                    )));
                }
                if handler.wants_text() {
                    handler.text(&lines(utf8(&text)?))?;
                }
            }
            Event::GeneralRef(name) => {
                if self.depth == 0 {
                    return Err(malformed(say!(
                        "det finns text utanför rotelementet",
                        "there is text outside the root element"
                    )));
                }
                let mut bytes = [0; 4];
                let sign = reference(utf8(&name)?)?.encode_utf8(&mut bytes);
                if handler.wants_text() {
                    handler.text(sign)?;
                }
            }
            Event::Eof if self.depth > 0 => {
                return Err(malformed(say!(
                    "dokumentet slutar före sitt sista element",
                    "the document ends before its last element"
                )));
            }
            Event::Eof if self.roots == 0 => {
                return Err(ConnectorError::source(say!(
                    "filen har inget XML-element",
                    "the file holds no XML element"
                )));
            }
            Event::Eof => return Ok(false),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
        Ok(true)
    }

    fn start(&mut self, start: &BytesStart<'_>, handler: &mut impl Handler) -> Result<()> {
        if self.depth == 0 {
            self.roots += 1;
            if self.roots > 1 {
                return Err(malformed(say!("det finns ett andra rotelement", "there is a second root element")));
            }
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ConnectorError::source(say!(
                "det finns fler än {MAX_DEPTH} element inuti varandra",
                "there are more than {MAX_DEPTH} elements within each other"
            )));
        }
        if let Some(namespaces) = &mut self.namespaces {
            namespaces
                .push(start)
                .map_err(|_| malformed(say!("en namnrymd är fel deklarerad", "a namespace is declared wrongly")))?;
        }
        handler.start(&Tag { start, namespaces: self.namespaces.as_ref() })
    }

    fn end(&mut self, handler: &mut impl Handler) -> Result<()> {
        self.depth = self
            .depth
            .checked_sub(1)
            .ok_or_else(|| malformed(say!("en sluttagg saknar starttagg", "an end tag has no start tag")))?;
        if let Some(namespaces) = &mut self.namespaces {
            namespaces.pop();
        }
        handler.end()
    }
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes)
        .map_err(|_| malformed(say!("det finns byte som inte är text", "there are bytes that are not text")))
}

/// Line ends as XML 1.0, section 2.11, has them.
fn lines(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The sign that a reference stands for.
fn reference(name: &str) -> Result<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        let sign = code.ok().filter(|code| *code != 0).and_then(char::from_u32);
        return sign.ok_or_else(|| {
            malformed(say!("en referens (&#…;) står inte för något tecken", "a reference (&#…;) stands for no sign"))
        });
    }
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(unknown_entity()),
    }
}

fn unknown_entity() -> ConnectorError {
    ConnectorError::source(say!(
        "en entitet (&…;) används som XML självt inte har",
        "an entity (&…;) is used that XML itself does not have"
    ))
    .hint(say!(
        "be avsändaren skriva själva texten: entiteter ur en dokumenttyp läses inte",
        "ask the sender to write the text itself: entities of a document type are not read"
    ))
}

/// The document breaks a rule of XML.
pub(super) fn malformed(why: impl Into<Message>) -> ConnectorError {
    ConnectorError::source(why.into().after(&say!("XML-filen är felaktig", "the XML is malformed"))).hint(say!(
        "be avsändaren pröva filen med ett XML-verktyg och skicka den på nytt",
        "ask the sender to check the file with an XML tool and to send it anew"
    ))
}

/// Says what is wrong without the names in the document: in a malformed one, they may be anything.
fn not_well_formed(error: &Error) -> ConnectorError {
    use quick_xml::errors::{IllFormedError as Ill, SyntaxError};
    match error {
        Error::Io(e) => match e.kind() {
            std::io::ErrorKind::InvalidData => malformed(say!("den har {e}", "it has {e}")),
            std::io::ErrorKind::FileTooLarge => ConnectorError::source(say!(
                "en enda text eller tagg är längre än {MAX_PIECE} byte",
                "a single text or tag is longer than {MAX_PIECE} bytes"
            )),
            kind => broken_off().because(std::io::Error::from(kind)),
        },
        Error::IllFormed(Ill::MismatchedEndTag { .. }) => {
            malformed(say!("en sluttagg passar inte sin starttagg", "an end tag does not match its start tag"))
        }
        Error::IllFormed(Ill::UnmatchedEndTag(_)) => {
            malformed(say!("en sluttagg saknar starttagg", "an end tag has no start tag"))
        }
        Error::IllFormed(Ill::MissingEndTag(_)) => {
            malformed(say!("ett element saknar sluttagg", "an element has no end tag"))
        }
        Error::IllFormed(Ill::UnclosedReference) => {
            malformed(say!("ett & inleder ingen referens", "an & begins no reference"))
        }
        Error::Syntax(SyntaxError::InvalidBangMarkup) => {
            malformed(say!("<! inleder inget som XML har", "<! begins nothing that XML has"))
        }
        Error::Syntax(_) => malformed(say!(
            "dokumentet slutar mitt i en tagg, en kommentar eller liknande",
            "the document ends within a tag, a comment or the like"
        )),
        _ => malformed(say!("det går inte att läsa som XML", "it cannot be read as XML")),
    }
}
