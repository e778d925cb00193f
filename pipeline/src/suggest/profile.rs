//! What a source column holds: counts and shares, by what reads its values.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::code::CodeIndex;
use sluss_schemas::identifier::{gln, hsa_id, icd10, kva, lanskod, orgnr, postnummer, sctid, telefon};
use sluss_schemas::personnummer::Column as Persons;
use sluss_schemas::reading::Reading;
use sluss_schemas::value::{datum, decimal, heltal, ja_nej, klockslag, tidpunkt, vecka};
use xxhash_rust::xxh3::xxh3_64;

/// Distinct values up to which a column's words are compared with those of the dictionary.
const FEW: usize = 60;

/// A kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Orgnr,
    HsaId,
    Sctid,
    Gln,
    Date,
    Week,
    Instant,
    Clock,
    Integer,
    Decimal,
    Boolean,
    PostCode,
    Telephone,
    Email,
    /// An e-mail address somewhere in the text, and digits that may be a telephone number.
    HoldsEmail,
    HoldsTelephone,
    Web,
    Region,
    Municipality,
    Kva,
    Icd,
    /// A code, and what it means in words after it.
    KvaFirst,
    IcdFirst,
    Mvo,
    Cpv,
    Sha256,
}

/// One column of a stream.
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) data: DataType,
    pub(super) rows: u64,
    pub(super) filled: u64,
    pub(super) distinct: usize,
    /// Rows whose value such a reader takes.
    kinds: BTreeMap<Kind, u64>,
    /// Rows whose value is a code of the system, and those whose first word is.
    codes: BTreeMap<String, (u64, u64)>,
    /// Rows that are a person's number alone (a sole trader's organisation number is one), and those that
    /// have one somewhere.
    pub(super) persons: u64,
    pub(super) with_person: u64,
    /// Rows with a date that is read as it stands, with a word for no date, and with one of a form that must
    /// be declared.
    plain_dates: u64,
    no_dates: u64,
    forms: BTreeMap<&'static str, u64>,
    characters: u64,
    /// Rows whose value has a blank in it, those with a digit, and those with blanks after the last letter.
    spaced: u64,
    numbered: u64,
    padded: u64,
    /// The day of each value that is one, by the value's hash.
    days: HashMap<u64, i32>,
    /// Hashes of organisation numbers without what people write in them.
    pub(super) orgnrs: HashSet<u64>,
    /// Rows whose value a crosswalk of the store knows, by the systems that it leads between.
    crosswalks: BTreeMap<(String, String), u64>,
    /// Hash of each row's value, in the rows' order; 0 where it is empty.
    cells: Vec<u64>,
    /// Hashes of its values.
    pub(super) hashes: HashSet<u64>,
    /// Its values in lower case with their counts, where they are few: they leave this module as counts only.
    few: BTreeMap<String, u64>,
    exact: BTreeMap<String, u64>,
}

/// Counts and shares only: values are nobody's to print.
impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile").field("name", &self.name).field("filled", &self.filled).finish_non_exhaustive()
    }
}

