//! The workbook: instructions, one sheet for each table, and the hidden lists.

use chrono::Datelike;
use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Note,
    Workbook, Worksheet, XlsxError, utility,
};
use sluss_schemas::code::CodeIndex;
use sluss_schemas::table::{Column, Kind, Table};

use super::Form;
use super::checks;
use super::guide;
use super::lists::Lists;

const REQUIRED: u32 = 0x00FF_E699;
const OPTIONAL: u32 = 0x00E7_E6E6;
const LACKING: u32 = 0x00F8_CBAD;

/// Renders the workbook's bytes; and the code systems that it lacks.
pub(super) fn workbook(form: &Form<'_>, codes: &CodeIndex) -> Result<(Vec<u8>, Vec<String>), XlsxError> {
    let mut lists = Lists::default();
    let mut sheets = Vec::new();
    let mut lines = Vec::new();
    for table in form.tables {
        sheets.push(sheet(form, table, codes, &mut lists, &mut lines)?);
    }
    let mut workbook = Workbook::new();
    let (year, month, day) = (form.today.year(), form.today.month(), form.today.day());
    let made = ExcelDateTime::parse_from_str(&format!("{year:04}-{month:02}-{day:02}T00:00:00"))?;
    workbook.set_properties(
        &DocProperties::new().set_title("Sluss: mall").set_author("Sluss").set_creation_datetime(&made),
    );
    workbook.push_worksheet(guide::sheet(form, &lines)?);
    for sheet in sheets {
        workbook.push_worksheet(sheet);
    }
    lists.write(&mut workbook)?;
    Ok((workbook.save_to_buffer()?, lists.lacking))
}

/// What the instructions say of a column.
pub(super) struct Told {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) required: bool,
    pub(super) meaning: String,
    pub(super) written: String,
}

fn sheet(
    form: &Form<'_>,
    table: &Table,
    codes: &CodeIndex,
    lists: &mut Lists,
    lines: &mut Vec<Told>,
) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(checks::cut(&table.name, 31))?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_landscape();
    let last = form.rows;
    let columns: Vec<&Column> = form.columns(table).collect();
    let width = u16::try_from(columns.len()).unwrap_or(u16::MAX);
    let end = utility::column_number_to_name(width.saturating_sub(1));
    for (at, column) in (0_u16..).zip(&columns) {
        let required = form.requires(table, column);
        let letter = utility::column_number_to_name(at);
        let target = form.points_at(table, &column.name);
        // What another sheet has is chosen from there.
        let cells = target.and_then(|target| {
            let place = form.columns(target).position(|c| c.name == column.name)?;
            let letter = utility::column_number_to_name(u16::try_from(place).ok()?);
            Some(format!("{}!${letter}$2:${letter}${}", target.name, last + 1))
        });
        let choice = if cells.is_some() { None } else { lists.of(&table.name, column, codes, form.today) };
        let check = checks::of(column, required, choice.as_ref(), &format!("{letter}2"), cells.as_deref())?;
        let how = match target.filter(|_| cells.is_some()) {
            Some(target) => format!("Samma id som på bladet {}.", target.name),
            None => checks::written(column, choice.as_ref()),
        };
        sheet.set_column_format(at, &cell(column))?;
        sheet.set_column_width(at, breadth(column))?;
        sheet.write_with_format(0, at, &column.name, &heading(required))?;
        let must = if required { "Måste fyllas i.\n" } else { "" };
        let note = Note::new(format!("{must}{}\n{how}", column.meaning)).add_author_prefix(false).set_width(260);
        sheet.insert_note(0, at, &note)?;
        sheet.add_data_validation(1, at, last, at, &check)?;
        if required {
            let rule = format!("=AND(COUNTA($A2:${end}2)>0,ISBLANK({letter}2))");
            let empty = ConditionalFormatFormula::new()
                .set_rule(Formula::new(rule))
                .set_format(Format::new().set_background_color(Color::RGB(LACKING)));
            sheet.add_conditional_format(1, at, last, at, &empty)?;
        }
        lines.push(Told {
            table: table.name.clone(),
            column: column.name.clone(),
            required,
            meaning: column.meaning.clone(),
            written: how,
        });
    }
    Ok(sheet)
}

/// Cells of text keep what is written, zeros first and all.
fn cell(column: &Column) -> Format {
    let top = Format::new().set_align(FormatAlign::Top);
    match column.kind {
        Kind::Text | Kind::Boolean => top.set_num_format("@"),
        Kind::Date => top.set_num_format("yyyy-mm-dd"),
        Kind::Timestamp => top.set_num_format("yyyy-mm-dd hh:mm"),
        Kind::Integer => top.set_num_format("0"),
        Kind::Decimal(_, scale) => {
            let decimals = "0".repeat(usize::try_from(scale).unwrap_or_default());
            top.set_num_format(if decimals.is_empty() { "#,##0".to_owned() } else { format!("#,##0.{decimals}") })
        }
        Kind::Float => top,
    }
}

pub(super) fn heading(required: bool) -> Format {
    Format::new()
        .set_bold()
        .set_num_format("@")
        .set_border_bottom(FormatBorder::Thin)
        .set_background_color(Color::RGB(if required { REQUIRED } else { OPTIONAL }))
}

fn breadth(column: &Column) -> f64 {
    let least: usize = match column.kind {
        Kind::Date | Kind::Boolean | Kind::Integer => 12,
        _ if ["beskrivning", "titel"].contains(&column.name.as_str()) => 40,
        _ => 16,
    };
    f64::from(u32::try_from(least.max(column.name.chars().count() + 3)).unwrap_or(40))
}
