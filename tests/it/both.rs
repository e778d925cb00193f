//! A test that must pass on both registers is written once and run on each.

use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::sandbox::Sandbox;
use crate::services;

/// The documents that a query to a PostgreSQL database gives, one in each row.
pub(crate) fn rows(url: &str, sql: &str) -> Vec<serde_json::Value> {
    runtime().block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await.unwrap()
    })
}

/// A register for one test.
#[derive(Clone, Debug)]
pub(crate) enum On {
    /// The embedded default.
    Sqlite,
    /// An empty database at this address.
    Postgres(String),
}

impl On {
    /// None, and a printed line, where the server is not installed.
    pub(crate) fn postgres() -> Option<Self> {
        services::postgres().map(Self::Postgres)
    }

    /// Lets the project in `sandbox` have its register here.
    pub(crate) fn configure(&self, sandbox: &Sandbox) {
        let Self::Postgres(url) = self else { return };
        let path = sandbox.path().join("sluss.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let is_register = |line: &str| line.starts_with("url") && line.contains("sqlite://");
        assert!(text.lines().any(is_register), "sluss.toml names no SQLite register");
        let lines =
            text.lines().map(|line| if is_register(line) { format!("url = {url:?}\n") } else { format!("{line}\n") });
        std::fs::write(&path, lines.collect::<String>()).unwrap();
    }

    /// The register's address.
    pub(crate) fn url(&self, sandbox: &Sandbox) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}", sandbox.path().join("var/register.db").display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// The one number that a query to the register's own tables gives.
    pub(crate) fn number(&self, sandbox: &Sandbox, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        runtime().block_on(async {
            match self {
                Self::Sqlite => {
                    let mut connection = file(sandbox).await;
                    let number = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
                    connection.close().await.unwrap();
                    number
                }
                Self::Postgres(url) => {
                    let mut connection = PgConnection::connect(url).await.unwrap();
                    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
                }
            }
        })
    }

    /// The one text of each row that a query to the register's own tables gives.
    pub(crate) fn texts(&self, sandbox: &Sandbox, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        runtime().block_on(async {
            match self {
                Self::Sqlite => {
                    let mut connection = file(sandbox).await;
                    let texts = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
                    connection.close().await.unwrap();
                    texts
                }
                Self::Postgres(url) => {
                    let mut connection = PgConnection::connect(url).await.unwrap();
                    sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
                }
            }
        })
    }

    /// Does in the register's own tables what nobody should.
    pub(crate) fn execute(&self, sandbox: &Sandbox, sql: &str) {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
        let changed = runtime().block_on(async {
            match self {
                Self::Sqlite => {
                    let mut connection = file(sandbox).await;
                    let changed = sql.execute(&mut connection).await.unwrap().rows_affected();
                    connection.close().await.unwrap();
                    changed
                }
                Self::Postgres(url) => {
                    let mut connection = PgConnection::connect(url).await.unwrap();
                    sql.execute(&mut connection).await.unwrap().rows_affected()
                }
            }
        });
        assert!(changed > 0, "nothing was changed");
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn file(sandbox: &Sandbox) -> SqliteConnection {
    SqliteConnection::connect(&On::Sqlite.url(sandbox)).await.unwrap()
}

/// Makes two tests of one: `name::sqlite` and `name::postgres`.
macro_rules! both {
    ($($(#[$meta:meta])* fn $name:ident($on:ident: On) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            fn test($on: On) $body

            #[test]
            fn sqlite() {
                test(On::Sqlite);
            }

            #[test]
            fn postgres() {
                if let Some(on) = On::postgres() {
                    test(on);
                }
            }
        }
    )*};
}
pub(crate) use both;
