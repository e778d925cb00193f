"""Waiting times of three regions: two in the flat format of 35 columns, one in RIV-TA XML.

Synthetic contacts only: an id tells nothing but its own number.
"""
from __future__ import annotations

import datetime as dt
import random

import codes
import writers
from country import REGIONS, SEED, SKR, TOWNS, Unit
from planted import Source

DAY = dt.timedelta(days=1)
SCHEMA = "urn:riv:skl:tillgangligVardSpeci:TillgangligVardSpeci{}Responder:1"


def month_end(year: int, month: int) -> dt.date:
    """Last day of a month."""
    return (dt.date(year, month, 28) + 4 * DAY).replace(day=1) - DAY


def contacts(region: str, year: int, month: int, count: int, units: list[Unit]) -> list[dict]:
    """`count` contacts of one month: two of three completed in it, the others waiting at its end."""
    rng = random.Random(f"{SEED}-vantetid-{region}-{year}-{month}")
    own = [u for u in units if u.provider.ownership == "1"]
    last = month_end(year, month)
    found = []
    for number in range(count):
        area = rng.choice(codes.AREAS)
        done = rng.random() < 0.67
        waited = int(rng.triangular(3, 240, 60))
        start = last - rng.randrange(last.day) * DAY if done else None
        decided = (start or last) - waited * DAY
        referred = decided - rng.randrange(5, 60) * DAY if rng.random() < 0.8 else None
        unit = rng.choice(own)
        found.append(
            {
                "id": f"EX-{region}-{year}{month:02d}-{number:05d}", "decided": decided, "start": start,
                "target": decided + 90 * DAY if rng.random() < 0.5 else None, "last": last,
                "kva": rng.choice(area.procedures), "mvo": area.mvo, "activity": area.activity,
                "guarantee": rng.random() < 0.85, "deviation": rng.choice(["", "", "", "", "", "", "1", "2"]),
                "unit": unit, "booking": rng.choice("234"), "sex": rng.choice("12"),
                "born": last.year - rng.randrange(2, 97), "town": rng.choice([TOWNS[region][0], TOWNS[region][0], "0000"]),
                "referred": referred, "optician": rng.random() < 0.2,
            }
        )
    return found


def stamp(day: dt.date | None) -> str:
    """A day as the flat format writes it."""
    return f"{day}T08:00:00" if day else ""


def flat(region: str, folder: str, months: list[tuple[int, int]], count: int, units: list[Unit]) -> list[tuple[Source, bytes]]:
    """The regions' common flat format: 35 columns, `;`, SKR's region code."""
    files = []
    for year, month in months:
        rows = []
        for c in contacts(region, year, month, count, units):
            done = c["start"] is not None
            rows.append(
                {
                    "beslut_datum": stamp(c["decided"]), "start_datum": stamp(c["start"]),
                    "medicinskt_maldatum": stamp(c["target"]), "matperiod": c["last"].isoformat(),
                    "kva_kod": c["kva"], "mvo_kod": c["mvo"], "aktivitetskod": c["activity"], "aktivitet_kva": c["kva"],
                    "aktivitet_icd": "", "vardgaranti": "JA" if c["guarantee"] else "NEJ",
                    "avvikelsekod": c["deviation"], "regionkod": SKR[region],
                    "hsaid_region": c["unit"].hsa_id.split("-")[0] + "-EXREGION",
                    "hsaid_vardgivare": c["unit"].hsa_id.split("-")[0] + "-EXVG",
                    "hsaid_vardenhet": c["unit"].hsa_id, "hsaid_enhet": c["unit"].hsa_id, "sjukhuskod": f"{SKR[region]}900",
                    "sjukhusnamn": c["unit"].provider.name, "yrkeskategori": "XS915", "bokningssatt": c["booking"],
                    "vardkontakttyp": "0", "kon": c["sex"], "fodelsear": str(c["born"]), "lkf": c["town"],
                    "hsaid_listning": "", "remittenttyp": "1" if c["referred"] else "2",
                    "remittent_hsaid": "SE0000000000-OPT001" if c["referred"] and c["optician"] else "",
                    "remiss_id": f"EXREM-{c['id']}" if c["referred"] else "", "remiss_datum": stamp(c["referred"]),
                    "ankomst_datum": stamp(c["referred"] + 2 * DAY) if c["referred"] else "", "vardkontakt_id": c["id"],
                    "fas": "2", "typ_akutverksamhet": "0", "status": "GENOMFORD" if done else "VANTANDE",
                    "vantetid_dagar": str(((c["start"] or c["last"]) - c["decided"]).days),
                }
            )
        file = f"{year}-{month:02d}.csv"
        source = Source(f"regions/{folder}/vantetider", file, rows)
        if (year, month) == months[-1]:
            done = [i for i, r in enumerate(rows) if r["status"] == "GENOMFORD" and r["avvikelsekod"] == ""]
            waiting = [i for i, r in enumerate(rows) if r["status"] == "VANTANDE"]
            begin = lambda i: dt.date.fromisoformat(rows[i]["start_datum"][:10])
            source.plant(done[0], "negativ_tid", "genomford", "vantetid_dagar", beslut_datum=stamp(begin(done[0]) + 9 * DAY))
            source.plant(done[1], "utanfor_varden", "genomford", "kon", kon="Kvinna")
            source.plant(done[2], "felaktigt_datum", "genomford", None, beslut_datum="2026-02-31T08:00:00")
            source.plant(done[3], "fel_agare", "genomford", "lanskod", regionkod="10")
            source.plant(done[4], "okand_region", "genomford", "lanskod", regionkod="14")
            source.plant(done[5], "kod_okand", "genomford", "kva", aktivitet_kva=codes.UNKNOWN)
            source.plant(done[6], "tomt_obligatoriskt", "genomford", "kontakt", vardkontakt_id="")
            source.plant(waiting[0], "felaktig_manad", "vantande", "manad", matperiod="2026-13-31")
            for i, r in enumerate(rows):
                if r["remittent_hsaid"]:
                    source.plant(i, "hsa_pseudo", "genomford" if r["status"] == "GENOMFORD" else "vantande", "remittent")
        else:
            for i, r in enumerate(rows):
                if r["remittent_hsaid"]:
                    source.plant(i, "hsa_pseudo", "genomford" if r["status"] == "GENOMFORD" else "vantande", "remittent")
        data, source.places = writers.csv_bytes(rows, eol="\n")
        files.append((source, data))
    return files


