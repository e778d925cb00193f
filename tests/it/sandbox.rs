//! A project in a temporary folder, and the program run on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::both::On;

/// A project of its own for one test.
pub(crate) struct Sandbox {
    /// Removed with everything in it when the test has ended.
    _folder: TempDir,
    project: PathBuf,
}

/// What a run of the program came to.
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    /// The sample country.
    pub(crate) fn demo() -> Self {
        Self::copy_of("jobs")
    }

    /// The sample country on either register.
    pub(crate) fn demo_on(on: &On) -> Self {
        let sandbox = Self::demo();
        on.configure(&sandbox);
        sandbox
    }

    /// The jobs on real files, where those are; none (and a printed line) where they are not.
    pub(crate) fn real() -> Option<Self> {
        let shared = shared()?;
        // Its mappings are those of the sample country, where they stand beside it in the repository.
        let sandbox = Self::copy_of("tests/real");
        copy(&root().join("jobs/national"), &sandbox.project.join("../../jobs/national"));
        let path = sandbox.path().join("sluss.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| {
            if line.starts_with("shared ") {
                format!("shared = {:?}", shared.display().to_string())
            } else {
                line.to_owned()
            }
        });
        std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
        Some(sandbox)
    }

    /// A folder in which nothing is yet.
    pub(crate) fn bare() -> Self {
        Self::at("projekt")
    }

    /// An empty project.
    pub(crate) fn empty() -> Self {
        let sandbox = Self::at("projekt");
        sandbox.ok(&["init"]);
        sandbox
    }

    fn at(place: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join(place);
        std::fs::create_dir_all(&project).unwrap();
        Self { _folder: folder, project }
    }

    fn copy_of(place: &str) -> Self {
        let (sandbox, source) = (Self::at(place), root().join(place));
        for part in ["sluss.toml", "national", "regions", "tables"] {
            copy(&source.join(part), &sandbox.path().join(part));
        }
        sandbox.ok(&["init"]);
        sandbox
    }

    pub(crate) fn path(&self) -> &Path {
        &self.project
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Writes the project's secrets, which nobody else may read.
    pub(crate) fn secrets(&self, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.write("secrets.toml", text);
        std::fs::set_permissions(self.path().join("secrets.toml"), std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The program, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluss"));
        command.arg("--project").arg(self.path()).args(arguments);
        command
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments).output().unwrap())
    }

    /// Runs the program, which must succeed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.code, Some(0), "sluss {arguments:?}:\n{}{}", answer.stdout, answer.stderr);
        answer.stdout
    }

    /// Runs the program for its JSON answer.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let answer = self.run(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&answer.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", answer.stdout, answer.stderr))
    }

    /// The one number that a query gives, to whoever sees all of the register.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        let rows = self.json(&["sql", sql, "--operator"]);
        rows[0]
            .as_object()
            .and_then(|row| row.values().next())
            .and_then(Value::as_i64)
            .unwrap_or_else(|| panic!("{sql}: {rows}"))
    }

    /// Ledger, register and lake say the same, run by run and row by row.
    pub(crate) fn agrees(&self, when: &str) {
        let found = self.json(&["doctor", "--deep"]);
        let compared: Vec<_> =
            found.as_array().unwrap().iter().filter(|finding| finding["what"] == "samstämmighet").collect();
        assert!(!compared.is_empty(), "{when}: nothing was compared: {found}");
        assert!(compared.iter().all(|finding| finding["fine"] == true), "{when}: {compared:#?}");
    }

    /// How many runs are in a state.
    pub(crate) fn runs(&self, state: &str) -> usize {
        self.reasons(state).len()
    }

    /// Why the runs in a state ended, the latest first; empty where there is no reason.
    pub(crate) fn reasons(&self, state: &str) -> Vec<String> {
        let runs = self.json(&["runs", "-n", "100000"]);
        let runs = runs.as_array().or_else(|| runs["runs"].as_array()).unwrap();
        let of_state = runs.iter().filter(|run| run["state"] == state);
        of_state.map(|run| run["reason"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Every file that the project's stores have written, with its bytes.
    pub(crate) fn stored(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        walk(&self.path().join("var"), &mut files);
        files
    }

    /// Number of commits in the Delta logs.
    pub(crate) fn delta_commits(&self) -> usize {
        let is_commit = |path: &Path| {
            path.parent().is_some_and(|p| p.ends_with("_delta_log")) && path.extension().is_some_and(|e| e == "json")
        };
        self.stored().iter().filter(|(path, _)| is_commit(path)).count()
    }
}

impl Answer {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files from outside the repository.
pub(crate) fn shared() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "tests are told where the files are")]
    let told = std::env::var("SLUSS_SHARED").map(PathBuf::from);
    let folder = told.unwrap_or_else(|_| root().join("../shared"));
    if folder.join("real").is_dir() {
        return std::fs::canonicalize(folder).ok();
    }
    println!("skipped: no files from outside the repository in {}", folder.display());
    None
}

/// The Python in which the peers are that read our lake; none, and a printed line, where it is not.
pub(crate) fn python() -> Option<PathBuf> {
    let told = std::env::var_os("SLUSS_TEST_PYTHON").map(PathBuf::from).filter(|path| path.exists());
    if told.is_none() {
        println!("skipped: no Python with the lake's readers (tests/setup.sh makes one; SLUSS_TEST_PYTHON names it)");
    }
    told
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.exists() {
        std::fs::copy(from, to).unwrap();
    }
}

fn walk(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            files.push((path, bytes));
        }
    }
}
