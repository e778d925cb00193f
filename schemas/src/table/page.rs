//! The reference page of a table, in Swedish.

use std::fmt::{self, Write as _};

use super::{Class, Column, Identifier, Kind, OnLuhn, OnMissing, Reference, Store, Table};

impl Table {
    /// The reference page (Markdown, Swedish).
    pub fn page(&self) -> String {
        let mut page = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_page(&mut page);
        page
    }

    fn write_page(&self, page: &mut String) -> fmt::Result {
        writeln!(page, "# {}\n\n{}\n", self.name, self.meaning)?;
        writeln!(page, "| | |\n|---|---|")?;
        writeln!(page, "| Version | {} |", self.version)?;
        writeln!(page, "| Nyckel | {} |", names(&self.key))?;
        if let Some(owner) = &self.owner {
            writeln!(page, "| Ägs av regionen i | `{owner}` |")?;
        }
        if let Some(parent) = &self.parent {
            writeln!(page, "| Hör till | {} genom {} |", linked(&parent.table), names(&parent.columns))?;
        }
        writeln!(page, "| Lagras i | {} |", stored(self.store))?;
        if !self.partition.is_empty() {
            writeln!(page, "| Delas upp efter | {} |", names(&self.partition))?;
        }
        if self.source_class != Class::Oppen {
            writeln!(
                page,
                "| Källans rader | visas aldrig: de är personers. Av en avvisad rad sparas bara de nationella kolumnerna |"
            )?;
        }
        if self.expires {
            writeln!(page, "| Upphör | av sig själv: en rad visas inte efter sin giltighetstid |")?;
        }
        if let Some(days) = self.retention_days {
            writeln!(page, "| Sparas efter att raden upphört | {days} dagar |")?;
        }
        if let Some((own, from)) = self.identity() {
            let from: Vec<String> = from.iter().map(|c| c.name.clone()).collect();
            writeln!(page, "| Utan eget id | `{}` beräknas ur {} |", own.name, names(&from))?;
        }
        writeln!(page, "\n## Kolumner\n")?;
        writeln!(page, "| Kolumn | Typ | Krävs | Betydelse | Mer |\n|---|---|---|---|---|")?;
        for column in &self.column {
            let required = if column.required { "ja" } else { "" };
            let (name, kind) = (&column.name, kind(column.kind));
            writeln!(page, "| `{name}` | {kind} | {required} | {} | {} |", cell(&column.meaning), cell(&more(column)))?;
        }
        if !self.rule.is_empty() {
            writeln!(page, "\n## Regler utöver dem som kolumnerna ger\n")?;
            for used in &self.rule {
                let link = format!("[`{0}`](../regler.md#{0})", used.rule);
                let columns =
                    if used.columns.is_empty() { String::new() } else { format!(": {}", names(&used.columns)) };
                let limit = used.limit.map_or_else(String::new, |limit| format!(" (gräns {limit})"));
                writeln!(page, "- {link}{columns}{limit}")?;
            }
        }
        Ok(())
    }
}

fn names(names: &[String]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

fn linked(table: &str) -> String {
    format!("[`{table}`]({table}.md)")
}

fn stored(store: Store) -> &'static str {
    match store {
        Store::Register => "registret",
        Store::Lake => "sjön (Delta); databasen håller bara förteckningen",
    }
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Date => "datum".to_owned(),
        Kind::Timestamp => "tidpunkt (UTC)".to_owned(),
        Kind::Integer => "heltal".to_owned(),
        Kind::Float => "tal".to_owned(),
        Kind::Boolean => "ja/nej".to_owned(),
        Kind::Decimal(precision, scale) => format!("decimaltal, {precision} siffror varav {scale} decimaler"),
    }
}

/// What a column's values must be, and how they are kept.
fn more(column: &Column) -> String {
    let mut more = Vec::new();
    match column.class {
        Class::Oppen => {}
        Class::Skyddad => more.push("skyddad".to_owned()),
        Class::Personuppgift => more.push("personuppgift".to_owned()),
    }
    more.extend(column.identifier.as_ref().and_then(identifier));
    if let Some(code) = &column.code {
        let set = code.value_set.as_ref().map_or_else(String::new, |set| format!(", urvalet `{set}`"));
        let on = match (&code.on, code.dated) {
            (Some(on), true) => format!(", giltig vid `{on}`"),
            (None, true) => ", giltig vid leveransen".to_owned(),
            (_, false) => String::new(),
        };
        more.push(format!("kodverket `{}`{set}{on}", code.system));
    }
    more.extend(column.references.as_ref().map(reference));
    if !column.values.is_empty() {
        more.push(format!("något av {}", names(&column.values)));
    }
    if column.correction {
        more.push("ett nytt värde rättar hela giltighetstiden".to_owned());
    }
    if column.identity {
        more.push("ingår i radens identitet".to_owned());
    }
    more.join("; ")
}

fn identifier(identifier: &Identifier) -> Option<String> {
    let text = match identifier {
        Identifier::Orgnr => "organisationsnummer",
        Identifier::HsaId { luhn: OnLuhn::Warn, .. } => "HSA-id",
        Identifier::HsaId { luhn: OnLuhn::Reject, .. } => "HSA-id med rätt kontrollsiffra",
        Identifier::Sctid => "SNOMED CT-id",
        Identifier::Gln => "GLN",
        Identifier::Postnummer => "postnummer",
        Identifier::Telefon => "telefonnummer",
        Identifier::Lanskod => "länskod",
        Identifier::Manad => "månad, ÅÅÅÅ-MM",
        Identifier::Vecka => "vecka, ÅÅÅÅ-Wvv",
        Identifier::Code => return None,
    };
    Some(text.to_owned())
}

fn reference(reference: &Reference) -> String {
    let must = if reference.missing == OnMissing::Reject { "måste finnas i" } else { "pekar på" };
    format!("{must} {}", linked(&reference.table))
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        let _ = if c == '|' { cell.write_str("\\|") } else { cell.write_char(c) };
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::super::national;

    #[test]
    fn every_column_and_rule_stands_on_the_page() {
        for table in national() {
            let page = table.page();
            for column in &table.column {
                assert!(page.contains(&format!("| `{}` |", column.name)), "{}.{}", table.name, column.name);
            }
            assert_eq!(page.matches("../regler.md#").count(), table.rule.len(), "{}", table.name);
        }
    }
}