/// The columns of a stream.
pub(super) fn profiles(rows: &[RecordBatch], codes: &CodeIndex) -> Vec<Profile> {
    let Some(first) = rows.first() else { return Vec::new() };
    let schema = first.schema();
    let columns = schema.fields().iter().enumerate().filter(|(_, field)| field.name() != ROW_ID);
    columns
        .map(|(at, field)| {
            let mut counts: HashMap<String, u64> = HashMap::new();
            let (mut total, mut cells) = (0, Vec::new());
            for batch in rows.iter().filter(|batch| batch.schema_ref().fields() == schema.fields()) {
                total += batch.num_rows() as u64;
                let Ok(texts) = cast(batch.column(at), &DataType::Utf8View) else { continue };
                let texts = texts.as_string_view();
                cells.extend(texts.iter().map(|text| hash(text.unwrap_or_default())));
                for text in texts.iter().flatten().filter(|text| !text.trim().is_empty()) {
                    *counts.entry(text.to_owned()).or_default() += 1;
                }
            }
            let mut profile = Profile {
                name: field.name().clone(),
                data: field.data_type().clone(),
                rows: total,
                filled: counts.values().sum(),
                distinct: counts.len(),
                kinds: BTreeMap::new(),
                codes: BTreeMap::new(),
                persons: 0,
                with_person: 0,
                plain_dates: 0,
                no_dates: 0,
                forms: BTreeMap::new(),
                characters: 0,
                spaced: 0,
                numbered: 0,
                padded: 0,
                days: HashMap::new(),
                orgnrs: HashSet::new(),
                crosswalks: BTreeMap::new(),
                cells,
                hashes: HashSet::new(),
                few: BTreeMap::new(),
                exact: BTreeMap::new(),
            };
            let few = counts.len() <= FEW;
            let mut persons = Persons::named(field.name());
            let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
            counts.sort();
            for (text, rows) in counts {
                profile.look(text.trim(), rows, codes);
                profile.padded += if text.ends_with(' ') { rows } else { 0 };
                persons.look(&text, rows);
                profile.hashes.insert(hash(&text));
                if few {
                    *profile.few.entry(text.trim().to_lowercase()).or_default() += rows;
                    profile.exact.insert(text, rows);
                }
            }
            // Of telephone and invoice numbers some look like a person's: the column tells.
            profile.with_person = persons.persons();
            profile.persons = profile.persons.min(profile.with_person);
            profile
        })
        .collect()
}

impl Profile {
    fn look(&mut self, text: &str, rows: u64, codes: &CodeIndex) {
        self.characters += rows * text.chars().count() as u64;
        self.spaced += if text.contains(' ') { rows } else { 0 };
        self.numbered += if text.contains(|c: char| c.is_ascii_digit()) { rows } else { 0 };
        for (from, to, crosswalk) in codes.crosswalks() {
            if crosswalk.one(text).is_some() {
                *self.crosswalks.entry((from.to_owned(), to.to_owned())).or_default() += rows;
            }
        }
        match datum::read(text) {
            Reading::Empty => self.no_dates += rows,
            Reading::Unreadable(_) => {
                for form in DATE_FORMS.into_iter().filter(|form| has_form(text, form)) {
                    *self.forms.entry(form).or_default() += rows;
                    let day = datum::Format::parse(form).and_then(|form| datum::datum_enligt(text, &form));
                    self.days.extend(day.map(|day| (hash(text), day)));
                }
                self.days.extend(vecka::read(text).value().map(|day| (hash(text), day)));
            }
            Reading::Clean(day) | Reading::Repaired(day) => {
                self.plain_dates += rows;
                self.days.insert(hash(text), day);
            }
        }
        let number = orgnr::read(text).value();
        self.orgnrs.extend(number.as_ref().map(|number| hash(number)));
        if let Some(number) = &number
            && orgnr::is_sole_trader(number)
        {
            self.persons += rows;
        }
        for kind in kinds(text, &self.data, number.is_some()) {
            *self.kinds.entry(kind).or_default() += rows;
        }
        let word = text.split([' ', ';', ',', ':']).next().unwrap_or_default();
        for system in codes.systems().filter(|system| !system.is_empty()) {
            let clean = if system.name().starts_with("icd") { text.replace('.', "") } else { text.to_owned() };
            let whole = system.has(&clean) || system.has(&clean.to_uppercase());
            let begins = word.len() >= 3 && (system.has(word) || system.has(&word.replace('.', "")));
            if whole || begins {
                let (all, first) = self.codes.entry(system.name().to_owned()).or_default();
                *all += if whole { rows } else { 0 };
                *first += rows;
            }
        }
    }

    /// Share of the filled rows that such a reader takes.
    pub(super) fn share(&self, kind: Kind) -> f64 {
        let rows = self.kinds.get(&kind).copied().unwrap_or_default();
        match kind {
            // Words for no date (tills vidare, 0) are an answer of a column that has dates.
            Kind::Date | Kind::Week if rows > 0 => self.part((rows + self.no_dates).min(self.filled)),
            _ => self.part(rows),
        }
    }

