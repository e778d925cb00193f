//! The guard's figures: of numbers planted in 1,000 places, how many are found; of values that are
//! nobody's number, how many are taken for one. The texts that the rules were tuned on and those that
//! they are judged by have different seeds.

#![expect(clippy::string_slice, reason = "texts of digits that are made here")]

use std::collections::BTreeMap;

use super::made_up::MadeUp;
use super::{Column, contains, find, joined};

/// Seeds of the two halves.
const TUNING: u64 = 20_261;
const JUDGING: u64 = 7_754_113;

/// Places in which a number can be planted: 1,000 for the figure.
const PLACES: usize = 1_000;

const BEFORE: [&str; 14] = [
    "",
    "Pnr: ",
    "Samtal med ",
    "(född ",
    "pat ",
    "Ring ",
    "se journal för ",
    "\"",
    "Avser: ",
    "kontakt=",
    "åäö ",
    "Patienten\t",
    "remiss 2024-03-01, ",
    "tel 031-342 68 01, ",
];
const AFTER: [&str; 12] = [
    "",
    ".",
    " om avtalet",
    ")",
    ", ringde 2025-01-07",
    "\"",
    ";",
    "\n",
    " och anhörig",
    " tel 070-123 45 67",
    "!",
    "/AB",
];
const WORDS: [&str; 8] = ["pat", "Patient", "journal", "avtal", "och", "från", "bilaga", "ringde"];

/// A number in one of its notations.
fn notation(r: &mut MadeUp, century: u64, ten: &str) -> (&'static str, String) {
    let (date, number) = ten.split_at(6);
    let (y, m, d) = (&date[..2], &date[2..4], &date[4..]);
    let wide = |text: &str| -> String {
        text.chars().map(|c| c.to_digit(10).map_or(c, |d| char::from_u32(0xff10 + d).unwrap())).collect()
    };
    let long = r.below(2) == 0;
    let dated = if long { format!("{century}{date}") } else { date.to_owned() };
    let dash = r.one(&["\u{2013}", "\u{2010}", "\u{2011}", "\u{2212}", "\u{2014}"]);
    match r.below(16) {
        0 => ("ten digits", ten.to_owned()),
        1 => ("twelve digits", format!("{century}{ten}")),
        2 | 3 => ("hyphen", format!("{dated}-{number}")),
        4 => ("plus", format!("{dated}+{number}")),
        5 => ("another dash", format!("{dated}{dash}{number}")),
        6 => ("hyphen and blanks", format!("{dated}{}{number}", r.one(&[" - ", "- ", " -", " \u{2013} "]))),
        7 => ("blank", format!("{dated}{}{number}", r.one(&[" ", "\u{a0}", "\u{202f}"]))),
        8 => ("points", format!("{century}{date}.{number}")),
        9 => ("date written out", format!("{century}{y}{s}{m}{s}{d}-{number}", s = r.one(&["-", ".", "/"]))),
        10 => ("short date written out", format!("{y}{s}{m}{s}{d}-{number}", s = r.one(&["-", ".", " "]))),
        11 => ("full-width digits", wide(&format!("{dated}-{number}"))),
        12 => ("full-width, no hyphen", wide(&format!("{century}{ten}"))),
        13 => ("invisible characters", format!("{date}{}{number}", r.one(&["\u{ad}", "-\u{200b}", "\u{feff}-"]))),
        14 => ("entity or percent code", format!("{dated}{}{number}", r.one(&["%2D", "&#45;", "&ndash;", "&nbsp;"]))),
        _ => {
            let spaced = |text: &str| text.chars().map(String::from).collect::<Vec<_>>().join(" ");
            ("letter-spaced", format!("{} - {}", spaced(date), spaced(number)))
        }
    }
}

