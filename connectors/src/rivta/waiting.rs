//! The schemas of the national waiting-time delivery, `tillgangligVardSpeci` 1.0.

use crate::files::xml::contract::{Attribute, Contract, Element, Kind};

const fn must(name: &'static str, kind: Kind) -> Attribute {
    Attribute::required(name, kind)
}

const fn may(name: &'static str, kind: Kind) -> Attribute {
    Attribute::optional(name, kind)
}

const TEXT: Kind = Kind::Text;
const TWO_OR_MORE: Kind = Kind::Length(2, usize::MAX);
const FIVE_OR_MORE: Kind = Kind::Length(5, usize::MAX);
const FIVE: Kind = Kind::Length(5, 5);
const REGION: Kind = Kind::Number(10, 65);
const ONE_TO_FIVE: Kind = Kind::Number(1, 5);
const SINCE_2010: Kind = Kind::DateTime(2010);
const SINCE_1900: Kind = Kind::DateTime(1900);
const SEX: Kind = Kind::OneOf(&[
    "2", "kvinna", "Kvinna", "KVINNA", "k", "K", "1", "man", "Man", "MAN", "m", "M", "3", "okänt", "Okänt", "OKÄNT",
    "o", "O",
]);
const YES_OR_NO: Kind = Kind::OneOf(&[
    "1", "j", "J", "ja", "Ja", "JA", "t", "T", "true", "True", "TRUE", "2", "n", "N", "nej", "Nej", "NEJ", "f", "F",
    "false", "False", "FALSE",
]);
const PROFESSION: Kind = Kind::OneOf(&[
    "XS910", "XS911", "XS912", "XS913", "XS914", "XS915", "XS916", "XS917", "XS918", "XS919", "XS920", "XS921",
    "XS922", "XS923", "XS924", "XS925", "XS926",
]);

/// A delivery's own attributes.
const DELIVERY: &[Attribute] = &[may("ErsattningsId", TEXT), may("LeveransReferens", TEXT)];
/// The month that a body is of.
const MONTH: &[Attribute] = &[must("DatatGallerFor", Kind::Date)];
/// What every row is told of its delivery.
const ABOVE: &[(&str, &str)] = &[
    ("DatatGallerFor", "../@DatatGallerFor"),
    ("ErsattningsId", "../../@ErsattningsId"),
    ("LeveransReferens", "../../@LeveransReferens"),
];

const COMPLETED: &[Attribute] = &[
    must("Regionkod", REGION),
    must("HSAIdRegion", TWO_OR_MORE),
    must("Sjukhus", FIVE_OR_MORE),
    must("SjukhusNamn", TWO_OR_MORE),
    must("HSAIdVardgivare", TWO_OR_MORE),
    must("HSAIdVardenhet", TWO_OR_MORE),
    may("HSAIdEnhet", TEXT),
    must("VardkontaktId", TWO_OR_MORE),
    must("Vardgaranti", YES_OR_NO),
    must("Fas", ONE_TO_FIVE),
    must("Mvo", Kind::Length(3, 3)),
    may("Aktivitet", FIVE),
    may("AktivitetKVA", FIVE),
    may("AktivitetICD", Kind::Length(4, 6)),
    must("FodelseAr", Kind::Year(1901)),
    must("Kon", SEX),
    must("Lkf", TEXT),
    may("HSAIdPatientListning", TEXT),
    must("Bokningssatt", ONE_TO_FIVE),
    must("Vardkontakt", Kind::Number(0, 91)),
    must("Yrkeskategori", PROFESSION),
    may("Avvikelse", Kind::Number(1, 3)),
    must("BeslutAktivitet", SINCE_2010),
    must("StartAktivitet", SINCE_2010),
    may("MedicinsktMaldatum", SINCE_2010),
    must("TypAkutverksamhet", Kind::Number(0, 5)),
    may("TidStartAkut", SINCE_2010),
    may("TidBedomning", SINCE_2010),
    may("TidAvslut", SINCE_2010),
    may("VardAvbruten", Kind::Number(1, 1)),
    may("Remittenttyp", Kind::Number(1, 2)),
    may("Remittent", TEXT),
    may("RemissId", TEXT),
    may("RemissDatum", SINCE_1900),
    may("AnkomstDatum", SINCE_1900),
];

