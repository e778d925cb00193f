//! Lake and source in an object store: the same result as on disk.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use axum::response::IntoResponse as _;
use chrono::TimeDelta;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use sluss_schemas::clock::{Clock, SystemClock};

use crate::both::{On, both};
use crate::commit_protocol::die_at;
use crate::sandbox::{Sandbox, python};
use crate::{services, small};

/// How the store of the tests is reached; the credentials are secrets of the project.
fn reached(endpoint: &str) -> String {
    format!(
        "endpoint = {endpoint:?}\nallow_http = true\naccess_key_id = {{ secret = \"lager_id\" }}\n\
         secret_access_key = {{ secret = \"lager_nyckel\" }}\n"
    )
}

/// The small project with its lake below `prefix` in the bucket.
pub(crate) fn project(on: &On, endpoint: &str, prefix: &str) -> Sandbox {
    let sandbox = small::project(on);
    let text = std::fs::read_to_string(sandbox.path().join("sluss.toml")).unwrap();
    let is_lake = |line: &&str| line.starts_with("path") && line.contains("var/lake");
    let place = format!("path = \"s3://sluss/{prefix}\"\n[lake.s3]\n{}", reached(endpoint));
    assert_eq!(text.lines().filter(is_lake).count(), 1, "{text}");
    let lines = text.lines().map(|line| if is_lake(&line) { place.clone() } else { format!("{line}\n") });
    sandbox.write("sluss.toml", lines.collect::<String>());
    sandbox.write("secrets.toml", "lager_id = \"test\"\nlager_nyckel = \"test\"\n");
    private(&sandbox, "secrets.toml");
    sandbox
}

/// Secrets that others may read are refused.
fn private(sandbox: &Sandbox, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(sandbox.path().join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
}

both! {
    fn a_lake_in_s3_is_what_it_is_on_disk(on: On) {
        let Some(endpoint) = services::s3() else { return };
        let sandbox = project(&on, endpoint, "sjo");
        let disk = small::project(&On::Sqlite);
        for (edition, point) in [(0, None), (1, Some("projicera-stegad")), (2, Some("publish.commit")), (3, None)] {
            small::deliver(&sandbox, edition);
            small::deliver(&disk, edition);
            if let Some(point) = point {
                die_at(&sandbox, &["run", small::JOB], point);
            }
            sandbox.ok(&["run", small::JOB]);
            disk.ok(&["run", small::JOB]);
            assert_eq!(small::figures(&sandbox), small::figures(&disk));
            sandbox.agrees("in the object store");
        }
        assert!(!sandbox.path().join("var/lake").exists());
        let in_eight_days = (SystemClock.now() + TimeDelta::days(8)).to_rfc3339();
        let swept = sandbox.json(&["--clock", &in_eight_days, "sweep", "--now"]);
        let gone = |table: usize, what: &str| swept["lake"][table][what].as_u64().unwrap_or_default();
        assert!(gone(0, "staged") > 0 && gone(0, "replaced") > 0 && gone(1, "replaced") > 0, "{swept}");
        assert_eq!(small::figures(&sandbox), small::figures(&disk));
        sandbox.agrees("after the sweep");
    }
}

/// A door before the object store that can be closed to what would write to a Delta log.
struct Door {
    address: String,
    closed: Arc<AtomicBool>,
    turned_away: Arc<AtomicU32>,
    _runtime: tokio::runtime::Runtime,
}

impl Door {
    fn before(endpoint: &'static str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (closed, turned_away) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let (shut, count) = (Arc::clone(&closed), Arc::clone(&turned_away));
        let client = crate::push::client();
        let pass = move |request: axum::extract::Request| {
            let (client, shut, count) = (client.clone(), Arc::clone(&shut), Arc::clone(&count));
            async move {
                let (head, body) = request.into_parts();
                let path = head.uri.path_and_query().unwrap().to_string();
                let writes = matches!(head.method.as_str(), "PUT" | "POST" | "DELETE");
                if shut.load(Ordering::SeqCst) && writes && path.contains("_delta_log") {
                    count.fetch_add(1, Ordering::SeqCst);
                    let why = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
                    return (axum::http::StatusCode::FORBIDDEN, why).into_response();
                }
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let answer = client.request(head.method, format!("{endpoint}{path}"));
                let answer = answer.headers(head.headers).body(body).send().await.unwrap();
                let (status, headers) = (answer.status(), answer.headers().clone());
                (status, headers, answer.bytes().await.unwrap()).into_response()
            }
        };
        let router = axum::Router::new().fallback(pass);
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = TowerToHyperService::new(router.clone());
                let io = TokioIo::new(stream);
                tokio::spawn(async move { Builder::new(TokioExecutor::new()).serve_connection(io, service).await });
            }
        });
        Self { address, closed, turned_away, _runtime: runtime }
    }
}

