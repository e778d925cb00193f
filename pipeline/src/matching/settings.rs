//! `[matching]`: where the limits lie and what each sign is worth.

use schemars::JsonSchema;
use serde::Deserialize;

/// `[matching]`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// From this score on, 0 to 1, a match is taken as probable, where it leads clearly.
    pub upper: f64,
    /// From this score on a match waits for a person; below it there is none.
    pub lower: f64,
    /// How many points the best must be ahead of the next.
    pub lead: f64,
    /// Names that agree less than this make nobody certain, whatever else agrees: a clinic is not its neighbour.
    pub named: f64,
    /// A name that agrees less than this with what the exact key points at speaks against the key.
    pub contradiction: f64,
    /// How many names at most are compared closely with one that is looked for.
    pub candidates: usize,
    /// A word that more names have than this points nobody out by itself: only together with a place.
    pub common: usize,
    /// What each sign is worth, in points.
    pub weights: Weights,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            upper: 0.9,
            lower: 0.30,
            lead: 2.0,
            named: 0.75,
            contradiction: 0.25,
            candidates: 32,
            common: 500,
            weights: Weights::default(),
        }
    }
}

/// `[matching.weights]`: points, the natural logarithm of how much likelier a sign is where it is the same
/// than where it is another. They are added to `base`; the sum becomes a score from 0 to 1.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// What everything begins with: that it is the same is unlikely until something says so.
    pub base: f64,
    /// Names that agree wholly, in words rare enough to point one out.
    pub name: f64,
    /// Names without a word in common (taken away).
    pub name_differs: f64,
    /// The share of agreement that says nothing either way.
    pub name_neutral: f64,
    /// The name is an earlier one, or that of what it replaced (taken away).
    pub earlier_name: f64,
    /// The name is that of one of the organisation's units (taken away).
    pub unit_name: f64,
    /// The organisation number is the same.
    pub number: f64,
    /// The number has one digit wrong, or two neighbours swapped.
    pub number_slip: f64,
    /// The number is another, and a right one (taken away).
    pub number_other: f64,
    /// The HSA-id has one character wrong, or two neighbours swapped.
    pub id_slip: f64,
    /// The same kommun or town.
    pub place: f64,
    /// A kommun or town where it was earlier.
    pub earlier_place: f64,
    /// Another kommun or town (taken away).
    pub place_other: f64,
    /// The same county; half for an organisation, which may work anywhere.
    pub county: f64,
    /// Another county (taken away); half for an organisation.
    pub county_other: f64,
    /// It had ended, or had not begun, on the day in question (taken away).
    pub not_then: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            base: -6.0,
            name: 9.0,
            name_differs: 6.0,
            name_neutral: 0.55,
            earlier_name: 0.5,
            unit_name: 1.0,
            number: 4.0,
            number_slip: 6.0,
            number_other: 4.5,
            id_slip: 4.0,
            place: 3.0,
            earlier_place: 2.0,
            place_other: 4.5,
            county: 1.0,
            county_other: 2.0,
            not_then: 1.0,
        }
    }
}
