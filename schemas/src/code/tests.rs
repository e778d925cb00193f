//! What the store promises about dates, versions and suggestions.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use arrow::array::{Date32Array, StringViewArray};
use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

fn date(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn row<'a>(system: &'a str, version: &'a str, code: &'a str, from: NaiveDate) -> CodeRow<'a> {
    CodeRow { system, version, code, from: Some(from), ..CodeRow::default() }
}

fn two_versions() -> CodeIndex {
    let (old, new) = (date(2010, 1, 1), date(2020, 1, 1));
    let mut index = CodeIndex::default();
    for code in ["EXA01", "EXA02"] {
        index.add(&CodeRow { label: Some("gammal text"), ..row("ex", "2010", code, old) });
    }
    index.add(&CodeRow { label: Some("ny text"), ..row("ex", "2020", "EXA01", new) });
    index.add(&row("ex", "2020", "EXA03", new));
    index.add(&CodeRow { successor: Some("EXA03"), ..row("ex", "2010", "EXA04", old) });
    index.add(&row("annat", "1", "ANN77", old));
    index.finish()
}

#[test]
fn a_version_rules_until_the_next() {
    let index = two_versions();
    let check = |code, y, m, d| index.check("ex", code, date(y, m, d));
    assert_eq!(check("EXA01", 2010, 1, 1), Verdict::Valid);
    assert_eq!(check("EXA01", 2025, 1, 1), Verdict::Valid);
    assert_eq!(check("EXA02", 2019, 12, 31), Verdict::Valid);
    assert_eq!(check("EXA02", 2020, 1, 1), Verdict::Retired);
    assert_eq!(check("EXA03", 2019, 12, 31), Verdict::NotYet);
    assert_eq!(check("EXA03", 2020, 1, 1), Verdict::Valid);
    assert_eq!(check("EXA03", 2009, 12, 31), Verdict::Undecidable);
    assert_eq!(check("QQQ99", 2009, 12, 31), Verdict::Undecidable, "an older version may have had it");
    assert_eq!(check("QQQ99", 2020, 1, 1), Verdict::Unknown);
    assert_eq!(check("ANN77", 2020, 1, 1), Verdict::WrongSystem);
    assert_eq!(index.other_system("ex", "ANN77"), Some("annat"));
    assert_eq!(index.check("saknas", "EXA01", date(2020, 1, 1)), Verdict::Undecidable);
    assert_eq!(index.successor("ex", "EXA04", date(2021, 1, 1)), Some("EXA03"));
    assert_eq!(index.successor("ex", "EXA04", date(2019, 1, 1)), None, "not valid itself on that day");
    assert_eq!(index.suggestion(Verdict::Retired, "ex", "EXA04", date(2021, 1, 1)), Some("EXA03"));
    let versions = index.versions("ex");
    let told: Vec<_> = versions.iter().map(|v| (v.name.as_str(), v.from, v.to, v.codes)).collect();
    let (first, second) = (Some(date(2010, 1, 1)), Some(date(2020, 1, 1)));
    assert_eq!(told, [("2010", first, second, 3), ("2020", second, None, 2)]);
    assert_eq!((index.len(), index.has_system("ex"), index.has_system("saknas")), (5, true, false));
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let (old, new) = (date(2010, 1, 1), date(2020, 1, 1));
    let mut index = CodeIndex::default();
    index.add(&row("ex", "2020", "EXA03", new));
    assert_eq!(index.check("ex", "EXA03", date(2015, 1, 1)), Verdict::Undecidable);
    index.add(&row("ex", "2010", "EXA02", old));
    assert_eq!(index.check("ex", "EXA03", date(2015, 1, 1)), Verdict::NotYet, "worked out anew after a row");
    assert_eq!(index.check("ex", "EXA02", date(2020, 1, 1)), Verdict::Retired);
}

