"""The national catalogue: organisations, units (HSA's file export), places with hours and telephones."""
from __future__ import annotations

import random

import writers
from country import REGIONS, SEED, TOWNS, Provider, Unit
from planted import Source

NAMESPACE = "urn:riv:hsa:HsaWsResponder:3"
# Somewhere in the middle of each region's part of the country, RT 90 2.5 gon V (north, east).
PLACES = {
    "05": (6475000, 1490000), "08": (6285000, 1530000), "10": (6228000, 1487000), "13": (6285000, 1320000),
    "14": (6403000, 1271000), "17": (6588000, 1368000), "20": (6720000, 1488000), "21": (6728000, 1572000),
    "22": (6922000, 1578000), "24": (7086000, 1720000), "12": (6175000, 1335000),
    "03": (6638000, 1603000), "04": (6515000, 1570000), "06": (6405000, 1404000), "07": (6306000, 1439000),
    "09": (6392000, 1650000), "18": (6573000, 1466000), "19": (6610000, 1542000), "23": (7010000, 1440000),
    "25": (7290000, 1790000), "01": (6581000, 1628000),
}


def organisations(providers: list[Provider], hospitals: dict[str, Provider]) -> tuple[Source, bytes]:
    """Regions as orderers, providers and hospitals."""
    rows = [
        {"orgnr": orgnr, "namn": name, "juridisk_form": "84", "agarkategori": "1", "vardgivare": "ja", "bestallare": "ja",
         "lanskod": region, "registrerad": "1971-01-01"}
        for region, (name, orgnr) in sorted(REGIONS.items())
    ] + [
        {"orgnr": p.orgnr, "namn": p.name, "juridisk_form": p.legal_form, "agarkategori": p.ownership,
         "vardgivare": "ja", "bestallare": "nej", "lanskod": "", "registrerad": "2015-01-01"}
        for p in [*providers, *(hospitals[r] for r in sorted(hospitals))]
    ]
    rows.append(dict(rows[-1], orgnr="5999000068", namn="Exempelfel AB"))
    source = Source("national/hsa/organisationer", "organisationer.csv", rows)
    source.plant(len(rows) - 1, "orgnr_luhn", "organisation", "orgnr")
    for i, row in enumerate(rows):
        if row["juridisk_form"] == "10":
            source.plant(i, "orgnr_enskild", "organisation", "orgnr")
    data, source.places = writers.csv_bytes(rows, eol="\n")
    return source, data


