"""18: XML in ISO-8859-1 with two namespaces: contracts in one, services in the other, nil where nothing is."""
from __future__ import annotations

from xml.sax.saxutils import escape

import codes
from contracts import first, lines
from country import Contract
from planted import Source

from .delivery import DAY, Delivery, expected, national

HEAD = """<?xml version="1.0" encoding="ISO-8859-1"?>
<a:Avtalskatalog xmlns:a="urn:exempel:avtalskatalog:2" xmlns:v="urn:exempel:vardtjanst:1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
"""
KINDS = {"vardavtal": "VA", "ramavtal": "RA", "overenskommelse": "OK", "valfrihetsavtal": "VF"}


def contract_rows(contracts: list[Contract]) -> list[dict]:
    """A row per element `Avtal`."""
    return [
        {"id": c.id, "slag": KINDS[c.kind], "form": c.procedure, "titel": c.title, "dnr": c.file_number,
         "orgnr": c.provider.orgnr, "namn": c.provider.name, "tecknat": f"{c.signed}T00:00:00+01:00",
         "fran": f"{c.start}T00:00:00+01:00", "till": f"{c.last}T23:59:59+01:00" if c.last else "", "tak": f"{c.ceiling}.00"}
        for c in contracts
    ]


def service_rows(contracts: list[Contract]) -> list[dict]:
    """A row per element `Vardtjanst`."""
    return [
        {"avtal": c.id, "nr": str(s.number), "kva": s.procedures[0], "icd": f"{s.diagnosis[:3]}.{s.diagnosis[3:]}",
         "enhet": s.unit.hsa_id, "min": str(s.age[0]) if s.age else "", "max": str(s.age[1]) if s.age else ""}
        for c, s in lines(contracts)
    ]


def document(avtal: list[dict], tjanster: list[dict], counts: list[int]) -> bytes:
    """The whole catalogue."""
    place, text = 0, HEAD
    value = lambda name, value: f"<{name}>{escape(value)}</{name}>" if value else f'<{name} xsi:nil="true"/>'
    for row, count in zip(avtal, counts):
        text += f'  <a:Avtal a:id="{escape(row["id"])}" slag="{row["slag"]}" form="{row["form"]}">\n'
        text += "".join(f"    {value('a:' + e, row[k])}\n" for e, k in (("Titel", "titel"), ("Diarienummer", "dnr")))
        text += f"    <a:Leverantor><a:Organisationsnummer>{row['orgnr']}</a:Organisationsnummer>{value('a:Namn', row['namn'])}</a:Leverantor>\n"
        text += "    <a:Giltighet>" + "".join(value(f"a:{e}", row[e.lower()]) for e in ("Tecknat", "Fran", "Till")) + "</a:Giltighet>\n"
        text += f"    {value('a:Takbelopp', row['tak'])}\n    <v:Vardtjanster>\n"
        for s in tjanster[place:place + count]:
            age = f'<v:Alder min="{s["min"]}" max="{s["max"]}"/>' if s["min"] else ""
            text += (f'      <v:Vardtjanst nr="{s["nr"]}"><v:Kod system="kva">{s["kva"]}</v:Kod><v:Diagnos>{s["icd"]}</v:Diagnos>'
                     f'<v:Enhet>{s["enhet"]}</v:Enhet>{age}</v:Vardtjanst>\n')
        place += count
        text += "    </v:Vardtjanster>\n  </a:Avtal>\n"
    return (text + "</a:Avtalskatalog>\n").encode("iso-8859-1")


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The register with its planted errors, and an example."""
    avtal = Source("regions/18-orebro-lan/avtal", "avtalskatalog.xml", contract_rows(contracts))
    tjanst = Source("regions/18-orebro-lan/tjanster", "avtalskatalog.xml", service_rows(contracts))
    lone = [i for i, c in enumerate(contracts) if len(c.services) == 1]
    many = first(lines(contracts))
    avtal.plant(lone[0], "slut_fore_start", "avtal", "giltig_till", till=f"{contracts[lone[0]].start - 9 * DAY}T23:59:59+01:00")
    avtal.plant(lone[1], "tomt_obligatoriskt", "avtal", "titel", titel="")
    avtal.plant(lone[2], "framtida_datum", "avtal", "tecknat", tecknat="2098-01-01T00:00:00+01:00")
    tjanst.plant(many[0], "kod_okand", "tjanst", "icd", icd="U66.9")
    tjanst.plant(many[1], "hsa_test", "tjanst", "enhet", enhet="TSTNMT5999000010-EX02")
    tjanst.plant(many[2], "felaktigt_tal", "malgrupp", "varde_min", min="vuxen", max="120")
    for source in (avtal, tjanst):
        source.places = list(range(1, len(source.rows) + 1))
    write = lambda a, t, c: document(a, t, [len(x.services) for x in c])
    return Delivery([avtal, tjanst], {
        "kallor/avtalskatalog.xml": write(avtal.rows, tjanst.rows, contracts),
        "example.xml": write(contract_rows(samples), service_rows(samples), samples),
        "expected.csv": expected([national(c) for c in samples]),
    })
