//! What every test needs: an empty register, two national tables, rows for them.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use arrow::array::{
    BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Float64Array, Int64Array, RecordBatch,
    StringViewArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::pretty::pretty_format_batches;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures::TryStreamExt;
use sluss_schemas::clock::Clock;
use sluss_schemas::table::Table;
use tempfile::TempDir;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::ledger::{NewRun, RunState};
use crate::register::roles::Capacity;
use crate::register::{
    Believed, Keep as _, KeyKind, Publication, Published, Question, Register, Result, Roles, Store, TableChange,
};

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A clock that a test moves.
#[derive(Debug)]
pub(crate) struct TestClock(pub(crate) Mutex<DateTime<Utc>>);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(DateTime::from_timestamp(1_790_000_000, 123_456_000).unwrap())))
    }
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// A contract: valid time of its own, a correction column, a column of every type.
pub(crate) fn avtal() -> Table {
    let mut columns = String::new();
    let mut column = |name: &str, kind: &str, more: &str| {
        let _ = writeln!(columns, "[[column]]\nname = \"{name}\"\ntype = \"{kind}\"\nmeaning = \"{name}\"\n{more}");
    };
    column("lanskod", "text", "required = true");
    column("avtals_id", "text", "required = true");
    column("titel", "text", "");
    column("diarienummer", "text", "correction = true");
    column("belopp", "decimal(12,2)", "");
    column("stort", "decimal(30,4)", "");
    column("antal", "integer", "");
    column("andel", "float", "");
    column("aktiv", "boolean", "");
    column("beslutad", "timestamp", "");
    column("giltig_fran", "date", "");
    column("giltig_till", "date", "");
    let head = "name = \"avtal\"\nversion = \"1.0\"\nmeaning = \"avtal\"\nkey = [\"lanskod\", \"avtals_id\"]\nowner = \"lanskod\"\n";
    toml::from_str(&format!("{head}{columns}")).unwrap()
}

/// An organisation: no valid time of its own, no owner column.
pub(crate) fn organisation() -> Table {
    toml::from_str(
        r#"
        name = "organisation"
        version = "1.0"
        meaning = "organisation"
        key = ["orgnr"]
        [[column]]
        name = "orgnr"
        type = "text"
        meaning = "organisationsnummer"
        required = true
        [[column]]
        name = "namn"
        type = "text"
        meaning = "namn"
        [[column]]
        name = "form"
        type = "text"
        meaning = "juridisk form"
        correction = true
        "#,
    )
    .unwrap()
}

pub(crate) fn day(day: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + TimeDelta::days(i64::from(day))
}

pub(crate) fn key_of(parts: &[&str]) -> [u8; 16] {
    xxh3_128(parts.join("\u{1f}").as_bytes()).to_be_bytes()
}

/// A contract's row. Days count from 2026-01-01; none is unbounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Avtal {
    pub(crate) lan: String,
    pub(crate) id: String,
    pub(crate) titel: String,
    pub(crate) dnr: String,
    pub(crate) from: Option<i32>,
    pub(crate) till: Option<i32>,
}

impl Avtal {
    pub(crate) fn new(
        id: &str,
        titel: &str,
        dnr: &str,
        from: impl Into<Option<i32>>,
        till: impl Into<Option<i32>>,
    ) -> Self {
        Self {
            lan: "22".into(),
            id: id.into(),
            titel: titel.into(),
            dnr: dnr.into(),
            from: from.into(),
            till: till.into(),
        }
    }
    pub(crate) fn of(mut self, lan: &str) -> Self {
        self.lan = lan.into();
        self
    }
    pub(crate) fn key(&self) -> [u8; 16] {
        key_of(&[&self.lan, &self.id])
    }
    fn content(&self) -> i64 {
        i64::from_be_bytes(xxh3_64(format!("{self:?}").as_bytes()).to_be_bytes())
    }
}