/// A text with a number in it: what kind of place, and the text (and the next cell's).
fn planted(r: &mut MadeUp) -> (&'static str, String, Option<String>) {
    let (century, ten) = r.number();
    let (date, number) = ten.split_at(6);
    let (kind, form) = notation(r, century, &ten);
    let (before, after) = (r.one(&BEFORE), r.one(&AFTER));
    let (w1, w2) = (r.one(&WORDS), r.one(&WORDS));
    match r.below(14) {
        0..=5 => (kind, format!("{before}{form}{after}"), None),
        6 => ("alone in its cell", form, None),
        7 => ("file name", format!("{w1}_{date}-{number}.pdf"), None),
        8 => (
            "file name, no hyphen",
            format!("{w1}{}{century}{ten}{}", r.one(&["_", "-", " "]), r.one(&[".pdf", "_2.xlsx", " (1).csv"])),
            None,
        ),
        9 => ("glued to words", format!("{w1}{date}-{number}{w2}"), None),
        10 => ("glued, twelve digits", format!("{w1}{century}{ten}{w2}"), None),
        11 => ("HSA-id", format!("SE{ten}-{}", r.one(&["1001", "A00000000001", "E000000000123"])), None),
        12 => {
            let whole = if r.below(2) == 0 { format!("{century}{date}-{number}") } else { format!("{date}-{number}") };
            let at = 2 + usize::try_from(r.below(whole.len() as u64 - 3)).unwrap();
            let (a, b) = whole.split_at(at);
            ("split over lines", format!("{w1} {a}{}{b} {w2}", r.one(&["\n", "\r\n", "\n   "])), None)
        }
        _ => {
            let (a, b) = if r.below(2) == 0 {
                (format!("{w1} {w2} {date}-"), format!("{number} {w1}"))
            } else {
                (format!("{w1} {w2} {century}{date}"), format!("-{number} {w1}"))
            };
            ("split over cells", a, Some(b))
        }
    }
}

fn found(seed: u64, places: usize) -> (usize, BTreeMap<&'static str, (usize, usize)>) {
    let mut r = MadeUp(seed);
    let mut kinds: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for _ in 0..places {
        let (kind, text, next) = planted(&mut r);
        let is_seen = next.map_or_else(|| contains(&text), |next| joined(&text, &next));
        let (all, hit) = kinds.entry(kind).or_default();
        *all += 1;
        *hit += usize::from(is_seen);
    }
    (kinds.values().map(|(_, hit)| hit).sum(), kinds)
}

#[test]
fn planted_in_a_thousand_places() {
    for (half, seed) in [("tuning", TUNING), ("judging", JUDGING)] {
        let (hits, kinds) = found(seed, PLACES);
        println!("{half}: {hits} of {PLACES} found");
        for (kind, (all, hit)) in kinds.iter().filter(|(_, (all, hit))| all != hit) {
            println!("  {kind}: {hit} of {all}");
        }
        assert!(hits * 100 >= PLACES * 99, "{half}: {hits}");
    }
    // The same question asked often enough to tell the kinds apart.
    let (hits, kinds) = found(JUDGING + 1, 100 * PLACES);
    println!("of {}: {hits}", 100 * PLACES);
    for (kind, (all, hit)) in &kinds {
        println!("  {kind}: {hit} of {all}");
        assert!(hit * 100 >= all * 90, "{kind}: {hit} of {all}");
    }
    assert!(hits * 100 >= 100 * PLACES * 99, "{hits}");
}

