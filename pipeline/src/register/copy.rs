//! PostgreSQL's binary COPY format, both ways, column types only.
//!
//! The format is described in the PostgreSQL manual under COPY, *Binary Format*; the values have
//! the shapes of the types' send and receive functions. Numbers are big-endian.

use std::fmt::Write as _;

use super::columns::{Builder, Builders, Column, Columns};
use super::error::{Cause, RegisterError, Result};
use crate::ledger::QuarantineRow;

/// Signature, flags and length of the header extension.
const HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Field count that ends the data.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// Days and microseconds from 1970-01-01 to 2000-01-01, PostgreSQL's epoch.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;
const NULL: [u8; 4] = (-1_i32).to_be_bytes();

/// Appends a complete COPY stream's head.
pub(crate) fn start(out: &mut Vec<u8>) {
    out.extend_from_slice(HEADER);
}

/// Appends its end.
pub(crate) fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(&TRAILER);
}

/// Appends row `row` of `columns`.
pub(crate) fn row(columns: &Columns, row: usize, out: &mut Vec<u8>) -> Result<()> {
    let fields = i16::try_from(columns.list.len()).map_err(|_| damaged())?;
    out.extend_from_slice(&fields.to_be_bytes());
    for column in &columns.list {
        if column.array().is_null(row) {
            out.extend_from_slice(&NULL);
            continue;
        }
        match column {
            Column::Text(a) => bytes(a.value(row).as_bytes(), out)?,
            Column::Date(a) => bytes(&a.value(row).wrapping_sub(EPOCH_DAYS).to_be_bytes(), out)?,
            Column::Timestamp(a) => bytes(&a.value(row).wrapping_sub(EPOCH_MICROS).to_be_bytes(), out)?,
            Column::Integer(a) => bytes(&a.value(row).to_be_bytes(), out)?,
            Column::Float(a) => bytes(&a.value(row).to_be_bytes(), out)?,
            Column::Boolean(a) => bytes(&[u8::from(a.value(row))], out)?,
            Column::Decimal(a, _, scale) => numeric(a.value(row), *scale, out)?,
            Column::Key(a) => bytes(a.value(row), out)?,
            Column::RowId(a) => bytes(&a.value(row).to_be_bytes(), out)?,
        }
    }
    Ok(())
}

/// Appends a row of one small integer, one text and one key: how key sets are staged.
pub(crate) fn key_row(kind: i64, table: &str, key: &[u8; 16], out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&3_i16.to_be_bytes());
    bytes(&kind.to_be_bytes(), out)?;
    bytes(table.as_bytes(), out)?;
    bytes(key, out)
}

/// Appends a row of the quarantine's index: run, table, row, rules, object; its state is *open*.
pub(crate) fn quarantine_row(run: &str, row: &QuarantineRow, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&6_i16.to_be_bytes());
    bytes(run.as_bytes(), out)?;
    bytes(row.table.as_bytes(), out)?;
    bytes(&row.row.0.to_be_bytes(), out)?;
    // jsonb is sent as its version and text.
    let rules = format!("\u{1}{}", serde_json::Value::from(row.rules.clone()));
    bytes(rules.as_bytes(), out)?;
    bytes(row.object.as_bytes(), out)?;
    bytes(b"open", out)
}

fn bytes(value: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let length = i32::try_from(value.len()).map_err(|_| damaged())?;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(value);
    Ok(())
}

/// Most base-10000 digits that 39 decimal digits with any scale can need.
const MOST_DIGITS: usize = 12;

/// Appends a decimal as `numeric`: base-10000 digits, the weight of the first, sign and scale.
fn numeric(value: i128, scale: i8, out: &mut Vec<u8>) -> Result<()> {
    let scale = u32::try_from(scale).map_err(|_| damaged())?;
    let mut rest = value.unsigned_abs();
    // Digits from the lowest; the lowest fractional one may be short of four decimals.
    let mut digits = [0_u16; MOST_DIGITS];
    let mut used = 0;
    let mut push = |digit: u128| -> Result<()> {
        *digits.get_mut(used).ok_or_else(damaged)? = u16::try_from(digit).map_err(|_| damaged())?;
        used += 1;
        Ok(())
    };
    let short = scale % 4;
    if short > 0 {
        let unit = 10_u128.pow(short);
        push(rest % unit * 10_u128.pow(4 - short))?;
        rest /= unit;
    }
    while rest > 0 {
        if let Ok(mut small) = u64::try_from(rest) {
            while small > 0 {
                push(u128::from(small % 10_000))?;
                small /= 10_000;
            }
            break;
        }
        push(rest % 10_000)?;
        rest /= 10_000;
    }
    let digits = digits.get(..used).unwrap_or_default();
    let fraction = i64::from(scale.div_ceil(4));
    let high_zeros = digits.iter().rev().take_while(|d| **d == 0).count();
    let digits = digits.get(..digits.len() - high_zeros).unwrap_or_default();
    let low_zeros = digits.iter().take_while(|d| **d == 0).count();
    let weight = i64::try_from(digits.len()).map_err(|_| damaged())? - fraction - 1;
    let digits = digits.get(low_zeros..).unwrap_or_default();
    let weight = if digits.is_empty() { 0 } else { weight };
    let count = u16::try_from(digits.len()).map_err(|_| damaged())?;
    let length = i32::from(count) * 2 + 8;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&i16::try_from(weight).map_err(|_| damaged())?.to_be_bytes());
    out.extend_from_slice(&if value < 0 { 0x4000_u16 } else { 0 }.to_be_bytes());
    out.extend_from_slice(&u16::try_from(scale).map_err(|_| damaged())?.to_be_bytes());
    for digit in digits.iter().rev() {
        out.extend_from_slice(&digit.to_be_bytes());
    }
    Ok(())
}