pub(crate) fn avtal_batch(rows: &[Avtal]) -> RecordBatch {
    let text = |f: fn(&Avtal) -> &str| Arc::new(StringViewArray::from_iter_values(rows.iter().map(f)));
    let n = rows.len();
    let date = |f: fn(&Avtal) -> Option<i32>| {
        Arc::new(rows.iter().map(|r| f(r).map(|d| day(d).to_epoch_days())).collect::<Date32Array>())
    };
    let table = avtal();
    let mut fields: Vec<Field> = table
        .column
        .iter()
        .map(|c| Field::new(&c.name, super::super::layout::Holds::Value(c.kind).arrow(), !c.required))
        .collect();
    fields.push(Field::new("_nyckel", DataType::FixedSizeBinary(16), false));
    fields.push(Field::new("_innehall", DataType::Int64, false));
    fields.push(Field::new("_rad", DataType::UInt64, false));
    let big = 123_456_789_012_345_678_901_234_567_890_i128;
    let belopp = Decimal128Array::from_iter_values((0..n).map(|_| -1_234_550));
    let stort = Decimal128Array::from_iter_values((0..n).map(|_| big));
    let instants = TimestampMicrosecondArray::from(vec![1_790_000_000_123_456; n]);
    let columns: Vec<arrow::array::ArrayRef> = vec![
        text(|r| &r.lan),
        text(|r| &r.id),
        text(|r| &r.titel),
        text(|r| &r.dnr),
        Arc::new(belopp.with_precision_and_scale(12, 2).unwrap()),
        Arc::new(stort.with_precision_and_scale(30, 4).unwrap()),
        Arc::new(Int64Array::from(vec![Some(-7); n])),
        Arc::new(Float64Array::from(vec![0.25; n])),
        Arc::new(BooleanArray::from(vec![true; n])),
        Arc::new(instants.with_timezone("UTC")),
        date(|r| r.from),
        date(|r| r.till),
        Arc::new(
            FixedSizeBinaryArray::try_from_iter(rows.iter().map(Avtal::key))
                .unwrap_or_else(|_| FixedSizeBinaryArray::new_null(16, 0)),
        ),
        Arc::new(rows.iter().map(|r| Some(r.content())).collect::<Int64Array>()),
        Arc::new(UInt64Array::from_iter_values((0..n as u64).map(|i| (1 << 63) + i))),
    ];
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

pub(crate) fn organisation_batch(rows: &[(&str, &str, &str)]) -> RecordBatch {
    let column = |i: usize| {
        StringViewArray::from_iter_values(rows.iter().map(|r| match i {
            0 => r.0,
            1 => r.1,
            _ => r.2,
        }))
    };
    let fields = vec![
        Field::new("orgnr", DataType::Utf8View, false),
        Field::new("namn", DataType::Utf8View, true),
        Field::new("form", DataType::Utf8View, true),
        Field::new("_nyckel", DataType::FixedSizeBinary(16), false),
        Field::new("_innehall", DataType::Int64, false),
        Field::new("_rad", DataType::UInt64, false),
    ];
    let hash = |r: &(&str, &str, &str)| i64::from_be_bytes(xxh3_64(format!("{r:?}").as_bytes()).to_be_bytes());
    RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        vec![
            Arc::new(column(0)),
            Arc::new(column(1)),
            Arc::new(column(2)),
            Arc::new(FixedSizeBinaryArray::try_from_iter(rows.iter().map(|r| key_of(&[r.0]))).unwrap()),
            Arc::new(rows.iter().map(|r| Some(hash(r))).collect::<Int64Array>()),
            Arc::new(UInt64Array::from_iter_values(1..=rows.len() as u64)),
        ],
    )
    .unwrap()
}

/// A new, empty database on a server of our own; none where PostgreSQL is not installed.
pub(crate) async fn postgres_url() -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let Some(server) = Server::shared() else {
        println!("skipped: PostgreSQL is not installed");
        return None;
    };
    let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let admin = sqlx::PgPool::connect(&server.url("postgres")).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    admin.close().await;
    Some(server.url(&name))
}

/// An empty register in one of the databases.
pub(crate) struct On {
    pub(crate) url: String,
    pub(crate) register: Arc<dyn Register>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    runs: AtomicU32,
    folder: Option<TempDir>,
}

