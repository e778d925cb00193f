//! From samples to streams: what each table and column is called once the letters that only say where it
//! stands are gone.
//!
//! Sources put the same letters before all names of a kind: `TB_` before tables, `KO_` before the columns of
//! one. They say nothing of the column; but where another table's columns begin with them, they point there.

use sluss_schemas::synonym::{Dictionary, Name, fold};

use super::joins::{Column, Stream};
use super::profile::{Profile, profiles};
use super::{Ground, Sample};

/// Letters of a prefix, at most.
const LONGEST: usize = 5;
/// Columns from which a prefix can be told, and the share of them that must have it.
const COLUMNS: usize = 4;
const SHARED: f64 = 0.7;
/// Tables from which a prefix of tables can be told.
const TABLES: usize = 3;

/// What was read, with the names as they are understood.
pub(super) fn streams(samples: &[Sample], ground: Ground<'_>, dictionary: &Dictionary) -> Vec<Stream> {
    let tables: Vec<&str> = samples.iter().map(|sample| last_part(&sample.name)).collect();
    let before = prefix(&tables, TABLES).filter(|prefix| !is_word(prefix, dictionary));
    let bare = |table: &str| without(table, before.as_deref()).to_owned();
    let read: Vec<Vec<Profile>> = samples.iter().map(|sample| profiles(&sample.rows, ground.codes)).collect();
    let prefixes: Vec<Option<String>> = read
        .iter()
        .map(|columns| {
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            prefix(&names, COLUMNS).filter(|prefix| !is_word(prefix, dictionary))
        })
        .collect();
    let pointing: Vec<(String, String)> = prefixes
        .iter()
        .zip(&tables)
        .filter_map(|(prefix, table)| Some((fold(prefix.as_deref()?), bare(table))))
        .collect();
    let streams = samples.iter().zip(read).zip(&prefixes).map(|((sample, columns), own)| {
        let table = bare(last_part(&sample.name));
        let columns = columns
            .into_iter()
            .map(|profile| {
                let text = pointed(without(&profile.name, own.as_deref()), &pointing);
                let name = dictionary.read(&text);
                Column { profile, name, bare: fold(&text) }
            })
            .collect();
        Stream { name: sample.name.clone(), about: about(&table, dictionary), past: is_past(&table), columns }
    });
    let mut streams: Vec<Stream> = streams.collect();
    // A source that has nothing else is read as it is.
    if streams.iter().all(|stream| stream.past) {
        for stream in &mut streams {
            stream.past = false;
        }
    }
    streams
}

/// What a table is about: word by word, so that its last word stays last.
fn about(table: &str, dictionary: &Dictionary) -> Name {
    let whole = dictionary.read(table);
    if whole.maybe.is_empty() {
        return whole;
    }
    let mut all = Name::default();
    for part in table.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let name = dictionary.read(part).at_best();
        all.unknown += name.unknown;
        all.guessed |= name.guessed;
        for meaning in name.meanings {
            if !all.meanings.contains(&meaning) {
                all.meanings.push(meaning);
            }
        }
    }
    all
}

/// Whether a table holds what was, or who did what: its rows are not the source's.
fn is_past(table: &str) -> bool {
    const WORDS: [&str; 22] = [
        "hist",
        "historik",
        "historia",
        "historisk",
        "historiska",
        "history",
        "arkiv",
        "arkiverade",
        "archive",
        "archived",
        "gamla",
        "gammal",
        "old",
        "logg",
        "log",
        "audit",
        "backup",
        "bak",
        "kopia",
        "copy",
        "tmp",
        "temp",
    ];
    const ENDS: [&str; 5] = ["historik", "history", "arkiv", "logg", "archive"];
    let mut words = Vec::new();
    let mut before = ' ';
    for c in table.chars() {
        if (c.is_uppercase() && before.is_lowercase()) || !c.is_alphanumeric() || words.is_empty() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c);
        }
        before = c;
    }
    words.iter().map(|word| fold(word)).any(|word| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        WORDS.contains(&word) || ENDS.iter().any(|end| word.ends_with(end))
    })
}

