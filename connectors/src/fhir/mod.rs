//! Connector `fhir`: a FHIR server's resources, or Bundles in files (R4 and R5, JSON).
//!
//! # What it reads
//!
//! One kind of resource, with those that belong to it (`include`, `also`): `Organization`,
//! `HealthcareService`, `Location`, `Contract`, `OrganizationAffiliation`, `Group` (mCSD: ITI-90 by
//! search, ITI-91 by `history`); by search and its pages, by `_history`, or by bulk export (`$export`).
//! With `path`, the same out of files: a Bundle (`.json`), or one resource in each line (`.ndjson`),
//! also packed.
//!
//! Each kind has columns of its own, for R4 and R5 together (`id`, `hsa_id`, `orgnr`, `name`,
//! `part_of`, …: `sluss discover` shows them); `columns` names others: element names joined by dots,
//! with what [`crate::files::json`] knows, and an array on the way stands for its elements.
//! `identifier[system=hsa_id].value` finds the identifier whatever the source calls its system.
//! Further columns: `resource_type`, and `deleted` (`true` for a resource that is gone, in `_history`).
//!
//! `CodeSystem`, `ValueSet` and `ConceptMap` give the rows of the connector `kodverk`; with `expand`, a
//! value set's codes come from the server, page by page.
//!
//! # Access
//!
//! As the connector `rest`: HTTPS, credentials by reference, certificates.
//!
//! # Cursor
//!
//! With `increments`, the latest `meta.lastUpdated` that has been seen, asked for again `overlap`
//! seconds earlier; with `last_updated` also the page. A bulk export goes on from the time that the
//! server gave it. Without it everything is read. Files: as the connector `files`.
//!
//! # Quirks
//!
//! - An `OperationOutcome` in the answer's place, or one of severity error among the entries, is an
//!   error; its codes are told, its texts are not (they may quote values), and lie in the landing zone.
//! - Fewer matches than the server's `total`: an error.
//! - `_history` gives the newest state of each resource once, and those that are gone.
//! - Persons (`Practitioner`, `PractitionerRole`) are not read, also where a server includes them.
//! - The pages, and the files of an export, must be on the server itself.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "fhir"
//! [source.options]
//! url        = "https://katalog.example/fhir"
//! resource   = "HealthcareService"
//! include    = ["HealthcareService:organization", "HealthcareService:location"]
//! also       = ["Organization", "Location"]
//! increments = "last_updated"
//! auth       = { oauth2 = { token_url = "https://katalog.example/token", client_id = "sluss", client_secret = { secret = "katalog" } } }
//! ```
//!
//! A value set of the code-system source, for `vardomrade`:
//!
//! ```toml
//! [source]
//! connector = "fhir"
//! [source.options]
//! url      = "https://kodverk.example/fhir"
//! resource = "ValueSet"
//! expand   = { value_set = "http://kodverk.example/ValueSet/vardtjanst" }
//! ```

mod bundle;
mod codes;
mod export;
mod options;
mod outcome;
mod plan;
mod resource;
mod source;
#[cfg(test)]
mod tests;
mod walk;

pub use options::{Expand, Export, Increments, Options};
pub use resource::Resource;
pub use source::Fhir;
