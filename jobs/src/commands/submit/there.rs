//! A file handed in over HTTP, until its receipt has come.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Certificate, Client, Response, StatusCode, header};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::receipt::{self, Receipt};
use sluss_schemas::say;
use tokio::io::AsyncReadExt;

use super::{form, unreadable};
use crate::cli::{Cli, Format, Lang, SubmitArgs};
use crate::output;

/// How often a receiver that is busy or away is asked again.
const TRIES: u32 = 5;
/// Longest pause that a receiver is allowed to ask for.
const LONGEST: Duration = Duration::from_mins(1);
/// Seconds that the receiver is asked to wait for the run.
const WAIT: &str = "wait=30";

pub(super) async fn submit(cli: &Cli, args: &SubmitArgs, url: &str) -> anyhow::Result<ExitCode> {
    let (form, packed) = form(&args.file)?;
    let client = client(args)?;
    let token = token(args)?;
    let key = match &args.key {
        Some(key) => key.clone(),
        None => content_key(args).await?,
    };
    let address = format!("{}/v1/regions/{}/{}", url.trim_end_matches('/'), args.region, args.table);
    let send = async || {
        let file = tokio::fs::File::open(&args.file).await.map_err(|e| unreadable(&args.file, e))?;
        let mut request = client
            .post(&address)
            .bearer_auth(&token)
            .header("idempotency-key", &key)
            .header("prefer", WAIT)
            .header(header::ACCEPT_LANGUAGE, language(cli))
            .header(header::CONTENT_TYPE, form.content_type());
        if packed {
            request = request.header(header::CONTENT_ENCODING, "gzip");
        }
        anyhow::Ok(request.body(file).send().await)
    };
    let mut answer = patiently(url, send).await?;
    loop {
        let (status, pause) = (answer.status(), pause(&answer));
        let text = answer.text().await.map_err(|e| no_answer(url, e))?;
        // What is no JSON has not come from a receiver of ours: its status says enough.
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        if !status.is_success() {
            return Err(told(&body, status).into());
        }
        if body.get("report").is_some_and(Value::is_object) {
            return show(cli, &body);
        }
        let place = body.get("receipt").and_then(Value::as_str).context("an answer without a receipt")?;
        // Only the path is the receiver's to say: the token goes where the user sent it.
        let place =
            format!("{}/v1/receipts/{}", url.trim_end_matches('/'), place.rsplit('/').next().unwrap_or_default());
        tokio::time::sleep(pause).await;
        let ask = async || {
            let request = client.get(&place).bearer_auth(&token).header(header::ACCEPT_LANGUAGE, language(cli));
            anyhow::Ok(request.header(header::ACCEPT, "application/json").send().await)
        };
        answer = patiently(url, ask).await?;
    }
}

/// Sends until the receiver has an answer of its own. The key makes every repetition the same delivery.
async fn patiently(
    url: &str,
    send: impl AsyncFn() -> anyhow::Result<reqwest::Result<Response>>,
) -> anyhow::Result<Response> {
    let mut tries = 0;
    loop {
        tries += 1;
        let wait = match send().await? {
            Ok(answer) => {
                let busy = matches!(answer.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
                if !busy || tries >= TRIES {
                    return Ok(answer);
                }
                pause(&answer)
            }
            Err(error) if tries >= TRIES => return Err(no_answer(url, error).into()),
            Err(error) => {
                tracing::info!("no answer yet: {}", error.without_url());
                Duration::from_secs(u64::from(tries))
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// How long the receiver wants to be left alone.
fn pause(answer: &Response) -> Duration {
    let said = answer.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.parse().ok());
    Duration::from_secs(said.unwrap_or(1)).min(LONGEST)
}

/// Shows the receipt in words, or as it came.
fn show(cli: &Cli, body: &Value) -> anyhow::Result<ExitCode> {
    let report = body.get("report").cloned().unwrap_or_default();
    match cli.format {
        Format::Json => output::text(&serde_json::to_string_pretty(&report)?)?,
        Format::Table | Format::Csv => {
            let receipt: Receipt = serde_json::from_value(report)?;
            output::text(receipt::text(&receipt, cli.language()).trim_end())?;
        }
    }
    let held = body.get("state").and_then(Value::as_str) == Some("held");
    Ok(if held { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// What the receiver says is wrong, as an error of this program.
fn told(body: &Value, status: StatusCode) -> PipelineError {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let status = status.as_u16();
    let detail = text("detail");
    let what = if detail.is_empty() {
        say!("mottagaren svarade {status}", "the receiver answered {status}")
    } else {
        // It speaks the language that it was asked in.
        detail.into()
    };
    let error = match status {
        401 | 403 | 404 => PipelineError::configuration(what),
        500.. => PipelineError::operator(what),
        _ => PipelineError::source(what),
    };
    let hint = text("hint");
    if hint.is_empty() { error } else { error.hint(hint) }
}

fn no_answer(url: &str, error: reqwest::Error) -> PipelineError {
    PipelineError::operator(say!("mottagaren svarar inte", "the receiver does not answer"))
        .at(url.to_owned())
        .hint(say!(
            "kontrollera adressen, nätet och vem som utfärdat mottagarens certifikat (--ca)",
            "check the address, the network and who issued the receiver's certificate (--ca)"
        ))
        .because(error.without_url())
        .retryable()
}

fn client(args: &SubmitArgs) -> anyhow::Result<Client> {
    let mut client = Client::builder().redirect(reqwest::redirect::Policy::none());
    if let Some(path) = &args.ca {
        let pem = std::fs::read(path).map_err(|e| unreadable(path, e))?;
        let authorities = Certificate::from_pem_bundle(&pem).ok().filter(|list| !list.is_empty()).ok_or_else(|| {
            PipelineError::configuration(say!("filen har inget certifikat i PEM", "the file has no certificate in PEM"))
                .at(path.display().to_string())
                .hint(say!("ange utfärdarnas certifikat i PEM", "give the issuers' certificates in PEM"))
        })?;
        client = client.tls_certs_only(authorities);
    }
    Ok(client.build()?)
}

/// The token: from a file, so that it stands in no list of processes.
fn token(args: &SubmitArgs) -> anyhow::Result<String> {
    let path = args.token_file.as_deref().context("a token file is required with a url")?;
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(path, e))?;
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(PipelineError::configuration(say!("filen håller ingen token", "the file holds no token"))
            .at(path.display().to_string())
            .hint(say!("den ska hålla en rad, som mottagaren gav den", "it holds one line, as the receiver gave it"))
            .into());
    }
    Ok(token.to_owned())
}

/// The same file for the same table is the same delivery, however often it is handed in.
async fn content_key(args: &SubmitArgs) -> anyhow::Result<String> {
    let mut file = tokio::fs::File::open(&args.file).await.map_err(|e| unreadable(&args.file, e))?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut piece).await.map_err(|e| unreadable(&args.file, e))?;
        if read == 0 {
            break;
        }
        hash.update(piece.get(..read).unwrap_or_default());
    }
    Ok(format!("{}-{:x}", args.table, hash.finalize()))
}

fn language(cli: &Cli) -> &'static str {
    match cli.lang {
        Lang::Sv => "sv",
        Lang::En => "en",
    }
}
