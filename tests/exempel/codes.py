"""The sample code lists, and the codes that the sample contracts and waiting times use.

No code here can be taken for a real one: no KVÅ code begins with W, ICD-10-SE has no U66, and
no area 972–975 is known. Every title begins with *Exempel*.
"""
from __future__ import annotations

import writers
from country import Area

AREAS = [
    Area("exempel_katarakt", "Kataraktoperation", "972", "97201", ("WEX01", "WEX02", "WEX03"), ("U661", "U662")),
    Area("exempel_ljumskbrack", "Operation av ljumskbråck", "973", "97301", ("WEX11", "WEX12"), ("U663",)),
    Area("exempel_knaprotes", "Knäprotesoperation", "974", "97401", ("WEX21", "WEX22"), ("U664", "U665")),
]
FROM, RETIRED_ON, STARTS = "2010-01-01", "2020-12-31", "2095-01-01"
# Codes that break a rule, by what is wrong with them.
RETIRED = "WEX91"
NOT_YET = "WEX95"
UNKNOWN = "WEX99"
UNKNOWN_DIAGNOSIS = "U669"


def procedures() -> bytes:
    """`kva`: semicolons, ISO-8859-1, headings in Swedish, the last day of validity."""
    rows = [
        {"Kod": code, "Titel": f"Exempel: {area.title.lower()}, variant {n}", "Giltig fr.o.m.": FROM, "Giltig t.o.m.": "", "Ersatt av": ""}
        for area in AREAS for n, code in enumerate(area.procedures, start=1)
    ]
    rows.append({"Kod": RETIRED, "Titel": "Exempel: äldre kataraktoperation", "Giltig fr.o.m.": FROM,
                 "Giltig t.o.m.": RETIRED_ON, "Ersatt av": AREAS[0].procedures[0]})
    rows.append({"Kod": NOT_YET, "Titel": "Exempel: framtida åtgärd", "Giltig fr.o.m.": STARTS, "Giltig t.o.m.": "", "Ersatt av": ""})
    return writers.csv_bytes(sorted(rows, key=lambda r: r["Kod"]), encoding="iso-8859-1")[0]


def diagnoses() -> bytes:
    """`icd10se`: fixed width, ISO-8859-1, no headings."""
    rows = [
        {"kod": code, "text": f"Exempel: diagnos för {area.title.lower()} {n}"}
        for area in AREAS for n, code in enumerate(area.diagnoses, start=1)
    ]
    return "".join(f"{row['kod']:<8}{row['text']}\r\n" for row in rows).encode("iso-8859-1")


def fields() -> bytes:
    """`mvo`: tab-separated, UTF-8 with a byte order mark, codes with trailing blanks as sources have them."""
    rows = [{"MVO": f"{area.mvo} ", "Klartext": f"Exempel: område för {area.title.lower()}"} for area in AREAS]
    return writers.csv_bytes(rows, delimiter="\t", bom=True)[0]


def activities() -> bytes:
    """`aktivitet`: commas, UTF-8."""
    rows = [{"Aktivitet": area.activity, "Benämning": f"Exempel: {area.title.lower()}"} for area in AREAS]
    return writers.csv_bytes(rows, delimiter=",", eol="\n")[0]


def care_areas() -> bytes:
    """`vardomrade`: the care areas as sets of codes."""
    rows = [
        {"Område": area.name, "Namn": f"Exempel: {area.title.lower()}", "Kodverk": system, "Kod": code}
        for area in AREAS
        for system, codes in (("aktivitet", (area.activity,)), ("kva", area.procedures))
        for code in codes
    ]
    return writers.csv_bytes(rows, eol="\n")[0]