#[test]
fn a_code_that_comes_back_has_a_gap() {
    let mut index = CodeIndex::default();
    for (version, year, codes) in [("a", 2010, &["X1", "X2"][..]), ("b", 2012, &["X2"]), ("c", 2014, &["X1", "X2"])] {
        for code in codes {
            index.add(&row("ex", version, code, date(year, 1, 1)));
        }
    }
    let check = |y| index.check("ex", "X1", date(y, 6, 1));
    assert_eq!([check(2011), check(2012), check(2014)], [Verdict::Valid, Verdict::Retired, Verdict::Valid]);
}

#[test]
fn dates_of_the_codes_own_rule() {
    let mut index = CodeIndex::default();
    index.add(&row("kva", "2026", "EXA01", date(1997, 1, 1)));
    index.add(&CodeRow { to: Some(date(2020, 1, 1)), ..row("kva", "2026", "EXA02", date(2003, 1, 1)) });
    index.add(&row("kva", "2026", "EXA03", date(2026, 7, 1)));
    let check = |code, y| index.check("kva", code, date(y, 6, 1));
    assert_eq!(check("EXA01", 1996), Verdict::Undecidable);
    assert_eq!(check("EXA01", 1997), Verdict::Valid);
    assert_eq!(
        [check("EXA02", 2002), check("EXA02", 2019), check("EXA02", 2020)],
        [Verdict::NotYet, Verdict::Valid, Verdict::Retired]
    );
    assert_eq!([check("EXA03", 2026), check("EXA03", 2027)], [Verdict::NotYet, Verdict::Valid]);
    assert_eq!(index.versions("kva")[0].from, Some(date(2026, 1, 1)), "the name tells, the codes' dates do not");
}

#[test]
fn a_later_list_that_states_an_end_corrects_an_earlier_one() {
    let mut index = CodeIndex::default();
    index.add(&row("ex", "2010", "EXA01", date(2010, 1, 1)));
    index.add(&row("ex", "2010", "EXA02", date(2010, 1, 1)));
    index.add(&CodeRow { to: Some(date(2016, 1, 1)), ..row("ex", "2020", "EXA01", date(2010, 1, 1)) });
    index.add(&row("ex", "2020", "EXA02", date(2020, 1, 1)));
    assert_eq!(index.check("ex", "EXA01", date(2018, 1, 1)), Verdict::Retired);
}

#[test]
fn a_code_without_a_start_is_retired_but_never_guessed_valid() {
    let mut index = CodeIndex::default();
    index.add(&row("sct", "20251130", "EX100", date(2025, 11, 30)));
    index.add(&CodeRow {
        from: None,
        to: Some(date(2017, 7, 31)),
        ..row("sct", "20251130", "EX200", date(2025, 11, 30))
    });
    assert_eq!(index.check("sct", "EX200", date(2026, 1, 1)), Verdict::Retired);
    assert_eq!(index.check("sct", "EX200", date(2010, 1, 1)), Verdict::Undecidable);
}

#[test]
fn a_code_listed_as_inactive_is_retired_from_that_version() {
    let mut index = CodeIndex::default();
    index.add(&row("ex", "2010", "EXA01", date(2010, 1, 1)));
    index.add(&CodeRow { inactive: true, ..row("ex", "2020", "EXA01", date(2020, 1, 1)) });
    index.add(&CodeRow { inactive: true, ..row("ex", "2020", "EXA02", date(2020, 1, 1)) });
    let check = |code, y| index.check("ex", code, date(y, 6, 1));
    assert_eq!([check("EXA01", 2019), check("EXA01", 2020)], [Verdict::Valid, Verdict::Retired]);
    assert_eq!([check("EXA02", 2009), check("EXA02", 2020)], [Verdict::Undecidable, Verdict::Retired]);
}

