//! The program's face: what each command says, as its user reads it.
//!
//! A change here is a change of what people see: look at the difference, then accept it with
//! `cargo insta accept` or `INSTA_UPDATE=always`.

mod examples;
mod failures;
mod files;
mod generated;
mod guide;
mod manual;
mod screens;

pub(crate) use generated::compare;

use std::path::Path;

use crate::sandbox::{Answer, Sandbox, root};

/// The day of all answers.
const CLOCK: [&str; 2] = ["--clock", "2026-11-22T08:00:00Z"];

/// What a line of an answer has room for.
const WIDE: usize = 100;

/// A command and its answer, with what differs from run to run made alike.
fn shot(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let answer = sandbox.run(&[&CLOCK[..], arguments].concat());
    told(sandbox.path(), arguments, &answer)
}

fn told(project: &Path, arguments: &[&str], answer: &Answer) -> String {
    let line: Vec<_> =
        arguments.iter().map(|a| if a.contains(' ') { format!("{a:?}") } else { (*a).to_owned() }).collect();
    let mut out = format!("$ sluss {}\n{}", line.join(" "), answer.stdout);
    if !answer.stderr.is_empty() {
        out.push_str("--- fel ---\n");
        out.push_str(&answer.stderr);
    }
    out = format!("{out}[{}]\n", answer.code.map_or("avbruten".to_owned(), |code| code.to_string()));
    let out = out.replace(&project.display().to_string(), "PROJEKT");
    out.replace(&project.parent().unwrap().display().to_string(), "MAPP")
        .replace(&root().display().to_string(), "KÄLLKOD")
}

/// The end of a run's id, as lists show it.
fn short(run: &str) -> &str {
    run.rsplit('-').next().unwrap()
}

/// Every line of an answer fits a screen.
fn fits(shot: &str) {
    for line in shot.lines().skip(1) {
        assert!(line.chars().count() <= WIDE, "{} characters: {line}\n\n{shot}", line.chars().count());
    }
}

/// Compares a shot with the one that is kept.
macro_rules! keep {
    ($name:expr, $shot:expr) => {
        insta::with_settings!({
            prepend_module_to_snapshot => false,
            omit_expression => true,
            filters => vec![
                (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "KÖRNINGENS-ID"),
                (r"\b(?:[0-9a-f]{12})\b", "KÖRNINGSID__"),
                (r"[0-9\u{a0}]+ GB (lediga|free)", "N GB $1"),
                (r"took [0-9]+\.[0-9]{2} s", "took N s"),
            ],
        }, { insta::assert_snapshot!($name, $shot) })
    };
}
use keep;
