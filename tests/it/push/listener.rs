//! A project that listens, and requests to it.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use reqwest::Client;
use reqwest::header::HeaderMap;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::both::On;
use crate::sandbox::{Answer, Sandbox};

/// Tokens by their senders' names. Nobody's in earnest: they are what the canary looks for.
pub(crate) const TOKENS: [(&str, &str); 5] = [
    ("vasternorrland", "kanariefagel-22-7f3a9c51d2e84b06"),
    ("vgr", "kanariefagel-14-a1c2e3f405162738"),
    ("gammal", "kanariefagel-gammal-99887766554433"),
    ("bara-kapacitet", "kanariefagel-kap-0123456789abcdef"),
    ("riket", "kanariefagel-riket-f0e1d2c3b4a59687"),
];

/// Path, sender, headers, body.
pub(crate) type Request = (String, &'static str, Vec<(&'static str, String)>, String);

/// An empty project where those may hand in, or read; `more` stands under `[push]`.
pub(crate) fn project(on: &On, more: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    let path = sandbox.path().join("sluss.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let _ = write!(text, "\n[push]\nlisten = \"127.0.0.1:0\"\nwait_seconds = 3600\n{more}\n");
    for (name, token) in TOKENS {
        let (region, tables, expires) = match name {
            "vgr" => ("14", "", "2999-12-31"),
            "gammal" => ("22", "", "2020-12-31"),
            "riket" => ("00", "", "2999-12-31"),
            "bara-kapacitet" => ("22", "\"ledig_kapacitet\"", "2999-12-31"),
            _ => ("22", "", "2999-12-31"),
        };
        let hash: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = writeln!(
            text,
            "[[push.token]]\nname = \"{name}\"\nsha256 = \"{hash}\"\nlanskod = \"{region}\"\ntables = [{tables}]\nexpires = {expires}"
        );
    }
    std::fs::write(path, text).unwrap();
    sandbox
}

/// `sluss serve --push` at work. Killed when this goes.
pub(crate) struct Listener {
    child: Child,
    pub(crate) url: String,
    /// Deliveries that it took up at its start.
    pub(crate) taken_up: u64,
    runtime: tokio::runtime::Runtime,
    pub(crate) client: Client,
}

/// An answer of the listener.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn run(&self) -> String {
        self.json()["run"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    /// The report, of a delivery that has been run.
    pub(crate) fn report(&self) -> Value {
        let answer = self.json();
        assert!(answer["report"].is_object(), "{self:?}");
        answer["report"].clone()
    }
}

impl Listener {
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        Self::start_with(sandbox, |_| {})
    }

    /// Starts it with something changed in its command.
    pub(crate) fn start_with(sandbox: &Sandbox, change: impl FnOnce(&mut Command)) -> Self {
        let mut command = sandbox.command(&["serve", "--push", "--no-jobs", "--format", "json", "-vv"]);
        command.stdout(Stdio::piped()).stderr(std::fs::File::create(sandbox.path().join("serve.log")).unwrap());
        change(&mut command);
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        while !said.contains('}') {
            let read = out.read_line(&mut said).unwrap();
            assert!(read > 0, "the listener did not start: {said}{}", log(sandbox));
        }
        let said: Value = serde_json::from_str(&said).unwrap();
        Self {
            child,
            url: said["listening"].as_str().unwrap().to_owned(),
            taken_up: said["taken_up"].as_u64().unwrap(),
            runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
            client: client(),
        }
    }

    /// A request by the sender of that name (none: a stranger).
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        sender: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Reply {
        self.runtime.block_on(request(&self.client, &self.url, method, path, sender, headers, body)).unwrap()
    }

    /// The same, where the connection may break.
    pub(crate) fn try_post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Reply> {
        let sent = request(&self.client, &self.url, "POST", path, TOKENS[0].0, headers, body.as_bytes().to_vec());
        self.runtime.block_on(sent).ok()
    }

    /// Hands in for region 22.
    pub(crate) fn post(&self, table: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Reply {
        self.send("POST", &format!("/v1/regions/22/{table}"), TOKENS[0].0, headers, body.into())
    }

    pub(crate) fn get(&self, path: &str, sender: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, sender, headers, Vec::new())
    }

    /// All of them at once.
    pub(crate) fn at_once(&self, requests: Vec<Request>) -> Vec<Reply> {
        self.runtime.block_on(async {
            let mut tasks = Vec::new();
            for (path, sender, headers, body) in requests {
                let (client, url) = (self.client.clone(), self.url.clone());
                tasks.push(tokio::spawn(async move {
                    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    request(&client, &url, "POST", &path, sender, &headers, body.into_bytes()).await.unwrap()
                }));
            }
            let mut replies = Vec::new();
            for task in tasks {
                replies.push(task.await.unwrap());
            }
            replies
        })
    }

    /// Kills it, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it has died by itself; waits for that.
    pub(crate) fn died(mut self) -> bool {
        !self.child.wait().unwrap().success()
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop; its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.terminate();
        self.child.wait().unwrap().code()
    }

    pub(crate) fn terminate(&self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the listener has said to its log.
pub(crate) fn log(sandbox: &Sandbox) -> String {
    let mut text = String::new();
    std::fs::File::open(sandbox.path().join("serve.log")).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// A client that trusts nobody in particular.
pub(crate) fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

async fn request(
    client: &Client,
    url: &str,
    method: &str,
    path: &str,
    sender: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> reqwest::Result<Reply> {
    let mut request = client.request(method.parse().unwrap(), format!("{url}{path}"));
    if let Some((_, token)) = TOKENS.iter().find(|(name, _)| *name == sender) {
        request = request.bearer_auth(token);
    }
    if method == "POST" && !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.body(body).send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Ok(Reply { status, headers, text: answer.text().await? })
}

/// Starts the listener where it must refuse to.
pub(crate) fn refuses(sandbox: &Sandbox, more: &[&str]) -> Answer {
    sandbox.run(&[&["serve", "--push"], more].concat())
}
