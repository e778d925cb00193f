//! What is found and what is not, case by case; and in real text.

use proptest::prelude::*;

use super::made_up::MadeUp;
use super::scan::ten_digits;
use super::*;
use crate::identifier::real;

fn notations(century: u64, ten: &str) -> Vec<String> {
    let (date, number) = ten.split_at(6);
    let mut all = vec![ten.to_owned(), format!("{century}{ten}")];
    for separator in
        ["-", "+", " - ", "- ", " -", "\u{2013}", "\u{2010}", "\u{2011}", "\u{2212}", " \u{2013} ", " ", "\u{a0}"]
    {
        all.push(format!("{date}{separator}{number}"));
        all.push(format!("{century}{date}{separator}{number}"));
    }
    all
}

#[test]
fn published_test_numbers_in_every_notation() {
    for (century, ten) in [(19, "8112189876"), (19, "7010632391")] {
        for form in notations(century, ten) {
            for text in [
                form.clone(),
                format!("Pnr: {form}."),
                format!("(född {form})"),
                format!("journal_{form}.pdf"),
                format!("åäö {form}\nnästa"),
            ] {
                let start = text.find(&form).unwrap();
                assert!(find(&text).eq(iter::once(start..start + form.len())), "{text}");
            }
        }
    }
    assert_eq!(
        mask("Avser 811218-9876 och 19701063-2391, år 2026."),
        "Avser [personnummer] och [personnummer], år 2026."
    );
    assert!(matches!(mask("inget här 2026"), Cow::Borrowed(_)));
    let born_2007 = (0..1000).map(|n| format!("0701050{n:03}")).find(|n| is_personal_number(n.as_bytes())).unwrap();
    assert!(!contains(&born_2007) && contains(&format!("pnr {born_2007}")) && contains(&format!("20{born_2007}")));
    assert!(contains("8112189876,7010632391") && find("8112189876,7010632391").count() == 2);
    assert!(contains("personnummer8112189876"));
}

#[test]
fn at_least_99_percent_of_made_up_numbers_are_found() {
    let mut made_up = MadeUp(1);
    let (mut all, mut found) = (0_u32, 0_u32);
    for _ in 0..5_000 {
        let (century, ten) = made_up.number();
        for form in notations(century, &ten) {
            for text in [form.clone(), format!("Samtal med {form} om avtalet"), format!("avtal_{form}.pdf")] {
                all += 1;
                found += u32::from(contains(&text));
            }
        }
    }
    println!("found {found} of {all}");
    assert!(found * 1000 >= all * 990, "{found} of {all}");
}

