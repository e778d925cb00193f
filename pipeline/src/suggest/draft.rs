//! From samples to drafted jobs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use sluss_schemas::synonym::{Name, dictionary};

use super::conditions::{self, Part};
use super::deleted;
use super::home::{Home, columns, homes};
use super::joins::{Column, Stream, edges};
use super::pair::{Found, Paired, is_telephone};
use super::profile::Profile;
use super::read;
use super::sql::{self, Made};
use super::weigh::{Wanted, percent};
use super::{Filter, Ground, JobDraft, Missing, Pair, Proposal, Sample, THRESHOLD, TableDraft};

/// Drafts the jobs that a source takes.
pub fn draft(samples: &[Sample], ground: Ground<'_>) -> Proposal {
    let dictionary = dictionary();
    let streams = read::streams(samples, ground, dictionary);
    let edges = if ground.joinable { edges(dictionary, &streams) } else { Vec::new() };
    let homes = homes(ground, &streams, &edges);
    let mut proposal = Proposal { warnings: warnings(&streams), ..Proposal::default() };
    let mut used: BTreeSet<(usize, usize)> = edges
        .iter()
        .flat_map(|edge| {
            let also = edge.also.map(|(x, y)| [(edge.child.0, x), (edge.parent.0, y)]);
            [edge.child, edge.parent].into_iter().chain(also.into_iter().flatten())
        })
        .collect();
    for home in &homes {
        let work = Work::new(ground, &streams, home, &homes);
        used.extend(work.used());
        proposal.jobs.push(work.job());
    }
    for (s, stream) in streams.iter().enumerate() {
        let left = stream.columns.iter().enumerate().filter(|(c, _)| !used.contains(&(s, *c)));
        let left: Vec<String> = left.map(|(_, column)| column.profile.name.clone()).collect();
        if !stream.past && !left.is_empty() {
            proposal.unused.push((stream.name.clone(), left));
        }
    }
    proposal
}

