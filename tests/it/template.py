"""Fills in and looks at workbooks of `sluss template`, as a person with a spreadsheet would.

    template.py fill BOOK [SHEET…]   writes rows, prints what the register must then hold
    template.py look BOOK            prints sheets, checks and lists
"""

import json
import sys
from datetime import date

from openpyxl import load_workbook

D = date
ROWS = {
    "avtal": [
        {
            "avtals_id": "0042", "titel": "Avtal om åtgärder för öga & höft", "typ": "ramavtal",
            "diarienummer": "RS 2026/00017", "beskrivning": "Första raden\nAndra raden, med åäö ÅÄÖ é",
            "upphandlingsform": "LOU", "bestallare_orgnr": "2321000206", "leverantor_orgnr": "5560360793",
            "leverantor_namn": "Exempelvård \"Nord\" AB", "cpv": "85111000", "tecknat": D(2025, 12, 1),
            "giltig_fran": D(2026, 1, 1), "giltig_till": D(2028, 1, 1), "option": "2 + 2 år",
            "option_till": D(2032, 1, 1), "uppsagningstid_manader": 6, "status": "gallande",
            "ersattningsmodell": "Fast pris", "ersattningstak": 1234567.5, "webbadress": "https://exempel.se/avtal?id=0042",
            "sekretess": "delvis", "sekretess_grund": "OSL 31:16",
        },
        {"avtals_id": "SN143-2012", "titel": "1e5", "giltig_fran": D(2020, 2, 29), "ersattningstak": 0.1},
        {"avtals_id": "150459-A054", "titel": "=inte en formel", "giltig_fran": D(1999, 12, 31)},
    ],
    "uppdrag": [
        {
            "avtals_id": "0042", "uppdrags_id": "01", "typ": "bas", "bestallare_orgnr": "2321000206",
            "utforare_orgnr": "5560360793", "utforare_namn": "Exempelvård", "beskrivning": "Dagkirurgi",
            "giltig_fran": D(2026, 1, 1), "giltig_till": D(2028, 1, 1),
        },
        {
            "avtals_id": "SN143-2012", "uppdrags_id": "1", "bestallare_orgnr": "2321000206",
            "giltig_fran": D(2020, 2, 29),
        },
    ],
    "tjanst": [
        {
            "avtals_id": "0042", "uppdrags_id": "01", "tjanst_id": "007", "kva": "CJE20", "icd": "H251", "mvo": "511",
            "vardomrade": "katarakt", "beskrivning": "Gråstarr, öga", "motesform": "fysiskt", "vardform": "oppen",
            "giltig_fran": D(2026, 1, 1),
        },
    ],
    "villkor": [
        {
            "avtals_id": "0042", "uppdrags_id": "01", "tjanst_id": "007", "villkor_id": "1", "kod": "volymtak",
            "beskrivning": "Högst så många per år", "varde_max": 250.25, "matt": "operationer per år",
            "giltig_fran": D(2026, 1, 1),
        },
    ],
    "malgrupp": [
        {
            "avtals_id": "0042", "uppdrags_id": "01", "tjanst_id": "007", "malgrupp_id": "1", "kod": "alder",
            "beskrivning": "Vuxna", "varde_min": 18, "matt": "år", "giltig_fran": D(2026, 1, 1),
        },
    ],
}
KEYS = {
    "avtal": ["avtals_id"],
    "uppdrag": ["avtals_id", "uppdrags_id"],
    "tjanst": ["avtals_id", "uppdrags_id", "tjanst_id"],
    "villkor": ["avtals_id", "uppdrags_id", "tjanst_id", "villkor_id"],
    "malgrupp": ["avtals_id", "uppdrags_id", "tjanst_id", "malgrupp_id"],
}
DECIMALS = {"ersattningstak", "varde_min", "varde_max"}


def headings(sheet):
    return {cell.value: cell.column for cell in sheet[1] if cell.value}


def kept(column, value):
    """The value as the register's SQL writes it."""
    if isinstance(value, date):
        return value.isoformat()
    if column in DECIMALS:
        return f"{value:.2f}"
    return str(value)


def fill(path, only):
    book = load_workbook(path)
    expected = {}
    for name, rows in ROWS.items():
        if only and name not in only:
            continue
        sheet = book[name]
        columns = headings(sheet)
        assert "lanskod" not in columns, "the region is known"
        expected[name] = []
        for at, row in enumerate(rows, start=2):
            for column, value in row.items():
                cell = sheet.cell(row=at, column=columns[column])
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
            cells = {column: kept(column, value) for column, value in row.items()}
            cells["lanskod"] = "22"
            empty = [c for c in columns if c not in row and not c.endswith("_id")]
            cells.update({column: None for column in empty[:3]})
            expected[name].append({"key": {k: row[k] for k in KEYS[name]}, "cells": cells})
    book.save(path)
    return expected


def look(path):
    book = load_workbook(path)
    checks, prompts = {}, 0
    for sheet in book.worksheets:
        by_column = {at: name for name, at in headings(sheet).items()}
        for check in sheet.data_validations.dataValidation:
            column = by_column[next(iter(check.sqref.ranges)).min_col]
            checks[f"{sheet.title}!{column}"] = {"type": check.type, "formula": check.formula1}
            prompts += bool(check.prompt)
    names = {}
    for name, defined in book.defined_names.items():
        place, cells = next(iter(defined.destinations))
        names[name] = sum(1 for row in book[place][cells.replace("$", "")] for cell in row if cell.value)
    return {
        "sheets": book.sheetnames,
        "hidden": [s.title for s in book.worksheets if s.sheet_state != "visible"],
        "checks": checks,
        "names": names,
        "prompts": prompts,
    }


command, path, *rest = sys.argv[1:]
print(json.dumps(fill(path, rest) if command == "fill" else look(path), ensure_ascii=False))