    /// Share of the rows where both columns have a day and this one's is not the later.
    pub(super) fn not_after(&self, other: &Self) -> f64 {
        let day = |profile: &Self, cell: Option<&u64>| cell.and_then(|cell| profile.days.get(cell)).copied();
        let both = self
            .cells
            .iter()
            .enumerate()
            .filter_map(|(row, cell)| Some((day(self, Some(cell))?, day(other, other.cells.get(row))?)));
        let (mut held, mut all) = (0_u32, 0_u32);
        for (here, there) in both {
            all += 1;
            held += u32::from(here <= there);
        }
        if all == 0 { 0.0 } else { f64::from(held) / f64::from(all) }
    }

    /// Whether the source fills its cells up with blanks.
    pub(super) fn is_padded(&self) -> bool {
        self.is_text() && self.padded > 0
    }

    /// Share of the filled rows with a blank between words.
    pub(super) fn spaced(&self) -> f64 {
        self.part(self.spaced)
    }

    /// The hash of each row's value.
    pub(super) fn cells(&self) -> &[u64] {
        &self.cells
    }

    /// Share of the filled rows that are a code of the system, and that begin with one.
    pub(super) fn codes(&self, system: &str) -> (f64, f64) {
        let (whole, first) = self.codes.get(system).copied().unwrap_or_default();
        (self.part(whole), self.part(first))
    }

    /// The crosswalk to a system that knows most of the values: its name, and the share.
    pub(super) fn crosswalk(&self, system: &str) -> Option<(&str, f64)> {
        let leading = self.crosswalks.iter().filter(|((_, to), _)| to == system);
        leading.max_by_key(|(_, rows)| **rows).map(|((from, _), rows)| (from.as_str(), self.part(*rows)))
    }

    /// Whether the values are codes or numbers rather than words.
    pub(super) fn is_terse(&self) -> bool {
        let short = self.length() <= 4.0 || (self.length() < 12.0 && self.part(self.numbered) > 0.5);
        self.filled > 0 && short && self.part(self.spaced) < 0.1
    }

    /// Whether rows that are alike in `keys` are alike in this column too.
    pub(super) fn depends_on(&self, keys: &[&Self]) -> bool {
        let mut known: HashMap<Vec<u64>, u64> = HashMap::new();
        let mut broken = 0_u64;
        for (row, cell) in self.cells.iter().enumerate() {
            let key = keys.iter().map(|key| key.cells.get(row).copied().unwrap_or_default()).collect();
            broken += u64::from(*known.entry(key).or_insert(*cell) != *cell);
        }
        // A slip in a cell is no proof.
        self.part(broken) < 0.05
    }

    /// Share of the filled rows that hold one of these words and nothing else.
    pub(super) fn words(&self, words: &[&str]) -> f64 {
        self.part(self.few.iter().filter(|(value, _)| words.contains(&value.as_str())).map(|(_, rows)| rows).sum())
    }

    /// Share of the filled rows that are one of these values, letter by letter.
    pub(super) fn as_written(&self, values: &[&str]) -> f64 {
        self.part(self.exact.iter().filter(|(value, _)| values.contains(&value.as_str())).map(|(_, rows)| rows).sum())
    }

    /// Share of the filled rows that `rows` are.
    #[expect(clippy::cast_precision_loss, reason = "shares of row counts need no more than 53 bits")]
    pub(super) fn part(&self, rows: u64) -> f64 {
        if self.filled == 0 { 0.0 } else { rows as f64 / self.filled as f64 }
    }

    /// Characters in a filled cell, on average.
    #[expect(clippy::cast_precision_loss, reason = "an average of counts")]
    pub(super) fn length(&self) -> f64 {
        if self.filled == 0 { 0.0 } else { self.characters as f64 / self.filled as f64 }
    }

    /// Whether every row has a value of its own.
    pub(super) fn is_key(&self) -> bool {
        self.rows > 0 && self.filled == self.rows && self.distinct as u64 == self.rows
    }

    /// Whether the values are whole numbers alone, as a database gives its rows.
    pub(super) fn is_running(&self) -> bool {
        self.share(Kind::Integer) > 0.99 && self.share(Kind::Orgnr) < 0.5
    }

    /// Whether the source's values are text.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.data, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
    }
}

/// Hash of a value; 0 of nothing.
fn hash(text: &str) -> u64 {
    let text = text.trim();
    if text.is_empty() { 0 } else { xxh3_64(text.as_bytes()) | 1 }
}