#[test]
fn a_version_that_adds_to_another_retires_only_what_it_lists() {
    let mut index = CodeIndex::default();
    let (start, change) = (date(2017, 1, 31), date(2017, 7, 31));
    for code in ["EX100", "EX200"] {
        index.add(&row("sct", "20170131", code, start));
    }
    let ended = CodeRow { to: Some(change), inactive: true, ..row("sct", "20170131+20170731", "EX200", change) };
    index.add(&ended);
    assert_eq!(index.check("sct", "EX200", change), Verdict::Retired, "also when it only ends");
    index.add(&row("sct", "20170131+20170731", "EX300", change));
    let check = |code, on| index.check("sct", code, on);
    let (before, after) = (date(2017, 7, 30), change);
    assert_eq!([check("EX100", before), check("EX100", after)], [Verdict::Valid, Verdict::Valid]);
    assert_eq!([check("EX200", before), check("EX200", after)], [Verdict::Valid, Verdict::Retired]);
    assert_eq!([check("EX300", before), check("EX300", after)], [Verdict::NotYet, Verdict::Valid]);
    index.add(&row("sct", "20180131", "EX100", date(2018, 1, 31)));
    assert_eq!(index.check("sct", "EX300", date(2018, 1, 31)), Verdict::Retired, "a whole version ends both");
}

#[test]
fn a_version_without_codes_retires_nothing() {
    let mut index = two_versions();
    index.set_version_start("ex", "2025", date(2025, 1, 1));
    assert_eq!(index.check("ex", "EXA01", date(2026, 1, 1)), Verdict::Valid);
    assert_eq!(index.versions("ex").len(), 3);
}

#[test]
fn labels_follow_the_date() {
    let index = two_versions();
    assert_eq!(index.label("ex", "EXA01", date(2015, 1, 1)), Some("gammal text"));
    assert_eq!(index.label("ex", "EXA01", date(2021, 1, 1)), Some("ny text"));
    assert_eq!(index.label("ex", "EXA01", date(1990, 1, 1)), Some("gammal text"));
    assert_eq!(index.label("ex", "EXA03", date(2021, 1, 1)), None);
}

#[test]
fn the_nearest_code_is_given_only_when_it_is_alone() {
    let mut index = CodeIndex::default();
    for code in ["CJE00", "CJE05", "CJE10", "NGB49", "H251", "H259", "511"] {
        index.add(&row("ex", "1", code, date(2010, 1, 1)));
    }
    index.add(&CodeRow { to: Some(date(2015, 1, 1)), ..row("ex", "1", "NGB48", date(2010, 1, 1)) });
    let near = |code| index.nearest("ex", code, date(2020, 1, 1));
    assert_eq!(near("CJEOO"), Some("CJE00"), "two look-alikes");
    assert_eq!(near("CJE0O"), Some("CJE00"));
    assert_eq!(near("cjeoo"), Some("CJE00"));
    assert_eq!(near("CJE15"), None, "CJE05 and CJE10 are equally near");
    assert_eq!(near("NGB47"), Some("NGB49"), "NGB48 is not valid on that day");
    assert_eq!(near("NBG49"), Some("NGB49"), "neighbours swapped");
    assert_eq!(near("H25.1"), Some("H251"));
    assert_eq!(near("5ll"), Some("511"));
    assert_eq!(near("NGB4999"), Some("NGB49"), "two edits");
    assert_eq!(near("XXXXX"), None);
    assert_eq!(near(""), None);
    assert_eq!(index.nearest("ex", &"X".repeat(10_000), date(2020, 1, 1)), None);
    assert_eq!(near("CJEOO"), Some("CJE00"), "answered once, given again");
}

#[test]
fn value_sets_may_name_codes_or_beginnings() {
    let mut index = two_versions();
    index.add_member(&MemberRow { set: "omrade", system: "ex", code: "EXA01", ..MemberRow::default() });
    let from = Some(date(2022, 1, 1));
    index.add_member(&MemberRow { set: "brett", system: "ex", code: "EXA*", from, to: None });
    let on = date(2021, 1, 1);
    assert_eq!(index.check_in("ex", "omrade", "EXA01", on), Verdict::Valid);
    assert_eq!(index.check_in("ex", "omrade", "EXA03", on), Verdict::NotInValueSet);
    assert_eq!(index.check_in("ex", "omrade", "EXA02", on), Verdict::Retired, "the code itself comes first");
    assert_eq!(index.check_in("ex", "brett", "EXA03", on), Verdict::NotInValueSet);
    assert_eq!(index.check_in("ex", "brett", "EXA03", date(2022, 1, 1)), Verdict::Valid);
    assert_eq!(index.check_in("ex", "saknas", "EXA01", on), Verdict::Undecidable);
    assert_eq!(index.check_in("annat", "omrade", "ANN77", on), Verdict::NotInValueSet);
    assert_eq!(index.value_set("omrade").unwrap().len(), 1);
}

