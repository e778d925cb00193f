"""What a region delivers, and what its example must become."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import codes
import writers
from country import REGIONS, Contract, Provider, Service, Unit, invented_orgnr
from planted import Source

DAY = dt.timedelta(days=1)


@dataclass
class Delivery:
    """The files of one region, by their path in its folder, and the sources that jobs read of them."""

    sources: list[Source]
    files: dict[str, bytes] = field(default_factory=dict)


def samples(region: str) -> list[Contract]:
    """Two contracts for a region's examples: one with an end and two services, one without an end."""
    eye = codes.AREAS[0]
    made = []
    for number, (name, title, kind, procedure, signed, start, last) in enumerate([
        (8, "Exempelavtal om ögonsjukvård", "vardavtal", "LOU",
         dt.date(2026, 1, 15), dt.date(2026, 3, 1), dt.date(2028, 2, 29)),
        (10, "Exempelavtal utan slut", "ramavtal", "LOV", dt.date(2026, 2, 3), dt.date(2026, 4, 1), None),
    ], start=1):
        provider = Provider(invented_orgnr(name), {8: "Exempelspecialisterna AB", 10: "Exempelblicken Ögonvård AB"}[name], "49", "4")
        unit = Unit(f"SE{provider.orgnr}-EX000{number}", f"Exempelmottagning {number}", provider, region)
        contract = Contract(region, number, f"EX-{number}", title, kind, procedure, f"EX 2026/{number}", provider,
                            signed, start, last, "", 1_250_000 * number)
        contract.services = [
            Service(n, eye, [eye.procedures[n - 1]], eye.diagnoses[n - 1], form, unit, True, None, None)
            for n, form in list(enumerate(["fysiskt", "video"], start=1))[: 3 - number]
        ]
        made.append(contract)
    return made


def with_id(contracts: list[Contract], form: str) -> list[Contract]:
    """The contracts under ids of the region's own form."""
    return [replace(c, id=form.format(year=c.signed.year, number=c.number)) for c in contracts]


def national(contract: Contract) -> dict[str, str]:
    """The national row `avtal` of a contract, as an example's expected file writes it."""
    return {
        "lanskod": contract.region, "avtals_id": contract.id, "titel": contract.title, "typ": contract.kind,
        "diarienummer": contract.file_number, "upphandlingsform": contract.procedure,
        "bestallare_orgnr": REGIONS[contract.region][1], "leverantor_orgnr": contract.provider.orgnr,
        "leverantor_namn": contract.provider.name, "tecknat": contract.signed.isoformat(),
        "giltig_fran": contract.start.isoformat(),
        "giltig_till": (contract.last + DAY).isoformat() if contract.last else "",
        "ersattningstak": f"{contract.ceiling}.00",
    }


def expected(rows: list[dict[str, str]], *left_out: str) -> bytes:
    """An expected file: a row for each, without the columns that the source does not have."""
    return writers.csv_bytes([{k: v for k, v in row.items() if k not in left_out} for row in rows], eol="\n")[0]


def in_order(source: Source, *key: str) -> None:
    """Places of rows that a database gives in the order of `key`."""
    order = sorted(range(len(source.rows)), key=lambda i: [source.rows[i][name] for name in key])
    source.places = [order.index(i) + 1 for i in range(len(order))]


def unique(rows: list[dict], key: str, *columns: str) -> list[dict]:
    """A table of a flat list: the first row of each key, with these columns only."""
    found: dict = {}
    for row in rows:
        found.setdefault(row[key], {name: row[name] for name in columns})
    return list(found.values())
