//! The export's schema.

use crate::files::xml::contract::{Contract, Element, Kind};

const BOOLEAN: Kind = Kind::Boolean;
const INSTANT: Kind = Kind::DateTime(1);

/// `FileGetHsaUnitsResponse`.
pub(super) static EXPORT: Contract = Contract {
    title: ("HSA:s filexport (FileGetHsaUnitsResponse)", "HSA's file export (FileGetHsaUnitsResponse)"),
    namespace: "urn:riv:hsa:HsaWsResponder:3",
    message: Element::sequence(
        "FileGetHsaUnitsResponse",
        &[
            Element::value("startDate", INSTANT),
            Element::value("endDate", INSTANT),
            Element::sequence("hsaUnits", &[UNIT.at_least_one()]),
        ],
    )
    .open(),
    rows: &["hsaUnits", "hsaUnit"],
    above: &[("exportStartDate", "../../startDate"), ("exportEndDate", "../../endDate")],
};

const UNIT: Element = Element::sequence(
    "hsaUnit",
    &[
        Element::text("hsaIdentity").optional(),
        Element::text("DN"),
        Element::text("orgNo").optional(),
        Element::text("name").optional(),
        Element::text("publicName").optional(),
        Element::value("isHsaHealthCareProvider", BOOLEAN).optional(),
        Element::value("isHsaHealthCareUnit", BOOLEAN).optional(),
        Element::text("hsaResponsibleHealthCareProvider").optional(),
        Element::value("healthCareProviderIsArchived", BOOLEAN).optional(),
        Element::value("healthCareUnitIsArchived", BOOLEAN).optional(),
        Element::value("unitIsArchived", BOOLEAN).optional(),
        Element::sequence("hsaHealthCareUnitMembers", &[Element::text("hsaHealthCareUnitMember").any_number()])
            .optional(),
        Element::value("startDate", INSTANT).optional(),
        Element::value("endDate", INSTANT).optional(),
    ],
);
