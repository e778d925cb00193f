//! Which one is meant: keys first, then the few likely ones by their signs, and what a person has decided
//! before all.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::decision::{Decided, Judgement};
use super::index::Index;
use super::number::{id_neighbours, neighbours, prefix};
use super::score::{points, score};
use super::signs::Sign;
use super::{Kind, Led, Mention, Settings};

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Found {
    /// A person has decided it.
    Decided,
    /// The keys agree.
    Exact,
    /// Likely, and clearly ahead of all others.
    Likely,
    /// For a person to decide.
    Doubtful,
    /// None.
    Nothing,
}

impl Found {
    /// As the table has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decided => "beslutad",
            Self::Exact => "exakt",
            Self::Likely => "sannolik",
            Self::Doubtful => "tveksam",
            Self::Nothing => "ingen",
        }
    }
}

/// By what it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The key, letter by letter.
    Key,
    /// The key, but for its letters' case.
    Case,
    /// The key of what has been replaced.
    Successor,
    /// Signs.
    Score,
    /// A person's decision.
    Decision,
}

impl Method {
    /// As the table has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "nyckel",
            Self::Case => "skiftlage",
            Self::Successor => "ersatt",
            Self::Score => "poang",
            Self::Decision => "beslut",
        }
    }
}

/// The next best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rival {
    /// Which.
    pub target: u32,
    /// Its score.
    pub score: f64,
}

/// What was found for a mention.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How sure it is.
    pub found: Found,
    /// By what.
    pub method: Method,
    /// Which, on the day that the mention speaks of.
    pub target: Option<u32>,
    /// What that is now.
    pub now: Option<u32>,
    /// The score, where there is a likeliest one.
    pub score: Option<f64>,
    /// The next best.
    pub rival: Option<Rival>,
    /// What spoke for and against.
    pub signs: Vec<Sign>,
}

/// Answers for one mention after another.
#[derive(Debug)]
pub struct Resolver<'i> {
    pub(super) index: &'i Index,
    pub(super) settings: &'i Settings,
    decided: &'i Decided,
    today: NaiveDate,
    /// What each name has in common with the one that is looked for; zero between mentions.
    pub(super) common: Vec<f32>,
    pub(super) touched: Vec<u32>,
    /// Words that a word may be, remembered.
    pub(super) meant: HashMap<String, Vec<(u32, f64)>>,
}

/// One that may be meant.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) target: u32,
    pub(super) points: f64,
    pub(super) signs: super::score::Signs,
}

impl<'i> Resolver<'i> {
    /// With these limits and decisions, on this day.
    pub fn new(index: &'i Index, settings: &'i Settings, decided: &'i Decided, today: NaiveDate) -> Self {
        let common = vec![0.0; index.names.len()];
        Self { index, settings, decided, today, common, touched: Vec::new(), meant: HashMap::new() }
    }

    /// Which one is meant.
    pub fn resolve(&mut self, mention: &Mention) -> Outcome {
        let kind = mention.wants.unwrap_or(Kind::Organisation);
        let judged = self.decided.on(mention);
        let mut barred = Vec::new();
        let mut gone = false;
        for judgement in judged {
            match judgement {
                Judgement::Is(id) => match self.index.find(kind, id) {
                    Some(at) => return self.decided(mention, kind, at),
                    None => gone = true,
                },
                Judgement::IsNot(id) => barred.extend(self.index.find(kind, id)),
            }
        }
        let mut outcome = self.undecided(mention, kind, &barred);
        if gone {
            outcome.signs.push(Sign::Gone);
            if matches!(outcome.found, Found::Likely | Found::Nothing) {
                outcome.found = Found::Doubtful;
            }
        } else if !barred.is_empty() {
            outcome.signs.push(Sign::Decided);
        }
        outcome
    }

    fn undecided(&mut self, mention: &Mention, kind: Kind, barred: &[u32]) -> Outcome {
        if let Some(id) = &mention.id {
            let exact = self.index.find(kind, id).map(|at| (at, Method::Key));
            let folded = || self.index.find_folded(id).filter(|_| kind == Kind::Unit).map(|at| (at, Method::Case));
            if let Some((at, method)) = exact.or_else(folded).filter(|(at, _)| !barred.contains(at)) {
                return self.by_key(mention, kind, at, method, barred);
            }
            if kind == Kind::Organisation && crate::keys::is_pseudonym(id) {
                return nothing(vec![Sign::Person]);
            }
            // The unit itself may not be there, and what has replaced it may.
            if let Led::To(new) = self.index.successions.forward(kind, id, mention.day)
                && let Some(at) = self.index.find(kind, &new).filter(|at| !barred.contains(at))
            {
                return self.certain(kind, at, Method::Successor, vec![Sign::Key, Sign::Replaced]);
            }
        }
        let candidates = self.candidates(mention, kind, barred);
        self.judge(mention, kind, &candidates)
    }