def rivta(region: str, folder: str, year: int, month: int, count: int, units: list[Unit]) -> list[tuple[Source, bytes]]:
    """RIV-TA tillgangligVardSpeci 1.0: one delivery of completed contacts and one of waiting."""
    everyone = contacts(region, year, month, count, units)
    files = []
    for kind, table in (("Genomforda", "genomford"), ("Vantande", "vantande")):
        rows = []
        for c in everyone:
            if (c["start"] is not None) != (kind == "Genomforda"):
                continue
            row = {
                "Regionkod": SKR[region], "HSAIdRegion": c["unit"].hsa_id.split("-")[0] + "-EXREGION",
                "Sjukhus": f"{SKR[region]}900", "SjukhusNamn": c["unit"].provider.name,
                "HSAIdVardgivare": c["unit"].hsa_id.split("-")[0] + "-EXVG", "HSAIdVardenhet": c["unit"].hsa_id,
                "HSAIdEnhet": c["unit"].hsa_id, "VardkontaktId": c["id"], "Vardgaranti": "1" if c["guarantee"] else "2",
                "Fas": "2", "Mvo": c["mvo"], "Aktivitet": c["activity"], "AktivitetKVA": c["kva"], "FodelseAr": str(c["born"]),
                "Kon": {"1": "Man", "2": "K"}[c["sex"]], "Lkf": c["town"], "Bokningssatt": c["booking"], "Vardkontakt": "0",
                "Yrkeskategori": "XS915", "Avvikelse": c["deviation"], "BeslutAktivitet": f"{c['decided']}T08:00:00",
            }
            if kind == "Genomforda":
                row["StartAktivitet"] = f"{c['start']}T08:00:00"
            row["MedicinsktMaldatum"] = stamp(c["target"])
            if kind == "Genomforda":
                row["TypAkutverksamhet"] = "0"
            row |= {
                "Remittenttyp": "1" if c["referred"] else "2",
                "Remittent": "SE0000000000-OPT001" if c["referred"] and c["optician"] else "",
                "RemissId": f"EXREM-{c['id']}" if c["referred"] else "", "RemissDatum": stamp(c["referred"]),
                "AnkomstDatum": stamp(c["referred"] + 2 * DAY) if c["referred"] else "",
            }
            rows.append(row)
        file = f"{kind.lower()}-{year}-{month:02d}.xml"
        job = {"Genomforda": "genomforda", "Vantande": "vantande"}[kind]
        source = Source(f"regions/{folder}/{job}", file, rows)
        if kind == "Genomforda":
            # What the schema allows and the register does not.
            done = [i for i, r in enumerate(rows) if not r["Avvikelse"]]
            begin = dt.date.fromisoformat(rows[done[0]]["StartAktivitet"][:10])
            source.plant(done[0], "negativ_tid", table, "vantetid_dagar", BeslutAktivitet=f"{begin + 3 * DAY}T08:00:00")
            source.plant(done[1], "kod_utgangen", table, "kva", AktivitetKVA=codes.RETIRED)
        for i, r in enumerate(rows):
            if r["Remittent"]:
                source.plant(i, "hsa_pseudo", table, "remittent")
        source.places = list(range(1, len(rows) + 1))
        body = "".join(writers.element("Besok", row, indent=2) for row in rows)
        name = f"TillgangligVardSpeci{kind}"
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<{name} xmlns="{SCHEMA.format(kind)}" LeveransReferens="EX-{region}-{year}{month:02d}">\n'
            f'  <Kontakt DatatGallerFor="{year}-{month:02d}-01">\n{body}  </Kontakt>\n</{name}>\n'
        )
        files.append((source, text.encode()))
    return files
