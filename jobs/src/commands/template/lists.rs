//! The lists that cells choose from: a hidden sheet, and a name for each list.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use sluss_schemas::code::CodeIndex;
use sluss_schemas::region::REGIONS;
use sluss_schemas::table::{Column, Identifier, Kind};

/// The hidden sheet.
pub(super) const SHEET: &str = "listor";
/// Choices that a list takes (Excel's own limit is 32 767).
const MOST: usize = 32_000;

/// One list.
struct List {
    name: String,
    /// What is chosen, and what it means.
    entries: Vec<(String, String)>,
}

/// Every list of a workbook.
#[derive(Default)]
pub(super) struct Lists {
    all: Vec<List>,
    by_name: BTreeMap<String, usize>,
    /// Code systems that the installation lacks.
    pub(super) lacking: Vec<String>,
}

/// What a column's cells choose from.
pub(super) struct Choice {
    /// The list's name in formulas; none where it is too long for one.
    pub(super) name: Option<String>,
    pub(super) entries: usize,
    /// Whether another value is an error; else it is only asked whether it is meant.
    pub(super) closed: bool,
}

impl Lists {
    /// The list for a column, where it has one.
    pub(super) fn of(&mut self, table: &str, column: &Column, codes: &CodeIndex, today: NaiveDate) -> Option<Choice> {
        if column.kind == Kind::Boolean {
            return Some(
                self.add("ja_nej", true, || vec![("ja".into(), String::new()), ("nej".into(), String::new())]),
            );
        }
        if !column.values.is_empty() {
            let values = || column.values.iter().map(|value| (value.clone(), String::new())).collect();
            return Some(self.add(&format!("{table}_{}", column.name), true, values));
        }
        if matches!(column.identifier, Some(Identifier::Lanskod)) {
            let regions = || REGIONS.iter().map(|r| (r.lanskod.to_owned(), r.name.to_owned())).collect();
            return Some(self.add("lanskod", true, regions));
        }
        let code = column.code.as_ref()?;
        let Some(system) = codes.system(&code.system).filter(|system| !system.is_empty()) else {
            if !self.lacking.contains(&code.system) {
                self.lacking.push(code.system.clone());
            }
            return None;
        };
        let day = i32::try_from(today.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(i32::MAX);
        let within = |found: &str| {
            let set = code.value_set.as_deref().and_then(|set| codes.value_set(set));
            set.is_none_or(|set| set.has(&code.system, found, Some(day)))
        };
        let valid = || {
            let all = system.valid_on(day).into_iter().filter(|(code, _)| within(code));
            all.map(|(code, text)| (code.to_owned(), text.unwrap_or_default().to_owned())).collect()
        };
        // A contract may have begun while another version of the system held.
        Some(self.add(&format!("kod_{}", code.system), !code.dated, valid))
    }

    fn add(&mut self, name: &str, closed: bool, entries: impl FnOnce() -> Vec<(String, String)>) -> Choice {
        let place = *self.by_name.entry(name.to_owned()).or_insert_with(|| {
            self.all.push(List { name: name.to_owned(), entries: entries() });
            self.all.len() - 1
        });
        let entries = self.all.get(place).map_or(0, |list| list.entries.len());
        Choice { name: (1..=MOST).contains(&entries).then(|| formula_name(name)), entries, closed }
    }

    /// Writes the hidden sheet and names its lists.
    pub(super) fn write(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let text = Format::new().set_num_format("@");
        let mut sheet = Worksheet::new();
        sheet.set_name(SHEET)?.set_hidden(true);
        for (place, list) in self.all.iter().enumerate() {
            let Ok(column) = u16::try_from(place * 2) else { break };
            sheet.write(0, column, &list.name)?;
            let entries = list.entries.iter().take(MOST);
            for (row, (code, meaning)) in (1_u32..).zip(entries) {
                sheet.write_with_format(row, column, code, &text)?;
                if !meaning.is_empty() {
                    sheet.write(row, column + 1, meaning)?;
                }
            }
        }
        workbook.push_worksheet(sheet);
        for (place, list) in self.all.iter().enumerate() {
            let Ok(column) = u16::try_from(place * 2) else { break };
            let last = list.entries.len().min(MOST) + 1;
            if last > 1 {
                let letters = rust_xlsxwriter::utility::column_number_to_name(column);
                let range = format!("={SHEET}!${letters}$2:${letters}${last}");
                workbook.define_name(formula_name(&list.name), &range)?;
            }
        }
        Ok(())
    }
}

/// A name that no cell has.
fn formula_name(list: &str) -> String {
    format!("lista_{list}")
}
