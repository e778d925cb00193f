//! The schemas of HSA's directory services, `infrastructure:directory:organization` 5.0.

use crate::files::xml::contract::{Contract, Element, Kind};

const fn text(name: &'static str) -> Element {
    Element::text(name).optional()
}

const fn texts(name: &'static str) -> Element {
    Element::text(name).any_number()
}

const fn flag(name: &'static str) -> Element {
    Element::value(name, Kind::Boolean).optional()
}

const fn instant(name: &'static str) -> Element {
    Element::value(name, Kind::DateTime(1)).optional()
}

const HOURS: &[Element] = &[
    Element::text("fromDay"),
    Element::value("fromTime", Kind::Time),
    Element::text("toDay"),
    Element::value("toTime", Kind::Time),
    text("comment"),
    text("fromDate"),
    text("toDate"),
];

const fn hours(name: &'static str) -> Element {
    Element::sequence(name, HOURS).open().any_number()
}

const LINES: &[Element] = &[Element::text("addressLine").at_least_one()];

const fn address(name: &'static str) -> Element {
    Element::sequence(name, LINES).open().optional()
}

const POSTAL: &[Element] = &[
    Element::text("addressee").at_least_one(),
    text("street"),
    text("premisesNumber"),
    text("premisesLetter"),
    Element::text("postCode"),
    Element::text("town"),
];

const fn postal(name: &'static str) -> Element {
    Element::sequence(name, POSTAL).open().optional()
}

/// `GetUnitResponse` 5.
pub(super) static UNIT: Contract = Contract {
    title: ("ett svar med en enhet (GetUnitResponse 5)", "an answer with a unit (GetUnitResponse 5)"),
    namespace: "urn:riv:infrastructure:directory:organization:GetUnitResponder:5",
    message: Element::sequence(
        "GetUnitResponse",
        &[Element::sequence(
            "unit",
            &[
                texts("alternateName"),
                text("alternateText"),
                text("alternateTextLogotype"),
                Element::sequence(
                    "businessClassification",
                    &[text("businessClassificationName"), text("businessClassificationCode")],
                )
                .open()
                .any_number(),
                texts("businessType"),
                texts("careType"),
                text("countyName"),
                text("countyCode"),
                text("description"),
                text("directoryContact"),
                text("displayOption"),
                hours("dropInHour"),
                text("mail"),
                texts("facsimileTelephoneNumber"),
                Element::sequence(
                    "geographicalCoordinatesRt90",
                    &[Element::text("xCoordinate"), Element::text("yCoordinate")],
                )
                .open()
                .optional(),
                Element::sequence(
                    "geographicalCoordinatesSWEREF99",
                    &[Element::text("nCoordinate"), Element::text("eCoordinate")],
                )
                .open()
                .optional(),
                texts("destinationIndicator"),
                Element::text("unitHsaId"),
                text("jpegPhoto"),
                text("jpegLogotype"),
                text("labeledUri"),
                text("location"),
                text("webPage1177"),
                texts("management"),
                text("municipalityName"),
                text("municipalityCode"),
                texts("nonPublicTelephoneNumber"),
                Element::text("unitName"),
                text("patientInformation"),
                address("postalAddress"),
                text("postalCode"),
                Element::text("publicName"),
                texts("relatedUnitHsaId"),
                text("route"),
                text("street"),
                hours("surgeryHour"),
                text("switchboardNumber"),
                hours("telephoneHour"),
                texts("telephoneNumber"),
                texts("textTelephoneNumber"),
                text("unitExtraInformation"),
                Element::sequence(
                    "unitFunction",
                    &[Element::text("name"), hours("telephoneHour"), texts("telephoneNumber")],
                )
                .open()
                .any_number(),
                Element::sequence(
                    "unitTemporaryInformation",
                    &[Element::text("fromDate"), Element::text("toDate"), Element::text("temporaryInformation")],
                )
                .open()
                .optional(),
                texts("videoPhone"),
                hours("visitingHour"),
                Element::sequence(
                    "visitingRuleAge",
                    &[Element::text("fromAge"), Element::text("toAge"), text("comment")],
                )
                .open()
                .any_number(),
                text("referralRules"),
                text("visitingRules"),
                instant("unitStartDate"),
                instant("unitEndDate"),
                flag("feignedUnit"),
                texts("financingOrganization"),
                text("indoorRouteDescription"),
                text("geographicalCoordinatesSWEREF99Latitude"),
                text("geographicalCoordinatesSWEREF99Longitude"),
                texts("administrativeCareLevel"),
                texts("schoolType"),
                postal("structuredPostalAddress"),
                Element::sequence(
                    "structuredVisitingAddress",
                    &[Element::text("street"), text("premisesNumber"), text("premisesLetter"), Element::text("town")],
                )
                .open()
                .optional(),
            ],
        )
        .open()
        .optional()],
    )
    .open(),
    rows: &["unit"],
    above: &[],
};

