//! The words that say why: the same for people, in the table and in SQL. No value of any row stands in them.

use super::score::{County, Number, Place, Signs, Whose};

/// A sign that spoke for or against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// The key is the same.
    Key,
    /// The key is the same but for its letters' case.
    Case,
    /// It has been replaced by what is given.
    Replaced,
    /// It was divided into several.
    Divided,
    /// It was not there on the day.
    NotThen,
    /// It is a person: by its key alone.
    Person,
    /// The names agree.
    Name,
    /// The names agree partly.
    NamePartly,
    /// The names do not agree.
    NameDiffers,
    /// The name is an earlier one.
    EarlierName,
    /// The name is that of one of its units.
    UnitName,
    /// The organisation number is the same.
    Number,
    /// The number is one slip away.
    NumberSlip,
    /// The number is another.
    NumberOther,
    /// The HSA-id is one slip away.
    IdSlip,
    /// The same kommun or town.
    Place,
    /// It was there earlier.
    EarlierPlace,
    /// Another kommun or town.
    PlaceOther,
    /// The same county.
    County,
    /// Another county.
    CountyOther,
    /// Another is nearly as likely.
    Close,
    /// A person has decided it.
    Decided,
    /// What a person decided on is no longer there.
    Gone,
}

impl Sign {
    /// As the table has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "nyckel",
            Self::Case => "skiftlage",
            Self::Replaced => "ersatt",
            Self::Divided => "delad",
            Self::NotThen => "inte_da",
            Self::Person => "enskild",
            Self::Name => "namn",
            Self::NamePartly => "namn_delvis",
            Self::NameDiffers => "namn_skiljer",
            Self::EarlierName => "tidigare_namn",
            Self::UnitName => "enhetens_namn",
            Self::Number => "orgnr",
            Self::NumberSlip => "orgnr_en_siffra",
            Self::NumberOther => "annat_orgnr",
            Self::IdSlip => "hsa_id_en_siffra",
            Self::Place => "ort",
            Self::EarlierPlace => "tidigare_ort",
            Self::PlaceOther => "annan_ort",
            Self::County => "lan",
            Self::CountyOther => "annat_lan",
            Self::Close => "jamnt",
            Self::Decided => "beslut",
            Self::Gone => "beslut_utan_mal",
        }
    }

    /// What spoke, of these signs.
    pub fn of(signs: &Signs) -> Vec<Self> {
        let mut all = Vec::new();
        if let Some(name) = signs.name {
            all.push(match name.share {
                share if share >= 0.9 => Self::Name,
                share if share >= 0.55 => Self::NamePartly,
                _ => Self::NameDiffers,
            });
            match name.whose {
                Whose::Own => {}
                Whose::Earlier => all.push(Self::EarlierName),
                Whose::Units => all.push(Self::UnitName),
            }
        }
        match signs.number {
            Number::Unknown => {}
            Number::Same => all.push(Self::Number),
            Number::Slip => all.push(Self::NumberSlip),
            Number::Other => all.push(Self::NumberOther),
        }
        if signs.id_slip {
            all.push(Self::IdSlip);
        }
        match signs.place {
            Place::Unknown => {}
            Place::Same => all.push(Self::Place),
            Place::Earlier => all.push(Self::EarlierPlace),
            Place::Other => all.push(Self::PlaceOther),
        }
        match signs.county {
            County::Unknown => {}
            County::Same => all.push(Self::County),
            County::Other => all.push(Self::CountyOther),
        }
        if signs.not_then {
            all.push(Self::NotThen);
        }
        all
    }
}
