//! No secret stands anywhere but where it was put: not in an answer, a log, an error, the list of
//! processes, the lake, the register, the ledger, the landing zone or what is left of temporary files.
//!
//! Jobs of every connector that takes a secret run with success and with failures, against servers that
//! repeat all that they are told. Every secret is a text of its own; all that comes out is searched for it.

mod search;
mod servers;

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use sqlx::{Connection, Executor};

use self::search::{Findings, Search};
use crate::sandbox::{Sandbox, python, root};
use crate::services;

/// Secrets by name. Some in the environment, some in `secrets.toml`, some in files of their own. With
/// letters that are written otherwise in addresses and in JSON.
const SECRETS: [(&str, &str); 14] = [
    ("db_url", "postgresql://sluss:Kanarie%2Bdb-7f3a@127.0.0.1:1/finns_inte"),
    ("db_losen", "Kanarie+db/losen&4c1e"),
    ("odbc", "odbc:Driver={finns inte};Server=127.0.0.1;UID=sluss;PWD=Kanarie-odbc-55d0"),
    ("klient", "Kanarie+klient/hemlig&91ab"),
    ("nyckel", "Kanarie-nyckel-6b2f-i-huvud"),
    ("nyckel_adress", "Kanarie+nyckel/adress&e07d"),
    ("losen", "Kanarie+basic/losen&33c9"),
    ("biljett", "Kanarie-biljett-a81f-fast"),
    ("huvud", "Kanarie-eget-huvud-1d6e"),
    ("ldap_losen", "Kanarie+ldap/losen&0f5a"),
    ("p12_losen", "Kanarie+p12/losen&b7e4"),
    ("s3_id", "KANARIES3ID72F0A1"),
    ("s3_nyckel", "Kanarie+s3/nyckel&8d3c"),
    ("s3_session", "Kanarie+s3/session&c5b1"),
];
/// Secrets that are no text of ours: the token that a server gives, the directory's password.
const GIVEN: [(&str, &str); 2] = [("token", "Kanarie-token-5e90-lanad"), ("katalog", "losenord-som-inte-syns")];
/// What stands within secrets that are addresses: a part alone tells as much.
const WITHIN: [(&str, &str); 3] = [
    ("db_url's password", "Kanarie+db-7f3a"),
    ("its written form", "Kanarie%2Bdb-7f3a"),
    ("odbc's password", "Kanarie-odbc-55d0"),
];

const ROWS: &str = r#"{"resourceType":"Bundle","type":"searchset","avtal":[{"nr":"A1","namn":"Avtal 1"},{"nr":"A2","namn":null}],
    "entry":[{"resource":{"resourceType":"Organization","id":"F1","name":"Enhet 1"}}]}"#;

/// A project of jobs, what they may say, and what has been seen of it.
struct Nest {
    sandbox: Sandbox,
    search: Search,
    findings: Findings,
    jobs: Vec<(String, bool)>,
    /// Where temporary files go.
    temporary: tempfile::TempDir,
}

