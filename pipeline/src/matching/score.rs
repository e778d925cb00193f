//! From signs to points, and from points to a score: pure arithmetic, the same for every row.

use super::settings::Weights;

/// What a place says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nothing is known of one of them.
    #[default]
    Unknown,
    /// The same kommun or town.
    Same,
    /// Where it was earlier.
    Earlier,
    /// Another.
    Other,
}

/// What a county says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum County {
    /// Nothing is known of one of them.
    #[default]
    Unknown,
    /// The same.
    Same,
    /// Another.
    Other,
}

/// What an organisation number says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Number {
    /// One of them is missing, or is no number.
    #[default]
    Unknown,
    /// The same.
    Same,
    /// One slip away.
    Slip,
    /// Another, with a right check digit.
    Other,
}

/// Whose name it is that was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Its own now.
    #[default]
    Own,
    /// An earlier one, or that of what it replaced.
    Earlier,
    /// One of the organisation's units'.
    Units,
}

/// Everything that speaks for or against two being the same.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signs {
    /// How much the names agree; none where one has none.
    pub name: Option<Name>,
    /// Organisation numbers.
    pub number: Number,
    /// How far the number points one out, 0 to 1: a provider may have many units.
    pub number_rare: f64,
    /// The HSA-id is one slip away.
    pub id_slip: bool,
    /// Kommun and town.
    pub place: Place,
    /// County.
    pub county: County,
    /// A county says half as much of an organisation.
    pub anywhere: bool,
    /// It was not there on the day in question.
    pub not_then: bool,
}

/// How much names agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Name {
    /// The share of the words, 0 to 1.
    pub share: f64,
    /// How far the words in common point one out among all, 0 to 1.
    pub rare: f64,
    /// Whose name.
    pub whose: Whose,
}

/// The sum of all signs.
pub fn points(signs: &Signs, weights: &Weights) -> f64 {
    let mut sum = weights.base;
    if let Some(name) = signs.name {
        let neutral = weights.name_neutral.clamp(0.01, 0.99);
        sum += if name.share >= neutral {
            weights.name * (name.share - neutral) / (1.0 - neutral) * name.rare
        } else {
            weights.name_differs * (name.share / neutral - 1.0)
        };
        sum -= match name.whose {
            Whose::Own => 0.0,
            Whose::Earlier => weights.earlier_name,
            Whose::Units => weights.unit_name,
        };
    }
    sum += match signs.number {
        Number::Unknown => 0.0,
        Number::Same => weights.number * signs.number_rare,
        Number::Slip => weights.number_slip,
        Number::Other => -weights.number_other,
    };
    if signs.id_slip {
        sum += weights.id_slip;
    }
    sum += match signs.place {
        Place::Unknown => 0.0,
        Place::Same => weights.place,
        Place::Earlier => weights.earlier_place,
        Place::Other => -weights.place_other,
    };
    let reach = if signs.anywhere { 0.5 } else { 1.0 };
    sum += reach
        * match signs.county {
            County::Unknown => 0.0,
            County::Same => weights.county,
            County::Other => -weights.county_other,
        };
    if signs.not_then {
        sum -= weights.not_then;
    }
    sum
}

/// Points as a score from 0 to 1.
pub fn score(points: f64) -> f64 {
    1.0 / (1.0 + (-points).exp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signs() -> impl Strategy<Value = Signs> {
        let name = prop::option::of((0.0..=1.0, 0.0..=1.0, 0..3_u8).prop_map(|(share, rare, whose)| Name {
            share,
            rare,
            whose: [Whose::Own, Whose::Earlier, Whose::Units][usize::from(whose)],
        }));
        (name, 0..4_u8, any::<bool>(), 0..4_u8, 0..3_u8, any::<bool>(), any::<bool>()).prop_map(
            |(name, number, id_slip, place, county, anywhere, not_then)| Signs {
                name,
                number: [Number::Other, Number::Unknown, Number::Same, Number::Slip][usize::from(number)],
                number_rare: 0.5,
                id_slip,
                place: [Place::Other, Place::Unknown, Place::Earlier, Place::Same][usize::from(place)],
                county: [County::Other, County::Unknown, County::Same][usize::from(county)],
                anywhere,
                not_then,
            },
        )
    }

    proptest! {
        #[test]
        fn what_speaks_for_it_never_lowers_the_score(signs in signs(), better in 0.0..=1.0_f64) {
            let weights = Weights::default();
            let before = points(&signs, &weights);
            let more = |change: &dyn Fn(&mut Signs)| {
                let mut other = signs;
                change(&mut other);
                points(&other, &weights)
            };
            let better: [f64; 8] = [
                more(&|s| s.name = s.name.map(|n| Name { share: n.share.max(better), ..n })),
                more(&|s| s.name = s.name.map(|n| Name { rare: n.rare.max(better), ..n })),
                more(&|s| s.name = s.name.map(|n| Name { whose: Whose::Own, ..n })),
                more(&|s| s.place = Place::Same),
                more(&|s| s.county = County::Same),
                more(&|s| s.id_slip = true),
                more(&|s| s.not_then = false),
                more(&|s| s.number = if s.number == Number::Other { Number::Unknown } else { s.number }),
            ];
            prop_assert!(better.iter().all(|points| *points >= before - 1e-9));
            let same = score(before);
            prop_assert!((0.0..=1.0).contains(&same));
            prop_assert!(score(before + 1.0) >= same);
        }
    }
}