impl On {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("register.db").display());
        Self::at(url, Some(folder)).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::at(postgres_url().await?, None).await)
    }

    /// A database in which `sql` was run after the ledger was made, before the national tables.
    pub(crate) async fn postgres_prepared(sql: &'static str) -> Option<Self> {
        let url = postgres_url().await?;
        Store::open(&url, &[], TestClock::new()).await.unwrap().migrate().await.unwrap();
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        Some(Self::at(url, None).await)
    }

    /// An empty register on PostgreSQL with roles, used through the pipeline's login, which owns nothing.
    pub(crate) async fn postgres_in_roles() -> Option<Self> {
        let url = postgres_url().await?;
        let keeper = Self::at(url.clone(), None).await;
        let owners = ["22", "14", "01", "23", "hsa", "nationell"].map(str::to_owned);
        keeper.store.set_roles(&Roles::new("sluss", owners).unwrap()).await.unwrap();
        let mut tx = keeper.store.database.begin().await.unwrap();
        tx.define("test", "CREATE ROLE inlasare LOGIN IN ROLE sluss_inlasning").await.unwrap();
        tx.commit().await.unwrap();
        Some(Self::at(url.replace("//sluss@", "//inlasare@"), None).await)
    }

    /// The register at `url` once more, as after a restart.
    pub(crate) async fn again(url: String) -> Self {
        Self::at(url, None).await
    }

    async fn at(url: String, folder: Option<TempDir>) -> Self {
        let mut on = Self::of(&url, &[avtal(), organisation()], TestClock::new()).await;
        on.folder = folder;
        on
    }

    /// The register at `url` with tables of its own.
    pub(crate) async fn of(url: &str, tables: &[Table], clock: Arc<TestClock>) -> Self {
        let store = Store::open(url, tables, clock.clone()).await.unwrap();
        if store.capacity().await.unwrap() == Capacity::Keeper {
            store.migrate().await.unwrap();
        }
        let register = Arc::new(store.clone());
        Self { url: url.to_owned(), register, store, clock, runs: AtomicU32::new(0), folder: None }
    }

    pub(crate) async fn begin(&self, job: &str, owner: &str, replay_of: Option<&str>) -> String {
        let id = format!("r{}", self.runs.fetch_add(1, Ordering::Relaxed));
        self.register.begin_run(&new_run(&id, job, owner, replay_of)).await.unwrap();
        id
    }

    /// A whole delivery of contracts: stages and publishes them, ends what is absent.
    pub(crate) async fn deliver(&self, effective: i32, rows: &[Avtal]) -> Published {
        let run = self.begin("avtal", "22", None).await;
        self.publish(&run, "22", effective, rows, &[]).await.unwrap()
    }

    /// Compares with the register, stages the differences, publishes them.
    pub(crate) async fn publish(
        &self,
        run: &str,
        owner: &str,
        effective: i32,
        rows: &[Avtal],
        stale: &[[u8; 16]],
    ) -> Result<Published> {
        let publication = self.stage(run, owner, effective, rows, stale).await?;
        self.register.publish(&publication).await
    }

    pub(crate) async fn stage(
        &self,
        run: &str,
        owner: &str,
        effective: i32,
        rows: &[Avtal],
        stale: &[[u8; 16]],
    ) -> Result<Publication> {
        let base = self.register.base().await?;
        let current: Vec<_> = self.register.current_keys("avtal", Some(owner)).await?.try_collect().await?;
        let current: std::collections::BTreeMap<[u8; 16], i64> =
            current.into_iter().flat_map(|b| b.keys.into_iter().zip(b.hashes)).collect();
        let changed: Vec<Avtal> =
            rows.iter().filter(|r| current.get(&r.key()) != Some(&r.content())).cloned().collect();
        if !changed.is_empty() {
            self.register.stage(run, "avtal", &avtal_batch(&changed)).await?;
        }
        let came: Vec<[u8; 16]> = rows.iter().map(Avtal::key).chain(stale.iter().copied()).collect();
        let ended: Vec<[u8; 16]> = current.keys().filter(|k| !came.contains(k)).copied().collect();
        if !ended.is_empty() {
            self.register.stage_keys(run, "avtal", &ended, KeyKind::Ended).await?;
        }
        if !stale.is_empty() {
            self.register.stage_keys(run, "avtal", stale, KeyKind::Stale).await?;
        }
        Ok(Publication {
            run: run.into(),
            job: "avtal".into(),
            owner: owner.into(),
            base,
            effective: day(effective),
            mapping: "m1".into(),
            tables: vec![TableChange { table: "avtal".into(), complete: true }],
            ..Publication::default()
        })
    }

    /// Stages rows of an incremental delivery: what is absent goes on.
    pub(crate) async fn stage_rows(
        &self,
        run: &str,
        owner: &str,
        effective: i32,
        rows: &[Avtal],
    ) -> Result<Publication> {
        let base = self.register.base().await?;
        self.register.stage(run, "avtal", &avtal_batch(rows)).await?;
        Ok(Publication {
            run: run.into(),
            job: "avtal".into(),
            owner: owner.into(),
            base,
            effective: day(effective),
            mapping: "m1".into(),
            tables: vec![TableChange { table: "avtal".into(), complete: false }],
            ..Publication::default()
        })
    }

    /// Slices as `id titel dnr [from, till)`, sorted; days count from 2026-01-01.
    pub(crate) async fn slices(&self, believed: Believed) -> Vec<String> {
        self.slices_where(None, believed).await
    }

    async fn slices_where(&self, owner: Option<&str>, believed: Believed) -> Vec<String> {
        let names =
            ["lanskod", "avtals_id", "titel", "diarienummer", "giltig_fran", "giltig_till", "_aktuell", "_inaktuell"];
        let question = Question {
            table: "avtal".into(),
            columns: Some(names.map(str::to_owned).to_vec()),
            believed,
            owner: owner.map(str::to_owned),
            ..Question::default()
        };
        let batches: Vec<RecordBatch> = self.register.read(&question).await.unwrap().try_collect().await.unwrap();
        let mut out = vec![];
        for batch in batches {
            use arrow::array::{Array, AsArray};
            let text = |c: usize, row: usize| batch.column(c).as_string_view().value(row).to_owned();
            let date = |c: usize, row: usize| {
                let column = batch.column(c).as_primitive::<arrow::datatypes::Date32Type>();
                if column.is_null(row) {
                    String::new()
                } else {
                    (column.value(row) - day(0).to_epoch_days()).to_string()
                }
            };
            for row in 0..batch.num_rows() {
                let live = if batch.column(6).as_boolean().value(row) { "*" } else { "" };
                let stale = if batch.column(7).as_boolean().value(row) { "?" } else { "" };
                let lan = text(0, row);
                let lan = if lan == "22" { String::new() } else { format!("{lan}/") };
                out.push(format!(
                    "{lan}{} {} {} [{},{}){live}{stale}",
                    text(1, row),
                    text(2, row),
                    text(3, row),
                    date(4, row),
                    date(5, row)
                ));
            }
        }
        out.sort_unstable();
        out
    }
}

