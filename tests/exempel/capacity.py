"""Offers and requests of free capacity, as a file from the service where providers leave them."""
from __future__ import annotations

import writers
from codes import AREAS

# (from whom, id, kind, county, unit, area, how many, of what, first day, last day, valid until)
ROWS = [
    ("5999009052", "EX-E-001", "Erbjudande", "05", "SE5999009052-EX0001", 0, 40, "operationer", "2026-12-01", "2027-03-31", "2095-12-31"),
    ("5999009052", "EX-E-002", "Erbjudande", "05", "SE5999009052-EX0002", 2, 12, "operationer", "2026-12-01", "2027-02-28", "2095-12-31"),
    ("21", "EX-F-001", "Förfrågan", "21", "", 1, 25, "operationer", "2026-12-01", "2027-06-30", "2095-06-30"),
    # Its time has passed: it is in the register's history and in no answer.
    ("5999009052", "EX-E-000", "Erbjudande", "05", "SE5999009052-EX0001", 0, 15, "besök", "2026-02-01", "2026-05-31", "2026-05-31"),
]


def offers() -> bytes:
    """Semicolons, UTF-8 with a byte order mark, headings in Swedish, last days."""
    rows = []
    for owner, number, kind, county, unit, area, count, what, first, last, until in ROWS:
        area = AREAS[area]
        rows.append({
            "Lämnad av": owner, "Ärende": number, "Slag": kind, "Län": county, "Enhet": unit,
            "Vårdområde": area.name, "KVÅ": area.procedures[0], "MVO": area.mvo,
            "Beskrivning": f"Exempel: {area.title.lower()}", "Antal": str(count), "Vad": what,
            "Från": first, "Till": last, "Villkor": "Remiss krävs", "Telefon": "0771-11 77 00",
            "Lämnad": "2026-01-20T08:00:00", "Gäller från": first, "Gäller till": until,
        })
    return writers.csv_bytes(rows, bom=True)[0]
