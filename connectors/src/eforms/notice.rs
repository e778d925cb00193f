//! From a notice to the winners of its lots: lot result → contract → tender → tendering party → organisation.

use std::collections::BTreeMap;

use super::node::Node;

/// The columns, in the order of [`winners`]' values.
pub(super) const COLUMNS: [&str; 31] = [
    "notice_id",
    "notice_version",
    "procedure_id",
    "notice_type",
    "issued",
    "legal_basis",
    "buyer_orgnr",
    "buyer_name",
    "buyer_type",
    "buyers",
    "title",
    "nature",
    "procedure",
    "lots",
    "lot_id",
    "lot_title",
    "cpv",
    "framework",
    "dynamic_purchasing",
    "auction",
    "result",
    "tenders",
    "tender_id",
    "contract_id",
    "contract_date",
    "winner_orgnr",
    "winner_name",
    "winner_size",
    "winner_natural_person",
    "winner_leads",
    "withheld",
];

/// A row's values, in the order of [`COLUMNS`].
type Row = Vec<Option<String>>;

const EXTENSION: [&str; 4] = ["UBLExtensions", "UBLExtension", "ExtensionContent", "EformsExtension"];
/// Between several values of one column.
const SEPARATOR: &str = "|";

/// The winners of all lots, in the order of the notice.
pub(super) fn winners(root: &Node) -> Vec<Row> {
    let notice = Notice::new(root);
    let results = notice.result.iter().flat_map(|result| result.all("LotResult"));
    results.flat_map(|result| notice.lot(result)).collect()
}

/// A notice, with what its ids stand for.
struct Notice<'a> {
    root: &'a Node,
    language: Option<&'a str>,
    result: Option<&'a Node>,
    lots: BTreeMap<&'a str, &'a Node>,
    tenders: BTreeMap<&'a str, &'a Node>,
    contracts: BTreeMap<&'a str, &'a Node>,
    parties: BTreeMap<&'a str, &'a Node>,
    organisations: BTreeMap<&'a str, &'a Node>,
}

/// Who tendered: none of it where a lot has no winner.
#[derive(Clone, Copy, Default)]
struct Winner<'a> {
    contract: Option<&'a Node>,
    tender: Option<&'a Node>,
    /// The entry of the tendering party that names the organisation.
    tenderer: Option<&'a Node>,
}

fn by_id<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> BTreeMap<&'a str, &'a Node> {
    nodes.into_iter().filter_map(|node| Some((node.value(&["ID"])?, node))).collect()
}

fn ids<'a>(node: &'a Node, name: &'a str) -> impl Iterator<Item = &'a str> {
    node.all(name).filter_map(|reference| reference.value(&["ID"]))
}

impl<'a> Notice<'a> {
    fn new(root: &'a Node) -> Self {
        let extension = root.at(&EXTENSION).into_iter().find(|e| e.all("NoticeResult").next().is_some());
        let result = extension.and_then(|e| e.all("NoticeResult").next());
        let of = |name: &'a str| by_id(result.into_iter().flat_map(move |result| result.all(name)));
        let mut organisations = BTreeMap::new();
        let extensions = root.at(&EXTENSION).into_iter();
        for organisation in extensions.flat_map(|extension| extension.at(&["Organizations", "Organization"])) {
            // A buyer may be referred to by one of its offices.
            for office in ["Company", "TouchPoint"] {
                let names = organisation.at(&[office, "PartyIdentification", "ID"]);
                organisations.extend(names.into_iter().filter_map(|id| Some((id.value(&[])?, organisation))));
            }
        }
        Self {
            root,
            language: root.value(&["NoticeLanguageCode"]),
            result,
            lots: by_id(root.all("ProcurementProjectLot")),
            tenders: of("LotTender"),
            contracts: of("SettledContract"),
            parties: of("TenderingParty"),
            organisations,
        }
    }

    /// The rows of one lot's result.
    fn lot(&self, result: &'a Node) -> Vec<Row> {
        let mut found = Vec::new();
        let lot = result.value(&["TenderLot", "ID"]);
        for contract in ids(result, "SettledContract").filter_map(|id| self.contracts.get(id).copied()) {
            for tender in ids(contract, "LotTender").filter_map(|id| self.tenders.get(id).copied()) {
                // A contract may cover several lots, each with a tender of its own.
                if tender.value(&["TenderLot", "ID"]).is_some_and(|of| Some(of) != lot) {
                    continue;
                }
                let party = tender.value(&["TenderingParty", "ID"]).and_then(|id| self.parties.get(id).copied());
                let members = party.into_iter().flat_map(|party| party.all("Tenderer"));
                found.extend(members.map(|tenderer| Winner {
                    contract: Some(contract),
                    tender: Some(tender),
                    tenderer: Some(tenderer),
                }));
            }
        }
        if found.is_empty() {
            found.push(Winner::default());
        }
        found.into_iter().map(|winner| self.row(result, winner)).collect()
    }

