//! A region's contract database: what stands in it, how it changes, and the jobs that read it.

use chrono::{Days, NaiveDate};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};

use crate::sandbox::Sandbox;

/// A national table that the region feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Avtal,
    Uppdrag,
    Tjanst,
}

impl Table {
    pub(super) const ALL: [Self; 3] = [Self::Avtal, Self::Uppdrag, Self::Tjanst];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Avtal => "avtal",
            Self::Uppdrag => "uppdrag",
            Self::Tjanst => "tjanst",
        }
    }

    pub(super) fn parent(self) -> Option<Self> {
        match self {
            Self::Avtal => None,
            Self::Uppdrag => Some(Self::Avtal),
            Self::Tjanst => Some(Self::Uppdrag),
        }
    }
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    None,
    /// A date that no calendar has.
    NoSuchDay,
    /// A date in a form that only the mended mapping reads.
    OddForm,
    /// A value that is none of those allowed.
    WrongValue,
    /// No number of a contract.
    Keyless,
    /// An amount in words: where its column is one of numbers, the row cannot be read.
    Amount,
}

/// A row of the database.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) table: Table,
    /// Contract, commission, and what tells a service from others: it has no number.
    ids: [String; 3],
    name: String,
    value: String,
    amount: u32,
    pub(super) from: NaiveDate,
    pub(super) till: Option<NaiveDate>,
    pub(super) flaw: Flaw,
}

impl Row {
    pub(super) fn ids(&self) -> &[String] {
        &self.ids[..=self.table as usize]
    }

    pub(super) fn parent_ids(&self) -> &[String] {
        &self.ids[..self.table as usize]
    }

    /// What its table declares as a correction.
    pub(super) fn corrected(&self) -> String {
        if self.table == Table::Tjanst { String::new() } else { self.name.clone() }
    }

    /// What else its table maps.
    pub(super) fn changing(&self) -> String {
        let value = if self.flaw == Flaw::WrongValue { "okänt" } else { &self.value };
        if self.table == Table::Avtal { format!("{value}|{}", self.amount) } else { value.to_owned() }
    }

    fn written_from(&self) -> String {
        match self.flaw {
            Flaw::NoSuchDay => "2026-02-30".to_owned(),
            Flaw::OddForm => format!("dag {}", self.from),
            _ => self.from.to_string(),
        }
    }
}

/// Whether one job reads everything, or contracts have one and what is under them another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    OneJob,
    TwoJobs,
}

impl Layout {
    /// Jobs in the order in which they run, with what they feed.
    pub(super) fn jobs(self) -> &'static [(&'static str, &'static [Table])] {
        match self {
            Self::OneJob => &[("avtal", &Table::ALL)],
            Self::TwoJobs => &[("avtal", &[Table::Avtal]), ("uppdrag", &[Table::Uppdrag, Table::Tjanst])],
        }
    }
}

/// The database, and what its jobs know of it.
#[expect(clippy::struct_excessive_bools, reason = "each happens by itself")]
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) county: String,
    pub(super) layout: Layout,
    pub(super) rows: Vec<Row>,
    next: u32,
    /// The column of names has another name in the database; and the job knows it.
    renamed: (bool, bool),
    /// The column of amounts is one of text; a column has been added.
    retyped: bool,
    widened: bool,
    pub(super) mended: bool,
    pub(super) guarded: bool,
}

impl Source {
    pub(super) fn new(county: &str, random: &mut StdRng) -> Self {
        let layout = if random.random_bool(0.6) { Layout::OneJob } else { Layout::TwoJobs };
        let mut source = Self {
            county: county.to_owned(),
            layout,
            rows: Vec::new(),
            next: 0,
            renamed: (false, false),
            retyped: false,
            widened: false,
            mended: false,
            guarded: random.random_bool(0.25),
        };
        for _ in 0..random.random_range(2..6) {
            source.add_contract(random);
        }
        source
    }

