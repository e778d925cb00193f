//! The commit protocol: killed anywhere, the next run completes what was open.

use crate::sandbox::Sandbox;

const JOB: &str = "regions/22-vasternorrland/avtal";

fn figures(sandbox: &Sandbox) -> Vec<i64> {
    let count = |sql: &str| sandbox.number(sql);
    ["avtal", "uppdrag", "tjanst"]
        .into_iter()
        .flat_map(|table| {
            [
                count(&format!("SELECT count(*) n FROM lake.{table} WHERE lanskod = '22'")),
                count(&format!("SELECT count(*) n FROM register.{table} WHERE lanskod = '22'")),
            ]
        })
        .collect()
}

fn prepared() -> Sandbox {
    let sandbox = Sandbox::demo();
    let national = sandbox.json(&["jobs"]);
    let names: Vec<_> = national
        .as_array()
        .or_else(|| national["jobs"].as_array())
        .unwrap()
        .iter()
        .map(|job| job["name"].as_str().or_else(|| job["job"].as_str()).unwrap().to_owned())
        .filter(|name| name.starts_with("national/"))
        .collect();
    let mut arguments = vec!["run"];
    arguments.extend(names.iter().map(String::as_str));
    sandbox.ok(&arguments);
    sandbox
}

#[test]
fn killed_at_any_step_the_next_run_completes_it() {
    let clean = prepared();
    clean.ok(&["run", JOB]);
    let expected = figures(&clean);
    for point in [
        "karantan-fore",
        "karantan-efter",
        "publicera-fore",
        "publicera-efter",
        "projicera-fore",
        "projicera-efter",
        "projicerad",
    ] {
        let sandbox = prepared();
        let killed = sandbox.command(&["run", JOB]).env("SLUSS_FAIL_POINT", point).output().unwrap();
        assert!(killed.status.code().is_none(), "{point} was not reached");
        sandbox.ok(&["run", JOB, "--full"]);
        assert_eq!(figures(&sandbox), expected, "after {point}");
    }
}