/// One random text of each kind that a file is full of and that is nobody's number.
fn lookalikes(r: &mut MadeUp) -> [(&'static str, String); 10] {
    let mut digits =
        |n: usize| -> String { (0..n).map(|_| char::from(b'0' + u8::try_from(r.below(10)).unwrap())).collect() };
    let phone = digits(7);
    let (p1, p2) = phone.split_at(3);
    let (p2a, p2b) = p2.split_at(2);
    let org = format!("2{}{}", digits(1), 2 + digits(1).parse::<u8>().unwrap() % 8) + &digits(7);
    let stamp = format!("2026{:02}{:02}", 1 + r.below(12), 1 + r.below(28));
    let (hour, minute) = (r.below(24), r.below(60));
    let hex: Vec<String> = [8, 4, 4, 4, 12]
        .map(|n| (0..n).map(|_| char::from_digit(u32::try_from(r.below(16)).unwrap(), 16).unwrap()).collect())
        .into();
    let uuid = hex.join("-");
    let zone = ["08", "031", "070", "010", "0498"][usize::try_from(r.below(5)).unwrap()];
    [
        ("telephone", format!("{zone}-{p1} {p2a} {p2b}")),
        ("mobile, bare", format!("07{phone}{}", r.below(10))),
        ("telephone, labelled", format!("tfn {zone}{phone}")),
        ("telephone, international", format!("+46{}{phone}", zone.trim_start_matches('0'))),
        ("organisation number", org.split_at(6).0.to_owned() + "-" + org.split_at(6).1),
        ("HSA-id", format!("SE{org}-E00000000{p1}{p2}")),
        ("timestamp", format!("fil_{stamp}{hour:02}{minute:02}.csv")),
        ("timestamp with seconds", format!("{stamp}{hour:02}{minute:02}{:02}", r.below(60))),
        ("UUID", uuid),
        ("diary number", format!("HSN {}-{p1}{}", 2000 + r.below(27), r.below(10))),
    ]
}

#[test]
fn lookalikes_are_not_taken_for_persons() {
    let mut random = MadeUp(7);
    let mut alarms = std::collections::BTreeMap::new();
    for _ in 0..20_000 {
        for (kind, text) in lookalikes(&mut random) {
            *alarms.entry(kind).or_insert(0) += i32::from(contains(&text));
        }
    }
    println!("alarms in 20 000 of each: {alarms:?}");
    assert!(alarms.values().all(|n| *n <= 20), "{alarms:?}");
}

#[test]
fn what_only_looks_like_one() {
    for text in [
        "2321000016",
        "232100-0016",
        "162321000016",
        "SE2321000131-E000000007303",
        "TSTNMT2321000156-ALFA",
        "031-342 68 01",
        "070-123 45 67",
        "+46701234567",
        "0046701234567",
        "Tel 0701234560",
        "0701234564",
        "mobil: 0701030005",
        "20260105120000",
        "2026-01-05T12:00:00.8112189876Z",
        "20260105 1205",
        "20260105-1204",
        "202601051200",
        "export_202601051203.csv",
        "811218-9877",
        "811318-9876",
        "811232-9876",
        "8112189876543",
        "a8112189876",
        "8112189876b",
        "0x8112189876",
        "550e8400-e29b-41d4-a716-198112189876",
        "19811218-9876-4abc-a716-446655440000",
        "8112189876,50",
        "1.8112189876",
        "12 811218 9876",
        "811218 9876 12",
        "811218\t9876",
        "811218  9876",
        "811218--9876",
        "811218_9876",
        "HSN 2019-0123",
        "1432012-008",
        "12,2,5,811218.9876",
        "6402006, Y: 1270642",
        "73211009",
        "",
        "0000000000",
        "000000-0000",
        "171981121898",
        "188112189876x",
        "811218-9876:30",
    ] {
        assert!(!contains(text), "{text}");
    }
}

#[test]
fn a_timestamp_becomes_a_person_only_by_a_word() {
    let stamp = (0..60)
        .map(|m| format!("2021010512{m:02}"))
        .find(|s| is_personal_number(s.as_bytes().get(2..).unwrap()))
        .unwrap();
    assert!(!contains(&stamp) && !contains(&format!("leverans_{stamp}.csv")));
    assert!(contains(&format!("patient {stamp}")) && contains(&format!("barnets pnr {stamp}")));
}

/// Every file of real text, cut into the cells that its format has.
fn cells(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r', '\t', ';', '<', '>', '"', '|']).map(str::trim).filter(|c| !c.is_empty())
}

fn files(folder: &std::path::Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if path
            .extension()
            .is_some_and(|e| ["xml", "json", "tsv", "csv", "txt", "md", "ANS", "xsd", "gc"].iter().any(|x| e == *x))
        {
            let bytes = std::fs::read(&path).unwrap();
            out.push(
                String::from_utf8(bytes).unwrap_or_else(|e| e.into_bytes().iter().map(|b| char::from(*b)).collect()),
            );
        }
    }
}

#[test]
fn false_alarms_in_real_text_are_rare() {
    let Some(folder) = real::folder("") else { return };
    let mut texts = Vec::new();
    files(&folder, &mut texts);
    let (mut all, mut with_digits, mut alarms) = (0_usize, 0_usize, Vec::new());
    for cell in texts.iter().flat_map(|t| cells(t)) {
        all += 1;
        with_digits += usize::from(ten_digits(cell.as_bytes()));
        if contains(cell) {
            alarms.push(cell.len());
        }
    }
    println!("{} alarms in {all} cells, {with_digits} of them with ten digits", alarms.len());
    assert!(alarms.len() * 1000 <= with_digits, "{} of {with_digits}", alarms.len());
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC*", near in "[0-9 +–-]{0,40}[åa🙂]?[0-9-]{0,14}") {
        for text in [&text, &near] {
            let masked = mask(text);
            prop_assert!(find(text).all(|r| text.get(r).is_some()));
            prop_assert!(contains(text) != matches!(masked, Cow::Borrowed(_)));
        }
    }
}

#[test]
fn a_megabyte_is_no_trouble() {
    for unit in ["å", "1", "811218-", "8112189876 ", "🙂9", " "] {
        let text = unit.repeat(1_000_000 / unit.len());
        assert_eq!(contains(&text), unit == "8112189876 ");
    }
}
