"""09: few contracts and no codes at all: care in the region's own words, which a crosswalk turns into KVÅ."""
from __future__ import annotations

import codes
import writers
from country import Contract
from planted import Source

from .delivery import Delivery, expected, national

PROCEDURES = [p for area in codes.AREAS for p in area.procedures]
WORDS = dict(zip(PROCEDURES, [
    "grå starr, ett öga", "grå starr, båda ögonen", "grå starr, omoperation", "ljumskbråck, öppet",
    "ljumskbråck, titthål", "knäprotes", "knäprotes, omoperation",
]))
KINDS = {"vardavtal": "köp av vård", "ramavtal": "ramavtal", "overenskommelse": "överenskommelse med annan region",
         "valfrihetsavtal": "fritt val"}


def rows(contracts: list[Contract]) -> list[dict]:
    """A line per contract and kind of care. Some suppliers are known by their name only."""
    made = []
    for c in contracts:
        for procedure in dict.fromkeys(p for s in c.services for p in s.procedures):
            made.append({
                "Avtal nr": c.id, "Vad": c.title, "Sort": KINDS[c.kind], "Vem": c.provider.name,
                "Organisationsnummer": "" if c.number % 5 == 0 else c.provider.orgnr, "Skrivet": c.signed.isoformat(),
                "Börjar": c.start.isoformat(), "Slutar": c.last.isoformat() if c.last else "löpande",
                "Vård": WORDS[procedure].capitalize(), "Sekretess": "ja" if c.number % 7 == 0 else "nej",
            })
    return made


def words() -> bytes:
    """What the region's words are in KVÅ."""
    return writers.csv_bytes([{"Ord": word, "KVÅ": code, "Grad": "narliggande"} for code, word in WORDS.items()])[0]


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The register with its planted errors, and an example."""
    source = Source("regions/09-gotland/avtal", "avtal.tsv", rows(contracts))
    count = {row["Avtal nr"]: sum(r["Avtal nr"] == row["Avtal nr"] for r in source.rows) for row in source.rows}
    lone = [i for i, row in enumerate(source.rows) if count[row["Avtal nr"]] == 1]
    many = [i for i, row in enumerate(source.rows) if count[row["Avtal nr"]] > 1]
    source.plant(many[0], "okand_i_kodmappning", "tjanst", "kva", Vård="Starr och annat")
    source.plant(many[-1], "okand_i_kodmappning", "tjanst", "kva", Vård="Enligt överenskommelse")
    source.plant(lone[0], "felaktigt_datum", "avtal", "tecknat", Skrivet="hösten 2024")
    source.plant(lone[1], "utanfor_varden", "avtal", "typ", Sort="sponsring")
    write = lambda made: writers.csv_bytes(made, delimiter="\t", bom=True)
    data, source.places = write(source.rows)
    left_out = ("diarienummer", "upphandlingsform", "ersattningstak")
    return Delivery([source], {
        "kallor/avtal.tsv": data, "kallor/egna-ord.csv": words(), "example.tsv": write(rows(samples))[0],
        "expected.csv": expected([dict(national(c), sekretess="ingen") for c in samples], *left_out),
    })