fn decimal(field: &[u8], scale: i8) -> Result<i128> {
    let word = |at: usize| field.get(at * 2..at * 2 + 2).and_then(|b| b.try_into().ok()).ok_or_else(damaged);
    let count = usize::from(u16::from_be_bytes(word(0)?));
    let weight = i32::from(i16::from_be_bytes(word(1)?));
    let negative = match u16::from_be_bytes(word(2)?) {
        0 => false,
        0x4000 => true,
        _ => return Err(damaged()),
    };
    let mut value = 0_i128;
    for i in 0..count {
        let digit = i128::from(u16::from_be_bytes(word(4 + i)?));
        let place = (weight - i32::try_from(i).map_err(|_| damaged())?) * 4 + i32::from(scale);
        let power = 10_i128.checked_pow(place.unsigned_abs()).ok_or_else(damaged)?;
        let part = if place >= 0 { digit.checked_mul(power).ok_or_else(damaged)? } else { digit / power };
        value = value.checked_add(part).ok_or_else(damaged)?;
    }
    Ok(if negative { -value } else { value })
}

/// A `numeric` of any precision as text, with the decimals that it has.
pub(crate) fn numeric_text(field: &[u8]) -> Result<String> {
    let word = |at: usize| field.get(at * 2..at * 2 + 2).and_then(|b| b.try_into().ok()).ok_or_else(damaged);
    let count = i32::from(u16::from_be_bytes(word(0)?));
    let weight = i32::from(i16::from_be_bytes(word(1)?));
    let sign = match u16::from_be_bytes(word(2)?) {
        0 => "",
        0x4000 => "-",
        0xd000 => return Ok("Infinity".to_owned()),
        0xf000 => return Ok("-Infinity".to_owned()),
        _ => return Ok("NaN".to_owned()),
    };
    let decimals = usize::from(u16::from_be_bytes(word(3)?));
    let group = |place: i32| -> Result<u16> {
        let at = weight - place;
        if (0..count).contains(&at) {
            Ok(u16::from_be_bytes(word(4 + usize::try_from(at).map_err(|_| damaged())?)?))
        } else {
            Ok(0)
        }
    };
    let mut text = String::new();
    for place in (0..=weight.max(0)).rev() {
        let _ = write!(text, "{:04}", group(place)?);
    }
    let whole = text.trim_start_matches('0');
    let mut out = format!("{sign}{}", if whole.is_empty() { "0" } else { whole });
    if decimals > 0 {
        let mut fraction = String::new();
        let mut place = -1;
        while fraction.len() < decimals {
            let _ = write!(fraction, "{:04}", group(place)?);
            place -= 1;
        }
        fraction.truncate(decimals);
        out.push('.');
        out.push_str(&fraction);
    }
    Ok(out)
}

fn damaged() -> RegisterError {
    RegisterError::Database { doing: "copy rows", cause: Cause("the COPY stream is damaged".to_owned()) }
}

/// Reads a COPY stream that comes in pieces of any size.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// Bytes of a row that has not wholly come.
    rest: Vec<u8>,
    headed: bool,
    ended: bool,
}