/// `GetHealthCareUnitResponse` 2.
pub(super) static HEALTH_CARE_UNIT: Contract = Contract {
    title: (
        "ett svar med en vårdenhet (GetHealthCareUnitResponse 2)",
        "an answer with a care unit (GetHealthCareUnitResponse 2)",
    ),
    namespace: "urn:riv:infrastructure:directory:organization:GetHealthCareUnitResponder:2",
    message: Element::sequence(
        "GetHealthCareUnitResponse",
        &[Element::sequence(
            "healthCareUnit",
            &[
                flag("unitIsHealthCareUnit"),
                text("healthCareUnitMemberHsaId"),
                text("healthCareUnitMemberName"),
                text("healthCareUnitMemberPublicName"),
                instant("healthCareUnitMemberStartDate"),
                instant("healthCareUnitMemberEndDate"),
                Element::text("healthCareUnitHsaId"),
                Element::text("healthCareUnitName"),
                Element::text("healthCareUnitPublicName"),
                instant("healthCareUnitStartDate"),
                instant("healthCareUnitEndDate"),
                Element::text("healthCareProviderHsaId"),
                Element::text("healthCareProviderName"),
                Element::text("healthCareProviderPublicName"),
                Element::text("healthCareProviderOrgNo"),
                instant("healthCareProviderStartDate"),
                instant("healthCareProviderEndDate"),
                flag("feignedHealthCareUnitMember"),
                flag("feignedHealthCareUnit"),
                flag("feignedHealthCareProvider"),
                flag("archivedHealthCareUnitMember"),
                flag("archivedHealthCareUnit"),
                flag("archivedHealthCareProvider"),
            ],
        )
        .open()
        .optional()],
    )
    .open(),
    rows: &["healthCareUnit"],
    above: &[],
};

/// `GetHealthCareUnitMembersResponse` 2.
pub(super) static HEALTH_CARE_UNIT_MEMBERS: Contract = Contract {
    title: (
        "ett svar med en vårdenhets enheter (GetHealthCareUnitMembersResponse 2)",
        "an answer with a care unit's members (GetHealthCareUnitMembersResponse 2)",
    ),
    namespace: "urn:riv:infrastructure:directory:organization:GetHealthCareUnitMembersResponder:2",
    message: Element::sequence(
        "GetHealthCareUnitMembersResponse",
        &[Element::sequence(
            "healthCareUnitMembers",
            &[
                Element::text("healthCareUnitName"),
                Element::text("healthCareUnitPublicName"),
                Element::text("healthCareUnitHsaId"),
                instant("healthCareUnitStartDate"),
                instant("healthCareUnitEndDate"),
                texts("healthCareUnitPrescriptionCode"),
                texts("telephoneNumber"),
                address("postalAddress"),
                text("postalCode"),
                flag("feignedHealthCareUnit"),
                flag("archivedHealthCareUnit"),
                Element::sequence(
                    "healthCareProvider",
                    &[
                        Element::text("healthCareProviderName"),
                        Element::text("healthCareProviderPublicName"),
                        Element::text("healthCareProviderHsaId"),
                        Element::text("healthCareProviderOrgNo"),
                        instant("healthCareProviderStartDate"),
                        instant("healthCareProviderEndDate"),
                        texts("healthCareProviderPrescriptionCode"),
                        texts("telephoneNumber"),
                        address("postalAddress"),
                        text("postalCode"),
                        flag("feignedHealthCareProvider"),
                        flag("archivedHealthCareProvider"),
                        postal("structuredPostalAddress"),
                    ],
                )
                .open(),
                Element::sequence(
                    "healthCareUnitMember",
                    &[
                        Element::text("healthCareUnitMemberName"),
                        Element::text("healthCareUnitMemberPublicName"),
                        Element::text("healthCareUnitMemberHsaId"),
                        instant("healthCareUnitMemberStartDate"),
                        instant("healthCareUnitMemberEndDate"),
                        texts("healthCareUnitMemberPrescriptionCode"),
                        texts("healthCareUnitMemberTelephoneNumber"),
                        address("healthCareUnitMemberpostalAddress"),
                        text("healthCareUnitMemberpostalCode"),
                        flag("feignedHealthCareUnitMember"),
                        flag("archivedHealthCareUnitMember"),
                        postal("healthCareUnitMemberstructuredPostalAddress"),
                    ],
                )
                .open()
                .any_number(),
                postal("structuredPostalAddress"),
            ],
        )
        .open()
        .optional()],
    )
    .open(),
    rows: &["healthCareUnitMembers", "healthCareUnitMember"],
    above: &[
        ("healthCareUnitHsaId", "../healthCareUnitHsaId"),
        ("healthCareUnitName", "../healthCareUnitName"),
        ("healthCareUnitPublicName", "../healthCareUnitPublicName"),
        ("healthCareProviderHsaId", "../healthCareProvider/healthCareProviderHsaId"),
        ("healthCareProviderName", "../healthCareProvider/healthCareProviderName"),
        ("healthCareProviderOrgNo", "../healthCareProvider/healthCareProviderOrgNo"),
    ],
};

/// `GetHealthCareProviderResponse` 1.
pub(super) static HEALTH_CARE_PROVIDER: Contract = Contract {
    title: (
        "ett svar med vårdgivare (GetHealthCareProviderResponse 1)",
        "an answer with providers (GetHealthCareProviderResponse 1)",
    ),
    namespace: "urn:riv:infrastructure:directory:organization:GetHealthCareProviderResponder:1",
    message: Element::sequence(
        "GetHealthCareProviderResponse",
        &[Element::sequence(
            "healthCareProvider",
            &[
                Element::text("healthCareProviderHsaId"),
                Element::text("healthCareProviderName"),
                Element::text("healthCareProviderOrgNo"),
                instant("healthCareProviderStartDate"),
                instant("healthCareProviderEndDate"),
                flag("feignedHealthCareProvider"),
                flag("archivedHealthCareProvider"),
            ],
        )
        .open()
        .any_number()],
    )
    .open(),
    rows: &["healthCareProvider"],
    above: &[],
};
