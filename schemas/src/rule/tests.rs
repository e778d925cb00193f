//! The chain of rules on one table with everything in it: which fault gives which reasons, and no others.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringViewArray};
use chrono::NaiveDate;

use super::{Context, judges, normalise};
use crate::code::{CodeIndex, CodeRow, day};
use crate::finding::Findings;
use crate::rule::Severity;
use crate::table::Table;

/// A waiting-time row with the parameters that a strict table sets: folded case, short suffixes,
/// Luhn and missing units rejected.
const TABLE: &str = r#"
name = "vantetidsrad"
version = "1.0"
meaning = "En rad ur en väntetidsfil."
store = "lake"
key = ["region", "vantande_id"]
owner = "region"
column = [
  { name = "region", type = "text", required = true, meaning = "Region." },
  { name = "vantande_id", type = "text", required = true, meaning = "Id." },
  { name = "hsa_id", type = "text", required = true, identifier = { kind = "hsa_id", luhn = "reject", fold_case = true, suffix = [4, 8] }, references = { table = "enhet", missing = "reject" }, meaning = "Enhet." },
  { name = "kva", type = "text", required = true, identifier = "code", code = { system = "exempel_kva", on = "beslut" }, meaning = "Åtgärd." },
  { name = "icd", type = "text", required = true, identifier = "code", code = { system = "exempel_icd", dated = false }, meaning = "Diagnos." },
  { name = "beslut", type = "date", required = true, meaning = "Beslut." },
  { name = "planerat", type = "date", meaning = "Planerat." },
  { name = "utfort", type = "date", meaning = "Utfört." },
  { name = "kon", type = "text", values = ["1", "2", "3"], meaning = "Kön." },
  { name = "belopp", type = "decimal(12,2)", meaning = "Belopp." },
  { name = "fritext", type = "text", meaning = "Fri text." },
]
[[rule]]
rule = "framtida_datum"
columns = ["beslut", "utfort"]
[[rule]]
rule = "slut_fore_start"
columns = ["beslut", "utfort"]
[[rule]]
rule = "negativ_tid"
columns = ["belopp"]
[[rule]]
rule = "dubblett_exakt"
severity = "warn"
[[rule]]
rule = "personnummer_i_text"
severity = "warn"
"#;

/// One row, as text; dates as `YYYY-MM-DD`.
#[derive(Clone, Copy)]
struct Row {
    region: &'static str,
    id: &'static str,
    hsa: &'static str,
    kva: &'static str,
    icd: &'static str,
    beslut: Option<&'static str>,
    planerat: Option<&'static str>,
    utfort: Option<&'static str>,
    kon: &'static str,
    belopp: i128,
    fritext: &'static str,
}

const RIGHT: Row = Row {
    region: "01",
    id: "01-a",
    hsa: "SE2321000016-1A01",
    kva: "EXA10",
    icd: "E10.1",
    beslut: Some("2026-03-01"),
    planerat: Some("2027-03-01"),
    utfort: Some("2026-03-01"),
    kon: "2",
    belopp: 100,
    fritext: "",
};

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn table() -> Table {
    Table::parse(TABLE, "vantetidsrad.toml").unwrap_or_else(|e| panic!("{e}: {}", e.hint))
}

fn batch(table: &Table, rows: &[Row]) -> RecordBatch {
    let text = |f: fn(&Row) -> &'static str| -> ArrayRef {
        Arc::new(rows.iter().map(|r| Some(f(r))).collect::<StringViewArray>())
    };
    let dates = |f: fn(&Row) -> Option<&'static str>| -> ArrayRef {
        Arc::new(rows.iter().map(|r| f(r).map(|d| day(date(d)))).collect::<Date32Array>())
    };
    let amounts: Decimal128Array = rows.iter().map(|r| Some(r.belopp)).collect();
    let columns: Vec<ArrayRef> = vec![
        text(|r| r.region),
        text(|r| r.id),
        text(|r| r.hsa),
        text(|r| r.kva),
        text(|r| r.icd),
        dates(|r| r.beslut),
        dates(|r| r.planerat),
        dates(|r| r.utfort),
        text(|r| r.kon),
        Arc::new(amounts.with_precision_and_scale(12, 2).expect("fits")),
        text(|r| r.fritext),
    ];
    RecordBatch::try_new(table.arrow_schema(), columns).expect("the table's batch")
}

