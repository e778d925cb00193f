"""13: a folder with a list for each year, commas, no end day but a length in months, no unit but the
provider's."""
from __future__ import annotations

import codes
import writers
from contracts import alone, first, lines
from country import Contract
from planted import Source

from .delivery import Delivery, expected, national


def months(c: Contract) -> str:
    """How long the contract is."""
    return str((c.last.year - c.start.year) * 12 + c.last.month - c.start.month + 1) if c.last else ""


def rows(contracts: list[Contract]) -> list[dict]:
    """A line per contract and service."""
    return [
        {"Avtalsnummer": c.id, "Ärende": c.file_number, "Avtalsnamn": c.title, "Avtalsform": c.kind.capitalize(),
         "Leverantör": c.provider.name, "Lev.orgnr": c.provider.orgnr, "Tecknades": c.signed.isoformat(),
         "Start": c.start.isoformat(), "Längd (mån)": months(c), "Tjänst": str(s.number), "Åtgärd": s.procedures[0],
         "Åldersgräns": f"{s.age[0]}-{s.age[1]}" if s.age else ""}
        for c, s in lines(contracts)
    ]


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The lists with their planted errors, and an example."""
    pairs = lines(contracts)
    made = rows(contracts)
    lone, many = alone(pairs), first(pairs)
    years = [c.signed.year for c, _ in pairs]
    files, sources = {}, []
    for year in sorted(set(years)):
        mine = [i for i, other in enumerate(years) if other == year]
        source = Source("regions/13-halland/avtal", f"{year}.csv", [made[i] for i in mine])
        for index, rule, table, column, changes in (
            (lone[0], "felaktigt_tal", "avtal", "giltig_till", {"Längd (mån)": "två år"}),
            (lone[1], "felaktigt_datum", "avtal", "giltig_fran", {"Start": "2025-04-31"}),
            (lone[2], "orgnr_felformat", "avtal", "leverantor_orgnr", {"Lev.orgnr": "okänt"}),
            (many[0], "kod_okand", "tjanst", "kva", {"Åtgärd": codes.UNKNOWN}),
            (many[1], "kod_inte_an_giltig", "tjanst", "kva", {"Åtgärd": codes.NOT_YET}),
            (many[2], "felaktigt_tal", "malgrupp", "varde_min", {"Åldersgräns": "vuxna-120"}),
        ):
            if index in mine:
                source.plant(mine.index(index), rule, table, column, **changes)
        files[f"kallor/avtal/{year}.csv"], source.places = writers.csv_bytes(source.rows, delimiter=",", eol="\n")
        sources.append(source)
    files["example.csv"] = writers.csv_bytes(rows(samples), delimiter=",", eol="\n")[0]
    files["expected.csv"] = expected([national(c) for c in samples], "upphandlingsform", "ersattningstak")
    return Delivery(sources, files)