/// A column of values that are nobody's number: its heading, and a cell.
fn harmless(r: &mut MadeUp, kind: usize) -> (&'static str, &'static str, String) {
    let month = 1 + r.below(12);
    let day = 1 + r.below(28);
    let (hour, minute, second) = (r.below(24), r.below(60), r.below(60));
    let year = 2019 + r.below(8);
    let zone = r.one(&["08", "031", "040", "0411", "0498", "0611", "090", "0240"]);
    let body = r.digits(10 - zone.len());
    let org = loop {
        let ten = r.with_check(10);
        if ten.starts_with(['2', '5', '7', '8', '9']) && ten.as_bytes()[2] >= b'2' {
            break ten;
        }
    };
    let (o1, o2) = org.split_at(6);
    match kind {
        0 => ("organisation number", "orgnr", org),
        1 => ("organisation number, hyphen", "orgnr", format!("{o1}-{o2}")),
        2 => ("organisation number with 16", "utforare", format!("16{org}")),
        3 => ("VAT number", "momsnr", format!("SE{org}01")),
        4 => ("telephone, under its heading", "Telefon", format!("{zone}{body}")),
        5 => ("telephone, no heading", "nummer", format!("{zone}{body}")),
        6 => ("telephone, hyphen", "v3", format!("{zone}-{} {} {}", &body[..2], &body[2..4], &body[4..])),
        7 => ("mobile", "v4", format!("07{}", r.digits(8))),
        8 => ("telephone, international", "v5", format!("+46 {} {} {}", &zone[1..], &body[..3], &body[3..])),
        9 => ("telephone in prose", "text", format!("Ring oss på tel {zone}{body} vardagar 8-16")),
        10 => ("diary number", "diarienr", format!("{} {year}-{}", r.one(&["HSN", "RS", "VGR", "LK/"]), r.digits(5))),
        11 => ("diary number in prose", "text", format!("Beslut {year}/{}-{} fattat", r.digits(4), r.digits(1))),
        12 => ("bill with check digit", "fakturanummer", r.with_check(10)),
        13 => ("bill, no heading", "nr", r.with_check(10)),
        14 => (
            "bill in prose",
            "text",
            format!("OCR {} betalas till bg {}-{}", r.with_check(10), r.digits(4), r.digits(4)),
        ),
        15 => ("GTIN-13", "gtin", r.with_check(13)),
        16 => ("GTIN-12", "artikel", r.with_check(12)),
        17 => ("postgiro", "pg", format!("{} {} {}-{}", r.digits(2), r.digits(2), r.digits(2), r.digits(1))),
        18 => ("bankgiro", "bg", format!("{}-{}", r.digits(4), r.digits(4))),
        19 => ("bank account", "konto", format!("{}-{},{}", r.digits(4), r.digits(1), r.digits(10))),
        20 => ("date and time", "skapad", format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")),
        21 => ("date and time, no colon", "skapad", format!("{year}-{month:02}-{day:02} {hour:02}{minute:02}")),
        22 => ("timestamp", "skapad", format!("{year}{month:02}{day:02}{hour:02}{minute:02}{second:02}")),
        23 => (
            "file with a date",
            "fil",
            format!("avtal_{:02}{month:02}{day:02}-{hour:02}{minute:02}.csv", 20 + year % 7),
        ),
        24 => ("period", "period", format!("{year}-{month:02}-{day:02} - {}-{month:02}-{day:02}", year + 2)),
        25 => ("contract id", "avtals_id", format!("{}-{}", r.digits(7), r.digits(3))),
        26 => ("contract id, letters", "avtals_id", format!("{}{}-{year}", r.one(&["SN", "AB", "RV"]), r.digits(3))),
        27 => ("contract id, letters behind", "avtals_id", format!("{}-A{}", r.digits(6), r.digits(3))),
        28 => (
            "SWEREF 99",
            "koordinater",
            format!(
                "{}.{}, {}.{}",
                6_100_000 + r.below(1_500_000),
                r.digits(3),
                250_000 + r.below(650_000),
                r.digits(4)
            ),
        ),
        29 => ("easting, four decimals", "e", format!("{}.{}", 250_000 + r.below(650_000), r.digits(4))),
        30 => ("WGS 84", "lat", format!("{}.{}", 55 + r.below(14), r.digits(10))),
        31 => (
            "WGS 84, a pair",
            "plats",
            format!("{}.{},{}.{}", 55 + r.below(14), r.digits(6), 11 + r.below(13), r.digits(6)),
        ),
        32 => ("amount", "belopp", format!("{}.{}", r.digits(10), r.digits(2))),
        33 => ("row of figures", "text", format!("{} {} {}", r.digits(6), r.digits(4), r.digits(6))),
        34 => (
            "UUID",
            "id",
            format!("{}-{}-4{}-a{}-{}", r.digits(8), r.digits(4), r.digits(3), r.digits(3), r.digits(12)),
        ),
        35 => ("HSA-id", "hsaid", format!("SE{org}-E{}", r.digits(12))),
        36 => ("SNOMED CT", "sctid", format!("{}1000052{}", r.digits(6), r.digits(3))),
        _ => ("letters and digits", "kod", format!("{}{}", r.one(&["A", "K", "DNR", "x"]), r.digits(10))),
    }
}

/// Kinds of harmless values.
const KINDS: usize = 38;

/// False alarms among `columns` columns of each kind with `rows` cells: cell by cell in its column, in the
/// columns' own counts, and by the cell alone.
fn alarms(seed: u64, columns: u64, rows: u64) -> [BTreeMap<&'static str, u64>; 3] {
    let mut r = MadeUp(seed);
    let (mut in_column, mut counted, mut alone) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for kind in 0..KINDS {
        for _ in 0..columns {
            let mut column: Option<Column> = None;
            let (mut forms, mut name) = (Vec::new(), "");
            for _ in 0..rows {
                let (kind, heading, text) = harmless(&mut r, kind);
                name = kind;
                *alone.entry(name).or_insert(0) += u64::from(contains(&text));
                forms.extend(column.get_or_insert_with(|| Column::named(heading)).look(&text, 1));
            }
            let column = column.unwrap_or_default();
            let held = forms.into_iter().filter(|form| column.holds(*form)).count() as u64;
            *in_column.entry(name).or_insert(0) += held;
            *counted.entry(name).or_insert(0) += column.persons();
        }
    }
    [in_column, counted, alone]
}

fn sum(alarms: &BTreeMap<&str, u64>) -> u64 {
    alarms.values().sum()
}

#[test]
fn what_is_nobodys_number_is_left_alone() {
    for (half, seed) in [("tuning", TUNING), ("judging", JUDGING)] {
        // Twenty columns of a thousand cells of each kind; smaller ones, where there is less to judge by.
        for (columns, rows) in [(20, 1_000), (40, 100), (100, 20)] {
            let all = KINDS as u64 * columns * rows;
            let [in_column, counted, alone] = alarms(seed, columns, rows);
            println!(
                "{half}, columns of {rows}: of {all} cells {} each in its column ({:.3} %), {} in the columns' counts, \
                 {} by the cell alone",
                sum(&in_column),
                100.0 * f64::from(u32::try_from(sum(&in_column)).unwrap()) / f64::from(u32::try_from(all).unwrap()),
                sum(&counted),
                sum(&alone)
            );
            for (kind, alarms) in alone.iter().filter(|(kind, alarms)| **alarms > 0 || in_column[**kind] > 0) {
                println!("  {kind}: {} in columns, {alarms} by the cell alone", in_column[kind]);
            }
            assert!(rows < 1_000 || sum(&in_column) * 1000 <= all, "{half}: {in_column:?}");
            assert!(rows < 1_000 || counted.values().all(|alarms| *alarms <= 20), "{half}: {counted:?}");
            // A number of ten bare digits with a check digit, and no word near, is taken for a person's where
            // nothing else is known.
            let bare = |kind: &str| {
                kind.starts_with("bill") || matches!(kind, "telephone, under its heading" | "telephone, no heading")
            };
            let other: u64 = alone.iter().filter(|(kind, _)| !bare(kind)).map(|(_, alarms)| alarms).sum();
            assert!(other * 1000 <= all, "{half}: {alone:?}");
        }
    }
}

/// A column of remarks, in which stands every kind of thing that is nobody's number, and one that is: whether
/// that one is found, and how many of the others are taken for one.
fn remarks(r: &mut MadeUp, rows: usize) -> (bool, u64) {
    let (_, plant, next) = planted(r);
    let mut column = Column::named("anmarkning");
    let mut held = Vec::new();
    for _ in 1..rows {
        let kind = usize::try_from(r.below(KINDS as u64)).unwrap();
        held.extend(column.look(&harmless(r, kind).2, 1));
    }
    let form = column.look(&plant, 1);
    // What goes on in the next cell is looked for there.
    let seen = form.is_some_and(|form| column.holds(form)) || next.is_some_and(|next| joined(&plant, &next));
    (seen, held.into_iter().filter(|form| column.holds(*form)).count() as u64)
}

#[test]
fn one_among_many_remarks_is_found() {
    for (half, seed) in [("tuning", TUNING), ("judging", JUDGING)] {
        for rows in [20, 200] {
            let mut r = MadeUp(seed);
            let (mut found, mut alarms) = (0, 0);
            for _ in 0..PLACES {
                let (seen, taken) = remarks(&mut r, rows);
                found += usize::from(seen);
                alarms += taken;
            }
            println!("{half}, remarks of {rows} rows: {found} of {PLACES} found, {alarms} others of {}", PLACES * rows);
            assert!(found * 100 >= PLACES * 98, "{half}: {found}");
        }
    }
}

#[test]
fn persons_among_telephones_are_more_than_chance() {
    let mut r = MadeUp(JUDGING);
    let (mut column, mut persons) = (Column::named("v1"), 0);
    for n in 0..400 {
        let person = n % 20 == 0;
        persons += u64::from(person);
        column.look(&if person { r.number().1 } else { harmless(&mut r, 5).2 }, 1);
    }
    assert!(column.persons() >= persons, "{} of {persons}", column.persons());
}

#[test]
fn a_column_of_persons_is_known_as_one() {
    let mut r = MadeUp(JUDGING);
    let mut bare = Column::named("nummer");
    let mut integers = Column::named("nummer");
    let mut traders = Column::named("orgnr");
    let mut young = 0;
    for _ in 0..1_000 {
        let (_, ten) = r.number();
        bare.look(&ten, 1);
        let value: i128 = ten.parse().unwrap();
        young += u64::from(value < 10_000_000);
        integers.look_number(value);
        traders.look(&if r.below(50) == 0 { ten } else { format!("55{}{}", 6 + r.below(3), r.digits(7)) }, 1);
    }
    println!("bare {}, as integers {}, sole traders {}", bare.persons(), integers.persons(), traders.persons());
    assert!(bare.persons() >= 970 && integers.persons() + young >= 970 && traders.persons() >= 10);
}

#[test]
fn the_number_itself_is_what_is_marked() {
    for text in ["ring ８１１２１８-９８７６ nu", "x 811218%2D9876.pdf", "pat 8112\n18-9876 ok", "811218\u{ad}9876"]
    {
        let marked: Vec<_> = find(text).map(|range| &text[range]).collect();
        assert_eq!(marked.len(), 1, "{text}");
        assert!(text.contains(marked[0]) && !super::contains(&super::mask(text)), "{text}");
    }
}
