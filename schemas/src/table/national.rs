//! The national tables, built in; and the set of tables that a project works with.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::parse::{At, Problem, nearest};
use super::{Reference, Table, TableError};

/// Every national table's file, in reading order: a parent stands before its children.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../tables/", $name, ".toml")))),*]
    };
}

/// Name and text of every national table.
const FILES: [(&str, &str); 26] = files![
    "organisation",
    "enhet",
    "plats",
    "kontakt",
    "avtal",
    "uppdrag",
    "tjanst",
    "villkor",
    "malgrupp",
    "utbud",
    "relation",
    "oppettid",
    "tillstand",
    "vantande",
    "genomford",
    "vantetid",
    "ledig_kapacitet",
    "lagesbild_operation",
    "upphandling",
    "koppling",
    "organisation_uppgift",
    "enhet_uppgift",
    "tackning",
    "kod",
    "kodmappning",
    "vardomrade",
];

/// The national tables, in reading order.
pub fn national() -> &'static [Table] {
    static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
        // A test parses every file, so none is left out here.
        FILES.iter().filter_map(|(name, text)| Table::parse(text, &format!("{name}.toml")).ok()).collect()
    });
    &TABLES
}

/// The tables of a project: the national ones and its own.
#[derive(Clone, Debug)]
pub struct Tables {
    list: Vec<Table>,
    by_name: HashMap<String, usize>,
}

impl Tables {
    /// The national tables alone.
    pub fn national() -> Self {
        let list = national().to_vec();
        let by_name = list.iter().enumerate().map(|(i, t)| (t.name.clone(), i)).collect();
        Self { list, by_name }
    }

    /// The national tables and a project's own, each with its file's text and name.
    ///
    /// # Errors
    ///
    /// A file that cannot be read as a table, a name that is taken, a reference to a table that is
    /// not there or whose key has another shape.
    pub fn with_own<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, TableError> {
        let mut tables = Self::national();
        let nationals = tables.list.len();
        let mut own = Vec::new();
        for (text, file) in files {
            let table = Table::parse(text, file)?;
            if tables.by_name.contains_key(&table.name) {
                let what = format!("there is a table `{}` already", table.name);
                let hint = "give it another name: a national table cannot be replaced".to_owned();
                return Err(Problem { at: At::Table("name"), what, hint }.located(text, file));
            }
            tables.by_name.insert(table.name.clone(), tables.list.len());
            tables.list.push(table);
            own.push((text, file));
        }
        for (table, (text, file)) in tables.list.iter().skip(nationals).zip(own) {
            tables.check_references(table).map_err(|problem| problem.located(text, file))?;
        }
        Ok(tables)
    }

    /// The table called `name`.
    pub fn get(&self, name: &str) -> Option<&Table> {
        self.by_name.get(name).and_then(|i| self.list.get(*i))
    }

    /// The name that was probably meant.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.list.iter().map(|t| t.name.as_str()))
    }

    /// All tables: the national ones in reading order, then the project's own as they came.
    pub fn iter(&self) -> std::slice::Iter<'_, Table> {
        self.list.iter()
    }

    fn check_references(&self, table: &Table) -> Result<(), Problem> {
        for (i, column) in table.column.iter().enumerate() {
            if let Some(reference) = &column.references {
                let own = [column.name.clone()];
                let columns = if reference.columns.is_empty() { &own } else { reference.columns.as_slice() };
                self.check_reference(table, reference, columns, At::Column(i, "references"))?;
            }
        }
        let parent = table.parent.as_ref();
        parent.map_or(Ok(()), |parent| self.check_reference(table, parent, &parent.columns, At::Table("parent")))
    }

    fn check_reference(&self, table: &Table, to: &Reference, columns: &[String], at: At) -> Result<(), Problem> {
        let Some(target) = self.get(&to.table) else {
            let near = self.nearest(&to.table);
            let hint = near.map_or_else(|| "name a table that there is".to_owned(), |n| format!("did you mean `{n}`?"));
            return Err(Problem { at, what: format!("there is no table `{}`", to.table), hint });
        };
        let kind = |table: &Table, name: &String| table.column(name).map(|c| c.kind);
        let own: Vec<_> = columns.iter().map(|c| kind(table, c)).collect();
        let key: Vec<_> = target.key.iter().map(|c| kind(target, c)).collect();
        if own == key {
            return Ok(());
        }
        let what = format!("the reference does not fit the key of `{}`", target.name);
        let hint = format!("write columns of the same types, in the key's order: {}", target.key.join(", "));
        Err(Problem { at, what, hint })
    }
}