/// Persons' numbers: counted, never shown, never mapped.
fn warnings(streams: &[Stream]) -> Vec<Message> {
    let all = streams
        .iter()
        .filter(|stream| !stream.past)
        .flat_map(|stream| stream.columns.iter().map(move |column| (stream, column)));
    let past = streams.iter().filter(|stream| stream.past).map(|stream| {
        let name = &stream.name;
        say!(
            "{name} läses inte: namnet säger att den håller det som varit",
            "{name} is not read: its name says that it holds what was"
        )
    });
    let mut warnings: Vec<Message> = past.collect();
    for (stream, column) in all {
        let (profile, stream) = (&column.profile, &stream.name);
        let name = &profile.name;
        // Ten digits may be a telephone number as well.
        let rows = if is_telephone(&column.name, profile) { 0 } else { profile.persons.max(profile.with_person) };
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
pub(super) struct Work<'a, 'g> {
    pub(super) ground: Ground<'g>,
    pub(super) streams: &'a [Stream],
    pub(super) home: &'a Home<'g>,
    homes: &'a [Home<'g>],
    /// Columns in reach: step and place.
    pub(super) columns: Vec<(usize, usize)>,
    /// Those that the mappings read, with the names that they have there.
    pub(super) names: BTreeMap<usize, String>,
    /// Columns that say that their row is deleted.
    deleted: Vec<usize>,
}

impl<'a, 'g> Work<'a, 'g> {
    fn new(ground: Ground<'g>, streams: &'a [Stream], home: &'a Home<'g>, homes: &'a [Home<'g>]) -> Self {
        let columns = columns(streams, &home.steps);
        let (names, deleted) = (BTreeMap::new(), Vec::new());
        let mut work = Self { ground, streams, home, homes, columns, names, deleted };
        work.deleted = (0..work.columns.len()).filter(|at| work.is_deleted(*at)).collect();
        let worth: BTreeSet<usize> = work.read().chain(work.deleted.iter().copied()).collect();
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

    pub(super) fn column(&self, at: usize) -> Option<&'a Column> {
        self.stream(at)?.columns.get(self.columns.get(at)?.1)
    }

    /// Columns that a mapping reads, or reads perhaps.
    fn read(&self) -> impl Iterator<Item = usize> {
        let found = self.home.tables.iter().flat_map(|t| &t.found).map(|found| found.reach);
        found.chain(self.home.tables.iter().flat_map(|t| &t.spread).flat_map(Part::places))
    }

    /// Whether a column says that the row, or one that it hangs on, is deleted.
    fn is_deleted(&self, at: usize) -> bool {
        let of_contracts = |name: &Name| !["enhet", "plats"].iter().any(|other| name.meanings.contains(other));
        let step = self.columns.get(at).and_then(|(step, _)| self.home.steps.get(*step));
        let near = step.is_some_and(|step| {
            step.joins == 0 || step.about.meanings.iter().any(|m| ["avtal", "uppdrag", "tjanst"].contains(m))
        });
        near && step.is_some_and(|step| of_contracts(&step.about))
            && self.column(at).is_some_and(|column| deleted::is_deleted(&column.name, &column.profile))
    }

    fn filters(&self) -> Vec<Filter> {
        let filters = self.deleted.iter().filter_map(|at| {
            let of = self.columns.get(*at).filter(|(step, _)| *step > 0).and_then(|_| self.stream(*at));
            let of = of.map(|stream| stream.name.rsplit('.').next().unwrap_or(&stream.name));
            deleted::filter(&self.column(*at)?.profile, self.names.get(at)?, of)
        });
        let mut known: BTreeSet<String> = BTreeSet::new();
        filters.filter(|filter| known.insert(filter.name.clone())).collect()
    }

    /// Streams and columns that the mappings read.
    fn used(&self) -> impl Iterator<Item = (usize, usize)> {
        let taken = self.home.tables.iter().flat_map(|t| &t.found).filter(|f| f.weight.confidence >= THRESHOLD);
        let spread = self.home.tables.iter().flat_map(|t| &t.spread).flat_map(Part::places);
        let all = taken.map(|found| found.reach).chain(spread).chain(self.deleted.iter().copied());
        all.filter_map(|at| {
            let (step, place) = *self.columns.get(at)?;
            Some((self.home.steps.get(step)?.stream, place))
        })
    }

    fn job(&self) -> JobDraft {
        let tables: Vec<TableDraft> = self.home.tables.iter().map(|paired| self.table(paired)).collect();
        JobDraft {
            name: tables.first().map(|t| t.table.clone()).unwrap_or_default(),
            query: self.is_joined().then(|| self.query()),
            filters: self.filters(),
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
            if let Some(made) = self.made_of_others(paired, &column.name) {
                lines.push((Vec::new(), Some(named(&made, &column.name))));
                continue;
            }
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
                Some(Made::Sql(made))
                    if column.required || self.is_owned(paired, &column.name) || !paired.spread.is_empty() =>
                {
                    lines.push((Vec::new(), Some(named(&made, &column.name))));
                }
                Some(Made::ByTheRun) => {}
                _ => missing.push(Missing { column: column.name.clone(), required: column.required }),
            }
        }
        missing.sort_by_key(|m| !m.required);
        let from = if paired.spread.is_empty() {
            self.condition(paired)
                .map_or_else(|| "FROM source".to_owned(), |condition| format!("FROM source\n{condition}"))
        } else {
            conditions::spread_from(&paired.spread, |at| self.names.get(&at).cloned().unwrap_or_default())
        };
        let sql = Message::new(
            self.text(&lines, &from, &missing, Language::Swedish),
            self.text(&lines, &from, &missing, Language::English),
        );
        let score = (paired.score() * 100.0).round() / 100.0;
        TableDraft { table: table.name.clone(), score, pairs, missing, sql }
    }

    /// What the owner's rows always have: the orderer is the region itself.
    fn is_owned(&self, paired: &Paired<'_>, column: &str) -> bool {
        self.ground.owner.is_some() && paired.table.owner.is_some() && column == "bestallare_orgnr"
    }

    /// What is made of a column that another national column reads, or of several.
    fn made_of_others(&self, paired: &Paired<'_>, column: &str) -> Option<String> {
        let text = |found: &Found| Some(format!("CAST({} AS VARCHAR)", sql::quoted(self.names.get(&found.reach)?)));
        match (paired.table.name.as_str(), column) {
            ("kontakt", "agare_id") => {
                let contract = self.home.tables.iter().find(|other| other.table.name == "avtal")?;
                let region = self.ground.owner?.lanskod;
                Some(format!("concat('{region}/', {})", text(contract.taken("avtals_id")?)?))
            }
            // The kind in the source's own words, where it has no text.
            ("villkor" | "malgrupp", "beskrivning") if paired.divided && paired.taken(column).is_none() => {
                text(paired.taken("kod")?)
            }
            ("villkor" | "malgrupp", _) if !paired.spread.is_empty() => conditions::spread_column(column),
            _ => None,
        }
    }

    /// Rows that tell nothing of how to reach anybody are none.
    fn reached(&self, paired: &Paired<'_>) -> String {
        let columns = paired.found.iter().filter_map(|found| {
            let (name, column) = (sql::quoted(self.names.get(&found.reach)?), self.column(found.reach)?);
            Some(if column.profile.is_text() { format!("trim({name}) <> ''") } else { format!("{name} IS NOT NULL") })
        });
        let mut columns: Vec<String> = columns.collect();
        columns.dedup();
        format!("WHERE {}", columns.join(" OR "))
    }

    fn condition(&self, paired: &Paired<'_>) -> Option<String> {
        if paired.table.name == "kontakt" && paired.table.parent.is_none() {
            return Some(self.reached(paired));
        }
        if paired.divided {
            let kind = paired.taken("kod")?;
            return sql::condition(paired, &self.column(kind.reach)?.profile, self.names.get(&kind.reach)?);
        }
        let telling = ["beskrivning", "varde_max", "varde_min", "varde_kod"];
        let implied = paired.implied.first().map(|(_, _, reach)| *reach);
        let at = implied.or_else(|| telling.iter().find_map(|c| Some(paired.taken(c)?.reach)))?;
        sql::condition(paired, &self.column(at)?.profile, self.names.get(&at)?)
    }

    fn text(
        &self,
        lines: &[(Vec<Message>, Option<String>)],
        from: &str,
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
        let _ = writeln!(out, "{from}");
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
