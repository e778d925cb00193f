"""National sources beside the catalogue: IVO's register, SPOR's extract, free capacity, providers' own offers,
award notices. Forms that nobody outside knows are the sample's own; the job files say which."""
from __future__ import annotations

import datetime as dt
import json
import random
from xml.sax.saxutils import escape

import codes
import writers
from country import NAMES, REGIONS, SEED, Provider, Unit, invented_orgnr
from planted import Source

DAY = dt.timedelta(days=1)
# Providers without a contract: the catalogue does not know them, IVO does.
OTHERS = [Provider(invented_orgnr(number), f"Exempelmottagningen {place} AB", "49", "6")
          for number, place in enumerate(["Höjden", "Dalen", "Bryggan", "Torget", "Skogen", "Åsen", "Viken", "Fältet"], start=31)]


def ivo() -> tuple[Source, bytes]:
    """The register of providers: those without a contract too."""
    rows = [
        {"Organisationsnummer": f"{p.orgnr[:6]}-{p.orgnr[6:]}", "Vårdgivare": p.name, "Anmälningsnummer": f"EX-IVO {4000 + n}",
         "Verksamhet": "Exempel: öppen specialistvård", "Anmäld": (dt.date(2019, 3, 1) + 97 * n * DAY).isoformat(), "Upphörd": ""}
        for n, p in enumerate(OTHERS)
    ]
    rows[6]["Upphörd"] = "2025-06-30"
    rows.append(dict(rows[0], Organisationsnummer="599900-0399", Vårdgivare="Exempelfel AB", Anmälningsnummer="EX-IVO 4999"))
    source = Source("national/ivo/vardgivare", "vardgivarregister.csv", rows)
    source.plant(len(rows) - 1, "orgnr_luhn", "organisation", "orgnr")
    source.plant(3, "felaktigt_datum", "tillstand", "giltig_fran", Anmäld="2020-13-01")
    data, source.places = writers.csv_bytes(rows, bom=True)
    return source, data


def spor(units: dict[str, list[Unit]]) -> tuple[Source, bytes]:
    """An extract of operations: V310 is the registration, V565 the start; no person in it."""
    rng = random.Random(f"{SEED}-spor")
    where = [u for region in ("05", "14", "19", "24") for u in units[region] if u.name.startswith(("Ögon", "Ortoped", "Kirurg"))]
    rows = []
    for number in range(1, 301):
        area = rng.choice(codes.AREAS)
        registered = dt.date(2026, 3, 2) + dt.timedelta(days=rng.randrange(230))
        start = registered + dt.timedelta(days=rng.randrange(5, 160))
        rows.append({
            "OPERATION": f"EXOP{number:05d}", "ENHET": rng.choice(where).hsa_id, "KVA": rng.choice(area.procedures),
            "V310": f"{registered} 08:15", "V565": f"{start} 10:40" if start < dt.date(2026, 11, 1) else "",
        })
    source = Source("national/spor/operationer", "spor-uttag.csv", rows)
    source.plant(7, "negativ_tid", "spor_operation", "vantetid_dagar", V565=f"{dt.date.fromisoformat(rows[7]['V310'][:10]) - 3 * DAY} 09:00")
    source.plant(31, "kod_okand", "spor_operation", "kva", KVA=codes.UNKNOWN)
    source.plant(54, "felaktigt_datum", "spor_operation", "anmald_vecka", V310="okänt")
    source.plant(80, "hsa_test", "spor_operation", "enhet", ENHET="TSTNMT5999000010-EX04")
    data, source.places = writers.csv_bytes(rows)
    return source, data