fn codes() -> CodeIndex {
    let mut codes = CodeIndex::default();
    let mut add = |system, code, from: &str, to: Option<&str>, successor| {
        let row = CodeRow {
            system,
            version: "1",
            code,
            from: Some(date(from)),
            to: to.map(date),
            successor,
            ..CodeRow::default()
        };
        codes.add(&row);
    };
    add("exempel_kva", "EXA10", "2000-01-01", None, None);
    add("exempel_kva", "EXA20", "2000-01-01", Some("2024-01-01"), Some("EXA10"));
    add("exempel_kva", "EXA30", "2026-07-01", None, None);
    add("exempel_icd", "E10.1", "2010-01-01", None, None);
    add("exempel_icd", "E10.2", "2010-01-01", Some("2020-01-01"), None);
    codes.finish()
}

/// Normalises and judges; `before` stands for what the mapping's functions found.
fn judge(rows: &[Row], before: Findings) -> (RecordBatch, Findings) {
    let table = table();
    let mut out = before;
    let batch = normalise::batch(&table, &batch(&table, rows), &mut out).expect("normalises");
    let cx = Context { codes: &codes(), today: date("2026-10-31"), owner: Some("01") };
    for judge in judges(&table) {
        judge.judge(&batch, &cx, &mut out);
    }
    (batch, out)
}

/// The rules that one row breaks, with their columns, in order of rule.
fn broken(row: Row) -> Vec<(&'static str, String)> {
    let table = table();
    let (_, out) = judge(&[RIGHT, row, RIGHT], Findings::default());
    assert!(out.list.iter().all(|f| f.row == 1), "the neighbours are right: {:?}", out.list);
    let name = |column: Option<u16>| column.and_then(|c| table.column.get(usize::from(c))).map(|c| c.name.clone());
    out.list.iter().map(|f| (f.rule, name(f.column).unwrap_or_default())).collect()
}

fn one(rule: &'static str, column: &str) -> Vec<(&'static str, String)> {
    vec![(rule, column.to_owned())]
}

#[test]
fn a_right_row_breaks_nothing() {
    assert_eq!(broken(RIGHT), []);
}

#[test]
fn an_empty_field_is_missing_and_nothing_else() {
    assert_eq!(broken(Row { id: "", ..RIGHT }), one("tomt_obligatoriskt", "vantande_id"));
    assert_eq!(broken(Row { hsa: "", ..RIGHT }), one("tomt_obligatoriskt", "hsa_id"));
    assert_eq!(broken(Row { hsa: "  ", ..RIGHT }), one("tomt_obligatoriskt", "hsa_id"));
    assert_eq!(broken(Row { kva: "", ..RIGHT }), one("tomt_obligatoriskt", "kva"));
    assert_eq!(broken(Row { beslut: None, ..RIGHT }), one("tomt_obligatoriskt", "beslut"));
    assert_eq!(broken(Row { utfort: None, kon: "", ..RIGHT }), []);
}

#[test]
fn a_date_that_could_not_be_read_is_not_also_missing() {
    let mut before = Findings::default();
    before.add(0, "felaktigt_datum", Some(5));
    let (_, out) = judge(&[Row { beslut: None, ..RIGHT }, Row { beslut: None, ..RIGHT }], before);
    let found: Vec<_> = out.list.iter().map(|f| (f.row, f.rule)).collect();
    assert_eq!(found, [(0, "felaktigt_datum"), (1, "tomt_obligatoriskt")]);
}

