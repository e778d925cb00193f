//! The sheet that tells how the workbook is filled in.

use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use super::Form;
use super::book::{Told, heading};

/// The instructions, and a line for each column.
pub(super) fn sheet(form: &Form<'_>, lines: &[Told]) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name("Läs mig")?;
    let title = Format::new().set_bold().set_font_size(14);
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (column, width) in [18.0, 26.0, 12.0, 60.0, 60.0].into_iter().enumerate() {
        sheet.set_column_width(u16::try_from(column).unwrap_or_default(), width)?;
    }
    let names: Vec<&str> = form.tables.iter().map(|t| t.name.as_str()).collect();
    let whose = form.region.map_or_else(String::new, |region| format!(" från {}", region.name));
    sheet.write_with_format(0, 0, format!("Uppgifter{whose} till det nationella registret"), &title)?;
    let mut row = 2;
    for text in instructions(&names) {
        sheet.merge_range(row, 0, row, 4, &text, &wrapped)?;
        let lines = u32::try_from(text.chars().count() / 150 + 1).unwrap_or(1);
        sheet.set_row_height(row, 15.5 * f64::from(lines))?;
        row += 1;
    }
    row += 1;
    for (column, text) in (0_u16..).zip(["Blad", "Kolumn", "Måste fyllas i", "Vad den betyder", "Hur den skrivs"]) {
        sheet.write_with_format(row, column, text, &heading(false))?;
    }
    for line in lines {
        row += 1;
        let must = if line.required { "ja" } else { "" };
        let cells = [line.table.as_str(), &line.column, must, &line.meaning, &line.written];
        for (column, text) in (0_u16..).zip(cells) {
            sheet.write_with_format(row, column, text, &wrapped)?;
        }
    }
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_landscape();
    Ok(sheet)
}

fn instructions(names: &[&str]) -> Vec<String> {
    let mut texts = vec![
        "Fyll i en rad för varje uppgift, från rad 2 på varje blad. Ändra inte bladens namn eller rubrikerna på rad 1: \
         det är på dem som uppgifterna känns igen. Kolumnernas ordning har ingen betydelse."
            .to_owned(),
        "Gula rubriker måste fyllas i. Grå får lämnas tomma. En cell som måste fyllas i blir röd när raden är påbörjad."
            .to_owned(),
        "Håll markören i en cell så syns vad som ska stå där. Där det finns en lista visas en pil till höger om cellen."
            .to_owned(),
        "giltig_till och andra kolumner som slutar på _till är den första dagen som något inte längre gäller: ett avtal \
         till och med 2026-12-31 skrivs 2027-01-01. Tomt betyder tills vidare."
            .to_owned(),
        "Skriv aldrig personnummer, och inga uppgifter om patienter.".to_owned(),
        "Ta inte bort rader om något som har upphört innan det har rapporterats: sätt giltig_till. En rad som saknas \
         räknas som upphörd."
            .to_owned(),
    ];
    if names.len() > 1 {
        texts.push(format!(
            "Bladen hör ihop: {}. En rad pekar på sin rad på bladet före med samma id, som väljs i listan. Blad som \
             inte behövs lämnas tomma.",
            names.join(", ")
        ));
    }
    texts
}
