"""05: NDJSON from the region's own interface: a line per contract, its services within."""
from __future__ import annotations

import codes
import writers
from contracts import alone, first, lines
from country import Contract
from planted import Source

from .delivery import Delivery, expected, national

PROCEDURES = {"LOU": "lou", "LOV": "lov", "overenskommelse": "samverkan", "direktupphandling": "direkt"}


def flat(contracts: list[Contract]) -> list[dict]:
    """A row per service, with its contract's fields."""
    return [
        {
            "avtalId": c.id, "arende": c.file_number, "rubrik": c.title, "avtalstyp": c.kind.upper(), "upphandling": PROCEDURES[c.procedure],
            "orgnr": c.provider.orgnr, "namn": c.provider.name, "undertecknat": c.signed.isoformat(),
            "from": c.start.isoformat(), "tom": c.last.isoformat() if c.last else None, "tak": c.ceiling,
            "rad": s.number, "kva": s.procedures, "diagnos": s.diagnosis, "kanal": s.form, "enhet": s.unit.hsa_id,
        }
        for c, s in lines(contracts)
    ]


def documents(rows: list[dict]) -> list[dict]:
    """The lines: contracts with their services."""
    made: dict[str, dict] = {}
    for r in rows:
        line = made.setdefault(r["avtalId"], {
            "avtalId": r["avtalId"], "arende": r["arende"], "rubrik": r["rubrik"], "avtalstyp": r["avtalstyp"],
            "upphandling": r["upphandling"], "leverantor": {"organisation": {"nummer": r["orgnr"], "namn": r["namn"]}},
            "undertecknat": r["undertecknat"], "giltighet": {"from": r["from"], "tom": r["tom"]},
            "ersattning": {"takbelopp": r["tak"], "valuta": "SEK"}, "tjanster": [],
        })
        line["tjanster"].append({"rad": r["rad"], "koder": [{"system": "KVÅ", "kod": k} for k in r["kva"]],
                                 "diagnos": r["diagnos"], "kanal": r["kanal"], "utforare": {"hsaId": r["enhet"]}})
    return list(made.values())


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The register with its planted errors, and an example."""
    pairs = lines(contracts)
    source = Source("regions/05-ostergotland/avtal", "avtal.ndjson", flat(contracts))
    lone, many = alone(pairs), first(pairs)
    source.plant(lone[0], "felaktigt_datum", "avtal", "giltig_till", tom="2027-02-30")
    source.plant(lone[1], "orgnr_luhn", "avtal", "leverantor_orgnr", orgnr="5999000011")
    source.plant(lone[2], "felaktigt_tal", "avtal", "ersattningstak", tak="1,5 miljoner")
    source.plant(lone[3], "utanfor_varden", "avtal", "upphandlingsform", upphandling="lotteri")
    source.plant(many[0], "kod_okand", "tjanst", "kva", kva=[codes.UNKNOWN])
    source.plant(many[1], "hsa_test", "tjanst", "enhet", enhet="TSTNMT5999000010-EX03")
    source.places = list(range(1, len(source.rows) + 1))
    write = lambda rows: writers.ndjson_bytes(documents(rows))[0]
    return Delivery([source], {
        "kallor/avtal.ndjson": write(source.rows), "example.ndjson": write(flat(samples)),
        "expected.csv": expected([national(c) for c in samples]),
    })
