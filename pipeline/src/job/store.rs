//! How to reach the lake's object store.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::say;
use sluss_schemas::secret::{SecretRef, Secrets};

use crate::error::{PipelineError, Result};

/// `[lake.s3]`: an S3 object store. Credentials are references, never values; without them those of
/// the machine are used.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// Address of a store that is not Amazon's: `https://s3.example.se`.
    pub endpoint: Option<String>,
    /// Region; `eu-north-1` unless said.
    pub region: Option<String>,
    /// Access key id, by reference.
    pub access_key_id: Option<SecretRef>,
    /// Secret access key, by reference.
    pub secret_access_key: Option<SecretRef>,
    /// Session token, by reference, for temporary credentials.
    pub session_token: Option<SecretRef>,
    /// Allow plain HTTP. Only for a store on the same machine.
    #[serde(default)]
    pub allow_http: bool,
    /// Put the bucket in the host name instead of the path.
    #[serde(default)]
    pub virtual_hosted: bool,
}

impl S3 {
    /// The options in the lake's own words, with the secrets that they refer to.
    pub fn options(&self, secrets: &dyn Secrets) -> Result<HashMap<String, String>> {
        let region = self.region.as_deref().unwrap_or("eu-north-1");
        let mut options = HashMap::from([
            ("aws_region".to_owned(), region.to_owned()),
            ("aws_allow_http".to_owned(), self.allow_http.to_string()),
            ("aws_virtual_hosted_style_request".to_owned(), self.virtual_hosted.to_string()),
        ]);
        if let Some(endpoint) = &self.endpoint {
            options.insert("aws_endpoint_url".to_owned(), endpoint.clone());
        }
        let references = [
            ("aws_access_key_id", &self.access_key_id),
            ("aws_secret_access_key", &self.secret_access_key),
            ("aws_session_token", &self.session_token),
        ];
        for (option, reference) in references {
            let Some(SecretRef { secret }) = reference else { continue };
            let value = secrets.get(secret).ok_or_else(|| {
                PipelineError::configuration(say!(
                    "hemligheten `{secret}` är inte satt",
                    "the secret `{secret}` is not set"
                ))
                .at(say!("[lake.s3] i sluss.toml", "[lake.s3] in sluss.toml"))
                .hint(say!(
                    "sätt den i miljön eller i hemligheternas mapp",
                    "set it in the environment or the folder of secrets"
                ))
            })?;
            options.insert(option.to_owned(), value.expose().to_owned());
        }
        Ok(options)
    }
}
