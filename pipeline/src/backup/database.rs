//! The database's part: SQLite copies itself, PostgreSQL's own tools dump and load.

use std::path::Path;
use std::process::Stdio;
use std::str::FromStr;
use std::time::Duration;

use sluss_schemas::say;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::process::Command;
use url::Url;

use crate::error::{PipelineError, Result};

/// How long SQLite's writers may be waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// Where programs of the database's are looked for. Of our own environment they need nothing, and secrets
/// stand there.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Which database an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(super) fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }

    /// As it stands on the label.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }

    /// Its file in the backup.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Sqlite => "register.db",
            Self::Postgres => "register.dump",
        }
    }
}

/// The last publication.
const PUBLICATION: &str = "SELECT publish_seq FROM sekvens WHERE id = 1";

/// Copies the database as it is at one moment. Nobody is kept from writing. Gives the last publication in it.
pub(super) async fn save(url: &str, to: &Path) -> Result<u64> {
    match Kind::of(url) {
        Kind::Sqlite => {
            let options = SqliteConnectOptions::from_str(url).map_err(failed)?;
            let options = options.create_if_missing(false).busy_timeout(PATIENCE).disable_statement_logging();
            let mut connection = options.connect().await.map_err(failed)?;
            let copied = sqlx::query("VACUUM INTO $1").bind(to.display().to_string()).execute(&mut connection).await;
            copied.map_err(failed)?;
            connection.close().await.map_err(failed)?;
            private(to)?;
            let copy = SqliteConnectOptions::new().filename(to).read_only(true).disable_statement_logging();
            let mut connection = copy.connect().await.map_err(failed)?;
            let last: i64 = sqlx::query_scalar(PUBLICATION).fetch_one(&mut connection).await.map_err(failed)?;
            connection.close().await.map_err(failed)?;
            std::fs::File::open(to)?.sync_all()?;
            Ok(last.unsigned_abs())
        }
        Kind::Postgres => {
            let server = Server::of(url)?;
            // The dump sees what this transaction sees, which can tell its last publication.
            let mut connection = PgConnection::connect(url).await.map_err(failed)?;
            let begin =
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0";
            sqlx::raw_sql(begin).execute(&mut connection).await.map_err(failed)?;
            let seen = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut connection).await;
            let seen: String = seen.map_err(failed)?;
            let last: i64 = sqlx::query_scalar(PUBLICATION).fetch_one(&mut connection).await.map_err(failed)?;
            // What runs have staged comes and goes while the dump is made, and is made again.
            let arguments = ["--format=custom", "--no-password", "--exclude-table=steg.*", "--file"];
            let mut dump = server.command("pg_dump");
            dump.arg(format!("--snapshot={seen}")).args(arguments).arg(to);
            run(dump, "pg_dump").await?;
            connection.close().await.map_err(failed)?;
            private(to)?;
            std::fs::File::open(to)?.sync_all()?;
            Ok(last.unsigned_abs())
        }
    }
}

/// Loads the database into a place where none is.
pub(super) async fn load(url: &str, from: &Path) -> Result<()> {
    match Kind::of(url) {
        Kind::Sqlite => {
            let path = sqlite_path(url)?;
            let mut part = path.clone().into_os_string();
            part.push(".part");
            super::files::copy(from, Path::new(&part))?;
            // With its name it is there, whole.
            Ok(std::fs::rename(&part, &path)?)
        }
        Kind::Postgres => {
            let server = Server::of(url)?;
            let mut load = server.command("pg_restore");
            load.args(["--exit-on-error", "--single-transaction", "--no-owner", "--no-password", "--dbname"]);
            load.arg(&server.database).arg(from);
            run(load, "pg_restore").await
        }
    }
}

/// Whether nothing is there yet.
pub(super) async fn is_empty(url: &str) -> Result<bool> {
    match Kind::of(url) {
        Kind::Sqlite => Ok(!sqlite_path(url)?.exists()),
        Kind::Postgres => {
            let mut connection = PgConnection::connect(url).await.map_err(failed)?;
            let sql = "SELECT count(*) FROM information_schema.tables \
                       WHERE table_schema NOT IN ('pg_catalog', 'information_schema')";
            let tables: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.map_err(failed)?;
            connection.close().await.map_err(failed)?;
            Ok(tables == 0)
        }
    }
}

fn sqlite_path(url: &str) -> Result<std::path::PathBuf> {
    Ok(SqliteConnectOptions::from_str(url).map_err(failed)?.get_filename().to_owned())
}

/// Nobody else may read it.
fn private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

