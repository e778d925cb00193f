//! Deliveries that replace each other (`ErsattningsId`).

use std::collections::BTreeSet;

use sluss_schemas::say;

use crate::connect::Field;
use crate::error::{ConnectorError, Result};
use crate::files::format::{Emit, Format, Input, Survey};
use crate::files::xml::contract::Contract;
use crate::files::xml::document::{self, Handler, Tag};
use crate::files::xml::message::Message;

/// The kind of message, and what is known of the deliveries.
#[derive(Clone)]
pub(super) struct Delivery {
    contract: &'static Contract,
    message: Message,
    /// Those that give no rows, by file and member.
    left_out: BTreeSet<Place>,
}

/// A file, and a member of it where it is an archive.
type Place = (String, Option<String>);

impl Delivery {
    /// Nothing is known of any delivery yet.
    pub(super) fn new(contract: &'static Contract, strict: bool) -> Result<Self> {
        Ok(Self { contract, message: Message::new(contract, strict)?, left_out: BTreeSet::new() })
    }
}

impl Format for Delivery {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        if self.left_out.contains(&(input.name.clone(), input.member.clone())) {
            tracing::info!(file = %input.name, "gives no rows: replaced by a later delivery, or a service's answer");
            return self.message.none(&input, chunk_rows, emit);
        }
        self.message.read(input, chunk_rows, emit)
    }

    fn columns(&self, input: Input) -> Result<Vec<Field>> {
        self.message.columns(input)
    }

    fn survey(&self) -> Option<Box<dyn Survey>> {
        // Only the waiting-time delivery has replacements.
        let replaced = self.contract.above.iter().any(|(name, _)| *name == REPLACES);
        replaced.then(|| Box::new(Replacements { format: self.clone(), heads: Vec::new() }) as Box<dyn Survey>)
    }
}

const REPLACES: &str = "ErsattningsId";
const REFERENCE: &str = "LeveransReferens";

/// Gathers the heads of all deliveries.
struct Replacements {
    format: Delivery,
    heads: Vec<Head>,
}

/// What a document says of itself before its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Head {
    place: Place,
    message: String,
    body: Option<String>,
    replaces: Option<String>,
    reference: Option<String>,
}

impl Survey for Replacements {
    fn look(&mut self, input: Input) -> Result<()> {
        let mut head = Head { place: (input.name, input.member), ..Head::default() };
        let mut reading = ReadingHead { head: &mut head, element: None, done: false };
        let outcome = document::read(input.bytes, false, &mut reading);
        let done = reading.done;
        self.heads.push(head);
        if done { Ok(()) } else { outcome }
    }

    fn format(self: Box<Self>) -> Box<dyn Format> {
        let message = self.format.contract.message.name;
        let left_out = left_out(&self.heads, message);
        Box::new(Delivery { left_out, ..self.format })
    }
}

/// The documents that give no rows: a service's answers, and what is replaced.
fn left_out(heads: &[Head], message: &str) -> BTreeSet<Place> {
    let answer = |head: &Head| head.message.strip_suffix("Response") == Some(message);
    let given = |delivery: &Head| {
        let answers = heads.iter().filter(|head| answer(head) && head.reference == delivery.reference);
        answers.filter(|_| delivery.reference.is_some()).filter_map(|head| head.replaces.clone()).collect::<Vec<_>>()
    };
    let mut out: BTreeSet<Place> = heads.iter().filter(|head| answer(head)).map(|head| head.place.clone()).collect();
    let deliveries: Vec<&Head> = heads.iter().filter(|head| head.message == message).collect();
    for (nth, later) in deliveries.iter().enumerate() {
        let Some(id) = &later.replaces else { continue };
        for (other, earlier) in deliveries.iter().enumerate() {
            let same = other < nth && earlier.replaces.as_ref() == Some(id);
            let answered = (other < nth || earlier.replaces.is_none()) && other != nth && given(earlier).contains(id);
            if (same || answered) && takes_away(later, earlier) {
                out.insert(earlier.place.clone());
            }
        }
    }
    out
}

/// Bodies are replaced kind by kind; contacts take with them what belongs to them, and a replacement
/// without a body takes whatever there was.
fn takes_away(later: &Head, earlier: &Head) -> bool {
    match (later.body.as_deref(), earlier.body.as_deref()) {
        (None | Some("Kontakt"), _) | (_, None) => true,
        (later, earlier) => later == earlier,
    }
}