    fn by_key(&mut self, mention: &Mention, kind: Kind, at: u32, method: Method, barred: &[u32]) -> Outcome {
        let mut signs = vec![if method == Method::Case { Sign::Case } else { Sign::Key }];
        let Some(entity) = self.index.entity(at) else { return nothing(signs) };
        if entity.person {
            signs.push(Sign::Person);
            return self.certain(kind, at, method, signs);
        }
        match self.index.successions.forward(kind, &entity.id, mention.day) {
            Led::Stayed => {}
            Led::To(new) => {
                if let Some(new) = self.index.find(kind, &new) {
                    signs.push(Sign::Replaced);
                    return self.certain(kind, new, Method::Successor, signs);
                }
            }
            Led::Divided(into) => {
                let of: Vec<u32> = into.iter().filter_map(|id| self.index.find(kind, id)).collect();
                let named = self.named(mention);
                let of = of.into_iter().map(|at| self.weigh_entity(mention, &named, at));
                let mut candidates: Vec<Candidate> = of.collect();
                order(&mut candidates);
                let mut outcome = self.judge(mention, kind, &candidates);
                outcome.method = Method::Successor;
                outcome.signs.insert(0, Sign::Divided);
                if let (Found::Nothing, Some(first)) = (outcome.found, candidates.first()) {
                    outcome.found = Found::Doubtful;
                    outcome.target = Some(first.target);
                    outcome.now = self.now(kind, first.target);
                }
                return outcome;
            }
        }
        let own = self.weigh_entity(mention, &self.named(mention), at);
        if own.signs.name.is_some_and(|name| name.share < self.settings.contradiction) {
            signs.push(Sign::NameDiffers);
            let mut others = self.candidates(mention, kind, barred);
            others.retain(|other| other.target != at);
            let judged = self.judge(mention, kind, &others);
            // The name says another, as surely as if there were no key: one of the two is a slip.
            if judged.found == Found::Likely {
                signs.push(Sign::Close);
                let rival = judged.target.zip(judged.score).map(|(target, score)| Rival { target, score });
                let score = Some(score(own.points));
                let now = self.now(kind, at);
                return Outcome { found: Found::Doubtful, method, target: Some(at), now, score, rival, signs };
            }
        }
        if own.signs.not_then {
            signs.push(Sign::NotThen);
        }
        self.certain(kind, at, method, signs)
    }

    fn certain(&self, kind: Kind, at: u32, method: Method, signs: Vec<Sign>) -> Outcome {
        let now = self.now(kind, at);
        Outcome { found: Found::Exact, method, target: Some(at), now, score: Some(1.0), rival: None, signs }
    }

    fn decided(&self, mention: &Mention, kind: Kind, at: u32) -> Outcome {
        let id = self.index.entity(at).map_or("", |entity| entity.id.as_str());
        let led = self.index.successions.forward(kind, id, mention.day);
        let new = if let Led::To(new) = led { self.index.find(kind, &new) } else { None };
        let (target, mut signs) = (new.unwrap_or(at), vec![Sign::Decided]);
        signs.extend(new.map(|_| Sign::Replaced));
        Outcome {
            found: Found::Decided,
            method: Method::Decision,
            target: Some(target),
            now: self.now(kind, target),
            score: None,
            rival: None,
            signs,
        }
    }

    /// What the likeliest come to, the likeliest first.
    fn judge(&self, mention: &Mention, kind: Kind, candidates: &[Candidate]) -> Outcome {
        let Some(first) = candidates.first() else { return nothing(Vec::new()) };
        // What replaced it, or what it replaced, is no other.
        let rival = candidates.iter().skip(1).find(|other| !self.related(kind, first.target, other.target));
        let mut signs = Sign::of(&first.signs);
        let (best, settings) = (score(first.points), self.settings);
        let ahead = rival.is_none_or(|rival| first.points - rival.points >= settings.lead);
        // Places and slips of numbers make nobody certain: something must say what it is called.
        let named = first.signs.name.is_some_and(|name| name.share >= settings.named);
        let found = match best {
            best if best >= settings.upper && ahead && named => Found::Likely,
            best if best >= settings.lower => Found::Doubtful,
            _ => Found::Nothing,
        };
        if found == Found::Doubtful && !ahead {
            signs.push(Sign::Close);
        }
        if found == Found::Nothing && mention.guess {
            return nothing(Vec::new());
        }
        let target = (found != Found::Nothing).then_some(first.target);
        Outcome {
            found,
            method: Method::Score,
            target,
            now: target.and_then(|target| self.now(kind, target)),
            score: Some(best),
            rival: rival.map(|rival| Rival { target: rival.target, score: score(rival.points) }),
            signs,
        }
    }