    /// Whether the jobs that read contracts can run: they know the column's name.
    pub(super) fn is_understood(&self) -> bool {
        self.renamed.0 == self.renamed.1
    }

    /// Whether the column of amounts holds nothing else, so that words in it make a row unreadable.
    pub(super) fn typed(&self) -> bool {
        self.layout == Layout::TwoJobs && !self.retyped
    }

    pub(super) fn limits(&self) -> [f64; 3] {
        if self.guarded { [0.4, 0.5, 0.5] } else { [1.0; 3] }
    }

    /// The rows that a job reads, in the order in which the database gives them.
    pub(super) fn of(&self, tables: &[Table]) -> Vec<Row> {
        let of = |table: &Table| self.rows.iter().filter(|row| row.table == *table).cloned().collect::<Vec<_>>();
        tables.iter().flat_map(of).collect()
    }

    fn row(&mut self, table: Table, ids: [String; 3], random: &mut StdRng) -> Row {
        let from = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + Days::new(random.random_range(0..40) * 20);
        self.next += 1;
        Row {
            table,
            ids,
            name: format!("Namn {}", self.next),
            value: any_value(table, random),
            amount: random.random_range(1..4) * 1000,
            from,
            till: random.random_bool(0.6).then(|| from + Days::new(random.random_range(1..40) * 20)),
            flaw: Flaw::None,
        }
    }

    fn add_contract(&mut self, random: &mut StdRng) {
        let nr = format!("A{}", self.next);
        let contract = self.row(Table::Avtal, [nr.clone(), String::new(), String::new()], random);
        self.rows.push(contract);
        for _ in 0..random.random_range(0..3) {
            self.add_commission(&nr, random);
        }
    }

    fn add_commission(&mut self, nr: &str, random: &mut StdRng) {
        let commission = format!("U{}", self.next);
        let row = self.row(Table::Uppdrag, [nr.to_owned(), commission.clone(), String::new()], random);
        self.rows.push(row);
        for _ in 0..random.random_range(0..3) {
            self.add_service(nr, &commission, random);
        }
    }

    fn add_service(&mut self, nr: &str, commission: &str, random: &mut StdRng) {
        let text = format!("Tjänst {}", self.next);
        let row = self.row(Table::Tjanst, [nr.to_owned(), commission.to_owned(), text], random);
        self.rows.push(row);
    }

    /// What a region does with its database from one delivery to the next; sometimes nothing.
    pub(super) fn live_on(&mut self, random: &mut StdRng) {
        if !self.is_understood() {
            self.renamed.1 = self.renamed.0;
        } else if random.random_bool(0.06) {
            self.renamed.0 = !self.renamed.0;
        }
        self.retyped |= random.random_bool(0.05);
        self.widened |= random.random_bool(0.05);
        self.mended |= random.random_bool(0.12);
        if random.random_bool(0.85) {
            for _ in 0..random.random_range(1..6) {
                self.change_one(random);
            }
        }
        self.rows.shuffle(random);
    }