/// Reads a document up to its first row.
struct ReadingHead<'a> {
    head: &'a mut Head,
    element: Option<&'static str>,
    done: bool,
}

impl Handler for ReadingHead<'_> {
    fn start(&mut self, tag: &Tag<'_>) -> Result<()> {
        let name = tag.local();
        if self.head.message.is_empty() {
            if matches!(&*name, "Envelope" | "Header" | "Body") || !name.starts_with("TillgangligVardSpeci") {
                return Ok(());
            }
            self.head.message = name.into_owned();
            let head = &mut *self.head;
            return tag.attributes(|attribute| {
                match &*attribute.local() {
                    REPLACES => head.replaces = filled(&attribute.value()?),
                    REFERENCE => head.reference = filled(&attribute.value()?),
                    _ => {}
                }
                Ok(())
            });
        }
        self.element = match &*name {
            REPLACES => Some(REPLACES),
            REFERENCE => Some(REFERENCE),
            "Meddelande" => None,
            body => {
                // Enough is known: the rows are the reading's.
                self.head.body = Some(body.to_owned());
                self.done = true;
                return Err(ConnectorError::source(say!("huvudet är läst", "the head has been read")));
            }
        };
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        let into = match self.element {
            Some(REPLACES) => &mut self.head.replaces,
            Some(_) => &mut self.head.reference,
            None => return Ok(()),
        };
        let value = into.take().unwrap_or_default() + text.trim();
        *into = filled(&value);
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.element = None;
        Ok(())
    }

    fn wants_text(&self) -> bool {
        self.element.is_some()
    }
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivta::waiting;

    fn head(file: &str, message: &str, body: Option<&str>, replaces: Option<&str>, reference: Option<&str>) -> Head {
        let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
        Head {
            place: (file.to_owned(), None),
            message: message.to_owned(),
            body: owned(body),
            replaces: owned(replaces),
            reference: owned(reference),
        }
    }

    fn files(heads: &[Head]) -> Vec<String> {
        left_out(heads, waiting::GENOMFORDA.message.name).into_iter().map(|(file, _)| file).collect()
    }

    const G: &str = "TillgangligVardSpeciGenomforda";
    const K: Option<&str> = Some("Kontakt");

    #[test]
    fn the_last_of_one_id_holds() {
        let heads =
            [head("a", G, K, Some("1"), None), head("b", G, K, Some("1"), None), head("c", G, K, Some("2"), None)];
        assert_eq!(files(&heads), ["a"]);
        assert!(files(&[head("a", G, K, None, None), head("b", G, K, None, None)]).is_empty());
        // Another kind of message is not this one's.
        let other = "TillgangligVardSpeciVantande";
        assert!(files(&[head("a", other, K, Some("1"), None), head("b", G, K, Some("1"), None)]).is_empty());
    }

    #[test]
    fn an_answer_tells_which_delivery_an_id_is_of() {
        let answer = "TillgangligVardSpeciGenomfordaResponse";
        let heads = [
            head("a", G, K, None, Some("L1")),
            head("a-svar", answer, None, Some("7"), Some("L1")),
            head("b", G, K, Some("7"), Some("L2")),
            head("b-svar", answer, None, Some("7"), Some("L2")),
            head("c", G, K, None, Some("L3")),
        ];
        assert_eq!(files(&heads), ["a", "a-svar", "b-svar"]);
        // Without references nothing is known to belong together.
        let heads = [
            head("a", G, K, None, None),
            head("svar", answer, None, Some("7"), None),
            head("b", G, K, Some("7"), None),
        ];
        assert_eq!(files(&heads), ["svar"]);
    }

    #[test]
    fn bodies_are_replaced_kind_by_kind() {
        let bodies = |later: Option<&str>| {
            files(&[head("a", G, Some("Diagnoser"), Some("1"), None), head("b", G, later, Some("1"), None)])
        };
        assert_eq!(bodies(Some("Diagnoser")), ["a"]);
        assert!(bodies(Some("Orsaker")).is_empty());
        assert_eq!((bodies(K), bodies(None)), (vec!["a".to_owned()], vec!["a".to_owned()]));
    }
}
