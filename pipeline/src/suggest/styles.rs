//! One contract database under the names that different houses would give it: how often the drafts are right,
//! by style. The words are the katalog's; what is done to them is what people do to words in databases.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Field, Schema};
use sluss_schemas::code::CodeIndex;
use sluss_schemas::region;
use sluss_schemas::synonym::fold;
use sluss_schemas::table::Tables;

use super::*;

/// Right of what is drafted, and drafted of what there is, over all styles.
const FLOOR: (f64, f64) = (0.87, 0.9);
const ROWS: usize = 24;

/// A column: the national columns that it is right for, its words in Swedish and in English, its value in a row.
struct Made(&'static [&'static str], &'static str, &'static str, fn(usize) -> String);

/// A table: its name in both languages, its prefix, and its columns.
struct Table(&'static str, &'static str, &'static str, Vec<Made>);

fn organisation(row: usize) -> String {
    let digits = format!("5599{:05}", 100 + row * 37);
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(at, b)| u32::from(b - b'0') * if at % 2 == 0 { 2 } else { 1 })
        .map(|n| n / 10 + n % 10)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

fn day(year: usize, row: usize) -> String {
    format!("{:04}-{:02}-{:02}", year, row % 12 + 1, row % 27 + 1)
}

fn of<const N: usize>(list: [&str; N], row: usize) -> String {
    list[row % N].to_owned()
}

#[expect(clippy::too_many_lines, reason = "a table of data")]
fn world() -> Vec<Table> {
    let supplier = |row: usize| (700 + row % 9).to_string();
    vec![
        Table(
            "avtal",
            "contract",
            "AV",
            vec![
                Made(&["avtal.avtals_id", "uppdrag.avtals_id", "tjanst.avtals_id"], "id", "id", |r| {
                    (4000 + r).to_string()
                }),
                Made(
                    &[
                        "avtal.avtals_id",
                        "uppdrag.avtals_id",
                        "tjanst.avtals_id",
                        "avtal.diarienummer",
                        "kontakt.agare_id",
                    ],
                    "avtal nummer",
                    "contract number",
                    |r| format!("RS {}-{:03}", 2020 + r % 5, r),
                ),
                Made(&["avtal.titel"], "rubrik", "title", |r| {
                    format!("{} i område {r}", of(["Höftprotes", "Ögon", "Hud"], r))
                }),
                Made(&["avtal.typ", "avtal.upphandlingsform"], "avtal typ", "contract type", |r| {
                    of(["Ramavtal", "Vårdavtal", "Överenskommelse"], r)
                }),
                Made(&[], "leverantör id", "supplier id", supplier),
                Made(
                    &["avtal.bestallare_orgnr", "uppdrag.bestallare_orgnr"],
                    "beställare organisationsnummer",
                    "buyer orgnr",
                    |r| organisation(90 + r % 2),
                ),
                Made(&["avtal.giltig_fran", "uppdrag.giltig_fran"], "giltig från", "valid from", |r| day(2022, r)),
                Made(&["avtal.giltig_till", "uppdrag.giltig_till"], "giltig till", "valid to", |r| {
                    if r % 5 == 0 { "9999-12-31".into() } else { day(2027, r) }
                }),
                Made(&["avtal.option"], "förlängning", "extension", |r| of(["12 månader", "24 månader", ""], r)),
                Made(&["avtal.dokument", "avtal.webbadress"], "länk", "link", |r| {
                    format!("https://avtal.example/{r}")
                }),
                Made(&["kontakt.telefon"], "kontakt telefon", "contact phone", |r| format!("08-465 00{r:02}0")),
                Made(&["kontakt.epost"], "kontakt epost", "contact email", |r| format!("avtal{r}@region.example")),
                Made(&[], "anteckning", "notes", |r| format!("Se ärendet {r}, återkom")),
                Made(&[], "makulerad", "deleted", |r| if r == 3 { "J".into() } else { "N".into() }),
            ],
        ),
        Table(
            "leverantör",
            "supplier",
            "LV",
            vec![
                Made(&[], "id", "id", |r| (700 + r).to_string()),
                Made(
                    &["avtal.leverantor_orgnr", "uppdrag.utforare_orgnr"],
                    "organisationsnummer",
                    "orgnr",
                    organisation,
                ),
                Made(&["avtal.leverantor_namn", "uppdrag.utforare_namn"], "namn", "name", |r| {
                    format!("Exempelvård {r} AB")
                }),
            ],
        ),
        Table(
            "tjänst",
            "service",
            "TJ",
            vec![
                Made(&["tjanst.tjanst_id", "villkor.tjanst_id", "malgrupp.tjanst_id"], "id", "id", |r| {
                    (90_000 + r).to_string()
                }),
                Made(
                    &["tjanst.avtals_id", "villkor.avtals_id", "malgrupp.avtals_id"],
                    "avtal id",
                    "contract id",
                    |r| (4000 + r / 2).to_string(),
                ),
                Made(&["tjanst.enhet"], "hsa id", "hsa id", |r| format!("SE2321000206-E{r:03}")),
                Made(&["tjanst.kva"], "åtgärd kod", "procedure code", |r| {
                    of(["CJE20", "NGB49", "JAB30", "CJC00", "NFB49"], r)
                }),
                Made(&["tjanst.icd"], "diagnos kod", "diagnosis code", |r| of(["H25.1", "M17.1", "", "K40.9"], r)),
                Made(&["tjanst.beskrivning"], "beskrivning", "description", |r| {
                    format!("{} med uppföljning", of(["Gråstarr", "Knäprotes", "Bråck"], r))
                }),
                Made(&["tjanst.motesform"], "mötesform", "meeting type", |r| {
                    of(["Fysiskt besök", "Video", "Telefon"], r)
                }),
                Made(
                    &["tjanst.giltig_fran", "villkor.giltig_fran", "malgrupp.giltig_fran"],
                    "start datum",
                    "start date",
                    |r| day(2023, r),
                ),
                Made(
                    &["tjanst.giltig_till", "villkor.giltig_till", "malgrupp.giltig_till"],
                    "slut datum",
                    "end date",
                    |r| day(2026, r),
                ),
                Made(&["malgrupp.varde_min"], "ålder min", "age min", |r| of(["18", "", "65"], r)),
                Made(&["malgrupp.varde_max"], "ålder max", "age max", |r| of(["64", "17", ""], r)),
                Made(&["malgrupp.varde_kod", "malgrupp.beskrivning"], "kön", "gender", |r| of(["", "K", "M"], r)),
                Made(&["villkor.kod"], "remiss", "referral", |r| of(["J", "N"], r)),
                Made(&[], "pris", "price", |r| format!("{}00", r + 3)),
            ],
        ),
    ]
}

/// How a house writes words, given a table's prefix.
type Dress = fn(&[String], &str) -> String;
/// Stream, column, and the national columns that it is right for.
type Truth = Vec<(String, String, &'static [&'static str])>;

