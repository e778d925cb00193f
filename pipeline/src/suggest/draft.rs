//! From samples to drafted jobs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use sluss_schemas::synonym::dictionary;

use super::home::{Home, columns, homes};
use super::joins::{Column, Stream, edges};
use super::pair::{Found, Paired};
use super::profile::{Profile, profiles};
use super::sql::{self, Made};
use super::weigh::{Wanted, percent};
use super::{Ground, JobDraft, Missing, Pair, Proposal, Sample, THRESHOLD, TableDraft};

/// Drafts the jobs that a source takes.
pub fn draft(samples: &[Sample], ground: Ground<'_>) -> Proposal {
    let dictionary = dictionary();
    let streams: Vec<Stream> = samples
        .iter()
        .map(|sample| {
            let columns = profiles(&sample.rows, ground.codes).into_iter().map(|profile| {
                let name = dictionary.read(&profile.name);
                Column { profile, name }
            });
            Stream { name: sample.name.clone(), about: dictionary.read(&sample.name), columns: columns.collect() }
        })
        .collect();
    let edges = if ground.joinable { edges(dictionary, &streams) } else { Vec::new() };
    let homes = homes(ground, &streams, &edges);
    let mut proposal = Proposal { warnings: warnings(&streams), ..Proposal::default() };
    let mut used: BTreeSet<(usize, usize)> = edges.iter().flat_map(|e| [e.child, e.parent]).collect();
    for home in &homes {
        let work = Work::new(ground, &streams, home, &homes);
        used.extend(work.used());
        proposal.jobs.push(work.job());
    }
    for (s, stream) in streams.iter().enumerate() {
        let left = stream.columns.iter().enumerate().filter(|(c, _)| !used.contains(&(s, *c)));
        let left: Vec<String> = left.map(|(_, column)| column.profile.name.clone()).collect();
        if !left.is_empty() {
            proposal.unused.push((stream.name.clone(), left));
        }
    }
    proposal
}

/// Persons' numbers: counted, never shown, never mapped.
fn warnings(streams: &[Stream]) -> Vec<Message> {
    let all = streams.iter().flat_map(|stream| stream.columns.iter().map(move |column| (stream, column)));
    let mut warnings = Vec::new();
    for (stream, column) in all {
        let (profile, stream) = (&column.profile, &stream.name);
        let name = &profile.name;
        let rows = profile.persons.max(profile.with_person);
        if column.name.meanings.contains(&"personnummer") || profile.part(rows) >= 0.5 {
            let share = percent(profile.part(rows));
            warnings.push(say!(
                "\"{name}\" i {stream} ser ut att hålla personnummer ({share}): den mappas aldrig. Ta bort den ur uttaget",
                "\"{name}\" in {stream} seems to hold personal numbers ({share}): it is never mapped. Leave it out of the export"
            ));
        } else if rows > 0 {
            warnings.push(say!(
                "\"{name}\" i {stream}: rader med personnummer: {rows} (en enskild näringsidkares organisationsnummer är ett)",
                "\"{name}\" in {stream}: rows with a personal number: {rows} (a sole trader's organisation number is one)"
            ));
        }
    }
    warnings
}

/// One job under way.
struct Work<'a, 'g> {
    ground: Ground<'g>,
    streams: &'a [Stream],
    home: &'a Home<'g>,
    homes: &'a [Home<'g>],
    /// Columns in reach: step and place.
    columns: Vec<(usize, usize)>,
    /// Those that the mappings read, with the names that they have there.
    names: BTreeMap<usize, String>,
}

