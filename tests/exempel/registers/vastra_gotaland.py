"""14: a contract system's export: many contracts, code and label in one cell, days with a clock, VAT numbers,
an answer on secrecy for each contract."""
from __future__ import annotations

import codes
import writers
from contracts import alone, first, lines
from country import Contract
from planted import Source

from .delivery import Delivery, expected, national

KINDS = {"vardavtal": "10 - Vårdavtal", "ramavtal": "20 - Ramavtal", "overenskommelse": "30 - Överenskommelse",
         "valfrihetsavtal": "40 - Valfrihetsavtal"}
SECRECY = ["Nej", "Nej", "Nej", "Delvis", "Ej bedömd"]


def rows(contracts: list[Contract]) -> list[dict]:
    """A line per contract and service, all fields quoted where they hold a comma."""
    return [
        {"Contract ID": c.id, "Ärendenummer": c.file_number, "Namn": c.title, "Kategori": KINDS[c.kind], "Anskaffning": c.procedure,
         "Leverantör VAT": f"SE{c.provider.orgnr}01", "Leverantör": f"{c.provider.name}, Sverige", "Signerat": f"{c.signed} 10:30:00",
         "Startdatum": f"{c.start} 00:00:00", "Slutdatum": f"{c.last} 00:00:00" if c.last else "", "Värde (SEK)": f"{c.ceiling:,}.00",
         "Sekretess": SECRECY[c.number % 5], "Rad": str(s.number), "Åtgärd": f"{s.procedures[0]} - {s.area.title}",
         "Enhet": s.unit.hsa_id, "Villkor": "Remiss krävs" if s.referral else ""}
        for c, s in lines(contracts)
    ]


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The export with its planted errors, and an example."""
    pairs = lines(contracts)
    source = Source("regions/14-vastra-gotaland/avtal", "avtalsexport.csv.gz", rows(contracts))
    lone, many = alone(pairs), first(pairs)
    source.plant(lone[0], "felaktigt_datum", "avtal", "giltig_till", Slutdatum="2027-11-31 00:00:00")
    source.plant(lone[1], "orgnr_luhn", "avtal", "leverantor_orgnr", **{"Leverantör VAT": "SE599900001101"})
    source.plant(lone[2], "tomt_obligatoriskt", "avtal", "titel", Namn="")
    source.plant(lone[3], "utanfor_varden", "avtal", "sekretess", Sekretess="Kanske")
    source.plant(lone[4], "felaktigt_tal", "avtal", "ersattningstak", **{"Värde (SEK)": "se bilaga"})
    source.plant(many[0], "kod_okand", "tjanst", "kva", Åtgärd=f"{codes.UNKNOWN} - Okänd åtgärd")
    source.plant(many[1], "kod_utgangen", "tjanst", "kva", Åtgärd=f"{codes.RETIRED} - Äldre åtgärd")
    source.plant(many[2], "personnummer_i_text", "villkor", "beskrivning", Villkor="Gäller bara 121212-1212")
    write = lambda made: writers.csv_bytes(made, delimiter=",", bom=True)
    data, source.places = write(source.rows)
    secrecy = {"Nej": "ingen", "Delvis": "delvis", "Ej bedömd": "ej_provad"}
    wanted = [dict(national(c), sekretess=secrecy[SECRECY[c.number % 5]]) for c in samples]
    return Delivery([source], {
        "kallor/avtalsexport.csv.gz": writers.gz(data), "example.csv": write(rows(samples))[0],
        "expected.csv": expected(wanted),
    })
