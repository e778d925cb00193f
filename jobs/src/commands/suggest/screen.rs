//! The draft as a person reads it.

use sluss_pipeline::job::Job;
use sluss_pipeline::suggest::Proposal;
use sluss_schemas::say;

use super::files::Files;
use crate::cli::Cli;
use crate::failure::Failure;
use crate::output::{number, wrapped};

/// Characters in a line of running text.
const LINE: usize = 95;

/// The whole answer: each file under its name, what to look at, and the next step last.
pub(super) fn text(
    cli: &Cli,
    job: &Job,
    proposal: &Proposal,
    files: &Files,
    problems: &[Failure],
    written: &[String],
    kept: &[String],
) -> String {
    let told = |message| cli.told(&message);
    let mut out = Vec::new();
    let wrote = !written.is_empty() || !kept.is_empty();
    if !wrote {
        for (name, text) in &files.files {
            out.push(format!("==> {name}\n{}", text.trim_end()));
        }
    }
    let own = format!("{}.toml", job.name.rsplit('/').next().unwrap_or(&job.name));
    out.push(format!("==> {}\n{}", told(say!("{own}: de här raderna", "{own}: these lines")), files.lines.trim_end()));
    let mut notes: Vec<String> = proposal.warnings.iter().map(|w| cli.told(w)).collect();
    for (stream, columns) in &proposal.unused {
        let columns = columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ");
        notes.push(told(say!("Används inte, i {stream}: {columns}", "Not used, in {stream}: {columns}")));
    }
    notes.extend(problems.iter().flat_map(|problem| problem.lines(cli.lang)));
    notes.extend(written.iter().map(|name| told(say!("skapade {name}", "made {name}"))));
    notes.extend(
        kept.iter()
            .map(|name| told(say!("{name} fanns redan och är orörd", "{name} was there already and is left alone"))),
    );
    if !notes.is_empty() {
        out.push(notes.iter().map(|note| wrapped(note, LINE, 2)).collect::<Vec<_>>().join("\n"));
    }
    let pairs = || proposal.jobs.iter().flat_map(|job| &job.tables).flat_map(|table| &table.pairs);
    let taken = number(pairs().filter(|pair| pair.taken).count() as u64);
    let maybe = number(pairs().filter(|pair| !pair.taken).count() as u64);
    let name = &job.name;
    out.push(told(match (wrote, problems.is_empty()) {
        (_, false) => say!(
            "Utkastet går inte att köra som det står: se ovan.",
            "The draft cannot run as it stands: see above."
        ),
        (true, true) => say!(
            "{taken} kolumner föreslås, {maybe} kanske. Läs igenom filerna, lägg in raderna, kör `sluss preview {name}`.",
            "{taken} columns are suggested, {maybe} perhaps. Read the files, add the lines, run `sluss preview {name}`."
        ),
        (false, true) => say!(
            "{taken} kolumner föreslås, {maybe} kanske. Inget är skrivet; --write skriver filerna där inga finns.",
            "{taken} columns are suggested, {maybe} perhaps. Nothing is written; --write writes files where there are none."
        ),
    }));
    out.join("\n\n")
}