#[test]
fn hsa_ids_form_before_check_digit_before_register() {
    for wrong in ["SE23210000161A01", "2321000016-1A01", "SE2321000016-1A0", "SE2321000016-ÅA01", "SE2321 000016-1A01"]
    {
        assert_eq!(broken(Row { hsa: wrong, ..RIGHT }), one("hsa_felformat", "hsa_id"), "{wrong}");
    }
    assert_eq!(broken(Row { hsa: "SE2321000017-1A01", ..RIGHT }), one("hsa_luhn", "hsa_id"));
    assert_eq!(broken(Row { hsa: " se2321000016-1a01 ", ..RIGHT }), one("reparerad", "hsa_id"));
    let both = vec![("reparerad", "hsa_id".to_owned()), ("hsa_luhn", "hsa_id".to_owned())];
    assert_eq!(broken(Row { hsa: "se2321000017-1a01", ..RIGHT }), both);
    assert_eq!(broken(Row { hsa: "SE0000000000-OPT001", ..RIGHT }), one("hsa_pseudo", "hsa_id"));
}

#[test]
fn codes_exist_before_they_are_valid() {
    assert_eq!(broken(Row { kva: "EXA99", ..RIGHT }), one("kod_okand", "kva"));
    assert_eq!(broken(Row { kva: "EXA20", ..RIGHT }), one("kod_utgangen", "kva"));
    assert_eq!(broken(Row { kva: "EXA30", ..RIGHT }), one("kod_inte_an_giltig", "kva"));
    assert_eq!(broken(Row { kva: "E10.1", ..RIGHT }), one("kod_fel_system", "kva"));
    assert_eq!(broken(Row { kva: " exa10", ..RIGHT }), one("reparerad", "kva"));
    let early = Row { beslut: Some("1999-01-01"), utfort: None, ..RIGHT };
    assert_eq!(broken(early), one("kod_oavgjord", "kva"));
    // Not dated: a code that ended is still a code.
    assert_eq!(broken(Row { icd: "E10.2", ..RIGHT }), []);
    assert_eq!(broken(Row { icd: "E101", ..RIGHT }), one("kod_okand", "icd"));
    // Without the row's date only existence can be asked.
    let undated = |kva| broken(Row { kva, beslut: None, ..RIGHT });
    assert_eq!(undated("EXA20"), one("tomt_obligatoriskt", "beslut"));
    assert_eq!(undated("EXA99").len(), 2);
}

#[test]
fn suggestions_go_with_the_rules() {
    let (_, out) = judge(
        &[Row { kva: "EXA20", ..RIGHT }, Row { kva: "EXA1O", ..RIGHT }, Row { kon: "02", ..RIGHT }],
        Findings::default(),
    );
    let found: Vec<_> = out.list.iter().map(|f| (f.rule, f.suggestion.as_deref())).collect();
    assert_eq!(found.first(), Some(&("kod_utgangen", Some("EXA10"))));
    assert_eq!(found.get(1), Some(&("kod_okand", Some("EXA10"))));
    assert_eq!(found.get(2).map(|f| f.0), Some("utanfor_varden"));
}

#[test]
fn dates_amounts_owner_and_text() {
    assert_eq!(broken(Row { utfort: Some("2026-11-01"), ..RIGHT }), one("framtida_datum", "utfort"));
    assert_eq!(broken(Row { utfort: Some("2026-10-31"), ..RIGHT }), []);
    assert_eq!(broken(Row { utfort: Some("2026-02-28"), ..RIGHT }), one("slut_fore_start", "utfort"));
    let both = broken(Row { beslut: Some("2026-12-01"), ..RIGHT });
    assert_eq!(both.iter().map(|f| f.0).collect::<Vec<_>>(), ["framtida_datum", "slut_fore_start"]);
    assert_eq!(broken(Row { belopp: -1, ..RIGHT }), one("negativ_tid", "belopp"));
    assert_eq!(broken(Row { region: "12", ..RIGHT }), one("fel_agare", "region"));
    assert_eq!(broken(Row { kon: "4", ..RIGHT }), one("utanfor_varden", "kon"));
    assert_eq!(broken(Row { fritext: "ring 811218-9876", ..RIGHT }), one("personnummer_i_text", "fritext"));
}

#[test]
fn a_row_tells_all_that_is_wrong_with_it() {
    let wrong = Row { id: "", hsa: "x", kva: "EXA20", icd: "Z", utfort: Some("2026-11-02"), kon: "9", ..RIGHT };
    let mut rules: Vec<_> = broken(wrong).into_iter().map(|f| f.0).collect();
    rules.sort_unstable();
    let all = ["framtida_datum", "hsa_felformat", "kod_okand", "kod_utgangen", "tomt_obligatoriskt", "utanfor_varden"];
    assert_eq!(rules, all);
}

