//! What a database's error means: who must act, whether to try again, the next step.
//!
//! A database's own words may quote cells, so they are told only for faults of the query itself,
//! and never kept as a cause.

use std::io;

use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use sqlx::Error;
use sqlx::mysql::MySqlDatabaseError;

use crate::error::{Actor, ConnectorError};

/// From sqlx.
pub(super) fn of(error: &Error, place: &str) -> ConnectorError {
    let error = match error {
        Error::Database(database) => {
            let number = database.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number);
            let code = database.code().unwrap_or_default();
            match number {
                Some(number) => mysql(number, &code, database.message()),
                None if code.len() == 5 => state(&code, database.message()),
                None => sqlite(&code, database.message()),
            }
        }
        Error::Tls(_) => tls(),
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => tls(),
        Error::Io(error) if error.kind() == io::ErrorKind::NotFound => ConnectorError::configuration(say!(
            "en fil som anslutningen behöver finns inte",
            "a file that the connection needs does not exist"
        ))
        .hint(say!("kontrollera sökvägarna under `tls`", "check the paths under `tls`")),
        Error::Io(error) => ConnectorError::source(match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                say!("databasen tar inte emot anslutningar", "the database does not take connections")
            }
            _ => say!("anslutningen till databasen bröts", "the connection to the database was broken off"),
        })
        .hint(say!(
            "kontrollera att servern är igång och att nätet släpper fram oss, och kör sedan igen",
            "check that the server is up and that the network lets us through, then run again"
        ))
        .retryable(),
        Error::Configuration(_) | Error::InvalidArgument(_) => ConnectorError::configuration(say!(
            "databasens adress har ett tillägg som inte går att använda",
            "the database's address has an option that cannot be used"
        ))
        .hint(say!("kontrollera `url` och `tls`", "check `url` and `tls`")),
        Error::Protocol(_) => ConnectorError::source(say!(
            "databasens svar går inte att förstå",
            "the database's answer cannot be understood"
        ))
        .hint(say!(
            "kontrollera att `url` anger rätt slags server och rätt port, och kör sedan igen",
            "check that `url` names the right kind of server and port, then run again"
        ))
        .retryable(),
        Error::RowNotFound => {
            ConnectorError::source(say!("databasen gav inget svar", "the database gave no answer")).retryable()
        }
        Error::WorkerCrashed => ours(&say!("läsa databasfilen", "reading the database file")),
        _ => ConnectorError::source(say!("databasens svar går inte att läsa", "the database's answer cannot be read"))
            .hint(say!("kör igen; finns felet kvar, anmäl det", "run again; if it stays, report it")),
    };
    if error.place.is_none() { error.at(place) } else { error }
}

fn tls() -> ConnectorError {
    ConnectorError::configuration(say!(
        "servern går inte att lita på: TLS misslyckades",
        "the server cannot be trusted: TLS failed"
    ))
    .hint(say!(
        "ange utfärdarens certifikat som `tls.ca`, och skriv värdens namn som det står i serverns certifikat",
        "give the certificate of the authority that signed the server's as `tls.ca`, and name the \
         host as in it"
    ))
}

