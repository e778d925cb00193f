//! The kinds of resources that are read, and what is taken of each: R4's elements and R5's.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::kodverk::Gives;

/// Kinds of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Resource {
    /// Organisations and units.
    Organization,
    /// Services.
    HealthcareService,
    /// Places.
    Location,
    /// Contracts.
    Contract,
    /// Commissions between organisations.
    OrganizationAffiliation,
    /// Conditions and target groups.
    Group,
    /// Code systems.
    CodeSystem,
    /// Value sets.
    ValueSet,
    /// Crosswalks.
    ConceptMap,
}

/// Columns: name and path.
type Columns = &'static [(&'static str, &'static str)];

/// What every kind has.
const COMMON: Columns = &[
    ("id", "id"),
    ("last_updated", "meta.lastUpdated"),
    ("profile", "meta.profile"),
    ("hsa_id", "identifier[system=hsa_id].value"),
    ("orgnr", "identifier[system=orgnr].value"),
    ("identifier", "identifier.value"),
    ("identifier_system", "identifier.system"),
];

const ORGANIZATION: Columns = &[
    ("active", "active"),
    ("name", "name"),
    ("alias", "alias"),
    ("description", "description"),
    ("type", "type.coding.code"),
    ("type_text", "type.coding.display"),
    ("part_of", "partOf.reference"),
    ("phone", "telecom[system=phone].value"),
    ("email", "telecom[system=email].value"),
    ("web", "telecom[system=url].value"),
    ("address_line", "address.line"),
    ("postal_code", "address.postalCode"),
    ("city", "address.city"),
    ("country", "address.country"),
    ("contact_purpose", "contact.purpose.coding.code"),
    ("contact_phone", "contact.telecom[system=phone].value"),
    ("contact_email", "contact.telecom[system=email].value"),
    ("contact_address_line", "contact.address.line"),
    ("contact_postal_code", "contact.address.postalCode"),
    ("contact_city", "contact.address.city"),
    ("qualification", "qualification.code.coding.code"),
    ("identifier_start", "identifier.period.start"),
    ("identifier_end", "identifier.period.end"),
];

const HEALTHCARE_SERVICE: Columns = &[
    ("active", "active"),
    ("name", "name"),
    ("comment", "comment"),
    ("extra_details", "extraDetails"),
    ("provided_by", "providedBy.reference"),
    ("offered_in", "offeredIn.reference"),
    ("category", "category.coding.code"),
    ("type", "type.coding.code"),
    ("type_text", "type.coding.display"),
    ("type_snomed", "type.coding[system=snomed].code"),
    ("type_vardtjanst", "type.coding[system=vardtjanst].code"),
    ("type_kva", "type.coding[system=kva].code"),
    ("specialty", "specialty.coding.code"),
    ("location", "location.reference"),
    ("service_provision", "serviceProvisionCode.coding.code"),
    ("eligibility", "eligibility.code.coding.code"),
    ("eligibility_comment", "eligibility.comment"),
    ("program", "program.coding.code"),
    ("characteristic", "characteristic.coding.code"),
    ("communication", "communication.coding.code"),
    ("referral_method", "referralMethod.coding.code"),
    ("appointment_required", "appointmentRequired"),
    ("phone", "telecom[system=phone].value"),
    ("email", "telecom[system=email].value"),
    ("contact_phone", "contact.telecom[system=phone].value"),
    ("contact_email", "contact.telecom[system=email].value"),
    ("available_time", "availableTime"),
    ("availability", "availability"),
];

const LOCATION: Columns = &[
    ("status", "status"),
    ("name", "name"),
    ("alias", "alias"),
    ("description", "description"),
    ("mode", "mode"),
    ("type", "type.coding.code"),
    ("address_line", "address.line"),
    ("postal_code", "address.postalCode"),
    ("city", "address.city"),
    ("district", "address.district"),
    ("state", "address.state"),
    ("country", "address.country"),
    ("latitude", "position.latitude"),
    ("longitude", "position.longitude"),
    ("altitude", "position.altitude"),
    ("managing_organization", "managingOrganization.reference"),
    ("part_of", "partOf.reference"),
    ("phone", "telecom[system=phone].value"),
    ("contact_phone", "contact.telecom[system=phone].value"),
];