    fn row(&self, result: &'a Node, winner: Winner<'a>) -> Row {
        let (root, language) = (self.root, self.language);
        let organisation = |id: Option<&str>| id.and_then(|id| self.organisations.get(id).copied());
        let buyers: Vec<_> = root.all("ContractingParty").collect();
        let buyer = buyers.first().copied();
        let buying = organisation(buyer.and_then(|b| b.value(&["Party", "PartyIdentification", "ID"])));
        let winning = organisation(winner.tenderer.and_then(|t| t.value(&["ID"])));
        let lot_id = result.value(&["TenderLot", "ID"]);
        let lot = lot_id.and_then(|id| self.lots.get(id).copied());
        let purchasing = |list: &str| lot.and_then(|lot| system(lot, list));
        let cpv = ["MainCommodityClassification", "ItemClassificationCode"];
        let (buyer_count, lot_count) = (buyers.len().to_string(), self.lots.len().to_string());
        let withheld = withheld([Some(result), winner.tender, winner.contract]);
        let values: [Option<&str>; COLUMNS.len()] = [
            root.value(&["ID"]),
            root.value(&["VersionID"]),
            root.value(&["ContractFolderID"]),
            root.value(&["NoticeTypeCode"]),
            root.value(&["IssueDate"]),
            root.value(&["RegulatoryDomain"]),
            company(buying, &["PartyLegalEntity", "CompanyID"]),
            name(buying, language),
            buyer.and_then(|b| b.value(&["ContractingPartyType", "PartyTypeCode"])),
            Some(&buyer_count),
            project(Some(root), &["Name"], language),
            project(Some(root), &["ProcurementTypeCode"], None),
            root.value(&["TenderingProcess", "ProcedureCode"]),
            Some(&lot_count),
            lot_id,
            project(lot, &["Name"], language),
            project(lot, &cpv, None).or_else(|| project(Some(root), &cpv, None)),
            purchasing("framework-agreement"),
            purchasing("dps-usage"),
            lot.and_then(|l| l.value(&["TenderingProcess", "AuctionTerms", "AuctionConstraintIndicator"])),
            result.value(&["TenderResultCode"]),
            received(result),
            winner.tender.and_then(|t| t.value(&["ID"])),
            winner.contract.and_then(|c| c.value(&["ContractReference", "ID"])),
            winner.contract.and_then(|c| c.value(&["IssueDate"])),
            company(winning, &["PartyLegalEntity", "CompanyID"]),
            name(winning, language),
            company(winning, &["CompanySizeCode"]),
            winning.and_then(|o| o.value(&["NaturalPersonIndicator"])),
            winner.tenderer.and_then(|t| t.value(&["GroupLeadIndicator"])),
            withheld.as_deref(),
        ];
        values.iter().map(|value| value.map(ToOwned::to_owned)).collect()
    }
}

/// What an organisation says of itself.
fn company<'a>(organisation: Option<&'a Node>, path: &[&'a str]) -> Option<&'a str> {
    organisation?.all("Company").find_map(|company| company.value(path))
}

/// What an organisation is called, in the notice's language if it has a name there.
fn name<'a>(organisation: Option<&'a Node>, language: Option<&str>) -> Option<&'a str> {
    organisation?.all("Company").find_map(|company| company.said(&["PartyName", "Name"], language))
}

/// What a notice or a lot says of what is bought.
fn project<'a>(of: Option<&'a Node>, path: &[&'a str], language: Option<&str>) -> Option<&'a str> {
    of?.all("ProcurementProject").find_map(|project| project.said(path, language))
}

/// What a lot says of a purchasing system: its code in the list.
fn system<'a>(lot: &'a Node, list: &str) -> Option<&'a str> {
    let systems = lot.at(&["TenderingProcess", "ContractingSystem", "ContractingSystemTypeCode"]);
    systems.into_iter().find(|code| code.list() == Some(list)).and_then(|code| code.value(&[]))
}

/// How many tenders came for a lot.
fn received(result: &Node) -> Option<&str> {
    let mut counts = result.all("ReceivedSubmissionsStatistics");
    let tenders = counts.find(|count| count.value(&["StatisticsCode"]) == Some("tenders"));
    tenders.and_then(|count| count.value(&["StatisticsNumeric"]))
}

/// The fields of a row's parts that the buyer withholds.
fn withheld(parts: [Option<&Node>; 3]) -> Option<String> {
    let mut fields = Vec::new();
    for part in parts.into_iter().flatten() {
        part.below("FieldsPrivacy", &mut fields);
    }
    let mut codes: Vec<&str> = fields.iter().filter_map(|field| field.value(&["FieldIdentifierCode"])).collect();
    codes.sort_unstable();
    codes.dedup();
    (!codes.is_empty()).then(|| codes.join(SEPARATOR))
}
