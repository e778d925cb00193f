"""23: an archive with lines of fixed width from an old system: records of contracts (10) and of services
(20) in one file, windows-1252, amounts in öre."""
from __future__ import annotations

import codes
import writers
from contracts import first, lines
from country import Contract
from planted import Source

from .delivery import Delivery, expected, national

WIDTH = 140
CONTRACT = [("post", 2), ("avtal", 12), ("benamning", 44), ("typ", 2), ("orgnr", 11), ("namn", 32), ("tecknat", 6),
            ("fran", 8), ("till", 8), ("ore", 13)]
SERVICE = [("post", 2), ("avtal", 12), ("rad", 3), ("kva", 6), ("diagnos", 6), ("enhet", 31), ("moten", 3), ("fran", 8)]
KINDS = {"vardavtal": "VA", "ramavtal": "RA", "overenskommelse": "OK", "valfrihetsavtal": "LV"}


def contract_rows(contracts: list[Contract]) -> list[dict]:
    """Records 10. The day of signing has a year of two digits."""
    return [
        {"post": "10", "avtal": c.id, "benamning": c.title, "typ": KINDS[c.kind],
         "orgnr": f"{c.provider.orgnr[:6]}-{c.provider.orgnr[6:]}", "namn": c.provider.name, "tecknat": c.signed.strftime("%y%m%d"),
         "fran": c.start.strftime("%Y%m%d"), "till": c.last.strftime("%Y%m%d") if c.last else "00000000", "ore": f"{c.ceiling * 100:013d}"}
        for c in contracts
    ]


def service_rows(contracts: list[Contract]) -> list[dict]:
    """Records 20."""
    return [
        {"post": "20", "avtal": c.id, "rad": f"{s.number:03d}", "kva": s.procedures[0], "diagnos": s.diagnosis,
         "enhet": s.unit.hsa_id, "moten": {"fysiskt": "F", "video": "V", "telefon": "T"}[s.form], "fran": c.start.strftime("%Y%m%d")}
        for c, s in lines(contracts)
    ]


def text(avtal: list[dict], tjanster: list[dict], counts: list[int]) -> tuple[bytes, list[int], list[int]]:
    """Each contract's record, then those of its services."""
    out, place, at = b"", 0, ([], [])
    line = lambda row, fields: ("".join(str(row[n]).ljust(w)[:w] for n, w in fields).ljust(WIDTH) + "\r\n").encode("cp1252")
    for row, count in zip(avtal, counts):
        at[0].append(out.count(b"\n") + 1)
        out += row.get("_bytes") or line(row, CONTRACT)
        for service in tjanster[place:place + count]:
            at[1].append(out.count(b"\n") + 1)
            out += line(service, SERVICE)
        place += count
    return out, *at


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The register with its planted errors, and an example."""
    avtal = Source("regions/23-jamtland-harjedalen/avtal", "avtal.zip", contract_rows(contracts), part="AVTREG.TXT")
    tjanst = Source("regions/23-jamtland-harjedalen/tjanster", "avtal.zip", service_rows(contracts), part="AVTREG.TXT")
    lone = [i for i, c in enumerate(contracts) if len(c.services) == 1]
    many = first(lines(contracts))
    avtal.plant(lone[0], "felaktigt_datum", "avtal", "giltig_till", till="20270931")
    avtal.plant(lone[1], "orgnr_luhn", "avtal", "leverantor_orgnr", orgnr="599900-0022")
    avtal.plant(lone[2], "felaktigt_tal", "avtal", "ersattningstak", ore="ENL BILAGA")
    tjanst.plant(many[0], "kod_okand", "tjanst", "kva", kva=codes.UNKNOWN)
    tjanst.plant(many[1], "utanfor_varden", "tjanst", "motesform", moten="X")
    tjanst.plant(many[2], "saknad_foralder", "tjanst", None, avtal="JH-BORTA")
    write = lambda a, t, c: text(a, t, [len(x.services) for x in c])
    data, avtal.places, tjanst.places = write(avtal.rows, tjanst.rows, contracts)
    return Delivery([avtal, tjanst], {
        "kallor/avtal.zip": writers.zipped({"AVTREG.TXT": data, "LASMIG.TXT": "Exempel\r\n".encode()}),
        "example.txt": write(contract_rows(samples), service_rows(samples), samples)[0],
        "expected.csv": expected([national(c) for c in samples], "diarienummer", "upphandlingsform"),
    })