const CONTRACT: Columns = &[
    ("url", "url"),
    ("status", "status"),
    ("legal_state", "legalState.coding.code"),
    ("contract_type", "type.coding.code"),
    ("sub_type", "subType.coding.code"),
    ("title", "title"),
    ("subtitle", "subtitle"),
    ("issued", "issued"),
    ("applies_start", "applies.start"),
    ("applies_end", "applies.end"),
    ("expiration_type", "expirationType.coding.code"),
    ("authority", "authority.reference"),
    ("subject", "subject.reference"),
    ("scope", "scope.coding.code"),
    ("supporting_info", "supportingInfo.reference"),
    ("related", "instantiatesCanonical.reference"),
    ("term_type", "term.type.coding.code"),
    ("term_start", "term.applies.start"),
    ("term_end", "term.applies.end"),
    ("term_text", "term.offer.text"),
];

const AFFILIATION: Columns = &[
    ("active", "active"),
    ("period_start", "period.start"),
    ("period_end", "period.end"),
    ("organization", "organization.reference"),
    ("participating_organization", "participatingOrganization.reference"),
    ("network", "network.reference"),
    ("code", "code.coding.code"),
    ("specialty", "specialty.coding.code"),
    ("location", "location.reference"),
    ("healthcare_service", "healthcareService.reference"),
    ("phone", "telecom[system=phone].value"),
    ("contact_phone", "contact.telecom[system=phone].value"),
];

const GROUP: Columns = &[
    ("active", "active"),
    ("name", "name"),
    ("description", "description"),
    ("group_type", "type"),
    ("membership", "membership"),
    ("code", "code.coding.code"),
    ("characteristic_code", "characteristic.code.coding.code"),
    ("characteristic_value", "characteristic.valueCodeableConcept.coding.code"),
    ("characteristic_min", "characteristic.valueRange.low.value"),
    ("characteristic_max", "characteristic.valueRange.high.value"),
    ("characteristics", "characteristic"),
    ("managing_entity", "managingEntity.reference"),
];

impl Resource {
    /// The kind's name in FHIR.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Organization => "Organization",
            Self::HealthcareService => "HealthcareService",
            Self::Location => "Location",
            Self::Contract => "Contract",
            Self::OrganizationAffiliation => "OrganizationAffiliation",
            Self::Group => "Group",
            Self::CodeSystem => "CodeSystem",
            Self::ValueSet => "ValueSet",
            Self::ConceptMap => "ConceptMap",
        }
    }

    /// The rows that its codes become, where it holds codes.
    pub(super) fn gives(self) -> Option<Gives> {
        match self {
            Self::CodeSystem => Some(Gives::Kod),
            Self::ValueSet => Some(Gives::Vardomrade),
            Self::ConceptMap => Some(Gives::Kodmappning),
            _ => None,
        }
    }

    fn own(self) -> Columns {
        match self {
            Self::Organization => ORGANIZATION,
            Self::HealthcareService => HEALTHCARE_SERVICE,
            Self::Location => LOCATION,
            Self::Contract => CONTRACT,
            Self::OrganizationAffiliation => AFFILIATION,
            Self::Group => GROUP,
            Self::CodeSystem | Self::ValueSet | Self::ConceptMap => &[],
        }
    }
}

/// The columns of several kinds together.
pub(super) fn columns(kinds: &[Resource]) -> Vec<(String, String)> {
    let mut columns: Vec<(String, String)> = Vec::new();
    for (name, path) in COMMON.iter().chain(kinds.iter().flat_map(|kind| kind.own())) {
        if !columns.iter().any(|(known, _)| known == name) {
            columns.push(((*name).to_owned(), (*path).to_owned()));
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_the_same_in_every_kind() {
        let all = [ORGANIZATION, HEALTHCARE_SERVICE, LOCATION, CONTRACT, AFFILIATION, GROUP, COMMON].concat();
        for (name, path) in &all {
            assert!(all.iter().all(|(other, there)| other != name || there == path), "{name}");
        }
    }
}
