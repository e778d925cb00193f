//! What each connector that reaches over a network does when the network, the server or what it says is
//! wrong: the page `docs/kopplingar/fel.md`. No cell of it claims what no test shows.

use std::fmt::Write as _;

use crate::cli::compare;
use crate::sandbox::root;

/// A file, and the name of a test in it.
type Test = (&'static str, &'static str);

/// What goes wrong.
const FAULTS: [&str; 7] = [
    "Förbindelsen bryts mitt i",
    "Servern startas om",
    "Uppgifterna har gått ut",
    "TLS är fel",
    "En sida upprepas",
    "En sida är tom",
    "Markören går bakåt",
];

const SQL: &str = "connectors/src/sql/tests/faults.rs";
const SQL_TLS: &str = "connectors/src/sql/tests/tls.rs";
const SQL_CURSORS: &str = "connectors/src/sql/tests/cursors.rs";
const HTTP: &str = "connectors/src/http/tests.rs";
const REST: &str = "connectors/src/rest/tests/faults.rs";
const FHIR: &str = "connectors/src/fhir/tests.rs";
const LDAP: &str = "connectors/src/ldap/tests/faults.rs";
const OPENLDAP: &str = "connectors/src/ldap/tests/openldap.rs";
const INCREMENTAL: &str = "tests/it/incremental.rs";

const WRONG_CERTIFICATE: (&str, &[Test]) = (
    "Fel i jobbet, som säger vad som är fel med certifikatet. Det godtas aldrig.",
    &[(HTTP, "a_certificate_that_is_wrong_is_never_accepted")],
);
const NEW_TOKEN: (&str, &[Test]) = (
    "En ny token hämtas och frågan ställs en gång till. Nekas den också är det ett fel i jobbets uppgifter.",
    &[(HTTP, "a_token_is_fetched_once_and_anew_when_it_expires")],
);
const OLDER: &str =
    "Rader som är äldre än vi frågade efter är ett fel: källan är återställd, eller känner inte parametern.";
const RESTART: &str = "Nytt försök med växande väntan. Är servern tillbaka kommer alla rader, en gång.";

