"""07: an old workbook (.xls): a row for each contract and clinic, the codes in three columns side by side."""
from __future__ import annotations

import datetime as dt
import io

import codes
from country import Contract, Unit
from planted import Source

from .delivery import Delivery, expected, national

TITLES = ["Vårdavtal per klinik (exempel)", "Sorterat på avtal", ""]
NUMBERS = {"vardavtal": 10, "ramavtal": 20, "overenskommelse": 30, "valfrihetsavtal": 40}


def rows(contracts: list[Contract], units: list[Unit]) -> list[dict]:
    """A row per contract and clinic: every other contract has a second clinic."""
    made = []
    for c in contracts:
        own = c.services[0].unit
        other = [u for u in units if u.hsa_id != own.hsa_id]
        clinics = [own, other[c.number % len(other)]] if other and c.number % 2 else [own]
        procedures = list(dict.fromkeys(p for s in c.services for p in s.procedures))[:3]
        for clinic in clinics:
            made.append({
                "Avtal": c.id, "Benämning": c.title, "Typ": NUMBERS[c.kind], "Leverantör": c.provider.name,
                "Orgnr": int(c.provider.orgnr), "Skrivet": c.signed, "Fr.o.m.": c.start, "T.o.m.": c.last,
                "Klinik": clinic.hsa_id, **{f"KVÅ {n}": procedures[n - 1] if n <= len(procedures) else "" for n in (1, 2, 3)},
            })
    return made


def book(made: list[dict]) -> tuple[bytes, list[int]]:
    """BIFF, with real dates."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("Blad1")
    for line, title in enumerate(TITLES):
        if title:
            page.write_merge(line, line, 0, 11, title)
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for column, name in enumerate(made[0]):
        page.write(len(TITLES), column, name)
        for line, row in enumerate(made, start=len(TITLES) + 1):
            if row[name] not in (None, ""):
                page.write(line, column, row[name], *([day] if isinstance(row[name], dt.date) else []))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), [len(TITLES) + 2 + i for i in range(len(made))]


def deliver(contracts: list[Contract], samples: list[Contract], units: list[Unit]) -> Delivery:
    """The register with its planted errors, and an example."""
    source = Source("regions/07-kronoberg/avtal", "vardavtal.xls", rows(contracts, units), part="Blad1")
    count: dict[str, int] = {}
    for row in source.rows:
        count[row["Avtal"]] = count.get(row["Avtal"], 0) + 1
    lone = [i for i, row in enumerate(source.rows) if count[row["Avtal"]] == 1]
    twice = [i for i, row in enumerate(source.rows) if count[row["Avtal"]] == 2 and source.rows[i - 1]["Avtal"] != row["Avtal"]]
    source.plant(lone[0], "felaktigt_datum", "avtal", "giltig_fran", **{"Fr.o.m.": "kvartal 2"})
    source.plant(lone[1], "orgnr_luhn", "avtal", "leverantor_orgnr", Orgnr=5999000022)
    source.plant(lone[2], "utanfor_varden", "avtal", "typ", Typ=99)
    source.plant(twice[0], "motstridig_grupp", "avtal", "titel", Benämning="Samma avtal under annat namn")
    source.plant(twice[0] + 1, "motstridig_grupp", "avtal", "titel")
    source.plant(twice[1], "kod_utgangen", "tjanst", "kva", **{"KVÅ 1": codes.RETIRED})
    source.plant(twice[2], "hsa_felformat", "tjanst", "enhet", Klinik="Kirurgen, plan 3")
    data, source.places = book(source.rows)
    return Delivery([source], {
        "kallor/vardavtal.xls": data, "example.xls": book(rows(samples, [s.services[0].unit for s in samples]))[0],
        "expected.csv": expected([national(c) for c in samples], "diarienummer", "upphandlingsform", "ersattningstak"),
    })