    fn change_one(&mut self, random: &mut StdRng) {
        let Some(at) = (0..self.rows.len()).collect::<Vec<_>>().choose(random).copied() else {
            self.add_contract(random);
            return;
        };
        let (table, ids) = (self.rows[at].table, self.rows[at].ids.clone());
        match random.random_range(0..100) {
            0..10 => self.add_contract(random),
            10..16 => self.add_commission(&ids[0], random),
            16..20 if table != Table::Avtal => self.add_service(&ids[0], &ids[1], random),
            // Without its children, and with them.
            20..28 => drop(self.rows.remove(at)),
            28..36 => self.rows.retain(|row| row.ids[..=table as usize] != ids[..=table as usize]),
            36..44 => self.rows[at].name = format!("Nytt namn {}", random.random_range(0..3)),
            44..52 => self.rows[at].value = any_value(table, random),
            52..56 => self.rows[at].amount = random.random_range(1..4) * 1000,
            56..62 => {
                let row = &mut self.rows[at];
                row.from = row.from + Days::new(20);
                row.till = row.till.map(|till| till.max(row.from + Days::new(20)));
            }
            62..68 => {
                let row = &mut self.rows[at];
                row.till = random.random_bool(0.8).then(|| row.from + Days::new(random.random_range(1..40) * 20));
            }
            // What tells the row from others: another one, by the register's light.
            68..72 => self.rows[at].ids[table as usize].push('b'),
            72..88 => {
                let flaws =
                    [Flaw::NoSuchDay, Flaw::OddForm, Flaw::OddForm, Flaw::WrongValue, Flaw::Keyless, Flaw::Amount];
                let fits = |flaw: &Flaw| match flaw {
                    Flaw::Amount => table == Table::Avtal,
                    Flaw::WrongValue => table != Table::Tjanst,
                    _ => true,
                };
                let fitting: Vec<Flaw> = flaws.into_iter().filter(fits).collect();
                self.rows[at].flaw = *fitting.choose(random).unwrap();
            }
            88..92 => {
                let mut twin = self.rows[at].clone();
                if random.random_bool(0.5) {
                    twin.value = any_value(table, random);
                }
                self.rows.push(twin);
            }
            _ => {
                for row in &mut self.rows {
                    if random.random_bool(0.7) {
                        row.flaw = Flaw::None;
                    }
                }
            }
        }
    }

    fn folder(&self) -> String {
        format!("regions/{}-prov", self.county)
    }

    /// The job's name, as the program lists it.
    pub(super) fn job(&self, job: &str) -> String {
        format!("{}/{job}", self.folder())
    }

    /// Writes the jobs as they are now.
    pub(super) fn write_jobs(&self, sandbox: &Sandbox) {
        let name = if self.renamed.1 { "benamning AS namn" } else { "namn" };
        let contracts =
            |kind: &str, amount: &str| format!("SELECT {kind}nr, {name}, varde, {amount}, fran, till FROM avtal");
        let under = "SELECT 'uppdrag' AS slag, nr, uppdrag, NULL AS text, namn, varde, NULL AS tak, fran, till FROM uppdrag \
                     UNION ALL SELECT 'tjanst', nr, uppdrag, text, namn, varde, NULL, fran, till FROM tjanst";
        let columns = "slag, nr, uppdrag, text, namn, varde, tak, fran, till";
        let queries = match self.layout {
            Layout::OneJob => {
                let kind = "'avtal' AS slag, NULL AS uppdrag, NULL AS text, ";
                // One column for all tables has no type of its own.
                let all = contracts(kind, "CAST(tak AS TEXT) AS tak");
                vec![format!("SELECT {columns} FROM ({all}) UNION ALL SELECT {columns} FROM ({under})")]
            }
            Layout::TwoJobs => vec![contracts("", "tak"), under.to_owned()],
        };
        let [rejected, ended, lacking] = self.limits();
        for ((job, tables), query) in self.layout.jobs().iter().zip(queries) {
            let names: Vec<_> = tables.iter().map(|table| format!("{:?}", table.name())).collect();
            let maps: Vec<_> = tables.iter().map(|table| format!("{0} = \"{0}.sql\"\n", table.name())).collect();
            let toml = format!(
                "[job]\nowner = \"{}\"\nfeeds = [{}]\n[source]\nconnector = \"sql\"\n[source.options]\n\
                 path = \"avtal.db\"\nquery = \"{query}\"\n[map]\n{}[limits]\nmax_rejected_share = {rejected:?}\n\
                 max_ended_share = {ended:?}\nmax_shrunken_share = {lacking:?}\nunusual = 0\n",
                self.county,
                names.join(", "),
                maps.concat(),
            );
            sandbox.write(&format!("{}/{job}.toml", self.folder()), toml);
        }
        for table in Table::ALL {
            sandbox.write(&format!("{}/{}.sql", self.folder(), table.name()), self.mapping(table));
        }
    }