/// By SQLSTATE, as PostgreSQL and ODBC give it.
pub(super) fn state(code: &str, words: &str) -> ConnectorError {
    let class = code.get(..2).unwrap_or_default();
    let told = |what: &Message| {
        ConnectorError::configuration(Message::from(format!("{} [{code}]", one_line(words))).after(what))
    };
    match (class, code) {
        (_, "57014" | "HYT00" | "HYT01") => slow(),
        (_, "25006") => {
            ConnectorError::configuration(say!("frågan försöker skriva [{code}]", "the query tries to write [{code}]"))
                .hint(say!(
                    "Sluss läser bara: skriv en SELECT utan sidoeffekter",
                    "sluss only reads: write one SELECT without side effects"
                ))
        }
        (_, "42501") => told(&say!("användaren saknar en rättighet", "the user lacks a right")).hint(say!(
            "be databasens ägare att ge användaren rätt att läsa",
            "let the database's owner give it the right to read"
        )),
        (_, "3D000" | "3F000") => {
            ConnectorError::configuration(say!("databasen finns inte [{code}]", "there is no such database [{code}]"))
                .hint(say!("kontrollera sista delen av `url`", "check the last part of `url`"))
        }
        (_, "IM002" | "IM003" | "01000") => ConnectorError::configuration(say!(
            "ODBC-drivrutinen går inte att ladda [{code}]",
            "the ODBC driver cannot be loaded [{code}]"
        ))
        .hint(say!(
            "installera drivrutinen och kontrollera dess namn: `odbcinst -q -d` visar dem som finns",
            "install the driver and check its name: `odbcinst -q -d` lists them"
        )),
        ("28", _) => ConnectorError::configuration(say!(
            "databasen godtar inte användaren eller lösenordet [{code}]",
            "the database does not accept the user or the password [{code}]"
        ))
        .hint(say!(
            "kontrollera hemligheten som `url` eller `password` pekar på",
            "check the secret that `url` or `password` refers to"
        )),
        ("08", _) | (_, "57P01" | "57P02" | "57P03" | "57P05") => ConnectorError::source(say!(
            "anslutningen till databasen bröts [{code}]",
            "the connection to the database was broken off [{code}]"
        ))
        .hint(say!(
            "kontrollera att servern är igång, och kör sedan igen",
            "check that the server is up, then run again"
        ))
        .retryable(),
        ("40" | "53" | "55", _) => {
            ConnectorError::source(say!("databasen är för hårt belastad [{code}]", "the database is too busy [{code}]"))
                .hint(say!("kör igen senare, eller vid en annan tid på dygnet", "run again later, or at another hour"))
                .retryable()
        }
        ("42", _) => told(&say!("databasen godtar inte frågan", "the database refuses the query")).hint(say!(
            "kontrollera `table` eller `query`; `sluss discover` visar tabeller och kolumner",
            "check `table` or `query`; `sluss discover` lists tables and columns"
        )),
        ("22", _) => ConnectorError::configuration(say!(
            "frågan stöter på ett värde som den inte klarar [{code}]",
            "the query meets a value that it cannot handle [{code}]"
        ))
        .hint(say!(
            "kör frågan för hand: en omvandling eller beräkning i den misslyckas för någon rad",
            "run the query by hand: a conversion or a calculation in it fails for some row"
        )),
        ("0A", _) => told(&say!("databasen klarar inte detta", "the database cannot do this"))
            .hint(say!("förenkla frågan, eller gör en vy av den", "simplify the query, or make a view of it")),
        _ => ConnectorError::source(say!("databasen ger ett fel [{code}]", "the database fails [{code}]"))
            .hint(say!("se i serverns logg vid denna tidpunkt", "look in the server's log at this time"))
            .retryable(),
    }
}

/// By MariaDB's and MySQL's numbers, which tell more than their SQLSTATE does.
fn mysql(number: u16, code: &str, words: &str) -> ConnectorError {
    match number {
        1044 | 1045 | 1698 => state("28000", words),
        1142 | 1143 | 1227 | 1370 => state("42501", words),
        1049 => state("3D000", words),
        1792 | 1290 => state("25006", words),
        1969 | 3024 | 1317 => slow(),
        1040 | 1203 | 1205 | 1213 | 1226 => state("53300", words),
        1053 | 1927 | 1152..=1161 | 2006 | 2013 => state("08006", words),
        _ => state(code, words),
    }
}

