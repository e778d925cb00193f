//! Reads job files, with their SQL, and says where something is wrong.

use std::io::ErrorKind;
use std::num::NonZero;
use std::ops::Range;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};

use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::{Job, JobFile, Project, timing};
use crate::error::{PipelineError, Result};

/// Every job file of the project, loaded or with what is wrong with it, in the order of their names.
pub fn load_each(project: &Project) -> Result<Vec<(PathBuf, Result<Job>)>> {
    let mut files = Vec::new();
    for top in ["national", "regions"] {
        collect(&project.root.join(top), &mut files)?;
    }
    files.sort();
    // A nation has thousands of them, and every command reads them.
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let each = files.len().div_ceil(cores).max(1);
    Ok(std::thread::scope(|scope| {
        let parts: Vec<_> = files.chunks(each).map(|part| scope.spawn(|| load_jobs(project, part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    }))
}

/// The jobs among these files: folders may hold other data beside them.
fn load_jobs(project: &Project, files: &[PathBuf]) -> Vec<(PathBuf, Result<Job>)> {
    let load = |path: &PathBuf| match read(path) {
        Ok(text) => match load_text(project, path, &text) {
            Err(_) if !is_job(&text) => None,
            loaded => Some((path.clone(), loaded)),
        },
        Err(unreadable) => Some((path.clone(), Err(unreadable))),
    };
    files.iter().filter_map(load).collect()
}

/// The `.toml` files of a folder and the folders in it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "toml") {
            files.push(path);
        }
    }
    Ok(())
}

/// `[job]`, `[job] # comment` and `job = { … }` say the same. A file that is no TOML is a job where a line
/// says so: what is wrong with it is told when it is loaded.
fn is_job(text: &str) -> bool {
    match toml::from_str::<toml::Table>(text) {
        Ok(table) => table.contains_key("job"),
        Err(_) => text.lines().any(|line| line.trim_start().starts_with("[job]")),
    }
}

/// The name of the job whose file that is: its path under the project without `.toml`.
pub fn name(project: &Project, path: &Path) -> String {
    let name = path.strip_prefix(&project.root).unwrap_or(path).with_extension("");
    name.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// A job file whose mapping is still to be written: its source is what counts. Neither `feeds` nor `[map]`
/// nor the SQL files need be there.
pub fn load_for_discovery(project: &Project, path: &Path) -> Result<Job> {
    let strict = match load(project, path) {
        Ok(job) => return Ok(job),
        Err(error) => error,
    };
    let Ok(text) = std::fs::read_to_string(path) else { return Err(strict) };
    let text = fill_project_variables(&text, project, path)?;
    let Ok(mut table) = toml::from_str::<toml::Table>(&text) else { return Err(strict) };
    let empty = || toml::Value::Table(toml::Table::new());
    table.entry("map").or_insert_with(empty);
    if let Some(head) = table.entry("job").or_insert_with(empty).as_table_mut() {
        head.entry("feeds").or_insert_with(|| toml::Value::Array(Vec::new()));
    }
    let Ok(file) = table.try_into::<JobFile>() else { return Err(strict) };
    super::ownership::check(project, path, &file).map_err(|error| error.at(path.display().to_string()))?;
    let folder = path.parent().unwrap_or(&project.root).to_owned();
    let mapping_hash = mapping_hash(&file, &[], project);
    Ok(Job { name: name(project, path), folder, file, mappings: Vec::new(), mapping_hash, times: None })
}

/// One job file.
pub fn load(project: &Project, path: &Path) -> Result<Job> {
    load_text(project, path, &read(path)?)
}

fn read(path: &Path) -> Result<String> {
    text_of(path, say!("jobbfilen går inte att läsa", "the job file cannot be read"))
}

/// What a text file says, or `what` is wrong with it.
fn text_of(path: &Path, what: Message) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        let place = path.display().to_string();
        if error.kind() == ErrorKind::InvalidData {
            let what = say!("filen är inte skriven i UTF-8", "the file is not written in UTF-8");
            let hint = say!("spara den i teckenkodningen UTF-8", "save it in the encoding UTF-8");
            return PipelineError::configuration(what).at(place).hint(hint);
        }
        PipelineError::configuration(what).at(place).because(error)
    })
}

/// One job file, of which this is the text.
fn load_text(project: &Project, path: &Path, text: &str) -> Result<Job> {
    let text = fill_project_variables(text, project, path)?;
    let file: JobFile = toml::from_str(&text).map_err(|e| misfit(&e).at(line_of(path, &text, e.span())))?;
    super::ownership::check(project, path, &file).map_err(|error| error.at(path.display().to_string()))?;
    let folder = path.parent().unwrap_or(&project.root).to_owned();
    let name = name(project, path);

    let mut mappings = Vec::new();
    for table in &file.job.feeds {
        if project.tables.get(table).is_none() {
            let error = PipelineError::configuration(say!(
                "feeds nämner en tabell som inte finns: {table}",
                "feeds names no national table: {table}"
            ))
            .at(path.display().to_string());
            return Err(match project.tables.nearest(table) {
                Some(near) => error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")),
                None => error,
            });
        }
        let Some(sql_file) = file.map.tables.get(table) else {
            return Err(PipelineError::configuration(say!(
                "[map] saknar SQL för `{table}`, som jobbet matar",
                "[map] has no SQL for `{table}`, which the job feeds"
            ))
            .at(path.display().to_string())
            .hint(say!(
                "lägg till `{table} = \"{table}.sql\"` under [map]",
                "add `{table} = \"{table}.sql\"` under [map]"
            )));
        };
        let sql_path = folder.join(sql_file);
        let what = say!("mappningens SQL-fil går inte att läsa", "the mapping's SQL file cannot be read");
        let sql = text_of(&sql_path, what).map_err(|error| match error.hint {
            Some(_) => error,
            None => error.hint(say!(
                "kontrollera filens namn under [map] i jobbfilen",
                "check the file's name under [map] in the job file"
            )),
        })?;
        mappings.push((table.clone(), fill_variables(sql, &file)));
    }
    if let Some(extra) = file.map.tables.keys().find(|t| !file.job.feeds.contains(t)) {
        return Err(PipelineError::configuration(say!(
            "[map] har SQL för `{extra}`, som inte står i feeds",
            "[map] has SQL for `{extra}`, which is not in feeds"
        ))
        .at(path.display().to_string())
        .hint(say!(
            "lägg till \"{extra}\" i feeds under [job], eller ta bort raden",
            "add \"{extra}\" to feeds under [job], or take the line away"
        )));
    }
    unknown_groups(&file, project).map_err(|error| error.at(path.display().to_string()))?;
    let times = timing::read(&file, project).map_err(|(word, error)| error.at(place_of(path, &text, word)))?;
    let mapping_hash = mapping_hash(&file, &mappings, project);
    Ok(Job { name, folder, file, mappings, mapping_hash, times })
}