/// The name without its schema.
fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn is_word(prefix: &str, dictionary: &Dictionary) -> bool {
    let name = dictionary.read(prefix);
    name.unknown == 0 && name.maybe.is_empty() && !name.guessed && !name.meanings.contains(&"typnamn")
}

/// The letters before the first sign, or before the first capital after small letters.
fn first(name: &str) -> Option<&str> {
    let mut before = None;
    for (at, c) in name.char_indices() {
        let hump = c.is_uppercase() && before.is_some_and(char::is_lowercase);
        if at > 0 && (hump || !c.is_alphanumeric()) {
            return name.get(..at).filter(|first| first.chars().count() <= LONGEST);
        }
        before = Some(c);
    }
    None
}

/// What most of the names begin with.
fn prefix(names: &[&str], least: usize) -> Option<String> {
    if names.len() < least {
        return None;
    }
    let common = first(names.iter().find(|name| first(name).is_some())?)?;
    let mut best = (0, common);
    for candidate in names.iter().filter_map(|name| first(name)) {
        let count = names.iter().filter(|name| first(name) == Some(candidate)).count();
        if count > best.0 {
            best = (count, candidate);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a share of a few names")]
    let share = best.0 as f64 / names.len() as f64;
    (share >= SHARED).then(|| best.1.to_owned())
}

/// The name without a prefix, and the sign after it.
fn without<'n>(name: &'n str, prefix: Option<&str>) -> &'n str {
    let rest = prefix.filter(|prefix| first(name) == Some(*prefix)).and_then(|prefix| name.strip_prefix(prefix));
    let rest = rest.map(|rest| rest.trim_start_matches(|c: char| !c.is_alphanumeric()));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// The name with another table's prefix in it as that table's name: `BEST_MP_ID` is about `MOTPART`.
fn pointed(name: &str, tables: &[(String, String)]) -> String {
    const ENDS: [&str; 4] = ["id", "ref", "nr", "fk"];
    let many = name.contains('_');
    let parts = name.split('_').map(|part| {
        let folded = fold(part);
        let whole = |prefix: &str| many && folded == prefix;
        let begins = |prefix: &str| folded.strip_prefix(prefix).is_some_and(|rest| ENDS.contains(&rest));
        match tables.iter().find(|(prefix, _)| whole(prefix) || begins(prefix)) {
            Some((prefix, table)) if begins(prefix) => format!("{table}_id"),
            Some((_, table)) => table.clone(),
            None => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_names_begin_with_is_no_part_of_them() {
        let names = ["KO_ID", "KO_NUMMER", "KO_FOM", "KO_TOM", "STATUS"];
        assert_eq!(prefix(&names, 4).as_deref(), Some("KO"));
        assert_eq!(without("KO_FOM", Some("KO")), "FOM");
        assert_eq!(without("KO", Some("KO")), "KO");
        assert_eq!(prefix(&["titel", "start", "slut", "typ"], 4), None);
        assert_eq!(prefix(&["aNamn", "aTyp", "aNr", "aDatum"], 4).as_deref(), Some("a"));
        let tables = [("mp".to_owned(), "MOTPART".to_owned())];
        assert_eq!(pointed("BEST_MP_ID", &tables), "BEST_MOTPART_ID");
        assert_eq!(pointed("MPREF", &tables), "MOTPART_id");
        assert_eq!(pointed("KAMP", &tables), "KAMP");
    }

    #[test]
    fn tables_of_what_was_are_known_by_their_names() {
        for past in
            ["VardAvtal_Historik", "avtalhistorik", "TB_ARKIV", "contract_audit_log", "avtal_old", "Avtal, gamla"]
        {
            assert!(is_past(past), "{past}");
        }
        for present in ["avtal", "katalog", "Krav och villkor", "tblLogistik", "contract"] {
            assert!(!is_past(present), "{present}");
        }
    }
}