fn failed(error: sqlx::Error) -> PipelineError {
    PipelineError::from(crate::register::RegisterError::from_sqlx(error, "copy the database"))
}

/// How a server is reached, as its own tools want to know it: in variables, since arguments are seen by all.
struct Server {
    variables: Vec<(&'static str, String)>,
    database: String,
}

impl Server {
    fn of(url: &str) -> Result<Self> {
        let wrong = || {
            PipelineError::configuration(say!(
                "registrets adress går inte att läsa",
                "the register's address cannot be read"
            ))
            .at("[register]")
            .hint(say!(
                "skriv den som postgresql://användare@värd/databas",
                "write it as postgresql://user@host/database"
            ))
        };
        let url = Url::parse(url).map_err(|error| wrong().because(error))?;
        let plain = |text: &str| {
            // A query's values are decoded as those of a form; so are these, but for two signs.
            let text = format!("v={}", text.replace('+', "%2B").replace('&', "%26"));
            url::form_urlencoded::parse(text.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let database = plain(url.path().trim_start_matches('/'));
        let mut variables = vec![("PGDATABASE", database.clone())];
        let mut add = |name, value: String| variables.extend((!value.is_empty()).then_some((name, value)));
        add("PGHOST", plain(url.host_str().unwrap_or_default().trim_matches(['[', ']'])));
        add("PGPORT", url.port().map(|port| port.to_string()).unwrap_or_default());
        add("PGUSER", plain(url.username()));
        add("PGPASSWORD", plain(url.password().unwrap_or_default()));
        for (name, value) in url.query_pairs() {
            let variable = match name.as_ref() {
                "host" => "PGHOST",
                "port" => "PGPORT",
                "user" => "PGUSER",
                "password" => "PGPASSWORD",
                "sslmode" | "ssl-mode" => "PGSSLMODE",
                "sslrootcert" | "ssl-root-cert" => "PGSSLROOTCERT",
                "sslcert" | "ssl-cert" => "PGSSLCERT",
                "sslkey" | "ssl-key" => "PGSSLKEY",
                "options" => "PGOPTIONS",
                _ => continue,
            };
            add(variable, value.into_owned());
        }
        Ok(Self { variables, database })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", PATH).env("LC_ALL", "C.UTF-8").env("PGAPPNAME", "sluss");
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).kill_on_drop(true);
        command
    }
}

/// Runs one of the server's tools. What it complains of may hold values, and is not repeated.
async fn run(mut command: Command, program: &'static str) -> Result<()> {
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().await;
    let output = output.map_err(|error| {
        PipelineError::operator(say!("{program} går inte att starta", "{program} cannot be started"))
            .hint(say!(
                "installera PostgreSQL:s klientprogram i serverns version (Debian: postgresql-client)",
                "install PostgreSQL's client programs of the server's version (Debian: postgresql-client)"
            ))
            .because(error)
    })?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let error = PipelineError::operator(say!("{program} misslyckades", "{program} failed"));
    Err(if told.contains("version mismatch") {
        error.hint(say!(
            "{program} är äldre än servern: installera klientprogrammen i serverns version",
            "{program} is older than the server: install the client programs of the server's version"
        ))
    } else if told.contains("row-level security") {
        error.hint(say!(
            "ta kopian som tabellernas ägare eller med BYPASSRLS: radskyddet döljer annars rader",
            "make the copy as the tables' owner or with BYPASSRLS: row-level security would hide rows"
        ))
    } else {
        error.hint(say!(
            "kontrollera adress, rättigheter, roller och plats på disken; kör {program} för hand för att se varför",
            "check address, rights, roles and disk space; run {program} by hand to see why"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_variables() {
        let url = "postgresql://an%C3%A4:l%2B%40s@db.example:6432/sluss?sslmode=verify-full&options=-c%20a%3Db&x=y";
        let server = Server::of(url).unwrap();
        let of = |name: &str| server.variables.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str());
        let expected = [
            ("PGHOST", "db.example"),
            ("PGPORT", "6432"),
            ("PGUSER", "anä"),
            ("PGPASSWORD", "l+@s"),
            ("PGDATABASE", "sluss"),
            ("PGSSLMODE", "verify-full"),
            ("PGOPTIONS", "-c a=b"),
        ];
        for (name, value) in expected {
            assert_eq!(of(name), Some(value), "{name}");
        }
        assert_eq!(server.variables.len(), expected.len());
        assert_eq!(Kind::of("sqlite:///a/b.db"), Kind::Sqlite);
        assert_eq!(Kind::of(url), Kind::Postgres);
    }
}