def capacity(units: dict[str, list[Unit]]) -> tuple[Source, bytes]:
    """Offers and requests. Each ends by itself on its last day."""
    rng = random.Random(f"{SEED}-kapacitet")
    rows = []
    for number in range(1, 31):
        region = rng.choice(sorted(units))
        unit, area = rng.choice(units[region]), rng.choice(codes.AREAS)
        offer = number % 3 != 0
        published = dt.date(2026, 10, 5) + dt.timedelta(days=number)
        rows.append({
            "Id": f"EXK{number:04d}", "Slag": "Erbjudande" if offer else "Förfrågan",
            "Från": unit.provider.orgnr if offer and unit.provider.ownership == "4" else region, "Län": region,
            "Enhet": unit.hsa_id if offer else "", "Vårdområde": area.name, "KVÅ": rng.choice(area.procedures),
            "Antal": str(rng.randrange(2, 40)), "Av": "operationer", "Period från": str(published + 14 * DAY),
            "Period till": str(published + 60 * DAY), "Villkor": rng.choice(["Remiss krävs", "Patienten hörs först", ""]),
            "Telefon": f"010-555 0{rng.randrange(100, 999)}", "Publicerad": f"{published} 07:30:00",
            "Gäller från": str(published), "Gäller till och med": str(published + rng.choice([13, 27, 60]) * DAY),
        })
    source = Source("national/kapacitet/ledig-kapacitet", "ledig-kapacitet.csv", rows)
    source.plant(2, "tomt_obligatoriskt", "ledig_kapacitet", "giltig_till", **{"Gäller till och med": ""})
    source.plant(5, "slut_fore_start", "ledig_kapacitet", "period_till", **{"Period till": "2026-10-01"})
    source.plant(9, "negativ_tid", "ledig_kapacitet", "antal", Antal="-4")
    source.plant(13, "utanfor_varden", "ledig_kapacitet", "slag", Slag="Önskan")
    source.plant(17, "felaktig_tid", "ledig_kapacitet", "publicerad", Publicerad="i morse")
    data, source.places = writers.csv_bytes(rows)
    return source, data


def offers(units: dict[str, list[Unit]]) -> tuple[Source, bytes]:
    """What providers offer by themselves, without a contract: each provider with its units' services."""
    rng = random.Random(f"{SEED}-utbud")
    rows, whole = [], []
    some = [u for region in sorted(units) for u in units[region] if u.provider.ownership == "4"][::9][:12]
    for unit in some:
        services = []
        for number, area in enumerate(rng.sample(codes.AREAS, k=rng.choice([1, 2])), start=1):
            services.append({"nr": f"{number}", "kva": rng.choice(area.procedures), "vardomrade": area.name,
                             "beskrivning": f"Exempel: {area.title.lower()}", "motesform": rng.choice(["fysiskt", "video"]),
                             "villkor": rng.choice(["Egenremiss", None]), "fran": "2026-02-01"})
        whole.append({"vardgivare": {"orgnr": unit.provider.orgnr, "namn": unit.provider.name}, "enhet": unit.hsa_id, "tjanster": services})
        rows.extend(services)
    source = Source("national/utbud/utbud", "utbud.json", rows)
    source.plant(2, "kod_okand", "utbud", "kva", kva=codes.UNKNOWN)
    source.plant(5, "felaktigt_datum", "utbud", "giltig_fran", fran="snart")
    source.plant(8, "utanfor_varden", "utbud", "motesform", motesform="brevduva")
    source.places = list(range(1, len(rows) + 1))
    return source, (json.dumps({"uttag": "2026-11-01", "utbud": whole}, ensure_ascii=False, indent=1) + "\n").encode()


CPV = ["85111100 Kirurgisk sjukhusvård", "85121000 Läkarmottagningstjänster", "85150000 Medicinsk bildbehandling"]


