"""03: an SQLite database with a view of the region's own; words of kinds in one list of codes, supplier
numbers with 16 before them, amounts in thousands."""
from __future__ import annotations

import codes
import writers
from contracts import alone, first, lines
from country import Contract
from planted import Source

from .delivery import DAY, Delivery, expected, in_order, national, unique

KINDS = {"vardavtal": ("V", "Vårdavtal"), "ramavtal": ("R", "Ramavtal"), "overenskommelse": ("Ö", "Överenskommelse"),
         "valfrihetsavtal": ("F", "Valfrihetsavtal")}
VIEW = """SELECT a.Avtalsnummer, a.Dnr, a.Rubrik, k.Klartext AS Avtalstyp, a.Upphandlad, l.OrgNummer, l.Namn AS Leverantör,
  a.Signerat, a.FrånDatum, a.TomDatum, a.BeloppTkr, å.Löpnr, å.Åtgärdskod, å.Diagnoskod, å.Möte, å.HsaId
FROM Avtal AS a JOIN Leverantör AS l ON l.LevNr = a.LevNr
LEFT JOIN Kodlista AS k ON k.Lista = 'AVTALSTYP' AND k.Kod = a.Typ
LEFT JOIN AvtalÅtgärd AS å ON å.Avtalsnummer = a.Avtalsnummer WHERE a.Makulerad = 0"""


def flat(contracts: list[Contract]) -> list[dict]:
    """What the view gives."""
    return [
        {
            "Avtalsnummer": c.id, "Dnr": c.file_number, "Rubrik": c.title, "Typ": KINDS[c.kind][0],
            "Upphandlad": c.procedure, "LevNr": int(c.provider.orgnr[6:9]), "OrgNummer": "16" + c.provider.orgnr,
            "Namn": c.provider.name, "Signerat": c.signed.isoformat(), "FrånDatum": c.start.isoformat(),
            "TomDatum": c.last.isoformat() if c.last else None, "BeloppTkr": c.ceiling // 1000, "Makulerad": 0,
            "Löpnr": s.number, "Åtgärdskod": s.procedures[0], "Diagnoskod": s.diagnosis,
            "Möte": s.form, "HsaId": s.unit.hsa_id,
        }
        for c, s in lines(contracts)
    ]


def database(rows: list[dict]) -> bytes:
    """The tables that the view joins."""
    return writers.sqlite({
        "Leverantör": ("LevNr INTEGER PRIMARY KEY, OrgNummer CHAR(12), Namn VARCHAR(80)",
                       unique(rows, "LevNr", "LevNr", "OrgNummer", "Namn")),
        "Kodlista": ("Lista VARCHAR(20), Kod VARCHAR(4), Klartext VARCHAR(40)",
                     [{"l": "AVTALSTYP", "k": code, "t": word} for code, word in KINDS.values()]),
        "Avtal": ("Avtalsnummer VARCHAR(20) PRIMARY KEY, Dnr VARCHAR(20), Rubrik VARCHAR(80), Typ VARCHAR(4), "
                  "Upphandlad VARCHAR(20), LevNr INTEGER, Signerat DATE, FrånDatum DATE, TomDatum DATE, "
                  "BeloppTkr INTEGER, Makulerad INTEGER",
                  unique(rows, "Avtalsnummer", "Avtalsnummer", "Dnr", "Rubrik", "Typ", "Upphandlad", "LevNr", "Signerat",
                         "FrånDatum", "TomDatum", "BeloppTkr", "Makulerad")
                  + [dict(unique(rows[:1], "Avtalsnummer", "Avtalsnummer", "Dnr", "Rubrik", "Typ", "Upphandlad", "LevNr",
                                 "Signerat", "FrånDatum", "TomDatum", "BeloppTkr")[0], Avtalsnummer="MAKULERAT", Makulerad=1)]),
        "AvtalÅtgärd": ("Avtalsnummer VARCHAR(20), Löpnr INTEGER, Åtgärdskod VARCHAR(10), Diagnoskod VARCHAR(10), "
                        "Möte VARCHAR(20), HsaId VARCHAR(31)",
                        [{n: r[n] for n in ("Avtalsnummer", "Löpnr", "Åtgärdskod", "Diagnoskod", "Möte", "HsaId")} for r in rows]),
    }, {"v_vardavtal": VIEW})


def deliver(contracts: list[Contract], samples: list[Contract], units: list) -> Delivery:
    """The register with its planted errors, and an example."""
    rows, pairs = flat(contracts), lines(contracts)
    lone, many = alone(pairs), first(pairs)
    source = Source("regions/03-uppsala/avtal", "avtal.db", rows)
    source.plant(lone[0], "slut_fore_start", "avtal", "giltig_till", TomDatum=(pairs[lone[0]][0].start - 5 * DAY).isoformat())
    source.plant(lone[1], "orgnr_luhn", "avtal", "leverantor_orgnr", LevNr=998, OrgNummer="165999000011", Namn="Exempelfel AB")
    source.plant(lone[2], "utanfor_varden", "avtal", "upphandlingsform", Upphandlad="Muntligt")
    source.plant(many[0], "kod_okand", "tjanst", "kva", Åtgärdskod=codes.UNKNOWN)
    source.plant(many[1], "kod_utgangen", "tjanst", "kva", Åtgärdskod=codes.RETIRED)
    in_order(source, "Avtalsnummer", "Löpnr")
    return Delivery([source], {
        "kallor/avtal.db": database(rows), "example.db": database(flat(samples)),
        "expected.csv": expected([national(c) for c in samples]),
    })