/// A connector, and for each fault what becomes of it and the tests that show it. No test: it cannot
/// happen there, or it is not noticed, and the text says so.
type Row = (&'static str, [(&'static str, &'static [Test]); 7]);
const CONNECTORS: [Row; 4] = [
    (
        "sql",
        [
            (
                "Fel hos källan, som går att försöka om. Ingenting av läsningen sparas eller publiceras.",
                &[(SQL, "postgres_faults"), (SQL, "mariadb_faults")],
            ),
            (
                "Mitt i läsningen: som när förbindelsen bryts. Innan den har börjat: nytt försök med växande väntan.",
                &[(SQL, "postgres_faults"), (SQL, "mariadb_faults")],
            ),
            (
                "Fel i jobbets uppgifter. Ett försök, så att kontot inte spärras.",
                &[(SQL, "postgres_faults"), (SQL, "mariadb_faults")],
            ),
            (
                "Fel i jobbet. Ett certifikat som ingen betrodd har utfärdat godtas aldrig, och inte heller en förbindelse utan TLS där TLS krävs.",
                &[
                    (SQL_TLS, "postgres_with_and_without_a_trusted_certificate"),
                    (SQL_TLS, "mariadb_without_tls_is_refused_where_it_is_asked_for"),
                ],
            ),
            ("Händer inte: en fråga är ett enda svar, i en ögonblicksbild.", &[]),
            (
                "En tom tabell är en leverans som hålls. Ingenting avslutas.",
                &[(INCREMENTAL, "a_row_that_is_gone_from_a_snapshot_has_ended_unless_too_many_are")],
            ),
            (
                "Är källans högsta värde lägre än markören misslyckas läsningen: databasen är återställd.",
                &[(SQL_CURSORS, "a_restored_backup_is_not_nothing_new")],
            ),
        ],
    ),
    (
        "rest",
        [
            (
                "Svaret hämtas om, helt. Bryts det om och om igen går läsningen nästa gång vidare från den senaste hela sidan.",
                &[
                    (HTTP, "an_answer_that_breaks_off_is_fetched_again_whole"),
                    (REST, "a_reading_that_broke_goes_on_at_the_next_page"),
                ],
            ),
            (RESTART, &[(REST, "a_server_that_restarts_in_the_middle_gives_all_rows_once")]),
            NEW_TOKEN,
            WRONG_CERTIFICATE,
            ("Fel hos källan, vid den andra likadana sidan.", &[(REST, "a_page_that_repeats_is_noticed")]),
            (
                "Före slutet ett fel, där källan säger hur mycket det ska bli. Mellan sidor med token går läsningen vidare.",
                &[(REST, "an_empty_page_before_the_end_is_an_error_and_between_tokens_is_none")],
            ),
            (OLDER, &[(REST, "only_what_is_new_is_asked_for")]),
        ],
    ),
    (
        "fhir",
        [
            (
                "Svaret hämtas om, helt. En exporterad fil som bryts om och om igen är ett fel, och sparas inte.",
                &[(HTTP, "an_answer_that_breaks_off_is_fetched_again_whole"), (FHIR, "an_export_is_read_file_by_file")],
            ),
            (RESTART, &[(FHIR, "a_server_that_restarts_in_the_middle_gives_all_rows_once")]),
            NEW_TOKEN,
            WRONG_CERTIFICATE,
            ("Fel hos källan: sidan är given förut.", &[(FHIR, "what_is_not_whole_is_an_error")]),
            (
                "Läsningen går vidare. Färre resurser än serverns `total` är ett fel.",
                &[(FHIR, "an_empty_page_is_not_the_end"), (FHIR, "what_is_not_whole_is_an_error")],
            ),
            (
                OLDER,
                &[
                    (FHIR, "a_server_that_goes_back_in_time_is_noticed"),
                    (FHIR, "a_history_tells_the_newest_once_and_what_is_gone"),
                ],
            ),
        ],
    ),
    (
        "ldap",
        [
            (
                "Fel hos källan, som går att försöka om; aldrig slutet på raderna. Innan något har kommit: nytt försök.",
                &[
                    (LDAP, "a_connection_that_breaks_is_never_the_end_of_the_rows"),
                    (LDAP, "a_tls_connection_that_breaks_is_never_the_end_of_the_rows"),
                ],
            ),
            (
                "Mitt i läsningen: fel hos källan, som går att försöka om.",
                &[(LDAP, "a_server_that_is_stopped_in_the_middle_is_an_error")],
            ),
            (
                "Fel i jobbets uppgifter: lösenordet eller certifikatet.",
                &[(OPENLDAP, "passes_the_suite_in_full_and_in_increments"), (OPENLDAP, "every_way_in_reads_the_same")],
            ),
            (
                "Fel i jobbet. Ett certifikat som ingen betrodd har utfärdat, eller för ett annat namn, godtas aldrig.",
                &[(OPENLDAP, "passes_the_suite_in_full_and_in_increments")],
            ),
            (
                "Fel hos källan, vid den andra likadana sidan.",
                &[(LDAP, "a_page_that_comes_again_and_again_ends_the_reading")],
            ),
            ("Läsningen går vidare där katalogen säger att det finns mer.", &[(LDAP, "an_empty_page_is_not_the_end")]),
            (
                "Finns varken posten som markören kom från eller något nyare läses hela katalogen: den är återställd, eller posten borttagen.",
                &[(OPENLDAP, "a_directory_that_was_put_back_is_read_as_a_whole")],
            ),
        ],
    ),
];

fn page() -> String {
    let mut page = String::from(
        "# När källan eller nätet går fel\n\n\
         Vad varje koppling som når en server gör, och provet som visar det. En läsning som inte blir hel\n\
         publicerar ingenting, avslutar ingenting och flyttar inte jobbets markör. Kopplingarna som läser filer\n\
         tar emot hela filer: där prövas innehållet.\n",
    );
    for (connector, cells) in &CONNECTORS {
        write!(page, "\n## {connector}\n\n| Fel | Vad som händer | Prov |\n|---|---|---|\n").unwrap();
        for (fault, (what, tests)) in FAULTS.iter().zip(cells) {
            let tests: Vec<_> = tests.iter().map(|(file, name)| format!("[`{name}`](../../{file})")).collect();
            let tests = if tests.is_empty() { "–".to_owned() } else { tests.join("<br>") };
            writeln!(page, "| {fault} | {what} | {tests} |").unwrap();
        }
    }
    page
}

/// The tests of a file: functions that stand under a test's attribute.
fn tests_of(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let attributes = |at: usize| lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
    let is_test =
        |at: usize| attributes(at).any(|line| line.starts_with("#[test") || line.starts_with("#[tokio::test"));
    let name = |line: &str| {
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
        Some(rest.split('(').next()?.to_owned())
    };
    (0..lines.len()).filter(|at| is_test(*at)).filter_map(|at| name(lines[at])).collect()
}

#[test]
fn generated_page_of_faults_names_tests_that_there_are() {
    for (connector, cells) in &CONNECTORS {
        for (fault, (_, tests)) in FAULTS.iter().zip(cells) {
            for (file, name) in *tests {
                assert!(
                    tests_of(file).iter().any(|known| known == name),
                    "{connector}, {fault}: no test {name} in {file}"
                );
            }
        }
    }
    let without: Vec<_> =
        CONNECTORS.iter().flat_map(|(_, cells)| cells).filter(|(_, tests)| tests.is_empty()).collect();
    assert!(without.len() <= 2, "a cell without a test claims nothing: {without:?}");
    compare("docs/kopplingar/fel.md", &page());
}