    fn related(&self, kind: Kind, one: u32, other: u32) -> bool {
        let (Some(one), Some(other)) = (self.index.entity(one), self.index.entity(other)) else { return false };
        let before = |a: &str, b: &str| self.index.successions.before(kind, a).iter().any(|id| id == b);
        before(&one.id, &other.id) || before(&other.id, &one.id)
    }

    /// What it is today.
    fn now(&self, kind: Kind, at: u32) -> Option<u32> {
        let entity = self.index.entity(at)?;
        match self.index.successions.forward(kind, &entity.id, self.today) {
            Led::To(new) => self.index.find(kind, &new).or(Some(at)),
            Led::Stayed | Led::Divided(_) => Some(at),
        }
    }

    /// The few that may be meant, the likeliest first.
    pub(super) fn candidates(&mut self, mention: &Mention, kind: Kind, barred: &[u32]) -> Vec<Candidate> {
        let mut found: HashMap<u32, Candidate> = HashMap::new();
        let mut keep = |candidate: Candidate| match found.get_mut(&candidate.target) {
            Some(known) if known.points >= candidate.points => {}
            Some(known) => *known = candidate,
            None => drop(found.insert(candidate.target, candidate)),
        };
        let named = self.named(mention);
        for name in self.alike(mention, kind, &named) {
            if let Some(candidate) = self.weigh(mention, &named, name) {
                keep(candidate);
            }
        }
        for at in self.near_keys(mention, kind) {
            keep(self.weigh_entity(mention, &named, at));
        }
        let mut all: Vec<Candidate> = found.into_values().collect();
        all.retain(|candidate| !barred.contains(&candidate.target) && self.stands(mention, kind, candidate.target));
        order(&mut all);
        all
    }

    /// Whether it had not been replaced by then: what replaced it has its names.
    fn stands(&self, mention: &Mention, kind: Kind, at: u32) -> bool {
        let Some(entity) = self.index.entity(at) else { return false };
        match self.index.successions.forward(kind, &entity.id, mention.day) {
            Led::To(new) => self.index.find(kind, &new).is_none(),
            Led::Stayed | Led::Divided(_) => true,
        }
    }

    /// Entities whose key, or whose provider's number, is one slip away, or whose provider is the same.
    fn near_keys(&self, mention: &Mention, kind: Kind) -> Vec<u32> {
        const FEW: usize = 16;
        let mut found = Vec::new();
        let number = match kind {
            Kind::Organisation => mention.id.as_deref().or(mention.number.as_deref()),
            Kind::Unit => mention.number.as_deref().or_else(|| mention.id.as_deref().and_then(prefix)),
        };
        let near = number.map(neighbours).unwrap_or_default();
        match kind {
            Kind::Organisation => {
                found.extend(mention.number.as_ref().and_then(|number| self.index.find(kind, number)));
                found.extend(near.iter().filter_map(|number| self.index.find(kind, number)));
            }
            Kind::Unit => {
                let slips = mention.id.as_deref().map(id_neighbours).unwrap_or_default();
                let slips =
                    slips.iter().filter_map(|id| self.index.find(kind, id).or_else(|| self.index.find_folded(id)));
                found.extend(slips);
                let providers = number.into_iter().chain(near.iter().map(String::as_str));
                found.extend(providers.map(|n| self.index.units_of(n)).filter(|units| units.len() <= FEW).flatten());
            }
        }
        found.retain(|at| self.index.entity(*at).is_some_and(|entity| !entity.person));
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn candidate(&self, target: u32, signs: super::score::Signs) -> Candidate {
        Candidate { target, points: points(&signs, &self.settings.weights), signs }
    }
}

fn order(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.points.total_cmp(&a.points).then(a.target.cmp(&b.target)));
}

fn nothing(signs: Vec<Sign>) -> Outcome {
    Outcome { found: Found::Nothing, method: Method::Score, target: None, now: None, score: None, rival: None, signs }
}