pub(crate) fn new_run(id: &str, job: &str, owner: &str, replay_of: Option<&str>) -> NewRun {
    NewRun {
        id: id.into(),
        job: job.into(),
        owner: owner.into(),
        mode: "snapshot".into(),
        state: RunState::Running,
        input_digest: None,
        replay_of: replay_of.map(str::to_owned),
    }
}

/// Batches as a person would see them, but for instants, whose zone Arrow shows only with a feature.
pub(crate) fn shown(batches: &[RecordBatch]) -> String {
    let plain = |batch: &RecordBatch| {
        let schema = batch.schema();
        let keep = |i: &usize| !matches!(schema.field(*i).data_type(), DataType::Timestamp(..));
        batch.project(&(0..schema.fields().len()).filter(keep).collect::<Vec<_>>()).unwrap()
    };
    pretty_format_batches(&batches.iter().map(plain).collect::<Vec<_>>()).unwrap().to_string()
}

/// A PostgreSQL server that lives as long as this process: a shell holds it, and stops it when the
/// pipe from here closes.
pub(crate) struct Server {
    port: u16,
    _shell: Child,
}

impl Server {
    pub(crate) fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        SERVER.get_or_init(Self::start).as_ref()
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://sluss@127.0.0.1:{}/{database}", self.port)
    }

    fn programs() -> Option<PathBuf> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        let mut found: Vec<PathBuf> = versions.filter_map(|e| Some(e.ok()?.path().join("bin"))).collect();
        found.retain(|bin| bin.join("initdb").exists());
        found.sort();
        found.pop()
    }

    fn start() -> Option<Self> {
        let bin = Self::programs()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let script = r#"
            set -e
            d=$(mktemp -d)
            "$1/initdb" -D "$d/db" -U sluss --auth=trust -E UTF8 --no-sync >/dev/null
            "$1/postgres" -D "$d/db" -k "$d" -h 127.0.0.1 -p "$2" -c fsync=off -c max_connections=200 \
                -c log_min_messages=panic >/dev/null 2>&1 &
            server=$!
            until "$1/pg_isready" -q -h 127.0.0.1 -p "$2"; do sleep 0.05; done
            echo ready
            cat >/dev/null || true
            kill -INT $server
            wait $server || true
            rm -rf "$d"
        "#;
        // The server refuses to run as root.
        let root = std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
        let mut command = if root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        let mut shell = command
            .args(["-c", script, "sh"])
            .arg(bin)
            .arg(port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(shell.stdout.take()?).read_line(&mut line).ok()?;
        (line.trim() == "ready").then_some(Self { port, _shell: shell })
    }
}
