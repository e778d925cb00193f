"""04: a list that people keep: windows-1252, line breaks within cells, the period as one text, two ways to
write a date, amounts in thousands, the services as lines in one cell."""
from __future__ import annotations

import codes
import writers
from country import Contract
from planted import Source

from .delivery import Delivery, expected, national

KINDS = {"vardavtal": "Vårdavtal", "ramavtal": "Ram", "overenskommelse": "ÖK", "valfrihetsavtal": "LOV-avtal"}
FORMS = {"fysiskt": "besök", "video": "video", "telefon": "telefon"}


def rows(contracts: list[Contract]) -> list[dict]:
    """One line per contract. Until 2023 days were written as in speech."""
    return [
        {
            "Avtal": c.id, "Avtalsbenämning": c.title, "Form": KINDS[c.kind], "Motpart": c.provider.name,
            "Orgnr": f"{c.provider.orgnr[:6]}-{c.provider.orgnr[6:]}",
            "Påtecknat": f"{c.signed.day}/{c.signed.month} {c.signed.year}" if c.signed.year < 2023 else c.signed.isoformat(),
            "Avtalsperiod": f"{c.start} – {c.last or 'tills vidare'}",
            "Beloppstak (tkr)": f"{c.ceiling // 1000:,}".replace(",", "\u00a0"),
            "Omfattning": "\n".join(f"{s.number}, {s.procedures[0]}, {s.diagnosis}, {FORMS[s.form]}, {s.unit.hsa_id}" for s in c.services),
        }
        for c in contracts
    ]


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The register with its planted errors, and an example."""
    source = Source("regions/04-sormland/avtal", "Avtalslista.csv", rows(contracts))
    lone = [i for i, c in enumerate(contracts) if len(c.services) == 1]
    of = lambda i, column: source.rows[i][column]
    source.plant(lone[0], "felaktigt_datum", "avtal", "giltig_fran", Avtalsperiod="våren 2025 – 2027-12-31")
    source.plant(lone[1], "felaktigt_tal", "avtal", "ersattningstak", **{"Beloppstak (tkr)": "enligt bilaga"})
    source.plant(lone[2], "kod_felformat", "tjanst", "kva", Omfattning=of(lone[2], "Omfattning").replace("WEX", "WE-X"))
    source.plant(lone[3], "utanfor_varden", "tjanst", "motesform",
                 Omfattning=of(lone[3], "Omfattning").rsplit(",", 2)[0] + ", brevduva," + of(lone[3], "Omfattning").rsplit(",", 1)[1])
    source.plant(lone[4], "personnummer_i_text", "avtal", "titel", Avtalsbenämning="Vård av 121212-1212\n(se bilaga)")
    source.plant(lone[5], "tomt_obligatoriskt", "avtal", "avtals_id", Avtal="")
    write = lambda made: writers.csv_bytes(made, encoding="cp1252")
    data, source.places = write(source.rows)
    return Delivery([source], {
        "kallor/Avtalslista.csv": data, "example.csv": write(rows(samples))[0],
        "expected.csv": expected([national(c) for c in samples], "diarienummer", "upphandlingsform"),
    })