impl<'a, 'g> Work<'a, 'g> {
    fn new(ground: Ground<'g>, streams: &'a [Stream], home: &'a Home<'g>, homes: &'a [Home<'g>]) -> Self {
        let mut work =
            Self { ground, streams, home, homes, columns: columns(streams, &home.steps), names: BTreeMap::new() };
        let worth: BTreeSet<usize> = home.tables.iter().flat_map(|t| &t.found).map(|found| found.reach).collect();
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for at in worth {
            let Some(column) = work.column(at) else { continue };
            let own = column.profile.name.clone();
            let mut name = own.clone();
            if work.is_joined() {
                if !taken.insert(name.to_lowercase()) {
                    let stream = work.stream(at).map(|s| s.name.replace('.', "_")).unwrap_or_default();
                    name = format!("{stream}_{own}");
                }
                let mut again = 2;
                while name != own && !taken.insert(name.to_lowercase()) {
                    name = format!("{own}_{again}");
                    again += 1;
                }
            }
            work.names.insert(at, name);
        }
        work
    }

    fn is_joined(&self) -> bool {
        self.ground.joinable
    }

    fn stream(&self, at: usize) -> Option<&'a Stream> {
        let (step, _) = self.columns.get(at)?;
        self.streams.get(self.home.steps.get(*step)?.stream)
    }

    fn column(&self, at: usize) -> Option<&'a Column> {
        self.stream(at)?.columns.get(self.columns.get(at)?.1)
    }

    /// Streams and columns that the mappings read.
    fn used(&self) -> impl Iterator<Item = (usize, usize)> {
        let taken = self.home.tables.iter().flat_map(|t| &t.found).filter(|f| f.weight.confidence >= THRESHOLD);
        taken.filter_map(|found| {
            let (step, place) = *self.columns.get(found.reach)?;
            Some((self.home.steps.get(step)?.stream, place))
        })
    }

    fn job(&self) -> JobDraft {
        let tables: Vec<TableDraft> = self.home.tables.iter().map(|paired| self.table(paired)).collect();
        JobDraft {
            name: tables.first().map(|t| t.table.clone()).unwrap_or_default(),
            query: self.is_joined().then(|| self.query()),
            one_per: self.home.tables.iter().filter_map(|paired| self.one_per(paired)).collect(),
            tables,
        }
    }

    /// Where the source has several rows for one of a table's: the columns that tell the table's rows apart.
    fn one_per(&self, paired: &Paired<'_>) -> Option<(String, Vec<String>)> {
        let keys: Vec<String> =
            paired.table.key.iter().filter(|key| Some(*key) != paired.table.owner.as_ref()).cloned().collect();
        let finer = self
            .home
            .tables
            .iter()
            .any(|other| other.table.parent.as_ref().is_some_and(|parent| parent.table == paired.table.name));
        let profiles: Vec<&Profile> =
            keys.iter().filter_map(|key| Some(&self.column(paired.taken(key)?.reach)?.profile)).collect();
        let repeated = !profiles.is_empty() && profiles.iter().all(|p| (p.distinct as u64) < p.filled);
        (finer && repeated).then(|| (paired.table.name.clone(), keys))
    }

    fn table(&self, paired: &Paired<'g>) -> TableDraft {
        let table = paired.table;
        let wanted = |found: &Found| {
            let column = table.column.get(found.column)?;
            Some((column, Wanted::new(dictionary(), table, column)))
        };
        let pairs: Vec<Pair> = paired
            .found
            .iter()
            .filter_map(|found| {
                Some(Pair {
                    column: table.column.get(found.column)?.name.clone(),
                    source: self.names.get(&found.reach)?.clone(),
                    stream: self.stream(found.reach)?.name.clone(),
                    confidence: (found.weight.confidence * 100.0).round() / 100.0,
                    taken: found.weight.confidence >= THRESHOLD,
                    evidence: found.weight.evidence.clone(),
                })
            })
            .collect();
        let mut lines: Vec<(Vec<Message>, Option<String>)> = Vec::new();
        let mut missing = Vec::new();
        for (place, column) in table.column.iter().enumerate() {
            let found = paired.found.iter().find(|found| found.column == place);
            let pair = pairs.iter().find(|pair| pair.column == column.name);
            if let (Some(found), Some(pair)) = (found, pair)
                && let (Some((_, wanted)), Some(source)) = (wanted(found), self.column(found.reach))
            {
                let value = dictionary().implied(&table.name, &column.name, &source.name);
                let value = value.filter(|_| sql::answers(&source.profile));
                let expression = sql::expression(&wanted, &source.profile, &pair.source, value);
                let figure = sv_figure(pair.confidence);
                let why = Message::new(
                    format!("-- {figure}: {}", pair.evidence.told(Language::Swedish)),
                    format!("-- {:.2}: {}", pair.confidence, pair.evidence.told(Language::English)),
                );
                if pair.taken {
                    let mut notes = vec![why];
                    if sql::is_last_day(column) {
                        notes.push(say!(
                            "-- Källan antas ha sista dagen; nationellt är det första dagen efter.",
                            "-- The source is taken to have the last day; nationally it is the first day after."
                        ));
                    }
                    lines.push((notes, Some(named(&expression, &column.name))));
                    continue;
                }
                let flat = expression.split_whitespace().collect::<Vec<_>>().join(" ");
                let maybe = Message::from(format!("--   {flat} AS {},", column.name));
                lines.push((
                    vec![
                        Message::new(
                            format!("-- Kanske: {}", why.told(Language::Swedish).trim_start_matches("-- ")),
                            format!("-- Perhaps: {}", why.told(Language::English).trim_start_matches("-- ")),
                        ),
                        maybe,
                    ],
                    None,
                ));
            }
            let others = self.homes.iter().flat_map(|home| &home.tables);
            match sql::made(self.ground, paired, &column.name, others) {
                Some(Made::Sql(made)) if column.required || self.is_owned(paired, &column.name) => {
                    lines.push((Vec::new(), Some(named(&made, &column.name))));
                }
                Some(Made::ByTheRun) => {}
                _ => missing.push(Missing { column: column.name.clone(), required: column.required }),
            }
        }
        missing.sort_by_key(|m| !m.required);
        let condition = self.condition(paired);
        let sql = Message::new(
            self.text(&lines, condition.as_deref(), &missing, Language::Swedish),
            self.text(&lines, condition.as_deref(), &missing, Language::English),
        );
        let score = (paired.score() * 100.0).round() / 100.0;
        TableDraft { table: table.name.clone(), score, pairs, missing, sql }
    }

    /// What the owner's rows always have: the orderer is the region itself.
    fn is_owned(&self, paired: &Paired<'_>, column: &str) -> bool {
        self.ground.owner.is_some() && paired.table.owner.is_some() && column == "bestallare_orgnr"
    }

    fn condition(&self, paired: &Paired<'_>) -> Option<String> {
        let telling = ["beskrivning", "varde_max", "varde_min", "varde_kod"];
        let implied = paired.implied.first().map(|(_, _, reach)| *reach);
        let at = implied.or_else(|| telling.iter().find_map(|c| Some(paired.taken(c)?.reach)))?;
        sql::condition(paired, &self.column(at)?.profile, self.names.get(&at)?)
    }

    fn text(
        &self,
        lines: &[(Vec<Message>, Option<String>)],
        condition: Option<&str>,
        missing: &[Missing],
        language: Language,
    ) -> String {
        let rows =
            self.home.steps.first().and_then(|step| self.streams.get(step.stream)).and_then(|s| s.columns.first());
        let rows = rows.map_or(0, |column| column.profile.rows);
        let head = say!(
            "-- Utkast efter {rows} lästa rader. Siffran före varje kolumn: hur säker den är, 0 till 1. Läs igenom!",
            "-- A draft after {rows} rows. The figure before each column: how sure it is, 0 to 1. Read it through!"
        );
        let mut out = format!("{}\nSELECT\n", head.told(language));
        let last = lines.iter().rposition(|(_, expression)| expression.is_some());
        for (at, (notes, expression)) in lines.iter().enumerate() {
            for note in notes {
                let _ = writeln!(out, "    {}", note.told(language));
            }
            if let Some(expression) = expression {
                let _ = writeln!(out, "    {expression}{}", if Some(at) == last { "" } else { "," });
            }
        }
        out.push_str("FROM source\n");
        if let Some(condition) = condition {
            let _ = writeln!(out, "{condition}");
        }
        let names = |required: bool| {
            let columns = missing.iter().filter(|m| m.required == required).map(|m| m.column.as_str());
            columns.collect::<Vec<_>>().join(", ")
        };
        if missing.iter().any(|m| m.required) {
            let told = say!("SAKNAS, och krävs: {}", "MISSING, and required: {}", names(true));
            comment(&mut out, told.told(language));
        }
        if missing.iter().any(|m| !m.required) {
            let told = say!("Utan källa: {}", "Without a source: {}", names(false));
            comment(&mut out, told.told(language));
        }
        out
    }

    /// The query that joins what the mappings read.
    fn query(&self) -> String {
        let mut needed: BTreeSet<usize> = BTreeSet::from([0]);
        for at in self.names.keys() {
            let mut next = self.columns.get(*at).map(|(step, _)| *step);
            while let Some(step) = next {
                needed.insert(step);
                next = self.home.steps.get(step).and_then(|s| s.from).map(|(from, _)| from);
            }
        }
        let quote = self.ground.quote;
        let alias = |step: usize| format!("t{step}");
        let selected: Vec<String> = self
            .names
            .iter()
            .filter_map(|(at, name)| {
                let (step, _) = self.columns.get(*at)?;
                let own = &self.column(*at)?.profile.name;
                let field = format!("{}.{}", alias(*step), quote.name(own));
                Some(if own == name { field } else { format!("{field} AS {}", quote.name(name)) })
            })
            .collect();
        let mut out = format!("SELECT\n    {}", selected.join(",\n    "));
        for step in needed {
            let Some(here) = self.home.steps.get(step) else { continue };
            let Some(stream) = self.streams.get(here.stream) else { continue };
            let table = quote.path(&stream.name);
            let column = |stream: usize, column: usize| {
                self.streams.get(stream).and_then(|s| s.columns.get(column)).map(|c| quote.name(&c.profile.name))
            };
            match here.from {
                None => {
                    let _ = write!(out, "\nFROM {table} {}", alias(step));
                }
                Some((from, edge)) => {
                    let child = column(edge.child.0, edge.child.1).unwrap_or_default();
                    let parent = column(edge.parent.0, edge.parent.1).unwrap_or_default();
                    let (this, that) = (alias(step), alias(from));
                    let _ = write!(out, "\nLEFT JOIN {table} {this} ON {this}.{parent} = {that}.{child}");
                }
            }
        }
        out.push('\n');
        out
    }
}

/// A comment in lines that fit a screen.
fn comment(out: &mut String, text: &str) {
    const LINE: usize = 95;
    let mut line = String::from("--");
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > LINE {
            let _ = writeln!(out, "{line}");
            line = String::from("--  ");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}

/// `expression AS column`, short where they are the same.
fn named(expression: &str, column: &str) -> String {
    if expression == sql::quoted(column) { expression.to_owned() } else { format!("{expression} AS {column}") }
}

/// `0,97`.
fn sv_figure(confidence: f64) -> String {
    format!("{confidence:.2}").replace('.', ",")
}
