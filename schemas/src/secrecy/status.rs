//! From what a region says of a contract, and what the agency has decided, to the contract's status.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ground::Ground;

/// What holds for a contract, and for all that hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Open columns may leave.
    #[serde(rename = "oppen")]
    Open,
    /// Nobody has decided yet: it is kept as if it were secret.
    #[serde(rename = "provas")]
    Undecided,
    /// Secret, perhaps until a day.
    #[serde(rename = "hemlig")]
    Secret,
    /// Its region has decided not to register it.
    #[serde(rename = "undantagen")]
    Withheld,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Undecided, Self::Secret, Self::Withheld];

    /// Its name in the register and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "oppen",
            Self::Undecided => "provas",
            Self::Secret => "hemlig",
            Self::Withheld => "undantagen",
        }
    }

    /// The status with a name. A name that nobody knows is as secret as can be.
    pub fn read(name: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.name() == name).unwrap_or(Self::Withheld)
    }
}

/// What the region says: the column `sekretess`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing at all.
    Nothing,
    /// `ingen`.
    Open,
    /// `delvis`.
    Partly,
    /// `sekretess`.
    Secret,
    /// `ej_provad`.
    Untested,
    /// `registreras_ej`.
    Refused,
}

impl Said {
    /// What a cell says. A word that no rule knows would have been rejected: it is as good as secret.
    pub fn read(cell: Option<&str>) -> Self {
        match cell {
            None => Self::Nothing,
            Some("ingen") => Self::Open,
            Some("delvis") => Self::Partly,
            Some("ej_provad") => Self::Untested,
            Some("registreras_ej") => Self::Refused,
            Some(_) => Self::Secret,
        }
    }
}

/// What the region has delivered of a contract's secrecy.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The column `sekretess`.
    pub said: Said,
    /// The ground that it names; OSL 31:16 where it names none.
    pub ground: Ground,
    /// The first open day that it names.
    pub until: Option<NaiveDate>,
    /// The day on which the contract was entered.
    pub signed: Option<NaiveDate>,
}

impl Answer {
    /// The first day on which the region's secrecy no longer holds: the day that it names, but no later
    /// than the law allows. None: no day is known.
    pub fn ends(&self) -> Option<NaiveDate> {
        match (self.until, self.ground.ends(self.signed)) {
            (Some(until), Some(limit)) => Some(until.min(limit)),
            (until, limit) => until.or(limit),
        }
    }
}

/// What the agency can decide of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is open.
    Oppen,
    /// It is being tested.
    Provas,
    /// It is secret.
    Hemlig,
}

impl Verdict {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oppen => "oppen",
            Self::Provas => "provas",
            Self::Hemlig => "hemlig",
        }
    }
}

/// What of a decision decides.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    /// What was decided.
    pub verdict: Verdict,
    /// The first open day.
    pub until: Option<NaiveDate>,
}

/// A decision of the agency on a contract, as the register keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The contract's region.
    pub lanskod: String,
    /// Its id there.
    pub avtals_id: String,
    /// What was decided.
    pub status: Verdict,
    /// Law and section.
    #[serde(rename = "grund")]
    pub ground: Option<String>,
    /// The first open day.
    #[serde(rename = "till")]
    pub until: Option<NaiveDate>,
    /// The decision's file number.
    #[serde(rename = "beslut")]
    pub file_number: Option<String>,
    /// The day of the decision.
    #[serde(rename = "beslutad")]
    pub decided: NaiveDate,
    /// Who decided.
    #[serde(rename = "beslutad_av")]
    pub by: String,
    /// When the register came to know of it.
    #[serde(rename = "reg_fran")]
    pub recorded: Option<chrono::DateTime<chrono::Utc>>,
    /// Until when it held that this was the decision.
    #[serde(rename = "reg_till")]
    pub superseded: Option<chrono::DateTime<chrono::Utc>>,
}

/// What an answer that is no decision means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OwnTest {
    /// The contract is open until somebody decides otherwise.
    Open,
    /// Nothing of it leaves until somebody has decided.
    Decide,
}

/// What becomes of a contract that its region calls secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretContracts {
    /// It is registered, and leaves nowhere while the secrecy lasts.
    #[default]
    Register,
    /// As if the region had said `registreras_ej`: nothing of it is kept but a count.
    Withhold,
}

/// `[secrecy]`: what the law leaves to those who apply it. Every default keeps back what somebody has
/// asked to be kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Whether the secrecy of OSL 31:16 comes along to the agency (OSL 31:18), and ends there when it ends
    /// at the region. For the agency's lawyer. `false`: it does not come along, and a contract that its
    /// region calls secret waits for the agency's own test under OSL 25:17 b.
    pub carried_over: bool,
    /// A contract of which its region has said nothing. Both sections presume openness (secrecy holds *if*
    /// harm can be assumed), so the default is `open`: terms of class *skyddad* never leave anyway, and a
    /// national picture needs the contracts of regions that have no such column.
    pub unanswered: OwnTest,
    /// A contract that its region has not tested (`ej_provad`), and says so.
    pub untested: OwnTest,
    /// A contract that is secret in part (`delvis`): which part, its region does not say.
    pub partly: OwnTest,
    /// A contract that its region calls open, or whose secrecy has ended there. OSL 25:17 b has no rule of
    /// two years: `decide` lets every contract wait for the agency's test.
    pub open_at_region: OwnTest,
    /// A contract that its region calls secret (`sekretess`).
    pub secret_contracts: SecretContracts,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            carried_over: true,
            unanswered: OwnTest::Open,
            untested: OwnTest::Decide,
            partly: OwnTest::Decide,
            open_at_region: OwnTest::Open,
            secret_contracts: SecretContracts::Register,
        }
    }
}