impl Reader {
    /// Takes the next piece; the complete rows in it go to `builders`, and each full batch to `out`.
    pub(crate) fn take(
        &mut self,
        piece: &[u8],
        builders: &mut Builders,
        mut out: impl FnMut(&mut Builders) -> Result<()>,
    ) -> Result<()> {
        // As a rule each piece is one whole row, and nothing is copied.
        let joined;
        let mut bytes = if self.rest.is_empty() {
            piece
        } else {
            self.rest.extend_from_slice(piece);
            joined = std::mem::take(&mut self.rest);
            &joined
        };
        if !self.headed {
            let Some((header, after)) = bytes.split_first_chunk::<19>() else {
                self.rest = bytes.to_vec();
                return Ok(());
            };
            if header != HEADER {
                return Err(damaged());
            }
            self.headed = true;
            bytes = after;
        }
        while !bytes.is_empty() && !self.ended {
            let Some(length) = row_length(bytes)? else { break };
            let (row, after) = bytes.split_at_checked(length).ok_or_else(damaged)?;
            bytes = after;
            if row == TRAILER {
                self.ended = true;
                break;
            }
            build(row, builders)?;
            if builders.is_full() {
                out(builders)?;
            }
        }
        self.rest = bytes.to_vec();
        Ok(())
    }

    /// Whether the stream came to its end.
    pub(crate) const fn is_complete(&self) -> bool {
        self.ended
    }
}

/// The length of the row that `bytes` begin with, if it has wholly come.
fn row_length(bytes: &[u8]) -> Result<Option<usize>> {
    let Some((count, _)) = bytes.split_first_chunk::<2>() else { return Ok(None) };
    if *count == TRAILER {
        return Ok(Some(2));
    }
    let mut at = 2_usize;
    for _ in 0..u16::from_be_bytes(*count) {
        let Some(length) = bytes.get(at..at + 4).and_then(|b| b.try_into().ok()) else { return Ok(None) };
        let length = i32::from_be_bytes(length);
        at += 4 + if length == -1 { 0 } else { usize::try_from(length).map_err(|_| damaged())? };
    }
    Ok((bytes.len() >= at).then_some(at))
}

fn build(row: &[u8], builders: &mut Builders) -> Result<()> {
    let (count, mut rest) = row.split_first_chunk::<2>().ok_or_else(damaged)?;
    if usize::from(u16::from_be_bytes(*count)) != builders.list.len() {
        return Err(damaged());
    }
    for builder in &mut builders.list {
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let length = i32::from_be_bytes(*length);
        if length == -1 {
            builder.null();
            rest = after;
            continue;
        }
        let length = usize::try_from(length).map_err(|_| damaged())?;
        let (field, after) = after.split_at_checked(length).ok_or_else(damaged)?;
        rest = after;
        value(field, builder)?;
    }
    builders.row();
    Ok(())
}

fn value(field: &[u8], builder: &mut Builder) -> Result<()> {
    fn fixed<const N: usize>(field: &[u8]) -> Result<[u8; N]> {
        field.try_into().map_err(|_| damaged())
    }
    match builder {
        Builder::Text(b) => b.append_value(std::str::from_utf8(field).map_err(|_| damaged())?),
        Builder::Date(b) => b.append_value(i32::from_be_bytes(fixed(field)?).wrapping_add(EPOCH_DAYS)),
        Builder::Timestamp(b) => b.append_value(i64::from_be_bytes(fixed(field)?).wrapping_add(EPOCH_MICROS)),
        Builder::Integer(b) => b.append_value(i64::from_be_bytes(fixed(field)?)),
        Builder::Float(b) => b.append_value(f64::from_be_bytes(fixed(field)?)),
        Builder::Boolean(b) => b.append_value(fixed::<1>(field)? != [0]),
        Builder::Decimal(b, _, scale) => b.append_value(decimal(field, *scale)?),
        Builder::Key(b) => b.append_value(fixed::<16>(field)?)?,
        Builder::RowId(b) => b.append_value(u64::from_be_bytes(fixed(field)?)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_decimal_is_sent_in_groups_of_four_digits() {
        let mut out = vec![];
        numeric(-12_345_678, 3, &mut out).unwrap();
        // -12345.678: digits 1, 2345, 6780 at weight 1.
        assert_eq!(out[..4], 14_i32.to_be_bytes());
        assert_eq!(out[4..], [0, 3, 0, 1, 0x40, 0, 0, 3, 0, 1, 0x09, 0x29, 0x1a, 0x7c]);
    }

    proptest! {
        #[test]
        fn decimals_come_back(value in -(10_i128.pow(38) - 1)..10_i128.pow(38), scale in 0_i8..=38) {
            let mut out = vec![];
            numeric(value, scale, &mut out).unwrap();
            prop_assert_eq!(decimal(&out[4..], scale).unwrap(), value);
        }

        #[test]
        fn a_damaged_stream_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), head in any::<bool>()) {
            let mut stream = if head { HEADER.to_vec() } else { vec![] };
            stream.extend(bytes);
            let slots = [super::super::layout::Slot {
                name: "a".into(),
                holds: super::super::layout::Holds::Value(sluss_schemas::table::Kind::Decimal(12, 2)),
                nullable: true,
            }];
            let _ = Reader::default().take(&stream, &mut Builders::new(&slots), |_| Ok(()));
        }
    }
}
