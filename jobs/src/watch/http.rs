//! Posts to those who watch: patient within bounds, never in clear text over a network.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::HeaderMap;
use reqwest::{Client, StatusCode, Url};
use sluss_pipeline::error::{PipelineError, Result};
use sluss_schemas::say;
use sluss_schemas::secret::{SecretRef, Secrets};

/// How long one try may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Tries after the first one.
const TRIES: usize = 3;
/// The pause after the first try; each is twice the one before.
const PAUSE: Duration = Duration::from_millis(500);

/// Why something was not taken. Without the address, which may hold a key.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotTaken {
    #[error("no answer")]
    Silent(#[source] reqwest::Error),
    #[error("the answer was {0}")]
    Refused(StatusCode),
}

impl NotTaken {
    fn may_pass(&self) -> bool {
        match self {
            Self::Silent(_) => true,
            Self::Refused(status) => status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// A client for posts.
pub(super) fn client() -> Result<Client> {
    let made = Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(TIMEOUT).build();
    made.map_err(|e| {
        PipelineError::operator(say!("inga förbindelser går att göra", "no connections can be made")).because(e)
    })
}

/// An address of `sluss.toml`: `https`, or the machine itself.
pub(super) fn address(text: &str, place: &str) -> Result<Url> {
    let refuse = |what| PipelineError::configuration(what).at(format!("sluss.toml, {place}"));
    let url = Url::parse(text).map_err(|_| {
        refuse(say!("adressen är ingen URL", "the address is no URL"))
            .hint(say!("skriv den helt ut: https://…", "write it in full: https://…"))
    })?;
    let here = match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if here => Ok(url),
        _ => Err(refuse(say!(
            "utan TLS når Sluss bara den egna datorn",
            "without TLS Sluss reaches its own machine only"
        ))
        .hint(say!("skriv https://…", "write https://…"))),
    }
}

/// The secret that `sluss.toml` refers to.
pub(super) fn secret(secrets: &dyn Secrets, reference: &SecretRef, place: &str) -> Result<String> {
    let name = &reference.secret;
    let secret = secrets.get(name).ok_or_else(|| {
        PipelineError::configuration(say!("hemligheten `{name}` är inte satt", "the secret `{name}` is not set"))
            .at(format!("sluss.toml, {place}"))
            .hint(say!(
                "sätt den i miljön eller i hemligheternas mapp",
                "set it in the environment or the folder of secrets"
            ))
    })?;
    Ok(secret.expose().trim().to_owned())
}

/// Posts JSON until it has been taken, or cannot be.
pub(super) async fn post(
    client: &Client,
    url: &Url,
    headers: &HeaderMap,
    body: &str,
) -> std::result::Result<(), NotTaken> {
    let send = || async {
        let request = client.post(url.clone()).headers(headers.clone()).body(body.to_owned());
        let answer = request.send().await.map_err(|e| NotTaken::Silent(e.without_url()))?;
        if answer.status().is_success() { Ok(()) } else { Err(NotTaken::Refused(answer.status())) }
    };
    let pauses = ExponentialBuilder::default().with_min_delay(PAUSE).with_max_times(TRIES);
    send.retry(pauses).when(NotTaken::may_pass).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encrypted_or_near() {
        for good in
            ["https://lineage.exempel.se/api", "http://127.0.0.1:5000/", "http://[::1]:1/", "http://localhost/x"]
        {
            assert!(address(good, "[openlineage]").is_ok(), "{good}");
        }
        for bad in [
            "http://lineage.exempel.se",
            "http://10.0.0.1/",
            "ftp://127.0.0.1",
            "lineage",
            "http://127.0.0.1.exempel.se",
        ] {
            assert!(address(bad, "[openlineage]").is_err(), "{bad}");
        }
    }
}
