//! The national functions of mapping SQL (DESIGN §3).
//!
//! Each reads text into a typed value and never guesses silently: what it repaired or could not
//! read is noted by source row ([`Notes`]), what means *nothing* becomes null.

mod arguments;
mod scribe;

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringViewArray,
    StringViewBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Date32Type, Field, FieldRef, TimeUnit, UInt64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use sluss_schemas::identifier::{code, gln, hsa_id, icd10, kva, lanskod, orgnr, postnummer, sctid, telefon};
use sluss_schemas::reading::Reading;
use sluss_schemas::value::{
    adress, alder_grupp, datum, decimal, heltal, ja_nej, klockslag, koordinat, manad, tidpunkt, vantetidsintervall,
    vecka,
};

use self::arguments::{day_argument, literal, scale_of, sha, text_argument, typed_argument};
use self::scribe::{Binding, Scribe, optional, part};
use super::notes::Notes;

/// What functions look up outside the cell: crosswalks and keyed hashes.
pub trait Lookups: Send + Sync {
    /// The national code for a source's own word in the crosswalk `name`.
    fn crosswalk(&self, name: &str, word: &str) -> Option<String>;
    /// Whether there is a crosswalk called `name`.
    fn has_crosswalk(&self, name: &str) -> bool;
    /// Keyed hash of `text` for `purpose`: the same text gives the same pseudonym within one key version.
    fn pseudonym(&self, purpose: &str, text: &str) -> String;
}

/// One national function's reference entry.
#[derive(Clone, Copy, Debug)]
pub struct FunctionDoc {
    /// Name and arguments as one writes them.
    pub usage: &'static str,
    /// What it gives, in Swedish.
    pub sv: &'static str,
}

/// How a function reads its text. The second argument, where it takes one, is a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Datum,
    Vecka,
    Manad,
    Tidpunkt,
    Decimal,
    Heltal,
    JaNej,
    Orgnr,
    HsaId,
    Lanskod,
    Kva,
    Icd10,
    Snomed,
    Gln,
    Kodtext,
    Telefon,
    Postnummer,
    AdressRad,
    AdressPostnummer,
    AdressOrt,
    Aldersgrupp,
    Vantetidsintervall,
    SwerefN,
    SwerefE,
    Latitud,
    Longitud,
    Oppettid,
    Kod,
    Sha,
    Pseudonym,
}

