//! Who may hand in: by token or by client certificate, for one region each.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::job::{Push, PushCertificate};
use sluss_schemas::message::Message;
use sluss_schemas::region;
use sluss_schemas::say;
use sluss_schemas::secret::Secrets;
use sluss_schemas::table::Tables;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::names::Names;

/// A token that is shorter could be guessed.
const SHORTEST: usize = 24;

/// The länskod of those who read about the whole country.
const NATIONAL: &str = "00";

/// One who hands in, or reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sender {
    /// Its name in the configuration.
    pub(super) name: String,
    pub(super) lanskod: String,
    /// None: all tables.
    tables: Vec<String>,
}

impl Sender {
    /// Whether it may hand in that table.
    pub(super) fn may(&self, table: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|known| known == table)
    }

    /// The tables that it has to do with; none named: all.
    pub(super) fn tables(&self) -> &[String] {
        &self.tables
    }

    /// Whether it follows the whole country, and hands in for none.
    pub(super) fn is_national(&self) -> bool {
        self.lanskod == NATIONAL
    }
}

/// Everybody who may hand in.
pub(super) struct Senders {
    tokens: Vec<Token>,
    certificates: Vec<(PushCertificate, usize)>,
    all: Vec<Sender>,
}

struct Token {
    hash: [u8; 32],
    expires: NaiveDate,
    sender: u32,
}

/// Why nobody is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stranger {
    /// Nothing was shown.
    Nothing,
    /// A token, or a certificate, that is nobody's.
    Unknown,
    /// A token that was good until that day.
    Expired(NaiveDate),
}

impl Senders {
    /// From the configuration; every name in it is looked up now.
    pub(super) fn new(push: &Push, secrets: &dyn Secrets, tables: &Tables) -> Result<Self> {
        let mut senders = Self { tokens: Vec::new(), certificates: Vec::new(), all: Vec::new() };
        for token in &push.token {
            let place = format!("[[push.token]] {}", token.name);
            let hash = match (&token.sha256, &token.secret) {
                (Some(hash), None) => from_hex(hash).ok_or_else(|| {
                    wrong(say!("sha256 är inte 64 hexadecimala tecken", "sha256 is not 64 hexadecimal digits"), &place)
                        .hint(say!(
                            "räkna ut den med `printf %s \"$TOKEN\" | sha256sum`",
                            "compute it with `printf %s \"$TOKEN\" | sha256sum`"
                        ))
                })?,
                (None, Some(name)) => {
                    let secret = secrets.get(name).ok_or_else(|| {
                        wrong(say!("hemligheten `{name}` är inte satt", "the secret `{name}` is not set"), &place).hint(
                            say!(
                                "sätt den i miljön eller secrets.toml, eller skriv dess sha256 i stället",
                                "set it in the environment or secrets.toml, or write its sha256 instead"
                            ),
                        )
                    })?;
                    let text = secret.expose().trim();
                    if text.len() < SHORTEST {
                        return Err(wrong(
                            say!(
                                "token är kortare än {SHORTEST} tecken",
                                "the token is shorter than {SHORTEST} characters"
                            ),
                            &place,
                        )
                        .hint(say!(
                            "gör en ny med `openssl rand -hex 32`",
                            "make a new one with `openssl rand -hex 32`"
                        )));
                    }
                    hash(text)
                }
                _ => {
                    return Err(wrong(
                        say!("ange sha256 eller secret, en av dem", "give sha256 or secret, one of them"),
                        &place,
                    ));
                }
            };
            let sender = senders.add(&token.name, &token.lanskod, &token.tables, tables, &place)?;
            let sender = u32::try_from(sender).unwrap_or(u32::MAX);
            senders.tokens.push(Token { hash, expires: token.expires, sender });
        }
        for certificate in &push.certificate {
            let place = format!("[[push.certificate]] {}", certificate.name);
            if certificate.subject.is_empty() && certificate.san.is_none() {
                return Err(wrong(
                    say!("certifikatet säger inte vems det är", "the certificate does not say whose it is"),
                    &place,
                )
                .hint(say!(
                    "skriv `subject = {{ CN = \"…\" }}` eller `san = \"…\"`",
                    "write `subject = {{ CN = \"…\" }}` or `san = \"…\"`"
                )));
            }
            let c = certificate;
            let sender = senders.add(&c.name, &c.lanskod, &c.tables, tables, &place)?;
            senders.certificates.push((certificate.clone(), sender));
        }
        Ok(senders)
    }

    fn add(&mut self, name: &str, lanskod: &str, allowed: &[String], tables: &Tables, place: &str) -> Result<usize> {
        if self.all.iter().any(|known| known.name == name) {
            return Err(wrong(say!("två avsändare heter `{name}`", "two senders are called `{name}`"), place));
        }
        if region::by_lanskod(lanskod).is_none() && lanskod != NATIONAL {
            return Err(wrong(say!("`{lanskod}` är ingen länskod", "`{lanskod}` is no länskod"), place));
        }
        if let Some(table) = allowed.iter().find(|table| tables.get(table).is_none()) {
            return Err(wrong(say!("det finns ingen tabell `{table}`", "there is no table `{table}`"), place));
        }
        self.all.push(Sender { name: name.into(), lanskod: lanskod.into(), tables: allowed.to_vec() });
        Ok(self.all.len() - 1)
    }

    /// Everybody.
    pub(super) fn all(&self) -> &[Sender] {
        &self.all
    }

    /// Whether anybody is known by a certificate.
    pub(super) fn wants_certificates(&self) -> bool {
        !self.certificates.is_empty()
    }

