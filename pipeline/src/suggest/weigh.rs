//! How well a source column fits a national one: its name, and what it holds.

use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::synonym::{About, Dictionary, Name, Phrase};
use sluss_schemas::table::{Column, Identifier, Kind as Type, Table};

use super::conditions::sibling;
use super::profile::{Kind, Profile};

/// A share from which a column's content is what it should be.
const MOSTLY: f64 = 0.8;
/// A share below which it is something else.
const HARDLY: f64 = 0.3;

/// A national column, ready to be compared with many source columns.
pub(super) struct Wanted<'a> {
    pub(super) column: &'a Column,
    phrases: Vec<Phrase>,
    words: Vec<(String, Vec<String>)>,
    /// Words that stand in the same column of a source, and are another table's.
    beside: Vec<&'static str>,
}

/// How sure, and why.
#[derive(Clone, Debug)]
pub(super) struct Weight {
    pub(super) confidence: f64,
    pub(super) evidence: Message,
}

/// What a column's content is for a national column.
struct Fit {
    /// Share of the filled cells.
    share: f64,
    /// How much it says without a name.
    alone: f64,
    what: Message,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(dictionary: &Dictionary, table: &Table, column: &'a Column) -> Self {
        let own = column.values.iter().map(|value| (value.clone(), vec![value.to_lowercase()]));
        let mut words: Vec<(String, Vec<String>)> = own.collect();
        for (value, more) in dictionary.values(&table.name, &column.name) {
            if let Some((_, list)) = words.iter_mut().find(|(known, _)| known == value) {
                list.extend(more.into_iter().map(str::to_owned));
                list.sort();
                list.dedup();
            }
        }
        let phrases = dictionary.phrases(&table.name, &column.name);
        let beside = sibling(&table.name).filter(|_| column.name == "kod");
        let beside = beside.into_iter().flat_map(|other| dictionary.values(other, "kod")).flat_map(|(_, words)| words);
        Self { column, phrases, words, beside: beside.collect() }
    }

    /// The words for each of the column's few values.
    pub(super) fn words(&self) -> &[(String, Vec<String>)] {
        &self.words
    }

    /// How well `profile`, called `name`, fits.
    pub(super) fn weigh(
        &self,
        dictionary: &Dictionary,
        profile: &Profile,
        name: &Name,
        about: About<'_>,
    ) -> Option<Weight> {
        // What every table may have a column called is known by its table too.
        let bare = ["beskrivning", "typ", "status", "namn", "kod"].contains(&self.column.name.as_str());
        let same = !bare && sluss_schemas::synonym::fold(&profile.name) == self.column.name;
        let (likeness, meanings) = match dictionary.likeness(&self.phrases, name, about) {
            (_, meanings) if same => (1.0, meanings),
            other => other,
        };
        let fit = self.fit(profile);
        let confidence = match &fit {
            // Nothing to look at: the name alone.
            _ if profile.filled == 0 => likeness * 0.7,
            Some(fit) if fit.share < HARDLY => likeness * 0.25,
            Some(fit) if fit.share >= MOSTLY => 1.0 - (1.0 - likeness * 0.92) * (1.0 - fit.alone * fit.share),
            Some(fit) => likeness * (0.5 + 0.5 * fit.share),
            None => likeness * 0.9 * formality(profile, self.column),
        };
        // People know a contract by its number; a running number is the database's own.
        let confidence = if self.column.name.ends_with("_id") && profile.share(Kind::Integer) > 0.99 {
            confidence * 0.97
        } else {
            confidence
        };
        if confidence < super::WORTHLESS {
            return None;
        }
        let mut parts = Vec::new();
        if likeness > 0.0 {
            let known = if meanings.is_empty() { self.column.name.clone() } else { meanings.join(", ") };
            parts.push(say!("namnet ({known})", "the name ({known})"));
        }
        parts.extend(fit.filter(|fit| profile.filled > 0 && fit.share >= HARDLY).map(|fit| fit.what));
        parts.push(if profile.filled == 0 {
            say!("tom i provet", "empty in the sample")
        } else {
            let (filled, rows, distinct) = (profile.filled, profile.rows, profile.distinct);
            say!("{filled} av {rows} ifyllda, {distinct} olika", "{filled} of {rows} filled, {distinct} distinct")
        });
        Some(Weight { confidence, evidence: Message::join(&parts, "; ") })
    }

