//! What a cell is checked for as it is filled in.

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, ExcelDateTime, Formula, XlsxError,
};
use sluss_schemas::table::{Class, Column, Identifier, Kind};

use super::lists::Choice;

/// Excel's limits for the text beside a cell, and for its heading.
const MESSAGE: usize = 250;
const TITLE: usize = 32;

/// How a column is written, for people: stands beside the cell and in the instructions.
pub(super) fn written(column: &Column, choice: Option<&Choice>) -> String {
    let how = match (column.kind, &column.identifier, choice) {
        (_, _, Some(Choice { name: Some(_), entries, closed: true })) => format!("Välj i listan ({entries} val)."),
        (_, _, Some(Choice { name: Some(_), entries, .. })) => {
            format!("Skriv koden, eller välj i listan ({entries} koder gäller i dag).")
        }
        (_, _, Some(Choice { entries, .. })) => format!("Skriv koden ({entries} koder: för många för en lista)."),
        (Kind::Date, ..) => "Datum: 2026-01-31. Tomt betyder att uppgiften saknas.".to_owned(),
        (Kind::Timestamp, ..) => "Datum och klockslag: 2026-01-31 08:00.".to_owned(),
        (Kind::Integer, ..) => "Heltal.".to_owned(),
        (Kind::Decimal(_, scale), ..) => format!("Tal med högst {scale} decimaler."),
        (Kind::Float, ..) => "Tal.".to_owned(),
        (_, Some(Identifier::Orgnr), _) => "Tio siffror: 232100-0206.".to_owned(),
        (_, Some(Identifier::HsaId { .. }), _) => {
            "HSA-id: SE, tio siffror, bindestreck och högst 18 tecken.".to_owned()
        }
        (_, Some(Identifier::Postnummer), _) => "Fem siffror.".to_owned(),
        (_, Some(Identifier::Telefon), _) => "Telefonnummer: +46 8 12 34 56 eller 08-12 34 56.".to_owned(),
        (_, Some(Identifier::Manad), _) => "Månad: 2026-01.".to_owned(),
        (_, Some(Identifier::Vecka), _) => "Vecka: 2026-W05.".to_owned(),
        (_, Some(Identifier::Gln), _) => "Tretton siffror.".to_owned(),
        (_, Some(Identifier::Sctid), _) => "SNOMED CT-id: 6 till 18 siffror.".to_owned(),
        (_, Some(Identifier::Code), _) => "Kod.".to_owned(),
        _ => "Text.".to_owned(),
    };
    match column.class {
        Class::Oppen => how,
        Class::Skyddad => format!("{how} Skyddad: visas inte för andra."),
        Class::Personuppgift => format!("{how} Kan vara en personuppgift: visas inte för andra."),
    }
}

/// The check of a column's cells. `cell` is the first of them, as a formula writes it; `points_at` the cells
/// that it must name one of.
pub(super) fn of(
    column: &Column,
    required: bool,
    choice: Option<&Choice>,
    cell: &str,
    points_at: Option<&str>,
) -> Result<DataValidation, XlsxError> {
    let check = DataValidation::new();
    let listed = choice.and_then(|choice| Some((choice.name.as_ref()?, choice.closed)));
    let (check, stops) = match (points_at, listed) {
        (Some(cells), _) => (check.allow_list_formula(Formula::new(format!("={cells}"))), false),
        (None, Some((name, closed))) => (check.allow_list_formula(Formula::new(format!("={name}"))), closed),
        (None, None) => form(check, column, cell)?,
    };
    let style = if stops { DataValidationErrorStyle::Stop } else { DataValidationErrorStyle::Warning };
    let how = match points_at {
        Some(_) => "Välj ett id som står på det andra bladet.".to_owned(),
        None => written(column, choice),
    };
    let must = if required { "Måste fyllas i. " } else { "" };
    check
        .ignore_blank(true)
        .set_error_style(style)
        .set_error_title(cut(&column.name, TITLE))?
        .set_error_message(cut(&how, MESSAGE))?
        .set_input_title(cut(&column.name, TITLE))?
        .set_input_message(cut(&format!("{must}{} {how}", column.meaning), MESSAGE))
}

/// A check by the form of what is written, and whether what breaks it is refused.
fn form(check: DataValidation, column: &Column, cell: &str) -> Result<(DataValidation, bool), XlsxError> {
    let custom = |formula: String| Formula::new(format!("={formula}"));
    Ok(match (column.kind, &column.identifier) {
        (Kind::Date | Kind::Timestamp, _) => {
            let (first, last) = (ExcelDateTime::from_ymd(1900, 1, 1)?, ExcelDateTime::from_ymd(9999, 12, 31)?);
            (check.allow_date(DataValidationRule::Between(first, last)), true)
        }
        (Kind::Integer, _) => (check.allow_whole_number(DataValidationRule::Between(i32::MIN, i32::MAX)), true),
        (Kind::Decimal(precision, scale), _) => {
            let limit = 10_f64.powi(i32::from(precision) - i32::from(scale)) - 1.0;
            (check.allow_decimal_number(DataValidationRule::Between(-limit, limit)), true)
        }
        (Kind::Float, _) => (check.allow_decimal_number(DataValidationRule::Between(-1e12, 1e12)), true),
        (_, Some(Identifier::Orgnr)) => {
            let bare = format!("SUBSTITUTE({cell},\"-\",\"\")");
            (check.allow_custom(custom(format!("AND(LEN({bare})=10,ISNUMBER(VALUE({bare})))"))), false)
        }
        (_, Some(Identifier::HsaId { .. })) => {
            let formula = format!("AND(LEFT({cell},2)=\"SE\",MID({cell},13,1)=\"-\",LEN({cell})>13,LEN({cell})<32)");
            (check.allow_custom(custom(formula)), false)
        }
        (_, Some(Identifier::Postnummer)) => {
            (check.allow_custom(custom(format!("LEN(SUBSTITUTE({cell},\" \",\"\"))=5"))), true)
        }
        (_, Some(Identifier::Manad)) => (check.allow_text_length(DataValidationRule::EqualTo(7)), true),
        (_, Some(Identifier::Vecka)) => (check.allow_text_length(DataValidationRule::EqualTo(8)), true),
        (_, Some(Identifier::Gln)) => (check.allow_text_length(DataValidationRule::EqualTo(13)), false),
        (_, Some(Identifier::Sctid)) => (check.allow_text_length(DataValidationRule::Between(6, 18)), false),
        (_, Some(Identifier::Telefon)) => (check.allow_text_length(DataValidationRule::Between(5, 30)), false),
        _ if column.name == "dokument_sha256" => (check.allow_text_length(DataValidationRule::EqualTo(64)), true),
        _ => (check.allow_any_value(), false),
    })
}

/// At most so many characters, as Excel counts them.
pub(super) fn cut(text: &str, limit: usize) -> String {
    let text = text.trim();
    if text.encode_utf16().count() <= limit {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.encode_utf16().count() + c.len_utf16() >= limit {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}