impl Nest {
    fn new() -> Self {
        let sandbox = Sandbox::empty();
        for (name, value) in &SECRETS[..4] {
            sandbox.write(&format!(".secrets/{name}"), value);
            private(&sandbox, &format!(".secrets/{name}"));
        }
        let lines: Vec<_> = SECRETS[4..9].iter().map(|(name, value)| format!("{name} = {value:?}\n")).collect();
        sandbox.write("secrets.toml", lines.concat() + "katalog = \"losenord-som-inte-syns\"\n");
        private(&sandbox, "secrets.toml");
        // The installation's own keys are secrets like any other.
        let own = std::fs::read_dir(sandbox.path().join(".secrets")).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().display().to_string(), std::fs::read_to_string(&path).unwrap().trim().to_owned())
        });
        let own: Vec<_> = own.filter(|(name, _)| SECRETS.iter().all(|(known, _)| known != name)).collect();
        assert!(!own.is_empty(), "the project has no keys of its own");
        let known = SECRETS.iter().chain(&GIVEN).chain(&WITHIN).copied();
        let search = Search::new(known.chain(own.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
        let temporary = tempfile::tempdir().unwrap();
        Self { sandbox, search, findings: Findings::default(), jobs: Vec::new(), temporary }
    }

    /// A job; whether it is to succeed.
    fn job(&mut self, name: &str, succeeds: bool, connector: &str, columns: &str, options: &str) {
        let toml = format!(
            "[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\nmode = \"append\"\n[source]\nconnector = {connector:?}\n\
             [source.options]\n{options}\n[map]\navtal = \"{name}.sql\"\n[limits]\nmax_rejected_share = 1.0\n"
        );
        self.sandbox.write(&format!("regions/22-vasternorrland/{name}.toml"), toml);
        let sql = format!("SELECT '22' AS lanskod, {columns}, DATE '2026-01-01' AS giltig_fran FROM source");
        self.sandbox.write(&format!("regions/22-vasternorrland/{name}.sql"), sql);
        self.jobs.push((format!("regions/22-vasternorrland/{name}"), succeeds));
    }

    /// Runs the program with the most that it can log, looks at it while it runs, and through what it says.
    fn run(&mut self, arguments: &[&str]) -> (Option<i32>, String) {
        let said = tempfile::tempdir().unwrap();
        let (out, err) = (said.path().join("out"), said.path().join("err"));
        let mut command: Command = self.sandbox.command(arguments);
        command.arg("-vv").env("RUST_BACKTRACE", "full").env("TMPDIR", self.temporary.path());
        for (name, value) in &SECRETS[9..] {
            command.env(format!("SLUSS_SECRET_{}", name.to_uppercase()), value);
        }
        let mut process =
            command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap()).spawn().unwrap();
        let place = arguments.join(" ");
        let status = loop {
            self.look_at(process.id(), &place);
            if let Some(status) = process.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let text = std::fs::read(&out).unwrap();
        self.findings.look(&self.search, &format!("standard output of {place}"), &text);
        self.findings.look(&self.search, &format!("standard error of {place}"), &std::fs::read(&err).unwrap());
        (status.code(), String::from_utf8(text).unwrap())
    }

    /// What everybody on the machine can see of a process, and what it gave to those that it started.
    fn look_at(&mut self, process: u32, place: &str) {
        let command = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        self.findings.look(&self.search, &format!("the list of processes at {place}"), &command);
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{process}/task")) else { return };
        for task in tasks.flatten() {
            let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace() {
                // Until it is another program, a child is its parent once more.
                if std::fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default() == command {
                    continue;
                }
                for part in ["cmdline", "environ"] {
                    let text = std::fs::read(format!("/proc/{child}/{part}")).unwrap_or_default();
                    self.findings.look(&self.search, &format!("{part} of a child of {place}"), &text);
                }
            }
        }
    }

    /// Everything that is stored, and what was left of temporary files.
    fn look_through(&mut self) {
        let var = self.sandbox.path().join("var");
        self.findings.look_through(&self.search, &var);
        self.findings.look_through(&self.search, self.temporary.path());
    }

    /// Everything that can be said of a job, before and after it runs.
    fn try_job(&mut self, job: &str, succeeds: bool) {
        for command in ["check", "discover", "preview", "plan"] {
            self.run(&[command, job, "--format", "json"]);
        }
        for format in ["json", "table"] {
            let (code, said) = self.run(&["run", job, "--format", format]);
            assert_eq!(code == Some(0), succeeds, "{job}: {code:?} {said}");
        }
        self.run(&["check", job, "--offline", "--format", "json"]);
    }

    /// What can be said of everything together.
    fn try_rest(&mut self) {
        let (_, runs) = self.run(&["runs", "-n", "1000", "--format", "json"]);
        let runs: Value = serde_json::from_str(&runs).unwrap();
        for run in runs.as_array().unwrap() {
            let id = run["id"].as_str().unwrap();
            for command in ["runs", "receipt"] {
                for format in ["json", "table"] {
                    self.run(&[command, id, "--format", format]);
                }
            }
            self.run(&["quarantine", "show", id, "--format", "json"]);
        }
        for arguments in [
            &["jobs"][..],
            &["quarantine", "list"],
            &["doctor"],
            &["doctor", "--deep"],
            &["sweep"],
            &["sql", "SELECT * FROM lake.avtal"],
            &["sql", "SELECT * FROM register.avtal"],
            &["register", "history", "avtal", "22", "A1"],
        ] {
            for format in ["json", "table"] {
                self.run(&[arguments, &["--format", format]].concat());
            }
        }
    }
}