const WAITING: &[Attribute] = &[
    must("Regionkod", REGION),
    must("HSAIdRegion", TWO_OR_MORE),
    may("Sjukhus", FIVE_OR_MORE),
    may("SjukhusNamn", TWO_OR_MORE),
    must("HSAIdVardgivare", TWO_OR_MORE),
    must("HSAIdVardenhet", TWO_OR_MORE),
    may("HSAIdEnhet", TEXT),
    must("VardkontaktId", TWO_OR_MORE),
    must("Vardgaranti", YES_OR_NO),
    must("Fas", ONE_TO_FIVE),
    must("Mvo", Kind::Length(3, 3)),
    may("Aktivitet", FIVE),
    may("AktivitetKVA", FIVE),
    may("AktivitetICD", Kind::Length(4, 6)),
    must("FodelseAr", Kind::Year(1901)),
    must("Kon", SEX),
    must("Lkf", TEXT),
    may("HSAIdPatientListning", TEXT),
    must("Bokningssatt", ONE_TO_FIVE),
    must("Vardkontakt", Kind::Number(0, 91)),
    must("Yrkeskategori", PROFESSION),
    may("Avvikelse", Kind::Number(1, 3)),
    must("BeslutAktivitet", SINCE_2010),
    may("MedicinsktMaldatum", SINCE_2010),
    may("Remittenttyp", Kind::Number(1, 2)),
    may("Remittent", TEXT),
    may("RemissId", TEXT),
    may("RemissDatum", SINCE_1900),
    may("AnkomstDatum", SINCE_1900),
];

/// A body: a month's elements of one kind.
const fn body(name: &'static str, rows: &'static [Element]) -> Element {
    Element::sequence(name, rows).with(MONTH).optional()
}

/// An element that is all attributes; the text that it may have is nobody's.
const fn row(name: &'static str, attributes: &'static [Attribute]) -> Element {
    Element::text(name).with(attributes).at_least_one()
}

const COMPLETED_MESSAGE: Element = Element::choice(
    "TillgangligVardSpeciGenomforda",
    &[
        body("Kontakt", &[row("Besok", COMPLETED)]),
        body(
            "Diagnoser",
            &[row(
                "Diagnos",
                &[
                    must("Regionkod", REGION),
                    must("VardkontaktId", TEXT),
                    must("Diagnos", TEXT),
                    must("DiagnosTyp", Kind::Number(0, 1)),
                ],
            )],
        ),
        body(
            "Orsaker",
            &[row("Orsak", &[must("Regionkod", REGION), must("VardkontaktId", TEXT), must("Orsak", TEXT)])],
        ),
        body(
            "Atgarder",
            &[row("Atgard", &[must("Regionkod", REGION), must("VardkontaktId", TEXT), must("Atgard", TEXT)])],
        ),
    ],
)
.with(DELIVERY);

const fn completed(rows: &'static [&'static str]) -> Contract {
    Contract {
        title: (
            "en leverans av genomförda kontakter (TillgangligVardSpeciGenomforda)",
            "a delivery of completed contacts (TillgangligVardSpeciGenomforda)",
        ),
        namespace: "urn:riv:skl:tillgangligVardSpeci:TillgangligVardSpeciGenomfordaResponder:1",
        message: COMPLETED_MESSAGE,
        rows,
        above: ABOVE,
    }
}

/// Completed contacts.
pub(super) static GENOMFORDA: Contract = completed(&["Kontakt", "Besok"]);
/// Their diagnoses.
pub(super) static DIAGNOSER: Contract = completed(&["Diagnoser", "Diagnos"]);
/// Their causes.
pub(super) static ORSAKER: Contract = completed(&["Orsaker", "Orsak"]);
/// Their procedures.
pub(super) static ATGARDER: Contract = completed(&["Atgarder", "Atgard"]);

/// Waiting contacts.
pub(super) static VANTANDE: Contract = Contract {
    title: (
        "en leverans av väntande kontakter (TillgangligVardSpeciVantande)",
        "a delivery of waiting contacts (TillgangligVardSpeciVantande)",
    ),
    namespace: "urn:riv:skl:tillgangligVardSpeci:TillgangligVardSpeciVantandeResponder:1",
    message: Element::choice("TillgangligVardSpeciVantande", &[body("Kontakt", &[row("Besok", WAITING)])])
        .with(DELIVERY),
    rows: &["Kontakt", "Besok"],
    above: ABOVE,
};
