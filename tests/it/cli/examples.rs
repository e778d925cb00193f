//! `[[example]]`: what is right passes, what differs is shown as a small diff.

use super::{fits, keep, shot};
use crate::sandbox::Sandbox;

const JOB: &str = "regions/24-vasterbotten/avtal";

#[test]
fn examples_of_the_sample_country_are_true() {
    let sandbox = Sandbox::demo();
    // Mappings that look words up need the words.
    sandbox.ok(&["run", "regions/09-gotland/egna-ord", "regions/10-blekinge/egna-koder"]);
    let checked = sandbox.json(&["check", "--examples"]);
    let mut examples = 0;
    for job in checked.as_array().unwrap() {
        for example in job["examples"].as_array().into_iter().flatten() {
            assert_eq!(example["differences"].as_array().map(Vec::len), Some(0), "{job}");
            examples += 1;
        }
    }
    assert!(examples >= 19, "{examples} examples");
}

#[test]
fn what_differs_is_shown() {
    let sandbox = Sandbox::demo();
    let expected = std::fs::read_to_string(sandbox.path().join("regions/24-vasterbotten/expected.csv")).unwrap();
    let wrong = expected
        .replace("2028-03-01", "2028-02-29")
        .replace("EX20260002", "EX20260003")
        .replace("lanskod;avtals_id;titel", "lanskod;avtals_id;namn");
    sandbox.write("regions/24-vasterbotten/expected.csv", wrong);
    let shot = shot(&sandbox, &["check", JOB, "--examples"]);
    fits(&shot);
    keep!("example_differs", shot);
}

#[test]
fn a_rejected_row_is_told_with_its_rule() {
    let sandbox = Sandbox::demo();
    let path = sandbox.path().join("regions/24-vasterbotten/example.txt");
    let text: String = std::fs::read(&path).unwrap().iter().map(|b| char::from(*b)).collect();
    let bytes: Vec<u8> =
        text.replace("20260401", "20260431").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    std::fs::write(path, bytes).unwrap();
    keep!("example_rejected", shot(&sandbox, &["check", JOB, "--examples"]));
}