    fn mapping(&self, table: Table) -> String {
        let from = if self.mended { "datum(replace(fran, 'dag ', ''))" } else { "datum(fran)" };
        let own = match table {
            Table::Avtal => "namn AS titel, varde AS status, tak AS ersattningstak",
            Table::Uppdrag => {
                "uppdrag AS uppdrags_id, '2321000206' AS bestallare_orgnr, namn AS utforare_namn, varde AS typ"
            }
            Table::Tjanst => "uppdrag AS uppdrags_id, text AS beskrivning, varde AS plats_id",
        };
        let of_table = match (self.layout, table) {
            (Layout::TwoJobs, Table::Avtal) => String::new(),
            _ => format!(" WHERE slag = '{}'", table.name()),
        };
        format!(
            "SELECT '{}' AS lanskod, nr AS avtals_id, {own}, {from} AS giltig_fran, datum(till) AS giltig_till \
             FROM source{of_table}",
            self.county
        )
    }

    /// Writes the database as it is now.
    pub(super) async fn write_database(&self, sandbox: &Sandbox) {
        let path = sandbox.path().join(self.folder()).join("avtal.db");
        let _ = std::fs::remove_file(&path);
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let options = options.pragma("synchronous", "OFF").disable_statement_logging();
        let mut database = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        let name = if self.renamed.0 { "benamning" } else { "namn" };
        let amount = if self.retyped { "TEXT" } else { "DECIMAL(12,2)" };
        let more = if self.widened { ", anteckning TEXT DEFAULT 'ny'" } else { "" };
        let tables = format!(
            "BEGIN;
             CREATE TABLE avtal (nr TEXT, {name} TEXT, varde TEXT, tak {amount}, fran TEXT, till TEXT{more});
             CREATE TABLE uppdrag (nr TEXT, uppdrag TEXT, namn TEXT, varde TEXT, fran TEXT, till TEXT);
             CREATE TABLE tjanst (nr TEXT, uppdrag TEXT, text TEXT, namn TEXT, varde TEXT, fran TEXT, till TEXT)"
        );
        database.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(tables))).await.unwrap();
        for row in &self.rows {
            let sql = match row.table {
                Table::Avtal => {
                    format!("INSERT INTO avtal (nr, {name}, varde, tak, fran, till) VALUES (?, ?, ?, ?, ?, ?)")
                }
                Table::Uppdrag => "INSERT INTO uppdrag VALUES (?, ?, ?, ?, ?, ?)".to_owned(),
                Table::Tjanst => "INSERT INTO tjanst VALUES (?, ?, ?, ?, ?, ?, ?)".to_owned(),
            };
            let mut insert = sqlx::query(sqlx::AssertSqlSafe(sql));
            for (at, id) in row.ids().iter().enumerate() {
                insert = insert.bind((at > 0 || row.flaw != Flaw::Keyless).then_some(id.as_str()));
            }
            let wrong = row.flaw == Flaw::WrongValue;
            insert = insert.bind(&row.name).bind(if wrong { "okänt" } else { row.value.as_str() });
            if row.table == Table::Avtal {
                let amount = row.amount.to_string();
                insert = insert.bind(if row.flaw == Flaw::Amount { "enligt bilaga".to_owned() } else { amount });
            }
            insert = insert.bind(row.written_from()).bind(row.till.map(|till| till.to_string()));
            insert.execute(&mut database).await.unwrap();
        }
        database.execute("COMMIT").await.unwrap();
        database.close().await.unwrap();
    }
}

fn any_value(table: Table, random: &mut StdRng) -> String {
    let values: &[&str] = match table {
        Table::Avtal => &["gallande", "kommande", "uppsagt"],
        Table::Uppdrag => &["bas", "tillagg"],
        Table::Tjanst => &["P1", "P2", "P3"],
    };
    (*values.choose(random).unwrap()).to_owned()
}
