//! Fixed-width text: fields by their place on the line, counted in characters.

use std::io::Read;

use sluss_schemas::say;

use super::columns::unknown;
use super::lines::{Lines, refuse_html, without_end};
use super::options::{Encoding, FixedField};
use super::out::Out;
use super::shape::Gives;
use crate::error::{ConnectorError, Result};

/// A field's place: the national column, the first character from 0, the one after the last.
struct Place {
    column: usize,
    start: usize,
    end: usize,
}

/// Reads a fixed-width list. Gives the file back for what is left to do with it.
pub(super) fn read<R: Read>(
    mut lines: Lines<R>,
    encoding: Encoding,
    fields: &[FixedField],
    header_row: u32,
    name: &str,
    out: &mut Out<'_>,
) -> Result<R> {
    let places = places(out.gives(), fields)?;
    let needed =
        |place: &Place| out.gives().columns().get(place.column).is_some_and(|c| out.gives().needed().contains(c));
    let shortest = places.iter().filter(|p| needed(p)).map(|p| p.start + 1).max().unwrap_or(1);
    while let Some(line) = lines.next()? {
        if line.number == 1 {
            refuse_html(&line.bytes, name)?;
        }
        let bytes = without_end(&line.bytes);
        if line.number <= u64::from(header_row) || bytes.is_empty() {
            continue;
        }
        let text = match encoding.decode(bytes) {
            Ok(text) => text,
            Err(offset) => {
                let detail = format!("byte {}: not {}", offset + 1, encoding.name());
                out.unread(line.number, "ogiltiga_tecken", detail, &line.bytes)?;
                continue;
            }
        };
        // Where each character begins, and where the text ends.
        let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let length = starts.len() - 1;
        if length < shortest {
            let detail = format!("{length} characters, where the code stands at {shortest}");
            out.unread(line.number, "fel_antal_kolumner", detail, &line.bytes)?;
            continue;
        }
        let mut cells = vec![None; out.gives().columns().len()];
        for place in &places {
            let from = starts.get(place.start.min(length)).copied();
            let to = starts.get(place.end.min(length)).copied();
            if let (Some(from), Some(to), Some(cell)) = (from, to, cells.get_mut(place.column)) {
                // Blanks that fill up a field belong to the form, not to the value.
                *cell = text.get(from..to).map(str::trim_end);
            }
        }
        out.row(line.number, &cells)?;
    }
    Ok(lines.into_inner())
}

fn places(gives: Gives, fields: &[FixedField]) -> Result<Vec<Place>> {
    let places: Result<Vec<Place>> = fields
        .iter()
        .map(|field| {
            let column = gives.place(&field.name).ok_or_else(|| unknown(gives, &field.name))?;
            let at = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
            let start = at(field.start).checked_sub(1).ok_or_else(|| {
                ConnectorError::configuration(say!(
                    "fältet {}: tecken räknas från 1",
                    "field {}: characters are counted from 1",
                    field.name
                ))
            })?;
            let end = field.width.map_or(usize::MAX, |width| start.saturating_add(at(width)));
            Ok(Place { column, start, end })
        })
        .collect();
    let places = places?;
    match gives.needed().iter().find(|c| !fields.iter().any(|f| f.name == **c)) {
        Some(missing) => Err(ConnectorError::configuration(say!(
            "inget fält är kolumnen {missing}",
            "no field is the column {missing}"
        ))
        .hint(say!(
            "en lista med fast bredd behöver `fields = [{{ name = \"kod\", start = 1, width = 7 }}, …]`",
            "a fixed-width list needs `fields = [{{ name = \"kod\", start = 1, width = 7 }}, …]`"
        ))),
        None => Ok(places),
    }
}