def uhm() -> tuple[Source, bytes]:
    """Awarded contracts as Upphandlingsmyndigheten publishes them: 43 columns, tabs, no quotes, code and label in one cell."""
    rng = random.Random(f"{SEED}-uhm")
    rows = []
    for number in range(1, 61):
        name, orgnr = REGIONS[rng.choice(sorted(REGIONS))]
        cpv = rng.choice(CPV)
        person = number % 20 == 0
        supplier = "Exempelläkare T. Tolvansson" if person else rng.choice(NAMES)
        rows.append({
            "År": "2025", "Namn för köpare": name, "Organisationsnummer för köpare": orgnr, "Sektor för köpare": "Region",
            "Delsektor för köpare": "Region", "Juridisk form för köpare": "Regioner",
            "SNI-Avdelning för köpare": "Q Vård och omsorg: sociala tjänster", "Upphandlingsslag": "Tjänster",
            "CPV-Huvudgrupp": "85000000 Hälso- och sjukvård samt socialvård", "CPV-Grupp": "85100000 Hälsovårdstjänster",
            "CPV-Undergrupp": "", "CPV-Kategori": "", "CPV-Underkategori": "", "Huvudsaklig CPV-kod": cpv,
            "Rättslig grund": "Direktiv 2014/24/EU", "Direktivstyrd": "True", "Förfarande": rng.choice(["Öppet förfarande", "Förenklat förfarande"]),
            "Typ av avtal": rng.choice(["Kontrakt", "Ramavtal"]), "Dynamiskt inköpssystem": "False", "Elektronisk auktion": "False",
            "Anbudsområden": "False", "Samordnad upphandling": "False", "Miljömässigt hållbar upphandling": "",
            "Socialt hållbar upphandling": "", "Innovationsupphandling": "", "Reserverad upphandling": "False",
            "Reserverat genomförande": "False", "Annonsdatabas": "Exempel Annonsdatabas", "Överprövad": "False",
            "Upphandlings-ID": f"EXMT{number // 2:03d}", "Upphandlingens titel": f'Exempel: vård "{cpv[9:].lower()}" {number // 2}',
            "Publiceringsdatum": str(dt.date(2025, 1, 7) + 5 * number * DAY), "Anbudsområdes-ID": f"CAN-EX-{number // 2:03d}_{number}",
            "Namn för leverantör": supplier, "Sektor för leverantör": "Privat", "Företagsstorlek för leverantör": "Mikroföretag",
            "Juridisk form för leverantör": "Fysiska personer" if person else "Övriga aktiebolag",
            "SNI-Avdelning för leverantör": "Q Enheter för vård och omsorg, socialtjänst", "SNI-Huvudgrupp för leverantör": "86 Hälso- och sjukvård",
            "SNI-Grupp för leverantör": "", "SNI-Undergrupp för leverantör": "",
            "SNI-Detaljgrupp för leverantör": "86102 Slutenvårdskliniker för somatisk sjukvård", "Antal kontrakterade anbud*, Summa": "1",
        })
    rows.append(dict(rows[3]))
    source = Source("national/upphandling/uhm", "tilldelade-kontrakt-2025.tsv", rows)
    source.plant(len(rows) - 1, "dubblett_exakt", "upphandling")
    # What was seen in the real data: a digit too many times the same wrong way.
    source.plant(12, "orgnr_luhn", "upphandling", "kopare_orgnr", **{"Organisationsnummer för köpare": "2331000180"})
    source.plant(20, "tomt_obligatoriskt", "upphandling", "kopare_namn", **{"Namn för köpare": "", "Delsektor för köpare": ""})
    source.plant(33, "framtida_datum", "upphandling", "publicerad", Publiceringsdatum="2098-01-01")
    names = list(rows[0])
    lines = ["\t".join(names)] + ["\t".join(row[n] for n in names) for row in rows]
    source.places = list(range(2, len(rows) + 2))
    return source, b"\xef\xbb\xbf" + ("\r\n".join(lines) + "\r\n").encode()


NAMESPACES = {
    "": "urn:oasis:names:specification:ubl:schema:xsd:ContractAwardNotice-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
    "efbc": "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1",
    "efext": "http://data.europa.eu/p27/eforms-ubl-extensions/1",
}


def tag(name: str, *inside: str, **attributes: str) -> str:
    """An element: texts are escaped, elements are not."""
    head = name + "".join(f' {k}="{v}"' for k, v in attributes.items())
    return f"<{head}>" + "".join(i if i.startswith("<") else escape(i) for i in inside) + f"</{name}>"


