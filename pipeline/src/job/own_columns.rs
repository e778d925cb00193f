//! The job of a delivery that is in a national table's own columns: nothing to declare, nothing to map.

use std::collections::BTreeMap;

use sluss_schemas::table::{Table, ddl::quoted};

use super::load::mapping_hash;
use super::{Environment, Head, Job, JobFile, Limits, Map, Mode, Project, SourceSpec};
use crate::schedule::When;

/// What the names of these jobs begin with.
pub const OWN_COLUMNS: &str = "push/";

/// The job `push/<owner>/<table>`: rows in the table's own columns, as text, which the table's types,
/// normalisation and rules then judge as they judge every mapped row. A row says all of itself: a
/// column that is not sent is empty. Rows that are not sent stay as they are.
pub fn own_columns(project: &Project, owner: &str, table: &Table) -> Job {
    let name = format!("{OWN_COLUMNS}{owner}/{}", table.name);
    let columns: Vec<String> = table.column.iter().map(|column| quoted(&column.name)).collect();
    let mappings = vec![(table.name.clone(), format!("SELECT {} FROM source", columns.join(", ")))];
    let file = JobFile {
        job: Head {
            owner: owner.to_owned(),
            formerly: Vec::new(),
            feeds: vec![table.name.clone()],
            schedule: None,
            mode: Mode::Incremental,
            environment: Environment::Prod,
            description: None,
        },
        source: SourceSpec { connector: "push".to_owned(), options: toml::Table::new() },
        map: Map {
            one_per: BTreeMap::new(),
            vars: BTreeMap::new(),
            tables: BTreeMap::from([(table.name.clone(), table.name.clone())]),
        },
        filter: BTreeMap::new(),
        when: When::default(),
        backfill: None,
        // Few rows come at a time, and one that is wrong keeps none of the others back.
        limits: Limits { max_rejected_share: 1.0, ..Limits::default() },
        example: Vec::new(),
    };
    let mapping_hash = mapping_hash(&file, &mappings, project);
    Job { name, folder: project.root.clone(), file, mappings, mapping_hash, times: None }
}
