//! What the outside world sees of runs: lineage, figures, logs, traces, alerts.

mod alerts;
mod figures;
mod freshness;
mod lineage;
mod logs;
mod receiver;
mod settings;
mod usual;

use crate::sandbox::Sandbox;

pub(crate) use receiver::Receiver;

/// One region's contracts, read whole.
pub(crate) const JOB: &str = r#"
[job]
owner = "22"
feeds = ["avtal"]
description = "Regionens avtal"
[source]
connector = "files"
[source.options]
path = "avtal.csv"
format = "csv"
[map]
avtal = "avtal.sql"
"#;
pub(crate) const SQL: &str =
    "SELECT '22' AS lanskod, nr AS avtals_id, namn AS titel, datum(fran) AS giltig_fran FROM source";
pub(crate) const NAME: &str = "regions/22-vasternorrland/avtal";

/// An empty project with that job; `more` stands in its `sluss.toml`.
pub(crate) fn project(more: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    configure(&sandbox, more);
    sandbox.write(&format!("{NAME}.toml"), JOB);
    sandbox.write(&format!("{NAME}.sql"), SQL);
    deliver(&sandbox, &contracts(0..40));
    sandbox
}

/// Adds to a project's `sluss.toml`.
pub(crate) fn configure(sandbox: &Sandbox, more: &str) {
    let path = sandbox.path().join("sluss.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{text}\n{more}\n")).unwrap();
}

pub(crate) fn deliver(sandbox: &Sandbox, rows: &str) {
    sandbox.write(&format!("{NAME}.csv"), rows);
}

/// Contracts with these numbers.
pub(crate) fn contracts(numbers: impl Iterator<Item = u32>) -> String {
    let rows: Vec<_> = numbers.map(|n| format!("A{n};Avtal {n};2026-01-01\n")).collect();
    format!("nr;namn;fran\n{}", rows.concat())
}

/// Runs the job at a time.
pub(crate) fn run_at(sandbox: &Sandbox, clock: &str) -> Option<i32> {
    sandbox.run(&["--clock", clock, "run", "avtal", "--full"]).code
}
