"""06: a workbook with a sheet for each year, merged titles and headings in two rows; the services on a
sheet of their own."""
from __future__ import annotations

import datetime as dt

import codes
import writers
from contracts import first, lines
from country import Contract
from planted import Source

from .delivery import DAY, Delivery, expected, national

KINDS = {"vardavtal": "Vård", "ramavtal": "Ram", "overenskommelse": "Överenskommelse", "valfrihetsavtal": "Valfrihet"}
GROUPS = {
    "Avtal": ["Nr", "Benämning", "Slag"], "Leverantör": ["Namn", "Org.nr"],
    "Avtalsperiod": ["Tecknat", "Från", "Till"], "Ersättning": ["Tak (kr)"],
}
HEAD = 4


def contract_rows(contracts: list[Contract]) -> list[dict]:
    """A row per contract, under both headings."""
    return [
        {
            "Avtal / Nr": c.id, "Avtal / Benämning": c.title, "Avtal / Slag": KINDS[c.kind],
            "Leverantör / Namn": c.provider.name, "Leverantör / Org.nr": int(c.provider.orgnr),
            "Avtalsperiod / Tecknat": c.signed, "Avtalsperiod / Från": c.start, "Avtalsperiod / Till": c.last or "Tills vidare",
            "Ersättning / Tak (kr)": c.ceiling,
        }
        for c in contracts
    ]


def service_rows(contracts: list[Contract]) -> list[dict]:
    """A row per service."""
    return [
        {"Avtalsnr": c.id, "Rad": s.number, "KVÅ-kod": s.procedures[0], "Diagnos": s.diagnosis, "Möte": s.form.capitalize(),
         "Mottagning (HSA-id)": s.unit.hsa_id, "Gäller från": c.start}
        for c, s in lines(contracts)
    ]


def sheet(page, rows: list[dict], titles: list[str]) -> list[int]:
    """Merged titles, then the headings (two rows where they are in groups), then the rows."""
    from openpyxl.styles import Font

    names = list(rows[0])
    double = " / " in names[0]
    for line, title in enumerate(titles, start=1):
        page.cell(line, 1, title).font = Font(bold=True)
        page.merge_cells(start_row=line, end_row=line, start_column=1, end_column=len(names))
    column = 1
    for group, inside in (GROUPS if double else {}).items():
        page.cell(HEAD - 1, column, group)
        page.merge_cells(start_row=HEAD - 1, end_row=HEAD - 1, start_column=column, end_column=column + len(inside) - 1)
        column += len(inside)
    for column, name in enumerate(names, start=1):
        page.cell(HEAD, column, name.split(" / ")[-1]).font = Font(bold=True)
        for place, row in enumerate(rows, start=HEAD + 1):
            if row[name] not in (None, ""):
                cell = page.cell(place, column, row[name])
                if isinstance(row[name], dt.date):
                    cell.number_format = "yyyy-mm-dd"
    return list(range(HEAD + 1, HEAD + 1 + len(rows)))


def book(avtal: list[dict], tjanster: list[dict], years: list[int]) -> tuple[bytes, list[int], list[int]]:
    """The workbook, and where its rows are."""
    from openpyxl import Workbook

    made = Workbook()
    made.active.title = "Läs mig"
    made.active.cell(1, 1, "Avtalsregister (exempel). Ett blad för varje år som avtal tecknats.")
    places = [0] * len(avtal)
    for year in sorted(set(years)):
        mine = [i for i, other in enumerate(years) if other == year]
        page = made.create_sheet(f"Avtal {year}")
        for i, place in zip(mine, sheet(page, [avtal[i] for i in mine], [f"Avtal tecknade {year}", "Exempel"])):
            places[i] = place
    return_places = sheet(made.create_sheet("Vårdtjänster"), tjanster, ["Vårdtjänster i avtalen", "Exempel", ""])
    return writers.closed(made), places, return_places


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The register with its planted errors, and an example."""
    years = [c.signed.year for c in contracts]
    avtal = Source("regions/06-jonkopings-lan/avtal", "Avtalsregister.xlsx", contract_rows(contracts), part="Avtal *")
    tjanst = Source("regions/06-jonkopings-lan/tjanster", "Avtalsregister.xlsx", service_rows(contracts), part="Vårdtjänster")
    lone = [i for i, c in enumerate(contracts) if len(c.services) == 1]
    many = first(lines(contracts))
    avtal.plant(lone[0], "slut_fore_start", "avtal", "giltig_till", **{"Avtalsperiod / Till": contracts[lone[0]].start - 3 * DAY})
    avtal.plant(lone[1], "felaktigt_datum", "avtal", "tecknat", **{"Avtalsperiod / Tecknat": "mars 2024"})
    avtal.plant(lone[2], "orgnr_felformat", "avtal", "leverantor_orgnr", **{"Leverantör / Org.nr": "se bilaga 1"})
    avtal.plant(lone[3], "tomt_obligatoriskt", "avtal", "titel", **{"Avtal / Benämning": ""})
    tjanst.plant(many[0], "kod_inte_an_giltig", "tjanst", "kva", **{"KVÅ-kod": codes.NOT_YET})
    tjanst.plant(many[1], "kod_fel_system", "tjanst", "kva", **{"KVÅ-kod": codes.AREAS[0].diagnoses[0]})
    tjanst.plant(many[2], "saknad_foralder", "tjanst", None, Avtalsnr="RJL-UTGÅTT")
    data, avtal.places, tjanst.places = book(avtal.rows, tjanst.rows, years)
    example = book(contract_rows(samples), service_rows(samples), [c.signed.year for c in samples])[0]
    return Delivery([avtal, tjanst], {
        "kallor/Avtalsregister.xlsx": data, "example.xlsx": example,
        "expected.csv": expected([national(c) for c in samples], "diarienummer", "upphandlingsform"),
    })