/// What a house does to words.
const STYLES: [(&str, Dress); 7] = [
    ("pascal", |words, _| words.iter().map(|word| capital(word)).collect()),
    ("snake", |words, _| words.join("_")),
    ("blanks", |words, _| capital(&words.join(" "))),
    ("clipped", |words, _| words.iter().map(|w| w.chars().take(4).collect::<String>()).collect::<Vec<_>>().join("_")),
    ("consonants", |words, _| words.iter().map(|word| consonants(word)).collect::<Vec<_>>().join("_")),
    ("capitals", |words, prefix| format!("{prefix}_{}", words.join("_").to_uppercase())),
    ("english", |words, _| words.join("_")),
];

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn consonants(word: &str) -> String {
    if word.len() < 5 {
        return word.to_owned();
    }
    let mut letters: Vec<char> =
        word.chars().enumerate().filter(|(at, c)| *at == 0 || !"aeiouy".contains(*c)).map(|(_, c)| c).collect();
    letters.dedup();
    letters.into_iter().take(5).collect()
}

/// The samples of a style, and which national columns each source column is right for.
fn dressed(style: &str, dress: Dress) -> (Vec<Sample>, Truth) {
    let (mut samples, mut truth) = (Vec::new(), Vec::new());
    let english = style == "english";
    for Table(swedish, other, prefix, columns) in world() {
        let words = |text: &str| {
            let plain = if style == "blanks" { text.to_owned() } else { fold(text) };
            plain.split(' ').map(str::to_owned).collect::<Vec<_>>()
        };
        let table = if style == "capitals" {
            format!("TB_{}", fold(swedish).to_uppercase())
        } else {
            dress(&words(if english { other } else { swedish }), prefix)
        };
        let rows = if swedish == "leverantör" { 9 } else { ROWS };
        let (mut fields, mut arrays) = (Vec::new(), Vec::<ArrayRef>::new());
        for Made(right, sv, en, value) in columns {
            let name = dress(&words(if english { en } else { sv }), prefix);
            fields.push(Field::new(&name, DataType::Utf8View, true));
            arrays.push(Arc::new(StringViewArray::from_iter_values((0..rows).map(value))));
            truth.push((table.clone(), name, right));
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
        samples.push(Sample { name: table, rows: vec![batch], unread: 0 });
    }
    (samples, truth)
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "shares of small counts")]
fn one_database_is_understood_under_many_names() {
    let (tables, codes) = (Tables::national(), CodeIndex::default());
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    for (style, dress) in STYLES {
        let (samples, truth) = dressed(style, dress);
        let ground = Ground {
            tables: &tables,
            codes: &codes,
            owner: region::by_lanskod("22"),
            joinable: true,
            quote: Quote::Double,
        };
        let proposal = draft(&samples, ground);
        let (mut found, mut notes) = (std::collections::BTreeSet::new(), Vec::new());
        let (before_right, before_wrong, before_missed) = (right, wrong, missed);
        for table in proposal.jobs.iter().flat_map(|job| &job.tables) {
            for pair in table.pairs.iter().filter(|pair| pair.taken && pair.column != "lanskod") {
                let national = format!("{}.{}", table.table, pair.column);
                // Where two tables have a column of the name, the query calls it by its table too.
                let source = pair.source.strip_prefix(&format!("{}_", pair.stream)).unwrap_or(&pair.source);
                let is = truth.iter().any(|(stream, name, list)| {
                    *stream == pair.stream
                        && (name == source || *name == pair.source)
                        && list.contains(&national.as_str())
                });
                if is {
                    right += 1;
                } else {
                    wrong += 1;
                    notes.push(format!("wrong:  {national} from {}.{}", pair.stream, pair.source));
                }
                found.insert(national);
            }
        }
        let optional = [
            "avtal.diarienummer",
            "avtal.upphandlingsform",
            "avtal.webbadress",
            "malgrupp.beskrivning",
            "kontakt.agare_id",
        ];
        let all: std::collections::BTreeSet<&str> = truth.iter().flat_map(|(.., list)| list.iter().copied()).collect();
        for national in all.into_iter().filter(|national| !found.contains(*national) && !optional.contains(national)) {
            missed += 1;
            notes.push(format!("missed: {national}"));
        }
        println!(
            "styles: {style:10} {:3} right {:3} wrong {:3} missed",
            right - before_right,
            wrong - before_wrong,
            missed - before_missed
        );
        for note in &notes {
            println!("    {note}");
        }
    }
    let share = |rest: usize| right as f64 / (right + rest).max(1) as f64;
    let (precision, recall) = (share(wrong), share(missed));
    println!("styles: precision {precision:.3}, recall {recall:.3}");
    assert!(precision >= FLOOR.0 && recall >= FLOOR.1, "precision {precision:.3}, recall {recall:.3}");
}