#[test]
fn a_column_is_judged_on_each_rows_own_date() {
    let index = two_versions();
    let codes = StringViewArray::from(vec![
        Some("EXA01"),
        None,
        Some("EXA02"),
        Some("EXA02"),
        Some("ett mycket längre värde"),
        Some("EXA02"),
    ]);
    let days: Vec<_> =
        [2021, 2021, 2021, 2015, 2021].map(|y| Some(day(date(y, 1, 1)))).into_iter().chain([None]).collect();
    let dates = Date32Array::from(days);
    let today = date(2026, 1, 1);
    let column = |system, dates: Option<&Date32Array>| {
        let mut found = Vec::new();
        index.check_column(system, &codes, dates, today, &mut |row, verdict| found.push((row, verdict)));
        found
    };
    assert_eq!(column("ex", Some(&dates)), [(2, Verdict::Retired), (4, Verdict::Unknown)], "no date: known is enough");
    assert_eq!(column("ex", None).len(), 4);
    assert_eq!(column("saknas", None).len(), 5);
    let mut undated = 0;
    index.checker("ex", None, false).column(&codes, Some(&dates), day(today), &mut |_, _| undated += 1);
    assert_eq!(undated, 1);
}

#[test]
fn crosswalks_tell_what_they_lack() {
    let mut index = CodeIndex::default();
    let mut map = |from, to, degree| {
        index.add_mapping(&MappingRow { from_system: "region_x", from, to_system: "ex", to, degree });
    };
    map("Ögon, operation", "EXA01", Degree::Lika);
    map("Mottagning", "EXA02", Degree::Vidare);
    map("Mottagning", "EXA03", Degree::Lika);
    map("KB", "EXA01", Degree::Lika);
    map("kb", "EXA02", Degree::Lika);
    let walk = index.crosswalk("region_x", "ex").unwrap();
    assert_eq!(&*walk.one(" ögon,  OPERATION ").unwrap().code, "EXA01");
    assert_eq!(walk.one("Mottagning"), None);
    let many: Vec<_> = walk.targets("Mottagning").iter().map(|t| (&*t.code, t.degree)).collect();
    assert_eq!(many, [("EXA03", Degree::Lika), ("EXA02", Degree::Vidare)]);
    assert_eq!(&*walk.one("kb").unwrap().code, "EXA02");
    assert_eq!(walk.one("Kb"), None, "two sources differ by case only");
    assert!(!walk.is_one_to_one());
    let mut unmapped = Unmapped::default();
    for word in ["b", "a", "b"] {
        unmapped.note(word);
    }
    let mut other = Unmapped::default();
    other.note("a");
    other.note("a");
    unmapped.merge(&other);
    assert_eq!(unmapped.list(), [("a", 3), ("b", 2)]);
}

#[test]
fn search_ranks_codes_before_texts() {
    let mut index = CodeIndex::default();
    for (code, label) in
        [("EXA01", "Grå starr"), ("EXA02", "Operation av grå starr"), ("GRÅ9", "Annat"), ("EXA03", "Starrgrå häst")]
    {
        index.add(&CodeRow { label: Some(label), ..row("ex", "1", code, date(2010, 1, 1)) });
    }
    let codes = |text, n| index.search("ex", text, n).into_iter().map(|h| h.code).collect::<Vec<_>>();
    assert_eq!(codes("exa0", 2), ["EXA01", "EXA02"]);
    assert_eq!(codes("GRÅ", 9), ["GRÅ9", "EXA01", "EXA02", "EXA03"]);
    assert_eq!(codes("starr op", 9), ["EXA02"]);
    assert!(codes("  ", 9).is_empty());
}