/// Every function in reading order: name, kind, reference entry.
const ALL: &[(&str, Kind, FunctionDoc)] = &[
    (
        "datum",
        Kind::Datum,
        FunctionDoc {
            usage: "datum(text[, 'ÅÅÅÅMMDD'])",
            sv: "Datum ur alla svenska skrivsätt; *tills vidare*, 9999-12-31 och 0 blir tomt. Med format läses bara det.",
        },
    ),
    (
        "vecka",
        Kind::Vecka,
        FunctionDoc {
            usage: "vecka(text)",
            sv: "Veckans måndag ur 2026-W05, 2026v05, v 5 2026. Sista veckan: `vecka(…) + INTERVAL '7 day'`.",
        },
    ),
    ("manad", Kind::Manad, FunctionDoc { usage: "manad(datum)", sv: "Månaden som ÅÅÅÅ-MM ur ett datum." }),
    ("tidpunkt", Kind::Tidpunkt, FunctionDoc { usage: "tidpunkt(text)", sv: "Tidpunkt (datum och klockslag)." }),
    (
        "decimal",
        Kind::Decimal,
        FunctionDoc {
            usage: "decimal(text[, antal decimaler])",
            sv: "Decimaltal med svenskt komma och tusentalsmellanrum.",
        },
    ),
    ("heltal", Kind::Heltal, FunctionDoc { usage: "heltal(text)", sv: "Heltal." }),
    (
        "ja_nej",
        Kind::JaNej,
        FunctionDoc { usage: "ja_nej(text)", sv: "Sant eller falskt ur ja/nej, j/n, 1/0, sant/falskt, x." },
    ),
    ("orgnr", Kind::Orgnr, FunctionDoc { usage: "orgnr(text)", sv: "Organisationsnummer, tio siffror, kontrollerat." }),
    ("hsa_id", Kind::HsaId, FunctionDoc { usage: "hsa_id(text)", sv: "HSA-id, kontrollerat." }),
    (
        "lanskod",
        Kind::Lanskod,
        FunctionDoc {
            usage: "lanskod(text[, 'skr'])",
            sv: "Länskod ur namn, länskod, NUTS, Kolada eller organisationsnummer; med 'skr' ur SKR:s regionkod.",
        },
    ),
    ("kva", Kind::Kva, FunctionDoc { usage: "kva(text)", sv: "KVÅ-kod i rätt form." }),
    ("icd10", Kind::Icd10, FunctionDoc { usage: "icd10(text)", sv: "ICD-10-SE-kod utan punkt." }),
    ("snomed", Kind::Snomed, FunctionDoc { usage: "snomed(text)", sv: "SNOMED CT-begrepp, kontrollerat." }),
    ("gln", Kind::Gln, FunctionDoc { usage: "gln(text)", sv: "Lokaliseringsnummer (GLN), kontrollerat." }),
    ("kodtext", Kind::Kodtext, FunctionDoc { usage: "kodtext(text)", sv: "Kod utan blanktecken runt om, versaler." }),
    ("telefon", Kind::Telefon, FunctionDoc { usage: "telefon(text)", sv: "Telefonnummer i internationell form." }),
    ("postnummer", Kind::Postnummer, FunctionDoc { usage: "postnummer(text)", sv: "Postnummer, fem siffror." }),
    (
        "adress_rad",
        Kind::AdressRad,
        FunctionDoc { usage: "adress_rad(text)", sv: "Gatuadressen ur HSA:s adress med $." },
    ),
    (
        "adress_postnummer",
        Kind::AdressPostnummer,
        FunctionDoc { usage: "adress_postnummer(text)", sv: "Postnumret ur HSA:s adress med $." },
    ),
    ("adress_ort", Kind::AdressOrt, FunctionDoc { usage: "adress_ort(text)", sv: "Orten ur HSA:s adress med $." }),
    ("aldersgrupp", Kind::Aldersgrupp, FunctionDoc { usage: "aldersgrupp(år)", sv: "Åldersgrupp ur ålder i hela år." }),
    (
        "vantetidsintervall",
        Kind::Vantetidsintervall,
        FunctionDoc {
            usage: "vantetidsintervall(dagar)",
            sv: "Intervall: 0-30, 31-60, 61-90, 91-120, 121-180, 181-365, 366+.",
        },
    ),
    ("sweref_n", Kind::SwerefN, FunctionDoc { usage: "sweref_n(rt90)", sv: "SWEREF 99 TM, norr, i meter ur RT90." }),
    ("sweref_e", Kind::SwerefE, FunctionDoc { usage: "sweref_e(rt90)", sv: "SWEREF 99 TM, öst, i meter ur RT90." }),
    ("latitud", Kind::Latitud, FunctionDoc { usage: "latitud(rt90)", sv: "WGS 84-latitud i grader ur RT90." }),
    ("longitud", Kind::Longitud, FunctionDoc { usage: "longitud(rt90)", sv: "WGS 84-longitud i grader ur RT90." }),
    (
        "oppettid",
        Kind::Oppettid,
        FunctionDoc {
            usage: "oppettid(text, 'dagar'|'fran'|'till')",
            sv: "Del av HSA:s öppettid 1-5#08:00#17:00; 24:00 är ett klockslag.",
        },
    ),
    ("kod", Kind::Kod, FunctionDoc { usage: "kod('kodmappning', text)", sv: "Nationell kod för källans eget ord." }),
    ("sha", Kind::Sha, FunctionDoc { usage: "sha(text, …)", sv: "SHA-256 av texterna, 64 hexadecimala tecken." }),
    (
        "pseudonym",
        Kind::Pseudonym,
        FunctionDoc {
            usage: "pseudonym('ändamål', text)",
            sv: "Nyckelhash: samma text ger samma pseudonym, ingen kan räkna tillbaka.",
        },
    ),
];

