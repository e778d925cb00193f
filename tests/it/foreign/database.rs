//! The databases and the folders that connect them: loading a dump into a real server, a project around it.

use std::fs;
use std::path::PathBuf;

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};

use crate::sandbox::{Sandbox, root};
use crate::services;

#[derive(Clone, Copy)]
enum Engine {
    Postgres,
    Mariadb,
}

/// One database.
pub(super) struct Foreign {
    /// The folder of its set in `tests`.
    set: &'static str,
    /// Its own folder there.
    folder: &'static str,
    engine: Engine,
    /// Länskod of the real region that stands in for the imaginary one.
    owner: &'static str,
    /// Name of the secret that holds its address.
    secret: &'static str,
}

pub(super) const ALL: [Foreign; 5] = [
    Foreign { set: "foreign", folder: "1-norrvaga", engine: Engine::Postgres, owner: "22", secret: "avtalsportalen" },
    Foreign { set: "foreign", folder: "2-sodermark", engine: Engine::Mariadb, owner: "10", secret: "ktr" },
    Foreign { set: "foreign", folder: "3-mellansjo", engine: Engine::Postgres, owner: "05", secret: "tka" },
    Foreign { set: "foreign", folder: "4-vastersund", engine: Engine::Mariadb, owner: "14", secret: "carecontract" },
    Foreign { set: "foreign", folder: "5-ostana", engine: Engine::Postgres, owner: "20", secret: "vardvalsregistret" },
];

/// Databases that nobody had looked at when the method was frozen: only drafts are measured on them.
pub(super) const BLIND: [Foreign; 5] = [
    blind("1-fjallmark", Engine::Postgres),
    blind("2-mellansund", Engine::Mariadb),
    blind("3-storskar", Engine::Mariadb),
    blind("4-adala", Engine::Postgres),
    blind("5-lysvik", Engine::Postgres),
];

const fn blind(folder: &'static str, engine: Engine) -> Foreign {
    Foreign { set: "foreign2", folder, engine, owner: "22", secret: "avtal" }
}

impl Foreign {
    pub(super) fn name(&self) -> &'static str {
        self.folder
    }

    pub(super) fn path(&self) -> PathBuf {
        root().join("tests").join(self.set).join(self.folder)
    }

    /// The name of a job of its folder in the project.
    pub(super) fn job(&self, job: &str) -> String {
        format!("regions/{}/{job}", self.place())
    }

    fn place(&self) -> String {
        format!("{}-{}", self.owner, self.folder.split_once('-').unwrap().1)
    }

    /// The files that connect it, by name.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.path().join("region")).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
            .collect();
        files.sort();
        files
    }

    /// A new database on a server of its kind; none where the server is not installed.
    pub(super) fn server(&self) -> Option<String> {
        match self.engine {
            Engine::Postgres => services::postgres(),
            Engine::Mariadb => services::mariadb(),
        }
    }

    /// Loads the dump, and gives the first column of each query, asked in the dump's own session.
    pub(super) fn load(&self, address: &str, ask: &[&str]) -> Vec<Vec<String>> {
        let dump = AssertSqlSafe(fs::read_to_string(self.path().join("dump.sql")).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut answers = Vec::new();
            match self.engine {
                Engine::Postgres => {
                    let mut connection = PgConnection::connect(address).await.unwrap();
                    connection.execute(sqlx::raw_sql(dump)).await.unwrap();
                    for sql in ask {
                        let sql = AssertSqlSafe((*sql).to_owned());
                        answers.push(sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap());
                    }
                }
                Engine::Mariadb => {
                    let mut connection = MySqlConnection::connect(address).await.unwrap();
                    connection.execute(sqlx::raw_sql(dump)).await.unwrap();
                    for sql in ask {
                        let sql = AssertSqlSafe((*sql).to_owned());
                        answers.push(sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap());
                    }
                }
            }
            answers
        })
    }

    /// A project with the folder that connects it.
    pub(super) fn project(&self, address: &str) -> Sandbox {
        let sandbox = Sandbox::empty();
        for (name, text) in self.files() {
            sandbox.write(&format!("regions/{}/{name}", self.place()), text);
        }
        sandbox.secrets(&format!("{} = {address:?}\n", self.secret));
        sandbox
    }

    /// A project whose job says where the database is, and nothing else.
    pub(super) fn unmapped(&self, address: &str) -> Sandbox {
        let sandbox = Sandbox::empty();
        let job = format!(
            "[job]\nowner = {:?}\nfeeds = []\n\n[source]\nconnector = \"sql\"\noptions.url = {{ secret = {:?} }}\n\n[map]\n",
            self.owner, self.secret
        );
        sandbox.write(&format!("regions/{}/avtal.toml", self.place()), job);
        sandbox.secrets(&format!("{} = {address:?}\n", self.secret));
        sandbox
    }
}