    /// What the content says; none where the national column takes any text.
    fn fit(&self, profile: &Profile) -> Option<Fit> {
        let of = |kind, alone, sv: &str, en: &str| {
            let share = profile.share(kind);
            let percent = percent(share);
            Some(Fit { share, alone, what: say!("{percent} är {sv}", "{percent} are {en}") })
        };
        if let Some(code) = &self.column.code {
            return Some(coded(profile, &code.system));
        }
        if !self.words.is_empty() {
            let all = self.words.iter().flat_map(|(_, list)| list.iter().map(String::as_str));
            let all: Vec<&str> = all.chain(self.beside.iter().copied()).collect();
            let share = profile.words(&all);
            let percent = percent(share);
            let what = say!("{percent} är ord för kolumnens värden", "{percent} are words for the column's values");
            // Own words are translated; a column of long texts is something else.
            let share = if profile.distinct <= 12 { share.max(0.5) } else { share };
            return Some(Fit { share, alone: if profile.distinct > 2 { 0.25 } else { 0.0 }, what });
        }
        match self.column.identifier {
            Some(Identifier::Orgnr) => return of(Kind::Orgnr, 0.2, "organisationsnummer", "organisation numbers"),
            Some(Identifier::HsaId { .. }) => return of(Kind::HsaId, 0.45, "HSA-id", "HSA-ids"),
            Some(Identifier::Sctid) => return of(Kind::Sctid, 0.5, "SNOMED CT-id", "SNOMED CT ids"),
            Some(Identifier::Gln) => return of(Kind::Gln, 0.4, "GLN", "GLNs"),
            Some(Identifier::Postnummer) => return of(Kind::PostCode, 0.3, "postnummer", "post codes"),
            Some(Identifier::Telefon) => return of(Kind::Telephone, 0.2, "telefonnummer", "telephone numbers"),
            Some(Identifier::Lanskod) => return of(Kind::Region, 0.2, "regioner", "regions"),
            Some(Identifier::Code) if self.column.name.contains("kommun") => {
                return of(Kind::Municipality, 0.1, "fyra siffror", "four digits");
            }
            Some(Identifier::Code | Identifier::Manad | Identifier::Vecka) | None => {}
        }
        match (self.column.kind, self.column.name.as_str()) {
            (Type::Date, _) if profile.share(Kind::Week) > profile.share(Kind::Date) => {
                of(Kind::Week, 0.05, "veckor", "weeks")
            }
            (Type::Date, _) => of(Kind::Date, 0.05, "datum", "dates"),
            (Type::Timestamp, _) => of(Kind::Instant, 0.05, "tidpunkter", "points in time"),
            (Type::Integer, _) => of(Kind::Integer, 0.0, "heltal", "whole numbers"),
            (Type::Decimal(..) | Type::Float, _) => of(Kind::Decimal, 0.0, "tal", "numbers"),
            (Type::Boolean, _) => of(Kind::Boolean, 0.0, "ja eller nej", "yes or no"),
            (Type::Text, "epost") => of(Kind::Email, 0.6, "e-postadresser", "e-mail addresses"),
            (Type::Text, "webbadress") => of(Kind::Web, 0.55, "webbadresser", "web addresses"),
            (Type::Text, "dokument_sha256") => of(Kind::Sha256, 0.8, "SHA-256", "SHA-256"),
            (Type::Text, "oppnar" | "stanger") => of(Kind::Clock, 0.1, "klockslag", "times of day"),
            (Type::Text, _) => None,
        }
    }
}

/// Codes by hit rate against the store; by their form where the store lacks the system.
fn coded(profile: &Profile, system: &str) -> Fit {
    let (whole, first) = profile.codes(system);
    let (form, alone) = match system {
        "kva" => (profile.share(Kind::KvaFirst), 0.55),
        "icd10se" => (profile.share(Kind::IcdFirst), 0.55),
        "cpv" => (profile.share(Kind::Cpv), 0.6),
        "snomed" => (profile.share(Kind::Sctid), 0.5),
        "mvo" => (profile.share(Kind::Mvo), 0.05),
        "verksamhet" | "kommun" => (profile.share(Kind::Municipality), 0.05),
        _ => (0.0, 0.0),
    };
    if let Some((name, share)) = profile.crosswalk(system).filter(|(_, share)| *share > whole.max(first).max(form)) {
        let percent = percent(share);
        let what = say!("{percent} finns i kodmappningen {name}", "{percent} are in the crosswalk {name}");
        return Fit { share, alone: 0.6, what };
    }
    let known = whole.max(first);
    if known >= form {
        let percent = percent(known);
        let alone = if alone > 0.1 { alone + 0.1 } else { 0.2 };
        let what = say!("{percent} finns i kodverket {system}", "{percent} are in the code system {system}");
        return Fit { share: known, alone, what };
    }
    let percent = percent(form);
    Fit { share: form, alone, what: say!("{percent} har formen av {system}", "{percent} have the form of {system}") }
}

/// Texts are no dates, numbers of organisations or answers; names are no numbers.
fn formality(profile: &Profile, column: &Column) -> f64 {
    let formal = [Kind::Orgnr, Kind::HsaId, Kind::Email, Kind::Web, Kind::Kva, Kind::Icd]
        .iter()
        .map(|kind| profile.share(*kind));
    let formal = formal.fold(0.0, f64::max);
    let date = profile.share(Kind::Date) * if profile.share(Kind::Integer) > 0.5 { 0.3 } else { 1.0 };
    let id = column.name.ends_with("_id") || column.name.contains("nummer") || column.name.starts_with("dokument");
    let number = if id || column.name.ends_with("kod") { 0.0 } else { profile.share(Kind::Decimal) };
    let boolean = if profile.distinct <= 4 { profile.share(Kind::Boolean) } else { 0.0 };
    // Descriptions are words.
    let terse = if ["beskrivning", "titel"].contains(&column.name.as_str()) && profile.is_terse() { 0.7 } else { 0.0 };
    1.0 - 0.7 * formal.max(date).max(number * 0.8).max(boolean).max(terse)
}

/// `84 %`, with a no-break space.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0}\u{a0}%", (share * 100.0).floor())
}