/// The functions' reference entries, in reading order.
pub fn docs() -> impl Iterator<Item = (&'static str, FunctionDoc)> {
    ALL.iter().map(|(name, _, doc)| (*name, *doc))
}

/// All national functions, unbound, for a session.
pub(super) fn all(lookups: &Arc<dyn Lookups>) -> Vec<ScalarUDF> {
    ALL.iter().map(|(name, kind, _)| ScalarUDF::new_from_impl(NationalFunction::new(name, *kind, lookups))).collect()
}

/// The national function called `name`, unbound.
pub(super) fn named(name: &str, lookups: &Arc<dyn Lookups>) -> Option<ScalarUDF> {
    let (name, kind, _) = ALL.iter().find(|(n, _, _)| *n == name)?;
    Some(ScalarUDF::new_from_impl(NationalFunction::new(name, *kind, lookups)))
}

/// A national function. Unbound as the user writes it; bound, it has the source row as its last argument.
#[derive(Clone)]
pub(super) struct NationalFunction {
    name: &'static str,
    kind: Kind,
    signature: Signature,
    lookups: Arc<dyn Lookups>,
    binding: Option<Binding>,
}

impl NationalFunction {
    fn new(name: &'static str, kind: Kind, lookups: &Arc<dyn Lookups>) -> Self {
        let signature = Signature::variadic_any(Volatility::Immutable);
        Self { name, kind, signature, lookups: Arc::clone(lookups), binding: None }
    }

    pub(super) fn is_bound(&self) -> bool {
        self.binding.is_some()
    }

    pub(super) fn bound(&self, column: Arc<str>, notes: Arc<Notes>) -> Self {
        Self { binding: Some(Binding { column, notes }), ..self.clone() }
    }
}

impl std::fmt::Debug for NationalFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NationalFunction").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for NationalFunction {
    fn eq(&self, other: &Self) -> bool {
        let column = |f: &Self| f.binding.as_ref().map(|b| Arc::clone(&b.column));
        self.kind == other.kind && column(self) == column(other)
    }
}

impl Eq for NationalFunction {}

impl Hash for NationalFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.binding.as_ref().map(|b| &b.column).hash(state);
    }
}

/// Digits after the point when `decimal()` is called without them.
const DEFAULT_SCALE: i8 = 2;
/// Precision of every decimal that `decimal()` gives.
const PRECISION: u8 = 38;

