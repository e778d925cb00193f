"""19: an SQLite database in third normal form: parties with roles, the period as base and options, several
codes in one cell."""
from __future__ import annotations

import codes
import writers
from contracts import alone, first, lines
from country import REGIONS, Contract
from planted import Source

from .delivery import DAY, Delivery, expected, in_order, national, unique

KINDS = {"vardavtal": "VÅRDAVTAL", "ramavtal": "RAMAVTAL", "overenskommelse": "ÖVERENSK", "valfrihetsavtal": "VALFRIHET"}
BUYER = 1


def flat(contracts: list[Contract]) -> list[dict]:
    """What the job's question gives: a row per contract and service."""
    return [
        {
            "AvtalNr": c.id, "Namn": c.title, "Kategori": KINDS[c.kind], "OrgId": int(c.provider.orgnr[6:9]) + 100,
            "OrgNr": f"{c.provider.orgnr[:6]}-{c.provider.orgnr[6:]}", "OrgNamn": c.provider.name,
            "Tecknad": f"{c.signed} 00:00:00", "Borjar": f"{c.start} 00:00:00", "Slutar": f"{c.last} 00:00:00" if c.last else None,
            "Option": bool(c.option) and c.last, "Rad": s.number, "Koder": ",".join(s.procedures), "Klinik": s.unit.hsa_id,
        }
        for c, s in lines(contracts)
    ]


def periods(rows: list[dict]) -> list[dict]:
    """The base period of each contract, and the option that has not been taken."""
    made = []
    for row in unique(rows, "AvtalNr", "AvtalNr", "Borjar", "Slutar", "Option"):
        made.append({"a": row["AvtalNr"], "s": "GRUND", "u": 1, "f": row["Borjar"], "t": row["Slutar"]})
        if row["Option"]:
            start = row["Option"] + DAY
            last = start.replace(year=start.year + 1) - DAY
            made.append({"a": row["AvtalNr"], "s": "OPTION", "u": 0, "f": f"{start} 00:00:00", "t": f"{last} 00:00:00"})
    return made


def database(rows: list[dict], region: str = "19") -> bytes:
    """The tables."""
    name, number = REGIONS[region]
    return writers.sqlite({
        "organisation": ("org_id INTEGER PRIMARY KEY, orgnr CHAR(11), namn VARCHAR(80)",
                         [{"i": BUYER, "o": f"{number[:6]}-{number[6:]}", "n": name}] + unique(rows, "OrgId", "OrgId", "OrgNr", "OrgNamn")),
        "avtal": ("avtalnr VARCHAR(20) PRIMARY KEY, namn VARCHAR(80), kategori VARCHAR(12), tecknad DATETIME",
                  unique(rows, "AvtalNr", "AvtalNr", "Namn", "Kategori", "Tecknad")),
        "avtalspart": ("avtalnr VARCHAR(20), roll CHAR(1), org_id INTEGER",
                       [{"a": r["AvtalNr"], "r": role, "o": org} for r in unique(rows, "AvtalNr", "AvtalNr", "OrgId")
                        for role, org in (("B", BUYER), ("L", r["OrgId"]))]),
        "avtalsperiod": ("avtalnr VARCHAR(20), slag VARCHAR(8), utlost INTEGER, fran DATETIME, till DATETIME", periods(rows)),
        "insats": ("avtalnr VARCHAR(20), rad INTEGER, kva_koder VARCHAR(80), klinik VARCHAR(31)",
                   [{n: r[n] for n in ("AvtalNr", "Rad", "Koder", "Klinik")} for r in rows]),
    })


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The register with its planted errors, and an example."""
    pairs = lines(contracts)
    source = Source("regions/19-vastmanland/avtal", "avtal.sqlite", flat(contracts), part="avtal.kalla.sql")
    lone, many = alone(pairs), first(pairs)
    source.plant(lone[0], "felaktigt_datum", "avtal", "tecknat", Tecknad="okänd dag")
    source.plant(lone[1], "orgnr_felformat", "avtal", "leverantor_orgnr", OrgId=990, OrgNr="599900-1", OrgNamn="Exempelfel AB")
    source.plant(lone[2], "utanfor_varden", "avtal", "typ", Kategori="HYRA")
    source.plant(many[0], "kod_okand", "tjanst", "kva", Koder=f"{codes.AREAS[0].procedures[0]},{codes.UNKNOWN}")
    source.plant(many[1], "hsa_luhn", "tjanst", "enhet", Klinik="SE5999000012-EX0001")
    source.plant(many[1], "saknad_referens", "tjanst", "enhet")
    source.plant(many[2], "tomt_obligatoriskt", "tjanst", "tjanst_id", Rad=None)
    data = database(source.rows)
    for row in source.rows:
        row["Rad"] = row["Rad"] or 0
    in_order(source, "AvtalNr", "Rad")
    return Delivery([source], {
        "kallor/avtal.sqlite": data, "example.db": database(flat(samples)),
        "expected.csv": expected([national(c) for c in samples], "diarienummer", "upphandlingsform", "ersattningstak"),
    })