    /// Whose token that is. Every token is compared, each in the same time, so that the answer's time
    /// tells nothing of them.
    pub(super) fn by_token(&self, token: &str, today: NaiveDate) -> std::result::Result<&Sender, Stranger> {
        let shown = hash(token);
        let mut found = Choice::from(0);
        let mut place = 0_u32;
        for (i, known) in self.tokens.iter().enumerate() {
            let same = known.hash.ct_eq(&shown);
            place.conditional_assign(&u32::try_from(i).unwrap_or(u32::MAX), same);
            found |= same;
        }
        if !bool::from(found) {
            return Err(Stranger::Unknown);
        }
        let token = self.tokens.get(place as usize).ok_or(Stranger::Unknown)?;
        if token.expires < today {
            return Err(Stranger::Expired(token.expires));
        }
        self.all.get(token.sender as usize).ok_or(Stranger::Unknown)
    }

    /// Whose certificate that is.
    pub(super) fn by_certificate(&self, names: &Names) -> std::result::Result<&Sender, Stranger> {
        let is = |wanted: &PushCertificate| {
            let subject = wanted.subject.iter().all(|(attribute, value)| {
                names.subject.iter().any(|(a, v)| a.eq_ignore_ascii_case(attribute) && v == value)
            });
            subject && wanted.san.iter().all(|san| names.alternative.contains(san))
        };
        let found = self.certificates.iter().find(|(wanted, _)| is(wanted));
        found.and_then(|(_, sender)| self.all.get(*sender)).ok_or(Stranger::Unknown)
    }
}

impl Stranger {
    /// What the stranger is told.
    pub(super) fn told(self) -> Message {
        match self {
            Self::Nothing => {
                say!("anropet visar varken token eller certifikat", "the request shows neither token nor certificate")
            }
            Self::Unknown => say!("token eller certifikat är ingens", "the token or certificate is nobody's"),
            Self::Expired(day) => say!("token gällde till och med {day}", "the token was good until {day}"),
        }
    }
}

fn wrong(what: Message, place: &str) -> PipelineError {
    PipelineError::configuration(what).at(format!("sluss.toml, {place}"))
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(out)
}

/// As lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sluss_pipeline::job::PushToken;
    use sluss_schemas::secret::Secret;

    use super::*;

    struct One;

    impl Secrets for One {
        fn get(&self, name: &str) -> Option<Secret> {
            (name == "nyckel").then(|| Secret::new("en-hemlig-token-som-ar-lang-nog".into()))
        }
    }

    fn token(name: &str, sha256: Option<&str>, secret: Option<&str>) -> PushToken {
        PushToken {
            name: name.into(),
            sha256: sha256.map(str::to_owned),
            secret: secret.map(str::to_owned),
            lanskod: "22".into(),
            tables: vec!["avtal".into()],
            expires: NaiveDate::from_ymd_opt(2026, 12, 31).unwrap(),
        }
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 12, day).unwrap()
    }

    #[test]
    fn a_token_is_its_senders_until_its_last_day() {
        let hashed = hex(&hash("en-annan-token-som-ar-lang-nog"));
        let push =
            Push { token: vec![token("a", None, Some("nyckel")), token("b", Some(&hashed), None)], ..Push::default() };
        let senders = Senders::new(&push, &One, &Tables::national()).unwrap();
        let by = |text: &str, on| senders.by_token(text, day(on)).map(|sender| sender.name.clone());
        assert_eq!(by("en-hemlig-token-som-ar-lang-nog", 31).unwrap(), "a");
        assert_eq!(by("en-annan-token-som-ar-lang-nog", 1).unwrap(), "b");
        assert_eq!(by("en-annan-token-som-ar-lang-no", 1), Err(Stranger::Unknown));
        let late = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
        assert_eq!(senders.by_token("en-annan-token-som-ar-lang-nog", late), Err(Stranger::Expired(day(31))));
        assert!(senders.all[0].may("avtal") && !senders.all[0].may("uppdrag"));
    }

    #[test]
    fn what_cannot_be_right_is_refused_at_the_start() {
        let refuse = |token: PushToken| {
            let push = Push { token: vec![token], ..Push::default() };
            Senders::new(&push, &One, &Tables::national()).err().unwrap().to_string()
        };
        assert!(refuse(token("a", None, None)).contains("one of them"));
        assert!(refuse(token("a", Some("abc"), None)).contains("64"));
        assert!(refuse(token("a", None, Some("saknas"))).contains("saknas"));
        assert!(refuse(PushToken { lanskod: "99".into(), ..token("a", None, Some("nyckel")) }).contains("länskod"));
        assert!(refuse(PushToken { tables: vec!["x".into()], ..token("a", None, Some("nyckel")) }).contains("`x`"));
    }

    #[test]
    fn every_name_of_a_certificate_must_be_there() {
        let wanted = PushCertificate {
            name: "c".into(),
            subject: BTreeMap::from([("CN".into(), "avtal.exempel.se".into()), ("O".into(), "Region Exempel".into())]),
            san: Some("avtal.exempel.se".into()),
            lanskod: "14".into(),
            tables: Vec::new(),
        };
        let push = Push { certificate: vec![wanted], ..Push::default() };
        let senders = Senders::new(&push, &One, &Tables::national()).unwrap();
        let mut names = Names {
            subject: vec![("CN".into(), "avtal.exempel.se".into()), ("O".into(), "Region Exempel".into())],
            alternative: vec!["avtal.exempel.se".into()],
        };
        assert_eq!(senders.by_certificate(&names).unwrap().lanskod, "14");
        names.subject.pop();
        assert_eq!(senders.by_certificate(&names), Err(Stranger::Unknown));
    }
}