impl ScalarUDFImpl for NationalFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(match self.kind {
            Kind::Datum | Kind::Vecka => DataType::Date32,
            Kind::Tidpunkt => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kind::Decimal => DataType::Decimal128(PRECISION, DEFAULT_SCALE),
            Kind::Heltal => DataType::Int64,
            Kind::JaNej => DataType::Boolean,
            Kind::SwerefN | Kind::SwerefE | Kind::Latitud | Kind::Longitud => DataType::Float64,
            _ => DataType::Utf8View,
        })
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<_> = args.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        let mut data_type = self.return_type(&types)?;
        if self.kind == Kind::Decimal
            && let Some(Some(scale)) = args.scalar_arguments.get(1)
            && !self.is_row_id(1, args.arg_fields.len())
        {
            data_type = DataType::Decimal128(PRECISION, scale_of(scale)?);
        }
        Ok(Arc::new(Field::new(self.name, data_type, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let mut arrays = args.args;
        let rows = match &self.binding {
            Some(_) => match arrays.pop() {
                Some(last) => Some(last.into_array(args.number_rows)?),
                None => None,
            },
            None => None,
        };
        let rows = rows.as_ref().and_then(|r| r.as_primitive_opt::<UInt64Type>());
        let scribe = Scribe { binding: self.binding.as_ref(), rows };
        let result = self.evaluate(&arrays, args.number_rows, args.return_field.data_type(), &scribe)?;
        Ok(ColumnarValue::Array(result))
    }
}

impl NationalFunction {
    /// Whether argument `index` of `count` is the hidden source row.
    fn is_row_id(&self, index: usize, count: usize) -> bool {
        self.is_bound() && index + 1 == count
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each function: a list in reading order")]
    fn evaluate(&self, args: &[ColumnarValue], rows: usize, out: &DataType, scribe: &Scribe<'_>) -> Result<ArrayRef> {
        let option = |index: usize| args.get(index).and_then(literal);
        let first = || text_argument(self.name, args, 0, rows);
        match self.kind {
            Kind::Datum => {
                if let Some(days) = day_argument(args, rows)? {
                    return Ok(days);
                }
                let text = first()?;
                let days = match option(1) {
                    Some(format) => {
                        let format = datum::Format::parse(&format.replace('Å', "Y")).ok_or_else(|| {
                            DataFusionError::Execution(format!(
                                "datum(): okänt format {format}; skriv till exempel ÅÅÅÅ-MM-DD"
                            ))
                        })?;
                        scribe.values(&text, |t| datum::read_as(t, format))
                    }
                    None => scribe.values(&text, datum::read),
                };
                Ok(Arc::new(Date32Array::from(days)))
            }
            Kind::Vecka => Ok(Arc::new(Date32Array::from(scribe.values(&first()?, vecka::read)))),
            Kind::Manad => {
                let days = match day_argument(args, rows)? {
                    Some(typed) => typed.as_primitive::<Date32Type>().clone(),
                    None => Date32Array::from(scribe.values(&first()?, datum::read)),
                };
                Ok(Arc::new(months(&days)))
            }
            Kind::Tidpunkt => {
                if let Some(typed) = typed_argument(args, rows, out)? {
                    return Ok(typed);
                }
                let micros = scribe.values(&first()?, tidpunkt::read);
                Ok(Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC")))
            }
            Kind::Decimal => {
                let DataType::Decimal128(precision, scale) = *out else {
                    return Err(DataFusionError::Internal("decimal() has no decimal type".into()));
                };
                if let Some(typed) = typed_argument(args, rows, out)? {
                    return Ok(typed);
                }
                let values = scribe.values(&first()?, |t| decimal::read(t, scale.unsigned_abs()));
                Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale)?))
            }
            Kind::Heltal => match typed_argument(args, rows, &DataType::Int64)? {
                Some(typed) => Ok(typed),
                None => Ok(Arc::new(Int64Array::from(scribe.values(&first()?, heltal::read)))),
            },
            Kind::JaNej => match typed_argument(args, rows, &DataType::Boolean)? {
                Some(typed) => Ok(typed),
                None => Ok(Arc::new(BooleanArray::from(scribe.values(&first()?, ja_nej::read)))),
            },
            Kind::SwerefN => Ok(position(&first()?, scribe, |p| p.sweref99_n)),
            Kind::SwerefE => Ok(position(&first()?, scribe, |p| p.sweref99_e)),
            Kind::Latitud => Ok(position(&first()?, scribe, |p| p.latitude)),
            Kind::Longitud => Ok(position(&first()?, scribe, |p| p.longitude)),
            Kind::Orgnr => Ok(scribe.texts(&first()?, orgnr::read)),
            Kind::HsaId => {
                let options = hsa_id::HsaOptions::default();
                Ok(scribe.texts(&first()?, |t| hsa_id::read(t, &options)))
            }
            Kind::Lanskod => {
                let system = match option(1).as_deref() {
                    None => None,
                    Some("skr") => Some(lanskod::LanSystem::Skr),
                    Some(_) => {
                        return Err(DataFusionError::Execution(
                            "lanskod(): andra argumentet kan bara vara 'skr'".into(),
                        ));
                    }
                };
                Ok(scribe.texts(&first()?, |t| match system {
                    Some(system) => lanskod::read(t, system),
                    None => lanskod::read_any(t),
                }))
            }
            Kind::Kva => Ok(scribe.texts(&first()?, kva::read)),
            Kind::Icd10 => Ok(scribe.texts(&first()?, icd10::read)),
            Kind::Snomed => Ok(scribe.texts(&first()?, sctid::read)),
            Kind::Gln => Ok(scribe.texts(&first()?, gln::read)),
            Kind::Kodtext => Ok(scribe.texts(&first()?, code::read)),
            Kind::Telefon => Ok(scribe.texts(&first()?, telefon::read)),
            Kind::Postnummer => Ok(scribe.texts(&first()?, postnummer::read)),
            Kind::AdressRad => Ok(scribe.texts(&first()?, |t| part(adress::read(t).map(|a| a.lines.join(", "))))),
            Kind::AdressPostnummer => Ok(scribe.texts(&first()?, |t| optional(adress::read(t).map(|a| a.postal_code)))),
            Kind::AdressOrt => Ok(scribe.texts(&first()?, |t| optional(adress::read(t).map(|a| a.city)))),
            Kind::Aldersgrupp => Ok(scribe.texts(&first()?, |t| match heltal::read(t) {
                Reading::Clean(years) | Reading::Repaired(years) => match alder_grupp::of_years(years) {
                    Some(group) => Reading::Clean(Cow::Borrowed(group)),
                    None => Reading::Unreadable("felaktigt_tal"),
                },
                Reading::Empty => Reading::Empty,
                Reading::Unreadable(rule) => Reading::Unreadable(rule),
            })),
            Kind::Vantetidsintervall => Ok(scribe.texts(&first()?, |t| match heltal::read(t) {
                Reading::Clean(days) | Reading::Repaired(days) => match vantetidsintervall::of_days(days) {
                    Some(interval) => Reading::Clean(Cow::Borrowed(interval)),
                    None => Reading::Unreadable("negativ_tid"),
                },
                Reading::Empty => Reading::Empty,
                Reading::Unreadable(rule) => Reading::Unreadable(rule),
            })),
            Kind::Oppettid => {
                let which = option(1).unwrap_or_default();
                Ok(scribe.texts(&first()?, |t| {
                    part(klockslag::read_hours(t).map(|h| match which.as_str() {
                        "fran" => h.from.to_string(),
                        "till" => h.to.to_string(),
                        _ => h.days_text(),
                    }))
                }))
            }
            Kind::Kod => {
                let name = option(0).ok_or_else(|| {
                    DataFusionError::Execution(
                        "kod(): första argumentet är kodmappningens namn, inom citattecken".into(),
                    )
                })?;
                if !self.lookups.has_crosswalk(&name) {
                    return Err(DataFusionError::Execution(format!("kod(): kodmappningen {name} finns inte")));
                }
                let text = text_argument(self.name, args, 1, rows)?;
                Ok(scribe.texts(&text, |t| {
                    if t.trim().is_empty() {
                        return Reading::Empty;
                    }
                    match self.lookups.crosswalk(&name, t) {
                        Some(code) => Reading::Clean(Cow::Owned(code)),
                        None => Reading::Unreadable("okand_i_kodmappning"),
                    }
                }))
            }
            Kind::Pseudonym => {
                let purpose = option(0).ok_or_else(|| {
                    DataFusionError::Execution("pseudonym(): första argumentet är ändamålet, inom citattecken".into())
                })?;
                let text = text_argument(self.name, args, 1, rows)?;
                Ok(scribe.texts(&text, |t| {
                    if t.is_empty() {
                        Reading::Empty
                    } else {
                        Reading::Clean(Cow::Owned(self.lookups.pseudonym(&purpose, t)))
                    }
                }))
            }
            Kind::Sha => sha(self.name, args, rows),
        }
    }
}

/// The month of each day. Neighbours mostly share one.
fn months(days: &Date32Array) -> StringViewArray {
    let mut builder = StringViewBuilder::with_capacity(days.len());
    let mut last: (Option<i32>, Option<[u8; 7]>) = (None, None);
    for day in days {
        if day != last.0 {
            last = (day, day.and_then(manad::of_day));
        }
        builder.append_option(last.1.as_ref().and_then(|month| std::str::from_utf8(month).ok()));
    }
    builder.finish()
}

/// One coordinate of each RT90 position.
fn position(text: &StringViewArray, scribe: &Scribe<'_>, coordinate: impl Fn(koordinat::Position) -> f64) -> ArrayRef {
    Arc::new(Float64Array::from(scribe.values(text, |t| koordinat::read_rt90(t).map(&coordinate))))
}