impl OwnTest {
    /// The status that it gives.
    pub const fn status(self) -> Status {
        match self {
            Self::Open => Status::Open,
            Self::Decide => Status::Undecided,
        }
    }
}

impl Rules {
    /// Whether a row with this in its column `sekretess` is not to be registered at all.
    pub fn refuses(&self, said: Said) -> bool {
        said == Said::Refused || (said == Said::Secret && self.secret_contracts == SecretContracts::Withhold)
    }

    /// A contract's status on a day: the agency's decision where there is one, else what its region says.
    /// A region's refusal goes before both.
    pub fn status(&self, answer: &Answer, decided: Option<Decided>, today: NaiveDate) -> Status {
        if answer.said == Said::Refused {
            return Status::Withheld;
        }
        if let Some(decided) = decided {
            return match decided.verdict {
                Verdict::Oppen => Status::Open,
                Verdict::Provas => Status::Undecided,
                Verdict::Hemlig if decided.until.is_some_and(|until| until <= today) => Status::Open,
                Verdict::Hemlig => Status::Secret,
            };
        }
        let lasts = answer.ends().is_none_or(|end| end > today);
        match answer.said {
            Said::Secret if lasts && self.carried_over => Status::Secret,
            Said::Secret if lasts => Status::Undecided,
            Said::Partly if lasts => self.partly.status(),
            Said::Untested => self.untested.status(),
            Said::Nothing => self.unanswered.status(),
            Said::Open | Said::Partly | Said::Secret | Said::Refused => self.open_at_region.status(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn secret(until: Option<&str>, signed: Option<&str>) -> Answer {
        let (until, signed) = (until.map(day), signed.map(day));
        Answer { said: Said::Secret, ground: Ground::Region, until, signed }
    }

    #[test]
    fn the_regions_secrecy_ends_by_law_and_a_person_decides_where_no_day_is_known() {
        let rules = Rules::default();
        let on = |answer: &Answer, today: &str| rules.status(answer, None, day(today));
        // The day that the region names is capped by the signing date.
        let capped = secret(Some("2030-01-01"), Some("2024-03-01"));
        assert_eq!(on(&capped, "2026-03-01"), Status::Secret);
        assert_eq!(on(&capped, "2026-03-02"), Status::Open);
        let earlier = secret(Some("2025-01-01"), Some("2024-03-01"));
        assert_eq!(on(&earlier, "2025-01-01"), Status::Open);
        assert_eq!(on(&secret(None, None), "2090-01-01"), Status::Secret);
    }

    #[test]
    fn the_agencys_test_goes_before_the_regions_word_but_not_before_its_refusal() {
        let rules = Rules::default();
        let (open, today) = (Answer { said: Said::Open, ..secret(None, None) }, day("2026-11-22"));
        let decided = |verdict, until: Option<&str>| Some(Decided { verdict, until: until.map(day) });
        assert_eq!(rules.status(&open, decided(Verdict::Hemlig, None), today), Status::Secret);
        assert_eq!(rules.status(&open, decided(Verdict::Hemlig, Some("2026-11-22")), today), Status::Open);
        assert_eq!(rules.status(&open, decided(Verdict::Hemlig, Some("2026-11-23")), today), Status::Secret);
        assert_eq!(rules.status(&open, decided(Verdict::Provas, None), today), Status::Undecided);
        assert_eq!(rules.status(&secret(None, None), decided(Verdict::Oppen, None), today), Status::Open);
        let refused = Answer { said: Said::Refused, ..open };
        assert_eq!(rules.status(&refused, decided(Verdict::Oppen, None), today), Status::Withheld);
    }

    #[test]
    fn silence_is_open_and_doubt_is_not() {
        let (rules, today) = (Rules::default(), day("2026-11-22"));
        let on = |rules: Rules, said| rules.status(&Answer { said, ..secret(None, None) }, None, today);
        assert_eq!(on(rules, Said::Nothing), Status::Open);
        assert_eq!(on(rules, Said::Untested), Status::Undecided);
        assert_eq!(on(rules, Said::Partly), Status::Undecided);
        assert_eq!(on(Rules { carried_over: false, ..rules }, Said::Secret), Status::Undecided);
        assert_eq!(on(Rules { open_at_region: OwnTest::Decide, ..rules }, Said::Open), Status::Undecided);
        assert!(!rules.refuses(Said::Secret) && rules.refuses(Said::Refused));
        assert!(Rules { secret_contracts: SecretContracts::Withhold, ..rules }.refuses(Said::Secret));
    }
}
