"""25: an SQLite database moved from an old mainframe: short names, days as numbers with a century digit
(1260301), padded codes, a contract for each clinic to be folded."""
from __future__ import annotations

import codes
import writers
from contracts import alone, first, lines
from country import Contract
from planted import Source

from .delivery import Delivery, expected, in_order, national, unique

KINDS = {"vardavtal": "01", "ramavtal": "02", "overenskommelse": "03", "valfrihetsavtal": "04"}
FOREVER = 9991231


def day(date) -> int:
    """The day as the old system has it: years since 1900, month, day."""
    return int(date.strftime("%Y%m%d")) - 19000000 if date else FOREVER


def flat(contracts: list[Contract]) -> list[dict]:
    """What the job's question gives."""
    return [
        {
            "AVTNR": c.id.ljust(12), "AVTTXT": c.title.ljust(40), "AVTTYP": KINDS[c.kind], "LEVNR": int(c.provider.orgnr[6:9]),
            "ORGNR": int(c.provider.orgnr), "LEVNMN": c.provider.name.upper().ljust(30), "TKNDT": day(c.signed),
            "STADT": day(c.start), "SLUDT": day(c.last), "RADNR": s.number, "ATGKD": s.procedures[0].ljust(8),
            "DIAKD": s.diagnosis.ljust(6), "HSAID": s.unit.hsa_id.ljust(31), "REMKD": "J" if s.referral else "N",
        }
        for c, s in lines(contracts)
    ]


def database(rows: list[dict]) -> bytes:
    """The tables."""
    pick = lambda *names: [{n: r[n] for n in names} for r in rows]
    return writers.sqlite({
        "LEVP010": ("LEVNR DECIMAL(5,0), ORGNR DECIMAL(10,0), LEVNMN CHAR(30)", unique(rows, "LEVNR", "LEVNR", "ORGNR", "LEVNMN")),
        "AVTP010": ("AVTNR CHAR(12), AVTTXT CHAR(40), AVTTYP CHAR(2), LEVNR DECIMAL(5,0), TKNDT DECIMAL(7,0), STADT DECIMAL(7,0), "
                    "SLUDT DECIMAL(7,0)", unique(rows, "AVTNR", "AVTNR", "AVTTXT", "AVTTYP", "LEVNR", "TKNDT", "STADT", "SLUDT")),
        "AVTP020": ("AVTNR CHAR(12), RADNR DECIMAL(3,0), HSAID CHAR(31)", pick("AVTNR", "RADNR", "HSAID")),
        "AVTP030": ("AVTNR CHAR(12), RADNR DECIMAL(3,0), ATGKD CHAR(8), DIAKD CHAR(6), REMKD CHAR(1)",
                    pick("AVTNR", "RADNR", "ATGKD", "DIAKD", "REMKD")),
    })


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The register with its planted errors, and an example."""
    pairs = lines(contracts)
    source = Source("regions/25-norrbotten/avtal", "AVTREG.db", flat(contracts), part="avtal.kalla.sql")
    lone, many = alone(pairs), first(pairs)
    source.plant(lone[0], "felaktigt_datum", "avtal", "giltig_fran", STADT=1251301)
    source.plant(lone[1], "orgnr_luhn", "avtal", "leverantor_orgnr", LEVNR=997, ORGNR=5999000011, LEVNMN="EXEMPELFEL AB".ljust(30))
    source.plant(lone[2], "slut_fore_start", "avtal", "giltig_till", SLUDT=1190101)
    source.plant(lone[3], "utanfor_varden", "avtal", "typ", AVTTYP="99")
    source.plant(many[0], "kod_utgangen", "tjanst", "kva", ATGKD=codes.RETIRED.ljust(8))
    source.plant(many[1], "felaktigt_ja_nej", "villkor", None, REMKD="?")
    in_order(source, "AVTNR", "RADNR")
    wanted = [dict(national(c), leverantor_namn=c.provider.name.upper()) for c in samples]
    return Delivery([source], {
        "kallor/AVTREG.db": database(source.rows), "example.db": database(flat(samples)),
        "expected.csv": expected(wanted, "diarienummer", "upphandlingsform", "ersattningstak"),
    })