impl<'a> IntoIterator for &'a Tables {
    type Item = &'a Table;
    type IntoIter = std::slice::Iter<'a, Table>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Class, Store};
    use super::*;

    #[test]
    fn every_file_is_a_table() {
        for (name, text) in FILES {
            if let Err(e) = Table::parse(text, &format!("{name}.toml")) {
                panic!("{e}: {}", e.hint);
            }
        }
        assert_eq!(national().len(), FILES.len());
    }

    #[test]
    fn the_list_and_the_folder_agree() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tables");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of tables")
            .filter_map(|f| Some(f.ok()?.file_name().to_str()?.strip_suffix(".toml")?.to_owned()))
            .collect();
        let mut listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        there.sort();
        listed.sort_unstable();
        assert_eq!(there, listed);
    }

    #[test]
    fn references_fit_and_parents_stand_before_their_children() {
        let tables = Tables::national();
        for (i, table) in tables.iter().enumerate() {
            if let Err(problem) = tables.check_references(table) {
                panic!("{}: {}: {}", table.name, problem.what, problem.hint);
            }
            if let Some(parent) = &table.parent {
                assert!(tables.by_name.get(&parent.table).is_some_and(|p| *p < i), "{}", table.name);
            }
        }
    }

    #[test]
    fn what_sources_say_has_the_columns_of_what_everybody_reads() {
        let tables = Tables::national();
        for name in ["organisation", "enhet"] {
            let (read, said) = (tables.get(name).unwrap(), tables.get(&format!("{name}_uppgift")).unwrap());
            let columns = |table: &Table| -> Vec<_> {
                let columns = table.column.iter().filter(|column| column.name != "kalla");
                columns
                    .map(|column| (column.name.clone(), column.kind, column.class, column.identifier.clone()))
                    .collect()
            };
            assert_eq!(columns(read), columns(said), "{name}");
        }
    }

    #[test]
    fn waiting_times_hold_no_person() {
        for table in national().iter().filter(|t| t.store == Store::Lake) {
            for column in &table.column {
                assert_ne!(column.kind, super::super::Kind::Date, "{}.{} is an exact date", table.name, column.name);
                assert_ne!(column.kind, super::super::Kind::Timestamp, "{}.{}", table.name, column.name);
                for word in ["fodelse", "remiss_id", "vardkontakt_id", "listning", "personn"] {
                    assert!(!column.name.contains(word), "{}.{}", table.name, column.name);
                }
            }
        }
    }

    #[test]
    fn names_and_addresses_of_persons_are_classed() {
        for table in national() {
            for column in &table.column {
                let personal =
                    matches!(column.name.as_str(), "epost" | "leverantor_namn" | "utforare_namn" | "namn_enskild");
                assert_eq!(
                    personal,
                    column.class == Class::Personuppgift && column.name != "underleverantorer",
                    "{}.{}",
                    table.name,
                    column.name
                );
            }
        }
    }

    const OWN: &str = r#"
name = "egen"
version = "1.0"
meaning = "En egen tabell."
key = ["egen_id"]
[[column]]
name = "egen_id"
type = "text"
required = true
meaning = "Id."
[[column]]
name = "enhet"
type = "text"
meaning = "Enhet."
references = "enhet"
"#;

    #[test]
    fn a_project_adds_tables_of_its_own() {
        let tables = Tables::with_own([(OWN, "tables/egen.toml")]).expect("a good table");
        assert!(tables.get("egen").is_some() && tables.get("avtal").is_some());
        assert_eq!(tables.nearest("avtall"), Some("avtal"));

        let e = Tables::with_own([(OWN.replace("\"enhet\"\n", "\"enhett\"\n").as_str(), "egen.toml")]);
        let e = e.expect_err("no such table");
        assert_eq!((e.line, e.hint.as_str()), (Some(15), "did you mean `enhet`?"));

        let e = Tables::with_own([(OWN.replace("= \"enhet\"\n", "= \"avtal\"\n").as_str(), "egen.toml")]);
        assert!(e.is_err_and(|e| e.hint.contains("lanskod, avtals_id")));

        let e = Tables::with_own([(OWN.replace("\"egen\"", "\"avtal\"").as_str(), "avtal.toml")]);
        assert!(e.is_err_and(|e| e.what.contains("already") && e.line == Some(2)));
    }
}