/// `[map.one_per]` names tables that the job feeds, and columns that these have.
fn unknown_groups(file: &JobFile, project: &Project) -> Result<()> {
    for (table, columns) in &file.map.one_per {
        if !file.job.feeds.contains(table) {
            let error = PipelineError::configuration(say!(
                "one_per nämner `{table}`, som inte står i feeds",
                "one_per names `{table}`, which is not in feeds"
            ));
            return Err(near(error, table, file.job.feeds.iter().map(String::as_str)));
        }
        let Some(national) = project.tables.get(table) else { continue };
        if let Some(column) = columns.iter().find(|column| national.column(column).is_none()) {
            let error = PipelineError::configuration(say!(
                "one_per nämner {column}, som {table} inte har",
                "one_per names {column}, which {table} has not"
            ));
            return Err(near(error, column, national.column.iter().map(|c| c.name.as_str())));
        }
    }
    Ok(())
}

/// Adds the name that was probably meant, or all that there are.
fn near<'a>(error: PipelineError, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> PipelineError {
    let likely = known.clone().map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    if let Some((_, near)) = likely.filter(|(slips, _)| *slips <= 3) {
        error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?"))
    } else {
        let known = known.collect::<Vec<_>>().join(", ");
        error.hint(say!("det finns: {known}", "there are: {known}"))
    }
}

/// What is wrong with a TOML file, and what was probably meant.
pub(super) fn misfit(error: &toml::de::Error) -> PipelineError {
    let misfit = sluss_schemas::misfit::explain(error.message());
    let mut out = PipelineError::configuration(misfit.what);
    out.hint = misfit.hint;
    out
}

/// `${name}` from `[vars]` in `sluss.toml`.
fn fill_project_variables(text: &str, project: &Project, path: &Path) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            continue;
        };
        let Some(value) = project.file.vars.get(name) else {
            return Err(PipelineError::configuration(say!(
                "variabeln ${{{name}}} är inte satt",
                "the variable ${{{name}}} is not set"
            ))
            .at(path.display().to_string())
            .hint(say!(
                "lägg till `{name} = \"…\"` under [vars] i sluss.toml",
                "add `{name} = \"…\"` under [vars] in sluss.toml"
            )));
        };
        out.push_str(value);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// `$name` from `[map.vars]`, longest names first so that `$a` does not eat `$ab`.
fn fill_variables(mut sql: String, file: &JobFile) -> String {
    let mut names: Vec<_> = file.map.vars.iter().collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, value) in names {
        sql = sql.replace(&format!("${name}"), value);
    }
    sql
}

/// Everything that decides what rows come out: SQL, filters, grouping, table versions.
pub(super) fn mapping_hash(file: &JobFile, mappings: &[(String, String)], project: &Project) -> String {
    let mut parts = Vec::new();
    for (table, sql) in mappings {
        let version = project.tables.get(table).map_or("", |t| t.version.as_str());
        parts.push([table, version, sql].join("\u{1f}"));
    }
    for (name, condition) in &file.filter {
        parts.push([name.as_str(), condition].join("\u{1f}"));
    }
    for (table, columns) in &file.map.one_per {
        parts.push([table.clone(), columns.join(",")].join("\u{1f}"));
    }
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(parts.join("\u{1e}").as_bytes()))
}

/// `path:line` of the first line that sets `key`.
fn place_of(path: &Path, text: &str, key: &str) -> String {
    let sets = |line: &str| line.split_once('=').is_some_and(|(before, _)| before.trim() == key);
    match text.lines().position(sets) {
        Some(line) => format!("{}:{}", path.display(), line + 1),
        None => path.display().to_string(),
    }
}

/// `path:line` for an error's place.
pub(super) fn line_of(path: &Path, text: &str, span: Option<Range<usize>>) -> String {
    match span.and_then(|s| text.get(..s.start)) {
        Some(before) => format!("{}:{}", path.display(), before.matches('\n').count() + 1),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_job;

    #[test]
    fn a_job_is_known_however_its_table_is_written() {
        for text in
            ["[job]\nowner = \"22\"", "[job] # Norrvåga", "[ job ]", "job = { owner = \"22\" }", "job.owner = \"22\""]
        {
            assert!(is_job(text), "{text}");
        }
        assert!(is_job("[job]\nowner = \"22"), "one that cannot be read is told of");
        for text in ["", "[source]\nconnector = \"files\"", "name = \"[job]\"", "# [job]"] {
            assert!(!is_job(text), "{text}");
        }
    }
}
