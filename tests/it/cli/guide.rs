//! The guide for contract administrators: every file in it is written, every command run, and what it
//! shows is what the program answers. `UPDATE=1` writes the answers into the guide.

use std::fmt::Write as _;

use regex::{Captures, Regex};

use super::CLOCK;
use crate::sandbox::{Sandbox, root};

const GUIDE: &str = "docs/guide.md";

/// Ids of runs by what the guide calls them, in the order in which they first occur.
#[derive(Default)]
struct Ids(Vec<String>);

impl Ids {
    fn shown(nth: usize) -> String {
        format!("0a1b2c3d4e{:02x}", nth + 1)
    }

    /// An answer with the guide's ids.
    fn of_the_guide(&mut self, answer: &str) -> String {
        let id = Regex::new(r"\b([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-)?([0-9a-f]{12})\b").unwrap();
        let told = id.replace_all(answer, |found: &Captures| {
            let end = &found[2];
            let nth = self.0.iter().position(|known| known == end).unwrap_or_else(|| {
                self.0.push(end.to_owned());
                self.0.len() - 1
            });
            let begin = if found.get(1).is_some() { "01a20000-0000-7000-8000-" } else { "" };
            format!("{begin}{}", Self::shown(nth))
        });
        told.into_owned()
    }

    /// A command with the ids that the runs really have.
    fn of_the_runs(&self, command: &str) -> String {
        let known = self.0.iter().enumerate();
        known.fold(command.to_owned(), |line, (nth, id)| line.replace(&Self::shown(nth), id))
    }
}

/// A command's arguments; within double quotes blanks do not part them.
pub(super) fn arguments(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (nth, part) in line.split('"').enumerate() {
        if nth % 2 == 1 {
            found.push(part.to_owned());
        } else {
            found.extend(part.split_whitespace().map(ToOwned::to_owned));
        }
    }
    found
}

#[test]
fn what_the_guide_shows_is_what_the_program_answers() {
    let guide = std::fs::read_to_string(root().join(GUIDE)).unwrap();
    let sandbox = Sandbox::bare();
    let (mut ids, mut told, mut commands) = (Ids::default(), String::new(), 0);
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        told.push_str(line);
        told.push('\n');
        let Some(block) = line.strip_prefix("```").filter(|block| !block.is_empty()) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if block == "console" {
            for command in body.iter().filter_map(|line| line.strip_prefix("$ sluss ")) {
                let line = arguments(&ids.of_the_runs(command));
                let line: Vec<&str> = CLOCK.into_iter().chain(line.iter().map(String::as_str)).collect();
                let answer = sandbox.run(&line);
                let answer = format!("{}{}", answer.stdout, answer.stderr);
                let answer = answer.replace(&sandbox.path().display().to_string(), "~/avtal");
                let _ = writeln!(told, "$ sluss {command}\n{}", ids.of_the_guide(answer.trim_end()));
                commands += 1;
            }
        } else {
            let text = body.join("\n") + "\n";
            if let Some((_, file)) = block.split_once(' ') {
                sandbox.write(file, &text);
            }
            told.push_str(&text);
        }
        told.push_str("```\n");
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join(GUIDE), &told).unwrap();
    }
    assert!(commands > 15, "{commands} commands");
    same(&guide, &told);
}

/// The first line that differs, since the guide is long.
fn same(guide: &str, told: &str) {
    for (nth, (shown, answered)) in (1..).zip(guide.lines().zip(told.lines())) {
        assert_eq!(shown, answered, "{GUIDE}, line {nth}: UPDATE=1 writes what the program answers now");
    }
    assert_eq!(guide, told, "{GUIDE} ends otherwise");
}