both! {
    /// The register is published, the lake lags and says so, and the next start makes it good.
    fn a_store_that_fails_during_projection_loses_nothing(on: On) {
        let Some(endpoint) = services::s3() else { return };
        let door = Door::before(endpoint);
        let sandbox = project(&on, &door.address, "stangd");
        let disk = small::project(&On::Sqlite);
        for edition in [0, 1] {
            small::deliver(&disk, edition);
            disk.ok(&["run", small::JOB]);
        }
        small::deliver(&sandbox, 0);
        sandbox.ok(&["run", small::JOB]);
        small::deliver(&sandbox, 1);
        door.closed.store(true, Ordering::SeqCst);
        let events = || on.number(&sandbox, "SELECT count(*) FROM handelse");
        let before = events();
        let answer = sandbox.run(&["run", small::JOB]);
        assert_eq!(answer.code, Some(1), "{}{}", answer.stdout, answer.stderr);
        assert!(door.turned_away.load(Ordering::SeqCst) > 0);
        assert!(answer.stderr.contains("lake"), "{}", answer.stderr);
        // What was published stands, once, and waits for the lake.
        let (after, pending) = (events(), on.number(&sandbox, "SELECT count(*) FROM manifest WHERE state = 'pending'"));
        assert!(after > before && pending > 0, "{before} {after} {pending}");
        assert_eq!((sandbox.runs("running"), sandbox.runs("failed")), (0, 0));
        let again = sandbox.run(&["project"]);
        assert_eq!(again.code, Some(1), "{}{}", again.stdout, again.stderr);
        door.closed.store(false, Ordering::SeqCst);
        sandbox.ok(&["project"]);
        assert_eq!(small::figures(&sandbox), small::figures(&disk));
        sandbox.agrees("after the store came back");
        // The same delivery again: nothing twice.
        sandbox.ok(&["run", small::JOB]);
        assert_eq!(events(), after);
        assert_eq!(small::figures(&sandbox), small::figures(&disk));
    }
}

#[test]
fn files_in_s3_are_a_source_like_any_other() {
    let (Some(endpoint), Some(python)) = (services::s3(), python()) else { return };
    let sandbox = small::project(&On::Sqlite);
    small::deliver(&sandbox, 1);
    let plan = |sandbox: &Sandbox| sandbox.json(&["run", small::JOB])["runs"][0]["tables"].take();
    let disk = small::project(&On::Sqlite);
    small::deliver(&disk, 1);
    let expected = plan(&disk);

    let file = sandbox.path().join("regions/22-vasternorrland/avtal.csv");
    let code = "import boto3, sys; boto3.client('s3', endpoint_url=sys.argv[1], region_name='eu-north-1', \
                aws_access_key_id='test', aws_secret_access_key='test').upload_file(sys.argv[2], 'sluss', 'in/avtal.csv')";
    let put = Command::new(python).args(["-c", code, endpoint]).arg(&file).output().unwrap();
    assert!(put.status.success(), "{}", String::from_utf8_lossy(&put.stderr));
    std::fs::remove_file(file).unwrap();
    let job = sandbox.path().join("regions/22-vasternorrland/avtal.toml");
    let text = std::fs::read_to_string(&job).unwrap().replace("path = \"avtal.csv\"", "url = \"s3://sluss/in/\"");
    let text = text.replace("[map]", &format!("[source.options.s3]\n{}[map]", reached(endpoint)));
    std::fs::write(&job, text).unwrap();
    // Without the credentials it says which are missing, and shows none.
    let answer = sandbox.run(&["run", small::JOB]);
    assert_eq!(answer.code, Some(2), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("lager_id"), "{}", answer.stderr);
    sandbox.write("secrets.toml", "lager_id = \"test\"\nlager_nyckel = \"test\"\n");
    private(&sandbox, "secrets.toml");
    assert_eq!(plan(&sandbox), expected);
    // Landed like any other: the replay needs no store.
    let run = sandbox.json(&["runs"])[0]["id"].as_str().unwrap().to_owned();
    assert!(sandbox.json(&["quarantine", "replay", &run])["runs"][0]["publish_seq"].is_null());
    sandbox.agrees("with a source in an object store");
}