/// By SQLite's result code.
fn sqlite(code: &str, words: &str) -> ConnectorError {
    // The lower eight bits are the primary code.
    match code.parse::<u32>().unwrap_or_default() & 0xFF {
        1 => ConnectorError::configuration(say!(
            "databasen godtar inte frågan: {}",
            "the database refuses the query: {}",
            one_line(words)
        ))
        .hint(say!(
            "kontrollera `table` eller `query`; `sluss discover` visar tabeller och kolumner",
            "check `table` or `query`; `sluss discover` lists tables and columns"
        )),
        5 | 6 => ConnectorError::source(say!(
            "databasen skrivs just nu av ett annat program",
            "the database is being written to"
        ))
        .hint(say!("kör igen när det programmet är klart", "run again when its program has finished"))
        .retryable(),
        8 => ConnectorError::configuration(say!("frågan försöker skriva", "the query tries to write")).hint(say!(
            "Sluss läser bara: skriv en SELECT utan sidoeffekter",
            "sluss only reads: write one SELECT without side effects"
        )),
        3 | 14 => {
            ConnectorError::configuration(say!("databasfilen går inte att öppna", "the database file cannot be opened"))
                .hint(say!(
                    "kontrollera `path`, och att den användare som kör Sluss får läsa filen",
                    "check `path`, and that the user that runs sluss may read the file"
                ))
        }
        11 => ConnectorError::source(say!("databasfilen är skadad", "the database file is damaged")).hint(say!(
            "be filens ägare att köra `PRAGMA integrity_check` och skicka filen igen",
            "let its owner run `PRAGMA integrity_check` and send it again"
        )),
        26 => ConnectorError::source(say!(
            "filen är ingen SQLite-databas, eller är krypterad",
            "the file is no SQLite database, or is encrypted"
        ))
        .hint(say!(
            "kontrollera `path`; en export i annan form läses med kopplingen `files`",
            "check `path`; an export in another form is read by `files`"
        )),
        9 => slow(),
        _ => ConnectorError::source(say!("databasen ger ett fel [{code}]", "the database fails [{code}]"))
            .hint(say!(
                "kontrollera att filen är hel: `PRAGMA integrity_check`",
                "check that the file is whole: `PRAGMA integrity_check`"
            ))
            .retryable(),
    }
}

/// The time-out was reached.
pub(super) fn too_slow(place: &str) -> ConnectorError {
    slow().at(place)
}

fn slow() -> ConnectorError {
    ConnectorError::source(say!(
        "databasen tar längre tid på sig än `timeout`",
        "the database takes longer than `timeout`"
    ))
    .hint(say!(
        "sätt en längre `timeout`, eller låt databasen få ett index för frågan",
        "set a longer `timeout`, or let the database have an index for the query"
    ))
    .retryable()
}

/// The reader of the rows has gone.
pub(super) fn cancelled() -> ConnectorError {
    ConnectorError::operator(say!("läsningen avbröts", "reading was cancelled"))
}

/// The landing zone does not take the rows: then nothing may go on.
pub(super) fn landing(error: io::Error) -> ConnectorError {
    ConnectorError::operator(say!("raderna kan inte sparas", "the rows cannot be kept"))
        .hint(say!(
            "kontrollera att landningszonen går att skriva i och har plats",
            "check that the landing zone can be written to and has room"
        ))
        .because(error)
        .retryable()
}

/// A failure of our own.
pub(super) fn ours(doing: &Message) -> ConnectorError {
    let mut error = ConnectorError::source(Message::new(
        format!("Sluss misslyckades med att {}", doing.told(Language::Swedish)),
        format!("sluss failed while {}", doing.told(Language::English)),
    ))
    .hint(say!(
        "rapportera felet med databasens sort och kolumnernas typer, inte dess innehåll",
        "report this with the kind of database and the columns' types, not its content"
    ));
    error.actor = Actor::Us;
    error
}

/// The first line, cut to what a screen holds, without a full stop.
fn one_line(words: &str) -> String {
    let line: String = words.lines().next().unwrap_or_default().chars().take(200).collect();
    line.trim_end_matches('.').to_owned()
}