#[test]
fn what_a_rule_means_is_the_tables_to_say() {
    let strict = table();
    let position = |table: &Table, name| table.position(name).and_then(|p| u16::try_from(p).ok());
    assert_eq!(strict.severity("hsa_luhn", position(&strict, "hsa_id")), Severity::Reject);
    assert_eq!(strict.severity("saknad_referens", position(&strict, "hsa_id")), Severity::Reject);
    assert_eq!(strict.severity("dubblett_exakt", None), Severity::Warn);
    assert_eq!(strict.severity("dubblett_konflikt", None), Severity::Reject);
    assert_eq!(strict.severity("personnummer_i_text", position(&strict, "fritext")), Severity::Warn);
    assert_eq!(strict.severity("finns_inte", None), Severity::Reject);

    let find = |name| crate::table::national().iter().find(|t| t.name == name).expect("a national table");
    let enhet = find("enhet");
    assert_eq!(enhet.severity("hsa_luhn", position(enhet, "hsa_id")), Severity::Warn);
    assert_eq!(enhet.severity("saknad_referens", position(enhet, "orgnr")), Severity::Warn);
    assert_eq!(find("uppdrag").severity("saknad_foralder", None), Severity::Reject);
    assert_eq!(find("plats").severity("saknad_foralder", None), Severity::Warn);
}

#[test]
fn every_national_table_is_judged_even_when_empty() {
    for table in crate::table::national() {
        let empty = RecordBatch::new_empty(table.arrow_schema());
        let mut out = Findings::default();
        let empty = normalise::batch(table, &empty, &mut out).expect("normalises");
        let cx = Context { codes: &CodeIndex::default(), today: date("2026-10-31"), owner: None };
        let judges = judges(table);
        for judge in &judges {
            judge.judge(&empty, &cx, &mut out);
        }
        assert!(!judges.is_empty() && out.list.is_empty(), "{}", table.name);
        // A batch of another shape is passed over, not a panic.
        let shapeless = RecordBatch::new_empty(Arc::new(arrow::datatypes::Schema::empty()));
        for judge in &judges {
            judge.judge(&shapeless, &cx, &mut out);
        }
    }
}

#[test]
fn readers_fail_with_rules_that_there_are() {
    use crate::identifier::{code, gln, hsa_id, lanskod, orgnr, postnummer, sctid, telefon};
    use crate::value::{datum, decimal, ja_nej};
    let raised = [
        code::FELFORMAT,
        gln::FELFORMAT,
        gln::KONTROLLSIFFRA,
        hsa_id::FELFORMAT,
        hsa_id::LUHN,
        hsa_id::TEST,
        hsa_id::PSEUDO,
        lanskod::OKAND,
        orgnr::FELFORMAT,
        orgnr::LUHN,
        postnummer::FELAKTIGT,
        sctid::FELFORMAT,
        sctid::KONTROLLSIFFRA,
        telefon::FELAKTIGT,
        datum::FELAKTIGT,
        decimal::FELAKTIGT,
        ja_nej::FELAKTIGT,
    ];
    for rule in raised {
        assert!(super::find(rule).is_some(), "{rule}");
    }
}

#[test]
fn ids_are_unique_and_files_are_called_after_them() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rule");
    for (i, rule) in super::ALL.iter().enumerate() {
        assert_eq!(super::ALL.iter().position(|r| r.id == rule.id), Some(i), "{}", rule.id);
        assert!(std::path::Path::new(folder).join(format!("{}.rs", rule.id)).exists(), "{}", rule.id);
    }
    let with_a_rule = std::fs::read_dir(folder)
        .expect("the folder of rules")
        .filter_map(|f| std::fs::read_to_string(f.ok()?.path()).ok())
        .filter(|source| source.contains("pub(super) static RULE: RuleDoc"))
        .count();
    assert_eq!(with_a_rule, super::ALL.len() + 1, "a file with a rule is in the list (and this test names the mark)");
}