def export(units: dict[str, list[Unit]], hospitals: dict[str, Provider]) -> tuple[Source, bytes]:
    """HSA's file export: the units with their place in the tree, zipped XML."""
    rows = []
    for region in units:
        tree = f"o={REGIONS[region][0]} (exempel),l={TOWNS[region][1]},c=SE"
        rows.append(
            {"hsaIdentity": f"SE{hospitals[region].orgnr}-EXREGION", "DN": tree, "orgNo": hospitals[region].orgnr,
             "name": hospitals[region].name, "isHsaHealthCareProvider": "true", "isHsaHealthCareUnit": "false",
             "hsaResponsibleHealthCareProvider": "", "unitIsArchived": "", "startDate": "2015-01-01T00:00:00+01:00", "endDate": ""}
        )
        for unit in units[region]:
            rows.append(
                {"hsaIdentity": unit.hsa_id, "DN": f"ou={unit.name},{tree}", "orgNo": unit.provider.orgnr, "name": unit.name,
                 "isHsaHealthCareProvider": "false", "isHsaHealthCareUnit": "true",
                 "hsaResponsibleHealthCareProvider": unit.hsa_id.split("-")[0] + "-EXVG", "unitIsArchived": "",
                 "startDate": "2016-05-01T00:00:00+02:00", "endDate": ""}
            )
    last = rows[-1]
    extra = [
        ("hsa_test", "hsa_id", dict(last, hsaIdentity="TSTNMT5999000010-EX01", name="Exempel testenhet")),
        ("hsa_pseudo", "hsa_id", dict(last, hsaIdentity="SE0000000000-EXOPT", name="Exempel optiker")),
        ("hsa_felformat", "hsa_id", dict(last, hsaIdentity="EXEMPELENHET", name="Exempel utan id")),
        ("hsa_luhn", "hsa_id", dict(last, hsaIdentity="SE5999000012-EXFEL", name="Exempel fel siffra")),
        ("hsa_personnummer", "hsa_id", dict(last, hsaIdentity="SE1212121212-EXPNR", name="Exempel enskild")),
        ("tomt_obligatoriskt", "namn", dict(last, hsaIdentity="SE5999000010-EXTOM", name="")),
        ("tomt_obligatoriskt", "hsa_id", dict(last, hsaIdentity="", name="Exempel utan HSA-id")),
        ("dubblett_exakt", None, dict(rows[3])),
    ]
    source = Source("national/hsa/enheter", "hsa-enheter.zip", rows, part="hsa-enheter.xml")
    for rule, column, row in extra:
        rows.append(row)
        source.plant(len(rows) - 1, rule, "enhet", column)
    rows.append(dict(last, hsaIdentity="SE5999000010-EXARKIV", name="Exempel nedlagd mottagning", unitIsArchived="true",
                     endDate="2024-12-31T00:00:00+01:00"))
    source.places = list(range(1, len(rows) + 1))
    body = "".join(
        writers.element("hsaUnit", indent=2, inner="".join(
            writers.element(name, text=value, indent=3) for name, value in row.items() if value != ""))
        for row in rows
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<FileGetHsaUnitsResponse xmlns="{NAMESPACE}">\n  <startDate>2026-11-01T02:00:00+01:00</startDate>\n'
        f'  <endDate>2026-11-01T02:03:00+01:00</endDate>\n  <hsaUnits>\n{body}  </hsaUnits>\n</FileGetHsaUnitsResponse>\n'
    )
    return source, writers.zipped({"hsa-enheter.xml": text.encode()})


def places(units: dict[str, list[Unit]]) -> tuple[Source, bytes]:
    """A directory's address list: `$` between the lines of an address, RT 90, hours, telephones."""
    rng = random.Random(f"{SEED}-platser")
    rows = []
    for region in units:
        kommun, town, post = TOWNS[region]
        north, east = PLACES[region]
        for number, unit in enumerate(units[region], start=1):
            rows.append(
                {"hsaIdentity": unit.hsa_id, "hsaPostalAddress": f"{unit.name}$ $ $ ${post}${town}",
                 "hsaStreetAddress": f"Exempelgatan {number}${post} {town}",
                 "geographicalCoordinates": f"X: {north + rng.randrange(-900, 900)}, Y: {east + rng.randrange(-900, 900)}",
                 "municipalityCode": kommun, "countyCode": region,
                 "telephoneNumber": f"+46{rng.choice(['10', '8', '31', '90'])}5550{rng.randrange(100, 999)}",
                 "surgeryHours": rng.choice(["1-5#08:00#16:30", "1-7#00:00#24:00", "1-4#07:30#16:30"]),
                 "hsaVpwWebPage": "https://exempel.invalid/enhet"}
            )
    source = Source("national/hsa/platser", "platser.csv", rows)
    source.plant(2, "felaktig_position", "plats", None, geographicalCoordinates="X: 490000, Y: 75000")
    source.plant(5, "felaktigt_telefonnummer", "kontakt", "telefon", telephoneNumber="se hemsidan")
    street = rows[8]["hsaStreetAddress"]
    source.plant(8, "felaktigt_postnummer", "plats", "postnummer",
                 hsaStreetAddress=street.replace(TOWNS["05"][2], "58X 10"), hsaPostalAddress=rows[8]["hsaPostalAddress"].replace(TOWNS["05"][2], "58X 10"))
    source.plant(11, "saknad_referens", "plats", "enhet", hsaIdentity="SE5999000010-EX9998")
    data, source.places = writers.csv_bytes(rows, encoding="cp1252")
    return source, data
