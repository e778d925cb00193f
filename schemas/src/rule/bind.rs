//! Binds rules to a table's columns: those that the columns imply, and those that the table names.

use super::code_column::CodeColumn;
use super::fel_agare::Owner;
use super::framtida_datum::Past;
use super::hsa_column::HsaColumn;
use super::negativ_tid::AtLeast;
use super::orgnr_enskild::SoleTrader;
use super::personnummer_i_text::NoPerson;
use super::slut_fore_start::Period;
use super::tomt_obligatoriskt::Required;
use super::utanfor_varden::OneOf;
use super::{Judge, fel_agare, framtida_datum, negativ_tid, personnummer_i_text, slut_fore_start};
use crate::table::{Column, Identifier, Kind, RuleUse, Table, VALID_FROM, VALID_TO};

/// Why a rule cannot be applied as a table asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) what: String,
    pub(crate) hint: String,
}

/// Where a column stands: in the batch, and as a finding names it.
type Place = (usize, u16);

/// The rules that the table's columns imply and those that it names, bound to its columns.
pub fn judges(table: &Table) -> Vec<Box<dyn Judge>> {
    let mut judges: Vec<Box<dyn Judge>> = Vec::new();
    let required = places(table, |c| c.required);
    if !required.is_empty() {
        judges.push(Box::new(Required { columns: required }));
    }
    for (i, column) in table.column.iter().enumerate() {
        if let Ok(name) = u16::try_from(i) {
            implied(table, column, (i, name), &mut judges);
        }
    }
    if let (Some(start), Some((end, column))) = (table.position(VALID_FROM), place(table, VALID_TO)) {
        judges.push(Box::new(Period { start, end, column, least: 1 }));
    }
    let free = places(table, |c| c.is_free_text() && !table.key.contains(&c.name));
    if !free.is_empty() {
        judges.push(Box::new(NoPerson { columns: free }));
    }
    if let Some((at, column)) = table.owner.as_deref().and_then(|owner| place(table, owner)) {
        judges.push(Box::new(Owner { at, column }));
    }
    judges.extend(table.rule.iter().filter_map(|used| bind(used, table).ok().flatten()));
    judges
}

/// The rules that a column's own declaration asks for.
fn implied(table: &Table, column: &Column, (at, name): Place, judges: &mut Vec<Box<dyn Judge>>) {
    match &column.identifier {
        Some(Identifier::HsaId { suffix, .. }) => {
            judges.push(Box::new(HsaColumn { at, column: name, suffix: *suffix }));
        }
        Some(Identifier::Orgnr) => judges.push(Box::new(SoleTrader { at, column: name })),
        _ => {}
    }
    if let Some(code) = &column.code {
        judges.push(Box::new(CodeColumn::new(table, at, name, code)));
    }
    if !column.values.is_empty() {
        judges.push(Box::new(OneOf::new(at, name, &column.values)));
    }
}

/// The kernel of a rule that a table names; none where it is named for its severity alone.
pub(crate) fn bind(used: &RuleUse, table: &Table) -> Result<Option<Box<dyn Judge>>, Unfit> {
    if used.columns.is_empty() && used.severity.is_some() {
        return Ok(None);
    }
    let judge: Box<dyn Judge> = match used.rule.as_str() {
        id if id == framtida_datum::RULE.id => {
            let fits = |kind| matches!(kind, Kind::Date | Kind::Timestamp);
            Box::new(Past { columns: columns(used, table, fits, "date and timestamp columns")? })
        }
        id if id == slut_fore_start::RULE.id => {
            let found = columns(used, table, |kind| kind == Kind::Date, "date columns")?;
            let [(start, _), (end, column)] = found.as_slice() else {
                return Err(unfit(used, "needs two columns", "write columns = [\"start\", \"end\"]"));
            };
            Box::new(Period { start: *start, end: *end, column: *column, least: used.limit.unwrap_or(0) })
        }
        id if id == negativ_tid::RULE.id => {
            let fits = |kind| matches!(kind, Kind::Integer | Kind::Float | Kind::Decimal(..));
            let columns = columns(used, table, fits, "number columns")?;
            Box::new(AtLeast { columns, least: used.limit.unwrap_or(0) })
        }
        id if id == personnummer_i_text::RULE.id => {
            Box::new(NoPerson { columns: columns(used, table, |kind| kind == Kind::Text, "text columns")? })
        }
        id if id == fel_agare::RULE.id && !used.columns.is_empty() => {
            let found = columns(used, table, |kind| kind == Kind::Text, "a text column")?;
            let [(at, column)] = found.as_slice() else {
                return Err(unfit(used, "needs one column", "write columns = [\"…\"] with the column of the owner"));
            };
            Box::new(Owner { at: *at, column: *column })
        }
        _ if used.severity.is_some() => return Ok(None),
        _ => {
            let hint = "remove it, or write severity = \"warn\" or \"reject\" to change what it means in this table";
            return Err(unfit(used, "is not applied by naming it", hint));
        }
    };
    Ok(Some(judge))
}

fn columns(used: &RuleUse, table: &Table, fits: fn(Kind) -> bool, wanted: &str) -> Result<Vec<Place>, Unfit> {
    if used.columns.is_empty() {
        return Err(unfit(used, "names no columns", &format!("write columns = [\"…\"] with {wanted}")));
    }
    let mut places = Vec::with_capacity(used.columns.len());
    for name in &used.columns {
        let found = table.column(name).filter(|c| fits(c.kind)).and_then(|_| place(table, name));
        let Some(found) = found else {
            let what = format!("cannot judge the column `{name}`");
            return Err(unfit(used, &what, &format!("name {wanted}")));
        };
        places.push(found);
    }
    Ok(places)
}

fn unfit(used: &RuleUse, what: &str, hint: &str) -> Unfit {
    Unfit { what: format!("the rule `{}` {what}", used.rule), hint: hint.to_owned() }
}

fn place(table: &Table, name: &str) -> Option<Place> {
    let at = table.position(name)?;
    Some((at, u16::try_from(at).ok()?))
}

fn places(table: &Table, wanted: impl Fn(&Column) -> bool) -> Vec<Place> {
    let wanted = table.column.iter().filter(|c| wanted(c));
    wanted.filter_map(|c| place(table, &c.name)).collect()
}
