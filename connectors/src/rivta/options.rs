//! `[source.options]` of the connector `rivta`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{organization, waiting};
use crate::files::xml::contract::Contract;
use crate::files::{Paths, S3Options};

/// Options of the connector `rivta`. Exactly one of `path` and `url` says where the messages are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RivtaOptions {
    /// The kind of message that the job reads.
    pub message: MessageKind,
    /// A file, a folder, a glob or a list of these, relative to the job's folder.
    pub path: Option<Paths>,
    /// A file, a prefix or a glob in an object store: `s3://bucket/vantetider/*.xml`.
    pub url: Option<String>,
    /// How to reach an S3 object store.
    pub s3: Option<S3Options>,
    /// Which members of a `.zip` are read: `*.xml` unless said.
    pub member: Option<String>,
    /// Hold attributes and values against the schema's types too; a row that breaks them is unread.
    /// Without it the rules of the national table judge the values, column by column.
    #[serde(default)]
    pub strict: bool,
}

/// The messages that are known, and what a row of each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// `TillgangligVardSpeciGenomforda`: completed contacts (Kontakt/Besok).
    Genomforda,
    /// `TillgangligVardSpeciGenomforda`: their diagnoses.
    GenomfordaDiagnoser,
    /// `TillgangligVardSpeciGenomforda`: their causes.
    GenomfordaOrsaker,
    /// `TillgangligVardSpeciGenomforda`: their procedures.
    GenomfordaAtgarder,
    /// `TillgangligVardSpeciVantande`: waiting contacts (Kontakt/Besok).
    Vantande,
    /// `GetUnitResponse` 5: units.
    Unit,
    /// `GetHealthCareUnitResponse` 2: the care unit of a unit, and its provider.
    HealthCareUnit,
    /// `GetHealthCareUnitMembersResponse` 2: the units of a care unit.
    HealthCareUnitMembers,
    /// `GetHealthCareProviderResponse` 1: providers.
    HealthCareProvider,
}

impl MessageKind {
    /// The message's schema.
    pub(super) fn contract(self) -> &'static Contract {
        match self {
            Self::Genomforda => &waiting::GENOMFORDA,
            Self::GenomfordaDiagnoser => &waiting::DIAGNOSER,
            Self::GenomfordaOrsaker => &waiting::ORSAKER,
            Self::GenomfordaAtgarder => &waiting::ATGARDER,
            Self::Vantande => &waiting::VANTANDE,
            Self::Unit => &organization::UNIT,
            Self::HealthCareUnit => &organization::HEALTH_CARE_UNIT,
            Self::HealthCareUnitMembers => &organization::HEALTH_CARE_UNIT_MEMBERS,
            Self::HealthCareProvider => &organization::HEALTH_CARE_PROVIDER,
        }
    }
}