def notice(number: int, region: str, lots: list[list[list[Provider]]]) -> bytes:
    """An award notice: for each lot its winners, each a list of organisations that tender together; no winner: no award."""
    name, orgnr = REGIONS[region]
    ident = lambda scheme, text: tag("cbc:ID", text, schemeName=scheme)
    everyone = list({p.orgnr: p for winners in lots for group in winners for p in group}.values())
    org = {p.orgnr: f"ORG-{n:04d}" for n, p in enumerate(everyone, start=2)}
    results = tenders = contracts = parties = ""
    step = 0
    for lot, winners in enumerate(lots, start=1):
        refs = ""
        for group in winners:
            step += 1
            refs += tag("efac:LotTender", ident("tender", f"TEN-{step:04d}"))
            tenders += tag("efac:LotTender", ident("tender", f"TEN-{step:04d}"), tag("efac:TenderingParty", ident("tendering-party", f"TPA-{step:04d}")),
                           tag("efac:TenderLot", ident("Lot", f"LOT-{lot:04d}")))
            contracts += tag("efac:SettledContract", ident("contract", f"CON-{step:04d}"), tag("cbc:IssueDate", "2026-05-20+02:00"),
                             tag("efac:ContractReference", tag("cbc:ID", f"EX 2026/{number}{step}")), tag("efac:LotTender", ident("tender", f"TEN-{step:04d}")))
            members = "".join(tag("efac:Tenderer", ident("organization", org[p.orgnr]),
                                  *([tag("efbc:GroupLeadIndicator", str(p is group[0]).lower())] if len(group) > 1 else [])) for p in group)
            parties += tag("efac:TenderingParty", ident("tendering-party", f"TPA-{step:04d}"), members)
            refs += tag("efac:SettledContract", ident("contract", f"CON-{step:04d}"))
        results += tag(
            "efac:LotResult", ident("result", f"RES-{lot:04d}"),
            tag("cbc:TenderResultCode", "selec-w" if winners else "clos-nw", listName="winner-selection-status"), refs or " ",
            tag("efac:ReceivedSubmissionsStatistics", tag("efbc:StatisticsCode", "tenders", listName="received-submission-type"),
                tag("efbc:StatisticsNumeric", str(len(winners) + 1))), tag("efac:TenderLot", ident("Lot", f"LOT-{lot:04d}")))
    company = lambda oid, called, nr, size: tag(
        "efac:Company", *([tag("efbc:CompanySizeCode", size)] if size else []), tag("cac:PartyIdentification", ident("organization", oid)),
        tag("cac:PartyName", tag("cbc:Name", called, languageID="SWE")), tag("cac:PartyLegalEntity", tag("cbc:CompanyID", nr)))
    organisations = tag("efac:Organization", company("ORG-0001", name, f"{orgnr[:6]}-{orgnr[6:]}", ""))
    organisations += "".join(tag("efac:Organization", tag("efbc:NaturalPersonIndicator", str(p.sole_trader).lower()),
                                 company(org[p.orgnr], p.name, p.orgnr, "small")) for p in everyone)
    project = lambda title, cpv: tag("cac:ProcurementProject", tag("cbc:Name", title, languageID="SWE"),
                                     tag("cbc:ProcurementTypeCode", "services", listName="contract-nature"),
                                     tag("cac:MainCommodityClassification", tag("cbc:ItemClassificationCode", cpv, listName="cpv")))
    body = tag("ext:UBLExtensions", tag("ext:UBLExtension", tag("ext:ExtensionContent", tag(
        "efext:EformsExtension", tag("efac:NoticeResult", results, tenders or " ", contracts or " ", parties or " "), tag("efac:Organizations", organisations)))))
    body += ident("notice-id", f"00000000-0000-4000-8000-{number:012d}") + tag("cbc:ContractFolderID", f"00000000-0000-4000-9000-{number:012d}")
    body += tag("cbc:IssueDate", "2026-06-01+02:00") + tag("cbc:VersionID", "01") + tag("cbc:RegulatoryDomain", "32014L0024")
    body += tag("cbc:NoticeTypeCode", "can-standard", listName="result") + tag("cbc:NoticeLanguageCode", "SWE")
    body += tag("cac:ContractingParty", tag("cac:ContractingPartyType", tag("cbc:PartyTypeCode", "ra", listName="buyer-legal-type")),
                tag("cac:Party", tag("cac:PartyIdentification", ident("organization", "ORG-0001"))))
    body += tag("cac:TenderingProcess", tag("cbc:ProcedureCode", "open", listName="procurement-procedure-type")) + project(f"Exempel: specialistvård {number}", "85111100")
    for lot in range(1, len(lots) + 1):
        body += tag("cac:ProcurementProjectLot", ident("Lot", f"LOT-{lot:04d}"), tag("cac:TenderingProcess", tag(
            "cac:ContractingSystem", tag("cbc:ContractingSystemTypeCode", "fa-wo-rc", listName="framework-agreement")), tag(
            "cac:ContractingSystem", tag("cbc:ContractingSystemTypeCode", "none", listName="dps-usage"))),
            project(f"Exempel: område {lot}", "85111100"))
    declared = " ".join(f'xmlns{":" + p if p else ""}="{u}"' for p, u in NAMESPACES.items())
    text = f"<ContractAwardNotice {declared}>{body}</ContractAwardNotice>".replace("><", ">\n<")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + text + "\n").encode()


def notices(providers: list[Provider]) -> list[tuple[Source, bytes]]:
    """Three notices: lots with several winners, a consortium, a lot without a winner, a buyer with a wrong number."""
    a, b, c, d = providers[:4]
    made = []
    for number, region, lots in (
        (1, "14", [[[a], [b]], [[c, d]]]), (2, "25", [[[providers[-2]]], []]), (3, "03", [[[d]]]),
    ):
        rows = [{"lot": lot, "winner": p.name if p else None} for lot, winners in enumerate(lots, start=1)
                for p in ([p for group in winners for p in group] or [None])]
        source = Source("national/upphandling/eforms", f"tilldelning-{number}.xml", [r for r in rows if r["winner"]])
        source.places = list(range(1, len(rows) + 1))
        data = notice(number, region, lots)
        if number == 3:
            data = data.replace(b"<cbc:CompanyID>232100-0024", b"<cbc:CompanyID>233100-0024")
            source.plant(0, "orgnr_luhn", "upphandling", "kopare_orgnr")
        made.append((source, data))
    return made
