//! `[[example]]`: what is right passes, what differs is shown as a small diff.

use super::{fits, keep, shot};
use crate::sandbox::Sandbox;

const JOB: &str = "regions/24-vasterbotten/avtal";

#[test]
fn examples_of_the_sample_country_are_true() {
    let sandbox = Sandbox::demo();
    for job in ["08-kalmar-lan/avtal", "21-gavleborg/avtal", JOB] {
        let checked = sandbox.json(&["check", job, "--examples"]);
        let example = &checked[0]["examples"][0];
        assert_eq!(example["differences"].as_array().map(Vec::len), Some(0), "{job}: {checked}");
    }
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