fn read<T>(reading: &Reading<T>) -> bool {
    matches!(reading, Reading::Clean(_) | Reading::Repaired(_))
}

fn kinds(text: &str, data: &DataType, is_orgnr: bool) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let mut is = |kind: Kind, holds: bool| {
        if holds {
            kinds.push(kind);
        }
    };
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let typed_date = matches!(data, DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _));
    let day = datum::read(text);
    // 99991231 is no day, and says that its column has days.
    let until = matches!(day, Reading::Empty) && text.starts_with("9999");
    is(Kind::Orgnr, is_orgnr);
    is(Kind::HsaId, read(&hsa_id::read(text, &hsa_id::HsaOptions::default())));
    is(Kind::Sctid, text.len() >= 6 && read(&sctid::read(text)));
    is(Kind::Gln, text.len() == 13 && read(&gln::read(text)));
    is(Kind::Date, typed_date || until || read(&day) || DATE_FORMS.iter().any(|form| has_form(text, form)));
    is(Kind::Week, text.len() >= 7 && read(&vecka::read(text)));
    is(Kind::Instant, typed_date || read(&tidpunkt::read(text)));
    is(Kind::Clock, text.contains([':', '.']) && read(&klockslag::read(text)));
    is(Kind::Integer, read(&heltal::read(text)));
    is(Kind::Decimal, read(&decimal::read(text, 2)) || text.parse::<f64>().is_ok());
    is(Kind::Boolean, *data == DataType::Boolean || read(&ja_nej::read(text)));
    is(Kind::PostCode, read(&postnummer::read(text)));
    is(Kind::Telephone, text.bytes().filter(u8::is_ascii_digit).count() >= 7 && read(&telefon::read(text)));
    is(Kind::Email, is_email(text));
    let digits_in = text.bytes().filter(u8::is_ascii_digit).count();
    is(Kind::HoldsEmail, text.split([' ', ',', ';', '<', '>', '(', ')']).any(is_email));
    is(Kind::HoldsTelephone, digits_in >= 7 && text.contains(['0', '+']) && text.contains([' ', ',', ';']));
    is(Kind::Web, text.starts_with("http") || text.starts_with("www."));
    is(Kind::Region, read(&lanskod::read_any(text)));
    is(Kind::Municipality, text.len() == 4 && digits);
    let is_kva = |text: &str| kva::read(text).value().is_some_and(|code| kva::is_kva(&code));
    let is_icd = |text: &str| icd10::read(text).value().is_some_and(|code| icd10::is_icd10(&code));
    let word = text.split([' ', ';', ',', ':']).next().unwrap_or_default();
    is(Kind::Kva, is_kva(text));
    is(Kind::Icd, is_icd(text));
    is(Kind::KvaFirst, is_kva(word));
    is(Kind::IcdFirst, is_icd(word));
    is(Kind::Mvo, text.len() == 3 && digits);
    is(Kind::Cpv, text.get(..8).is_some_and(|code| code.starts_with("85") && code.bytes().all(|b| b.is_ascii_digit())));
    is(Kind::Sha256, text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()));
    kinds
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.')) && !text.contains(' ')
}

fn has_form(text: &str, form: &str) -> bool {
    datum::Format::parse(form).is_some_and(|f| datum::datum_enligt(text, &f).is_some())
}

/// Forms that are read only where they are declared.
const DATE_FORMS: [&str; 4] = ["DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "DD.MM.YYYY"];

impl Profile {
    /// The form that dates of this column must be declared in: all of its dates have it, and none is read
    /// without.
    pub(super) fn date_form(&self) -> Option<&'static str> {
        let dates = self.forms.iter().max_by_key(|(form, rows)| (**rows, std::cmp::Reverse(place(form))))?;
        (self.is_text() && self.plain_dates == 0 && *dates.1 + self.no_dates == self.filled).then_some(*dates.0)
    }
}

/// The commonest form goes first where two fit all dates.
fn place(form: &str) -> usize {
    DATE_FORMS.iter().position(|known| *known == form).unwrap_or(DATE_FORMS.len())
}