fn private(sandbox: &Sandbox, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(sandbox.path().join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// How an HTTP job tells who it is, in every way that there is.
fn credentials(port: u16) -> Vec<(&'static str, String)> {
    let oauth = |path: &str, more: &str| {
        format!(
            "[source.options.auth.oauth2]\ntoken_url = \"http://127.0.0.1:{port}{path}\"\nclient_id = \"sluss\"\n\
             client_secret = {{ secret = \"klient\" }}\n{more}"
        )
    };
    vec![
        ("oauth", oauth("/token", "")),
        ("oauth-kropp", oauth("/token", "in_body = true\n")),
        ("oauth-nekad", oauth("/tokenfel", "")),
        ("oauth-html", oauth("/html", "in_body = true\n")),
        ("nyckel", "[source.options.auth.api_key]\nvalue = { secret = \"nyckel\" }\n".to_owned()),
        (
            "nyckel-adress",
            "[source.options.auth.api_key]\nvalue = { secret = \"nyckel_adress\" }\nparameter = \"key\"\n".to_owned(),
        ),
        ("basic", "[source.options.auth.basic]\nuser = \"sluss\"\npassword = { secret = \"losen\" }\n".to_owned()),
        ("biljett", "[source.options.auth.bearer]\ntoken = { secret = \"biljett\" }\n".to_owned()),
        ("huvud", "[source.options.headers]\nX-Eget = { secret = \"huvud\" }\n".to_owned()),
    ]
}

const HURRIED: &str = "requests = { retries = 1, first_wait_ms = 1 }\n";
const NAMED: &str = "nr AS avtals_id, namn AS titel";

fn http_jobs(nest: &mut Nest) {
    let port = servers::http(ROWS, GIVEN[0].1);
    for (who, auth) in credentials(port) {
        let refused = who == "oauth-nekad" || who == "oauth-html";
        let paths: &[&str] = match who {
            _ if refused => &["/ratt"],
            "oauth" | "nyckel" | "nyckel-adress" => &["/ratt", "/html", "/fel", "/nekad", "/hit"],
            _ => &["/ratt", "/fel"],
        };
        for path in paths {
            let name = format!("rest-{who}-{}", path.trim_start_matches('/'));
            let options = format!(
                "url = \"http://127.0.0.1:{port}{path}\"\nrows = \"avtal[*]\"\ncolumns = {{ nr = \"nr\", namn = \"namn\" }}\n{HURRIED}{auth}"
            );
            nest.job(&name, *path == "/ratt" && !refused, "rest", NAMED, &options);
        }
    }
    for (who, auth) in
        credentials(port).into_iter().filter(|(who, _)| ["oauth", "nyckel-adress", "basic"].contains(who))
    {
        // The server's base: the kind of resource is added to it.
        for (path, succeeds) in [("/ratt", true), ("/fel", false)] {
            let options = format!(
                "url = \"http://127.0.0.1:{port}{path}\"\nresource = \"Organization\"\n\
                 columns = {{ nr = \"id\", namn = \"name\" }}\n{HURRIED}{auth}"
            );
            nest.job(&format!("fhir-{who}-{}", path.trim_start_matches('/')), succeeds, "fhir", NAMED, &options);
        }
    }
    // Nobody there; and a key that nothing knows, in a container that a password opens or does not.
    let away = format!("url = \"http://127.0.0.1:1/x\"\nrows = \"avtal[*]\"\n{HURRIED}{}", credentials(port)[5].1);
    nest.job("rest-borta", false, "rest", NAMED, &away);
    certificate(&nest.sandbox);
    for secret in ["p12_losen", "losen"] {
        let options = format!(
            "url = \"https://127.0.0.1:{port}/ratt\"\nrows = \"avtal[*]\"\n{HURRIED}\
             tls = {{ pkcs12 = {{ path = \"klient.p12\", password = {{ secret = \"{secret}\" }} }} }}\n"
        );
        nest.job(&format!("rest-p12-{secret}").replace('_', "-"), false, "rest", NAMED, &options);
    }
}

/// A certificate with its key in a PKCS#12 file.
fn certificate(sandbox: &Sandbox) {
    let folder = sandbox.path().join("regions/22-vasternorrland");
    std::fs::create_dir_all(&folder).unwrap();
    let script = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=sluss -keyout k -out c && \
                  openssl pkcs12 -export -inkey k -in c -out klient.p12 -passout env:LOSEN && rm k c";
    let password = SECRETS.iter().find(|(name, _)| *name == "p12_losen").unwrap().1;
    let made = Command::new("sh").args(["-c", script]).current_dir(&folder).env("LOSEN", password).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn database_jobs(nest: &mut Nest) {
    let port = servers::postgres();
    let told = format!(
        "url = \"postgresql://sluss@127.0.0.1:{port}/db\"\npassword = {{ secret = \"db_losen\" }}\ntable = \"avtal\"\n"
    );
    nest.job("sql-fel-losen", false, "sql", NAMED, &told);
    nest.job("sql-borta", false, "sql", NAMED, "url = { secret = \"db_url\" }\ntable = \"avtal\"\n");
    nest.job("sql-odbc", false, "sql", NAMED, "url = { secret = \"odbc\" }\ntable = \"avtal\"\n");
    let nobody = "url = \"mariadb://sluss@127.0.0.1:1/db\"\npassword = { secret = \"db_losen\" }\ntable = \"avtal\"\n";
    nest.job("sql-mariadb", false, "sql", NAMED, nobody);
    let Some(url) = services::postgres() else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
        connection.execute("CREATE TABLE avtal AS SELECT 'P1' AS nr, 'Avtal' AS namn").await.unwrap();
    });
    let options = format!("url = {url:?}\npassword = {{ secret = \"db_losen\" }}\ntable = \"avtal\"\n");
    nest.job("sql-ratt", true, "sql", NAMED, &options);
    nest.job("sql-fel-tabell", false, "sql", NAMED, &options.replace("\"avtal\"", "\"finns_inte\""));
}

/// A directory that is stopped when this goes.
struct Directory(String);

impl Directory {
    fn start() -> Option<Self> {
        let started = Command::new(root().join("tests/services/openldap.sh")).args(["start", "20"]).output().unwrap();
        let url = String::from_utf8(started.stdout).unwrap().trim().to_owned();
        if url.is_empty() {
            println!("skipped: {}", String::from_utf8_lossy(&started.stderr).trim());
            return None;
        }
        Some(Self(url))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = Command::new(root().join("tests/services/openldap.sh")).args(["stop", &self.0]).output();
    }
}

fn directory_jobs(nest: &mut Nest) -> Option<Directory> {
    let columns = "\"hsaIdentity\" AS avtals_id, ou AS titel";
    let port = servers::ldap();
    let job = |url: &str, secret: &str, more: &str| {
        format!(
            "url = \"{url}\"\nbase = \"o=Region Exempel,l=Exempelköping,c=SE\"\nfilter = \"(objectClass=hsaHealthCareUnit)\"\n\
             attributes = [\"hsaIdentity\", \"ou\"]\n{more}\n[source.options.bind]\nmethod = \"simple\"\n\
             dn = \"cn=sluss,o=Region Exempel,l=Exempelköping,c=SE\"\npassword = {{ secret = \"{secret}\" }}\n"
        )
    };
    let plain = "allow_plaintext = true\ntimeout_seconds = 5";
    nest.job("ldap-fel-losen", false, "ldap", columns, &job(&format!("ldap://127.0.0.1:{port}"), "ldap_losen", plain));
    nest.job("ldap-borta", false, "ldap", columns, &job("ldap://127.0.0.1:1", "ldap_losen", plain));
    let directory = Directory::start()?;
    let folder = format!("/tmp/sluss-openldap-{}", directory.0.rsplit(':').next().unwrap());
    std::fs::copy(Path::new(&folder).join("ca.pem"), nest.sandbox.path().join("regions/22-vasternorrland/ca.pem"))
        .unwrap();
    let trusted = "tls = { ca = \"ca.pem\" }";
    nest.job("ldap-ratt", true, "ldap", columns, &job(&directory.0, "katalog", trusted));
    nest.job("ldap-nekad", false, "ldap", columns, &job(&directory.0, "ldap_losen", trusted));
    let unknown = "tls = { pkcs12 = { path = \"klient.p12\", password = { secret = \"p12_losen\" } } }";
    nest.job("ldap-okand-utfardare", false, "ldap", columns, &job(&directory.0, "katalog", unknown));
    Some(directory)
}

fn object_jobs(nest: &mut Nest) {
    let job = |endpoint: &str, connector: &str| {
        let form = if connector == "files" { "format = \"csv\"\n" } else { "" };
        format!(
            "url = \"s3://sluss/in/\"\n{form}[source.options.s3]\nendpoint = \"{endpoint}\"\nallow_http = true\n\
             access_key_id = {{ secret = \"s3_id\" }}\nsecret_access_key = {{ secret = \"s3_nyckel\" }}\n\
             session_token = {{ secret = \"s3_session\" }}\n"
        )
    };
    // It repeats what it is told.
    let echo = format!("http://127.0.0.1:{}", servers::http(ROWS, GIVEN[0].1));
    nest.job("files-nekad", false, "files", NAMED, &job(&echo, "files"));
    nest.job("hsa-fil-nekad", false, "hsa_fil", "hsa_id AS avtals_id, namn AS titel", &job(&echo, "hsa_fil"));
    let organisation = "message = \"unit\"\n".to_owned() + &job(&echo, "rivta");
    nest.job("rivta-nekad", false, "rivta", "hsa_id AS avtals_id, namn AS titel", &organisation);
    let (Some(endpoint), Some(python)) = (services::s3(), python()) else { return };
    let code = "import boto3, sys; boto3.client('s3', endpoint_url=sys.argv[1], region_name='eu-north-1', \
                aws_access_key_id='test', aws_secret_access_key='test').put_object(Bucket='sluss', Key='in/avtal.csv', \
                Body='nr;namn\\nS1;Avtal\\n'.encode())";
    let put = Command::new(python).args(["-c", code, endpoint]).output().unwrap();
    assert!(put.status.success(), "{}", String::from_utf8_lossy(&put.stderr));
    nest.job("files-ratt", true, "files", NAMED, &job(endpoint, "files"));
}

#[test]
fn no_secret_leaves_its_place() {
    let mut nest = Nest::new();
    http_jobs(&mut nest);
    database_jobs(&mut nest);
    let directory = directory_jobs(&mut nest);
    object_jobs(&mut nest);
    for (job, succeeds) in nest.jobs.clone() {
        nest.try_job(&job, succeeds);
    }
    nest.try_rest();
    nest.look_through();
    drop(directory);
    let Findings { looked, found } = &nest.findings;
    println!("{} jobs, {looked} texts and files looked through", nest.jobs.len());
    assert_eq!(found, &Vec::<String>::new(), "{} places", found.len());

    // The search does find what is there: in an answer, in a stored file, in a file's name.
    let description = format!("description = {:?}\nmode", SECRETS[1].1);
    let path = nest.sandbox.path().join("regions/22-vasternorrland/sql-borta.toml");
    let told = std::fs::read_to_string(&path).unwrap().replacen("mode", &description, 1);
    std::fs::write(path, told).unwrap();
    nest.run(&["jobs", "--format", "json"]);
    assert!(
        nest.findings.found.iter().any(|found| found.starts_with("db_losen") && found.contains("jobs")),
        "not found in an answer"
    );
    nest.sandbox.write("var/landing/planterad", "xx Kanarie-biljett-a81f-fast xx");
    nest.sandbox.write(&format!("var/{}", GIVEN[0].1), "");
    nest.look_through();
    for place in ["planterad", "the name of"] {
        assert!(nest.findings.found.iter().any(|found| found.contains(place)), "not found: {place}");
    }
    // And in the list of processes.
    nest.run(&["sql", &format!("SELECT count(*) FROM lake.avtal WHERE titel = '{}'", SECRETS[6].1)]);
    assert!(nest.findings.found.iter().any(|found| found.contains("list of processes")), "not found among processes");
}