proptest! {
    #[test]
    fn no_input_panics(codes in prop::collection::vec(".{0,12}", 0..20), asked in ".{0,40}", days in prop::collection::vec(-900_000..900_000, 20)) {
        let mut index = CodeIndex::default();
        for (code, day) in codes.iter().zip(&days) {
            let version = format!("v{}", day % 3);
            let from = NaiveDate::from_epoch_days(*day);
            let to = NaiveDate::from_epoch_days(day / 2);
            index.add(&CodeRow { system: "s", version: &version, code, label: Some(code), from, to, inactive: day % 5 == 0, successor: Some(&asked) });
        }
        let on = NaiveDate::from_epoch_days(days[0]).unwrap();
        index.check("s", &asked, on);
        let near = index.nearest("s", &asked, on);
        if let Some(near) = near {
            prop_assert_eq!(index.check("s", near, on), Verdict::Valid);
        }
        index.search("s", &asked, 3);
        index.successor("s", &asked, on);
    }

    #[test]
    fn one_slip_in_a_lonely_code_is_found(code in "[A-Z]{3}[0-9]{4}", at in 0_usize..7, slip in "[A-Z0-9]") {
        let mut index = CodeIndex::default();
        index.add(&row("s", "1", &code, date(2010, 1, 1)));
        index.add(&row("s", "1", "------------", date(2010, 1, 1)));
        let mut wrong = code.clone();
        wrong.replace_range(at..=at, &slip);
        let expected = (wrong != code).then_some(code.as_str());
        prop_assert_eq!(index.nearest("s", &wrong, date(2020, 1, 1)), expected);
    }
}

fn shared() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "tells where the shared files are")]
    let folder = std::env::var("SLUSS_SHARED")
        .map_or_else(|_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), PathBuf::from);
    let found = folder.join("real").is_dir();
    if !found {
        println!("skipped: no shared files at {}", folder.display());
    }
    found.then_some(folder)
}

/// A measurement, not a test of speed: it prints, and asserts only the counts.
#[test]
fn a_million_real_codes() {
    let Some(shared) = shared() else { return };
    let text = std::fs::read_to_string(shared.join("real/kodlistor/kva.tsv")).unwrap();
    let codes: Vec<&str> = text.lines().skip(1).filter_map(|l| l.split('\t').next()).collect();
    assert_eq!(codes.len(), 10_552);
    let mut index = CodeIndex::default();
    for code in &codes {
        index.add(&row("kva", "2020", code, date(2020, 1, 1)));
    }
    let index = index.finish();
    let rows = 1_000_000;
    let many: Vec<&str> = (0..rows).map(|i| codes[(i * 7919) % codes.len()]).collect();
    let few: Vec<&str> = (0..rows).map(|i| codes[(i * 7919) % 200]).collect();
    let dates = Date32Array::from(vec![day(date(2021, 1, 1)); rows]);
    let mut report = String::new();
    for (name, values) in [("10,552 distinct codes", many), ("200 distinct codes", few)] {
        let column = StringViewArray::from(values.clone());
        let checker = index.checker("kva", None, true);
        let start = Instant::now();
        let valid = values.iter().filter(|c| checker.check(c, Some(day(date(2021, 1, 1)))) == Verdict::Valid).count();
        let single = start.elapsed();
        let start = Instant::now();
        let mut wrong = 0;
        checker.column(&column, Some(&dates), 0, &mut |_, _| wrong += 1);
        let columnar = start.elapsed();
        assert_eq!((valid, wrong), (rows, 0));
        writeln!(report, "{name}: one by one {single:?}, column {columnar:?} per million").unwrap();
    }
    let start = Instant::now();
    let mut suggested = 0;
    for code in &codes {
        let wrong = format!("{}O", code.get(..4).unwrap());
        suggested += usize::from(
            !index.system("kva").unwrap().has(&wrong) && index.nearest("kva", &wrong, date(2021, 1, 1)).is_some(),
        );
    }
    writeln!(report, "{} questions for the nearest: {:?}, {suggested} answered", codes.len(), start.elapsed()).unwrap();
    println!("{report}");
}
