"""Contract registers of nine regions, each in the region's own form and words."""
from __future__ import annotations

import datetime as dt

import codes
import writers
from country import Contract, Service, Unit
from planted import Source

DAY = dt.timedelta(days=1)
WORDS = {
    "vardavtal": "Vårdavtal", "ramavtal": "Ramavtal", "overenskommelse": "Överenskommelse",
    "valfrihetsavtal": "Valfrihetsavtal", "LOU": "LOU", "LOV": "LOV", "direktupphandling": "Direktupphandling",
    "fysiskt": "Fysiskt besök", "video": "Videobesök", "telefon": "Telefon",
}
KIND_NUMBERS = {"vardavtal": "1", "ramavtal": "2", "overenskommelse": "3", "valfrihetsavtal": "4"}
FAR = dt.date(2099, 5, 1)


def lines(contracts: list[Contract]) -> list[tuple[Contract, Service]]:
    """One line per service: the form in which most regions keep their contracts."""
    return [(c, s) for c in contracts for s in c.services]


def alone(pairs: list[tuple[Contract, Service]]) -> list[int]:
    """Lines of contracts that have one service only: an error there hits nothing else."""
    return [i for i, (c, _) in enumerate(pairs) if len(c.services) == 1]


def first(pairs: list[tuple[Contract, Service]]) -> list[int]:
    """First lines of contracts with several services."""
    return [i for i, (c, s) in enumerate(pairs) if len(c.services) > 1 and s.number == 1]


def stockholm(contracts: list[Contract]) -> tuple[Source, dict[str, bytes]]:
    """01: a drop folder. A whole export each day, `|`, UTF-8 with a mark, and a marker when it is whole.

    Only the last whole one is read: the one before it is replaced, the one after it is half written.
    """
    pairs = lines(contracts)
    rows = [
        {
            "Avtalsnummer": c.id, "Diarienummer": c.file_number, "Benämning": c.title, "Typ av avtal": WORDS[c.kind],
            "Anskaffning": WORDS[c.procedure], "Vårdgivare": c.provider.name,
            "Vårdgivarens orgnr": f"{c.provider.orgnr[:6]}-{c.provider.orgnr[6:]}",
            "Undertecknat": c.signed.isoformat(), "Fr o m": c.start.isoformat(),
            "T o m": c.last.isoformat() if c.last else "tillsvidare", "Uppdrag": "1", "Tjänst": str(s.number),
            "Åtgärd": s.procedures[0], "Diagnos": s.diagnosis, "Kontaktform": WORDS[s.form], "HSA-id": s.unit.hsa_id,
            "Remiss": "ja" if s.referral else "nej",
        }
        for c, s in pairs
    ]
    source = Source("regions/01-stockholm/avtal", "avtal-2026-11-21.csv", rows)
    write = lambda some: writers.csv_bytes(some, delimiter="|", bom=True)
    earlier, _ = write(rows[: len(rows) // 2])
    lone, many = alone(pairs), first(pairs)
    rows.append({"_bytes": "SLL-KORT|EX 2026/1|Rad som tar slut\r\n".encode()})
    source.plant(len(pairs), "fel_antal_kolumner", None)
    source.plant(lone[0], "orgnr_luhn", "avtal", "leverantor_orgnr", **{"Vårdgivarens orgnr": "599900-0011"})
    source.plant(lone[1], "slut_fore_start", "avtal", "giltig_till", **{"T o m": "2020-12-31"})
    source.plant(lone[2], "tomt_obligatoriskt", "avtal", "titel", **{"Benämning": ""})
    source.plant(many[0], "kod_okand", "tjanst", "kva", **{"Åtgärd": codes.UNKNOWN})
    data, source.places = write(rows)
    half = write(rows[:9])[0][:-40]
    return source, {
        "avtal-2026-11-20.csv": earlier, "avtal-2026-11-20.csv.klar": b"",
        "avtal-2026-11-21.csv": data, "avtal-2026-11-21.csv.klar": b"",
        "avtal-2026-11-22.csv": half,
    }


def vasternorrland(contracts: list[Contract]) -> tuple[Source, bytes]:
    """22: a workbook with merged titles, Swedish headings, real dates, numbers, several codes in one cell."""
    pairs = lines(contracts)
    rows = [
        {
            "Avtalsnr": c.id, "Dnr": c.file_number, "Avtalsnamn": c.title, "Avtalstyp": WORDS[c.kind],
            "Upphandlingsform": WORDS[c.procedure], "Leverantör": c.provider.name, "Org.nr": int(c.provider.orgnr),
            "Tecknat": c.signed, "Gäller fr.o.m.": c.start, "Gäller t.o.m.": c.last or "tills vidare",
            "Option": c.option, "Takbelopp (kr)": c.ceiling, "Uppdrag": "U1", "Tjänst nr": s.number,
            "KVÅ": "; ".join(s.procedures), "ICD-10": s.diagnosis, "Mötesform": WORDS[s.form],
            "Enhet (HSA-id)": s.unit.hsa_id, "Remisskrav": "Ja" if s.referral else "Nej",
            "Volymtak per år": s.volume, "Ålder från": s.age[0] if s.age else None,
            "Ålder till": s.age[1] if s.age else None, "Anmärkning": "",
        }
        for c, s in pairs
    ]
    source = Source("regions/22-vasternorrland/avtal", "avtal.xlsx", rows, part="Avtalsregister")
    lone, many = alone(pairs), first(pairs)
    contract = pairs[lone[0]][0]
    source.plant(lone[0], "slut_fore_start", "avtal", "giltig_till", **{"Gäller t.o.m.": contract.start - 30 * DAY})
    source.plant(lone[1], "felaktigt_datum", "avtal", "giltig_fran", **{"Gäller fr.o.m.": "2025-02-30"})
    source.plant(lone[2], "orgnr_luhn", "avtal", "leverantor_orgnr", **{"Org.nr": 5999000011})
    source.plant(lone[3], "framtida_datum", "avtal", "tecknat", **{"Tecknat": FAR})
    source.plant(lone[4], "tomt_obligatoriskt", "avtal", "titel", **{"Avtalsnamn": ""})
    source.plant(lone[5], "utanfor_varden", "avtal", "typ", **{"Avtalstyp": "Hyresavtal"})
    source.plant(many[0], "kod_okand", "tjanst", "kva", **{"KVÅ": codes.UNKNOWN})
    source.plant(many[1], "kod_utgangen", "tjanst", "kva", **{"KVÅ": codes.RETIRED})
    source.plant(many[2], "kod_inte_an_giltig", "tjanst", "kva", **{"KVÅ": codes.NOT_YET})
    source.plant(many[3], "personnummer_i_text", "tjanst", "beskrivning", **{"Anmärkning": "Fråga pat 121212-1212 om tid"})
    # A contract that is repeated for each of its services, with two end dates.
    odd = pairs[many[4]][0]
    source.plant(many[4], "motstridig_grupp", "avtal", "giltig_till", **{"Gäller t.o.m.": dt.date(2031, 12, 31)})
    for step in range(1, len(odd.services)):
        source.plant(many[4] + step, "motstridig_grupp", "avtal", "giltig_till")
    # A date typed as text in the region's own way: read, and counted as repaired.
    when = pairs[lone[6]][0].signed
    source.plant(lone[6], "reparerad", "avtal", "tecknat", **{"Tecknat": f"{when.day}/{when.month} {when.year}"})
    data, source.places = writers.workbook(
        "Avtalsregister", ["Region Västernorrland – avtalsregister (exempel)", "Uttag 2026-11-01"], rows,
        [f"Antal rader: {len(rows)}"],
    )
    return source, data


def blekinge(contracts: list[Contract]) -> tuple[Source, bytes]:
    """10: ISO-8859-1, `;`, decimal comma, CRLF, numbers for kinds, codes of the region's own."""
    pairs = lines(contracts)
    local = {code: f"BLE-{n:02d}" for n, code in enumerate((p for a in codes.AREAS for p in a.procedures), start=1)}
    rows = [
        {
            "AVTAL_ID": c.id, "DIARIENR": c.file_number, "BENAMNING": c.title, "AVTALSTYP": KIND_NUMBERS[c.kind],
            "FORM": WORDS[c.procedure].upper(), "LEVERANTOR": c.provider.name, "ORGNR": c.provider.orgnr,
            "TECKNAT": c.signed.isoformat(), "STARTDATUM": c.start.isoformat(),
            "SLUTDATUM": c.last.isoformat() if c.last else "", "TAKBELOPP": f"{c.ceiling},00", "UPPDRAG": "1",
            "TJANST_NR": str(s.number), "TJANST_KOD": local[s.procedures[0]], "MOTESFORM": s.form[0].upper(),
            "ENHET": s.unit.hsa_id, "REMISS": "J" if s.referral else "N",
            "VOLYM": str(s.volume) if s.volume else "", "KOMMENTAR": "",
        }
        for c, s in pairs
    ]
    lone, many = alone(pairs), first(pairs)
    rows[many[5]]["KOMMENTAR"] = 'Gäller "hela" länet;\r\näven öarna'
    encode = lambda row: writers.csv_bytes([row], encoding="iso-8859-1")[0].split(b"\r\n", 1)[1]
    # A second copy of a line, and a second line with the same key that says something else.
    rows.append(dict(rows[many[0]]))
    rows.append(dict(rows[many[1]], KOMMENTAR="Annan uppgift om samma tjänst"))
    short = dict(rows[lone[0]], AVTAL_ID="BLE-KORT")
    rows.append({"_bytes": b";".join(encode(short).rstrip(b"\r\n").split(b";")[:12]) + b"\r\n"})
    open_quote = encode(dict(rows[lone[0]], AVTAL_ID="BLE-CITAT", KOMMENTAR="")).rstrip(b"\r\n")
    rows.append({"_bytes": open_quote + b'"Utan slut\r\n'})
    source = Source("regions/10-blekinge/avtal", "avtal.csv", rows)
    count = len(pairs)
    source.plant(count, "dubblett_exakt", "tjanst")
    source.plant(count + 1, "dubblett_konflikt", "tjanst")
    source.plant(many[1], "dubblett_konflikt", "tjanst")
    source.plant(count + 2, "fel_antal_kolumner", None)
    source.plant(count + 3, "oavslutat_citat", None)
    source.plant(many[2], "okand_i_kodmappning", "tjanst", "kva", TJANST_KOD="BLE-99")
    source.plant(many[3], "felaktigt_tal", "villkor", "varde_max", VOLYM="cirka 40")
    source.plant(lone[1], "felaktigt_tal", "avtal", "ersattningstak", TAKBELOPP="ca 2 miljoner")
    source.plant(lone[2], "orgnr_felformat", "avtal", "leverantor_orgnr", ORGNR="59990000")
    source.plant(lone[3], "orgnr_enskild", "avtal", "leverantor_orgnr", ORGNR="1212121212",
                 LEVERANTOR="Exempelläkare T. Tolvansson")
    source.plant(lone[4], "hsa_felformat", "tjanst", "enhet", ENHET="5999000010-EX")
    source.plant(lone[5], "saknad_referens", "tjanst", "enhet", ENHET="SE5999000010-EX9999")
    when = pairs[lone[6]][0].start
    source.plant(lone[6], "reparerad", "avtal", "giltig_fran", STARTDATUM=f" {when.isoformat()} ")
    data, source.places = writers.csv_bytes(rows, encoding="iso-8859-1")
    return source, data


def blekinge_words() -> bytes:
    """10: the region's own service codes and what they are in KVÅ."""
    rows = [
        {"EGEN_KOD": f"BLE-{n:02d}", "KVA": code, "GRAD": "lika"}
        for n, code in enumerate((p for a in codes.AREAS for p in a.procedures), start=1)
    ]
    return writers.csv_bytes(rows, encoding="iso-8859-1")[0]


def vasterbotten(contracts: list[Contract]) -> tuple[Source, bytes]:
    """24: fixed width, windows-1252, dates without separators, 99991231 for no end."""
    fields = [
        ("avtal", 14), ("benamning", 44), ("typ", 1), ("orgnr", 10), ("tecknat", 8), ("fran", 8), ("till", 8),
        ("uppdrag", 3), ("tjanst", 3), ("kva", 5), ("icd", 5), ("form", 1), ("enhet", 31), ("remiss", 1),
    ]
    pairs = lines(contracts)
    rows = [
        {
            "avtal": c.id, "benamning": c.title, "typ": KIND_NUMBERS[c.kind], "orgnr": c.provider.orgnr,
            "tecknat": c.signed.strftime("%Y%m%d"), "fran": c.start.strftime("%Y%m%d"),
            "till": c.last.strftime("%Y%m%d") if c.last else "99991231", "uppdrag": "001", "tjanst": f"{s.number:03d}",
            "kva": s.procedures[0], "icd": s.diagnosis, "form": s.form[0].upper(), "enhet": s.unit.hsa_id,
            "remiss": "1" if s.referral else "0",
        }
        for c, s in pairs
    ]
    lone, many = alone(pairs), first(pairs)
    rows.append({"_bytes": b"VB-KAPAD      Avkortad rad\r\n"})
    source = Source("regions/24-vasterbotten/avtal", "AVTAL.TXT", rows)
    source.plant(len(pairs), "fel_antal_kolumner", None)
    source.plant(lone[0], "felaktigt_datum", "avtal", "tecknat", tecknat="20231301")
    source.plant(lone[1], "hsa_luhn", "tjanst", "enhet", enhet="SE5999000011-EX0001")
    source.plant(lone[1], "saknad_referens", "tjanst", "enhet")
    source.plant(lone[2], "tomt_obligatoriskt", "avtal", "giltig_fran", fran="")
    source.plant(many[0], "kod_fel_system", "tjanst", "icd", icd=codes.AREAS[0].procedures[0])
    source.plant(many[1], "kod_okand", "tjanst", "kva", kva=codes.AREAS[0].procedures[0].replace("0", "O", 1))
    source.plant(many[2], "reparerad", "tjanst", "kva", kva=rows[many[2]]["kva"].lower())
    data, source.places = writers.fixed_bytes(rows, fields, "cp1252")
    return source, data


def varmland(contracts: list[Contract]) -> tuple[Source, bytes]:
    """17: NDJSON in gzip, one object per service, the region by its name, dates with a time."""
    pairs = lines(contracts)
    rows = [
        {
            "avtalId": c.id, "region": "Region Värmland", "rubrik": c.title, "avtalstyp": c.kind,
            "upphandling": c.procedure, "leverantor": {"orgnr": f"{c.provider.orgnr[:6]}-{c.provider.orgnr[6:]}", "namn": c.provider.name},
            "tecknat": f"{c.signed}T00:00:00", "giltig": {"fran": f"{c.start}T00:00:00", "tom": f"{c.last}T00:00:00" if c.last else None},
            "uppdrag": "U1", "tjanst": s.number, "kva": s.procedures[0], "icd10": s.diagnosis, "motesform": s.form,
            "enhet": s.unit.hsa_id, "remisskrav": s.referral, "kommentar": None,
        }
        for c, s in pairs
    ]
    lone, many = alone(pairs), first(pairs)
    rows.append({"_bytes": b'{"avtalId": "VL-AVBRUTEN", "region": \n'})
    source = Source("regions/17-varmland/avtal", "avtal.ndjson.gz", rows)
    source.plant(len(pairs), "olasbar_rad", None)
    source.plant(lone[0], "fel_agare", "avtal", "lanskod", region="Region Dalarna")
    source.plant(lone[1], "okand_region", "avtal", "lanskod", region="Region Exempelmark")
    source.plant(lone[2], "personnummer_i_text", "avtal", "titel", rubrik="Avtal om vård av 121212-1212")
    source.plant(lone[3], "felaktigt_ja_nej", "villkor", None, remisskrav="kanske")
    source.plant(many[0], "utanfor_varden", "tjanst", "motesform", motesform="brevduva")
    source.plant(many[1], "hsa_test", "tjanst", "enhet", enhet="TSTNMT5999000010-EX01")
    source.plant(many[2], "tomt_obligatoriskt", "tjanst", "tjanst_id", tjanst=None)
    data, source.places = writers.ndjson_bytes(rows)
    return source, writers.gz(data)


def dalarna(contracts: list[Contract]) -> tuple[list[Source], bytes]:
    """20: an archive with two members, day/month/year, amounts with blanks between thousands."""
    dmy = lambda d: d.strftime("%d/%m/%Y") if d else "tills vidare"
    heads = [
        {
            "Nr": c.id, "Titel": c.title, "Typ": WORDS[c.kind], "Motpart": c.provider.name,
            "Motpartens orgnr": c.provider.orgnr, "Undertecknat": dmy(c.signed), "Start": dmy(c.start),
            "Slut": dmy(c.last), "Högsta ersättning": f"{c.ceiling:,}".replace(",", "\u00a0"),
        }
        for c in contracts
    ]
    pairs = lines(contracts)
    services = [
        {
            "Avtal": c.id, "Rad": str(s.number), "Åtgärdskod": s.procedures[0], "Diagnos": s.diagnosis,
            "Beskrivning": s.area.title, "Vårdenhet": s.unit.hsa_id, "Från": dmy(c.start),
        }
        for c, s in pairs
    ]
    lone = [i for i, c in enumerate(contracts) if len(c.services) == 1]
    services.append(dict(services[0], Avtal="DAL-SAKNAS"))
    avtal = Source("regions/20-dalarna/avtal", "avtal.zip", heads, part="avtal.csv")
    tjanster = Source("regions/20-dalarna/tjanster", "avtal.zip", services, part="tjanster.csv")
    avtal.plant(lone[0], "felaktigt_datum", "avtal", "giltig_till", Slut="31/06/2027")
    contract = contracts[lone[1]]
    avtal.plant(lone[1], "slut_fore_start", "avtal", "giltig_till", Slut=dmy(contract.start - 2 * DAY))
    # One line that somebody saved in ISO-8859-1, in a file that is UTF-8.
    line = writers.csv_bytes([heads[lone[2]]], delimiter=",", eol="\n")[0].split(b"\n", 1)[1]
    heads[lone[2]] = {"_bytes": line.decode().replace("\u00a0", "").replace("exempelavtal", "exempelavtal på").encode("iso-8859-1")}
    avtal.plant(lone[2], "ogiltiga_tecken", None)
    tjanster.plant(len(pairs), "saknad_foralder", "tjanst")
    many = first(pairs)
    tjanster.plant(many[0], "kod_utgangen", "tjanst", "kva", Åtgärdskod=codes.RETIRED)
    # A contract of before the sample code lists begin: nothing can be said of its codes.
    tjanster.plant(many[1], "kod_oavgjord", "tjanst", "kva", Från="01/01/1996")
    first_bytes, avtal.places = writers.csv_bytes(heads, delimiter=",", eol="\n", bom=True)
    second_bytes, tjanster.places = writers.csv_bytes(services, delimiter=",", eol="\n", bom=True)
    return [avtal, tjanster], writers.zipped({"avtal.csv": first_bytes, "tjanster.csv": second_bytes})


def gavleborg(contracts: list[Contract]) -> tuple[list[Source], bytes]:
    """21: XML with a namespace; contracts, commissions and services within each other."""
    avtal = Source("regions/21-gavleborg/avtal", "avtal.xml", [
        {
            "id": c.id, "dnr": c.file_number, "rubrik": c.title, "typ": c.kind, "form": c.procedure,
            "orgnr": c.provider.orgnr, "namn": c.provider.name, "tecknat": c.signed.isoformat(),
            "from": c.start.isoformat(), "tom": c.last.isoformat() if c.last else "",
        }
        for c in contracts
    ])
    pairs = lines(contracts)
    tjanst = Source("regions/21-gavleborg/tjanster", "avtal.xml", [
        {
            "nr": str(s.number), "kva": s.procedures[0], "icd": s.diagnosis, "form": s.form,
            "enhet": s.unit.hsa_id, "text": s.area.title,
        }
        for c, s in pairs
    ])
    lone = [i for i, c in enumerate(contracts) if len(c.services) == 1]
    many = first(pairs)
    avtal.plant(lone[0], "tomt_obligatoriskt", "avtal", "titel", rubrik="")
    avtal.plant(lone[1], "orgnr_luhn", "avtal", "leverantor_orgnr", orgnr="5999000022")
    avtal.plant(lone[2], "reparerad", "avtal", "leverantor_orgnr",
                orgnr=f"{contracts[lone[2]].provider.orgnr[:6]}-{contracts[lone[2]].provider.orgnr[6:]}")
    tjanst.plant(many[0], "kod_felformat", "tjanst", "kva", kva="WEX01, WEX02")
    tjanst.plant(many[1], "tomt_obligatoriskt", "tjanst", "tjanst_id", nr="")
    # The same unit in small letters: kept as written, and remarked on.
    tjanst.plant(many[2], "hsa_skiftlage", "tjanst", "enhet", enhet=pairs[many[2]][1].unit.hsa_id.replace("-EX", "-ex"))
    tjanst.plant(many[2], "saknad_referens", "tjanst", "enhet")
    place, body = 0, ""
    for row, contract in zip(avtal.rows, contracts):
        inner = ""
        for _ in contract.services:
            line = tjanst.rows[place]
            place += 1
            inner += writers.element(
                "tjanst", {"nr": line["nr"], "kva": line["kva"], "icd": line["icd"], "form": line["form"]},
                indent=4, inner=writers.element("enhet", text=line["enhet"], indent=5)
                + writers.element("text", text=line["text"], indent=5),
            )
        body += writers.element(
            "avtal", {"id": row["id"], "dnr": row["dnr"], "typ": row["typ"], "form": row["form"]}, indent=1,
            inner=writers.element("rubrik", text=row["rubrik"], indent=2)
            + writers.element("leverantor", {"orgnr": row["orgnr"]}, row["namn"], indent=2)
            + writers.element("giltighet", {"tecknat": row["tecknat"], "from": row["from"], "tom": row["tom"]}, indent=2)
            + writers.element("uppdrag", {"nr": "1"}, indent=2, inner=writers.element("tjanster", indent=3, inner=inner)),
        )
    avtal.places = list(range(1, len(avtal.rows) + 1))
    tjanst.places = list(range(1, len(tjanst.rows) + 1))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Exempel: påhittade avtal -->\n'
    text = f'{head}<avtalsregister xmlns="urn:exempel:avtalsregister" uttag="2026-11-01">\n{body}</avtalsregister>\n'
    return [avtal, tjanst], text.encode()


def kalmar(contracts: list[Contract]) -> tuple[list[Source], bytes]:
    """08: JSON, an array of contracts, each with its commissions and their services."""
    import json

    avtal = Source("regions/08-kalmar-lan/avtal", "avtal.json", [
        {
            "avtalsnummer": c.id, "diarienummer": c.file_number, "namn": c.title, "typ": c.kind,
            "upphandlingsform": c.procedure, "leverantor": {"orgnr": c.provider.orgnr, "namn": c.provider.name},
            "signerat": c.signed.isoformat(),
            "period": {"start": c.start.isoformat(), "slut": c.last.isoformat() if c.last else None},
            "kontakt": {"telefon": f"+46480{100000 + c.number}", "epost": f"avtal{c.number}@exempel.invalid"},
        }
        for c in contracts
    ])
    pairs = lines(contracts)
    tjanst = Source("regions/08-kalmar-lan/tjanster", "avtal.json", [
        {
            "nummer": s.number, "kva": s.procedures[0], "icd": s.diagnosis, "motesform": s.form,
            "enhet": s.unit.hsa_id, "alder": {"fran": s.age[0], "till": s.age[1]} if s.age else None,
        }
        for c, s in pairs
    ])
    lone = [i for i, c in enumerate(contracts) if len(c.services) == 1]
    many = first(pairs)
    row = avtal.rows[lone[0]]
    avtal.plant(lone[0], "felaktigt_telefonnummer", "kontakt", "telefon", kontakt=dict(row["kontakt"], telefon="fråga växeln"))
    row = avtal.rows[lone[1]]
    avtal.plant(lone[1], "felaktigt_datum", "avtal", "giltig_till", period=dict(row["period"], slut="2027-09-31"))
    avtal.plant(lone[2], "framtida_datum", "avtal", "tecknat", signerat=FAR.isoformat())
    row = avtal.rows[lone[3]]
    avtal.plant(lone[3], "orgnr_enskild", "avtal", "leverantor_orgnr",
                leverantor={"orgnr": "7010632391", "namn": "Exempelpraktik S. Samordning"})
    tjanst.plant(many[0], "kod_okand", "tjanst", "icd", icd=codes.UNKNOWN_DIAGNOSIS)
    tjanst.plant(many[1], "felaktigt_tal", "malgrupp", "varde_min", alder={"fran": "arton", "till": 120})
    place = 0
    whole = []
    for row, contract in zip(avtal.rows, contracts):
        count = len(contract.services)
        whole.append(dict(row, uppdrag=[{"id": "U1", "tjanster": tjanst.rows[place:place + count]}]))
        place += count
    avtal.places = list(range(1, len(avtal.rows) + 1))
    tjanst.places = list(range(1, len(tjanst.rows) + 1))
    text = json.dumps({"uttag": "2026-11-01", "avtal": whole}, ensure_ascii=False, indent=1) + "\n"
    return [avtal, tjanst], text.encode()


def skane(contracts: list[Contract]) -> tuple[list[Source], bytes]:
    """12: an SQLite database: contracts, suppliers, services and the words of kinds in tables of their own."""
    suppliers = sorted({c.provider.orgnr: c.provider for c in contracts}.values(), key=lambda p: p.orgnr)
    numbers = {supplier.orgnr: number for number, supplier in enumerate(suppliers, start=101)}
    avtal = Source("regions/12-skane/avtal", "avtal.db", [
        {
            "AvtalNr": c.id, "Diarienr": c.file_number, "Benamning": c.title, "TypId": int(KIND_NUMBERS[c.kind]),
            "Form": WORDS[c.procedure], "LevId": numbers[c.provider.orgnr], "Tecknat": c.signed.isoformat(),
            "GallerFran": c.start.isoformat(), "GallerTill": c.last.isoformat() if c.last else None,
            "Takbelopp": c.ceiling + 0.5,
        }
        for c in contracts
    ], part="avtal.kalla.sql")
    pairs = lines(contracts)
    tjanst = Source("regions/12-skane/tjanster", "avtal.db", [
        {
            "AvtalNr": c.id, "Rad": s.number, "Atgard": s.procedures[0], "Diagnos": s.diagnosis,
            "Tjanst": s.area.title, "Mote": WORDS[s.form], "HsaId": s.unit.hsa_id, "Remiss": int(s.referral),
            "Volym": s.volume,
        }
        for c, s in pairs
    ], part="tjanster.kalla.sql")
    lone, many = alone(pairs), first(pairs)
    single = [i for i, c in enumerate(contracts) if len(c.services) == 1]
    avtal.plant(single[0], "slut_fore_start", "avtal", "giltig_till",
                GallerTill=(contracts[single[0]].start - 9 * DAY).isoformat())
    avtal.plant(single[1], "felaktigt_datum", "avtal", "tecknat", Tecknat="2024-02-30")
    avtal.plant(single[2], "tomt_obligatoriskt", "avtal", "titel", Benamning=None)
    # What SQLite takes, whatever the column was declared as.
    avtal.plant(single[3], "olasbar_rad", None, Takbelopp="enligt bilaga 2")
    avtal.plant(single[4], "utanfor_varden", "avtal", "typ", TypId=9)
    tjanst.plant(many[0], "kod_okand", "tjanst", "kva", Atgard=codes.UNKNOWN)
    tjanst.plant(many[1], "kod_utgangen", "tjanst", "kva", Atgard=codes.RETIRED)
    tjanst.plant(many[2], "personnummer_i_text", "tjanst", "beskrivning", Tjanst="Operation av 121212-1212")
    tjanst.plant(many[3], "olasbar_rad", None, Volym="efter behov")
    tjanst.plant(lone[6], "saknad_referens", "tjanst", "enhet", HsaId="SE5999000010-EX9998")
    # The jobs order their rows by these.
    for source, key in ((avtal, ["AvtalNr"]), (tjanst, ["AvtalNr", "Rad"])):
        order = sorted(range(len(source.rows)), key=lambda i: [source.rows[i][name] for name in key])
        source.places = [order.index(i) + 1 for i in range(len(order))]
    tables = {
        "Avtalstyp": ("TypId INTEGER PRIMARY KEY, Namn TEXT NOT NULL",
                      [{"TypId": int(number), "Namn": WORDS[kind]} for kind, number in KIND_NUMBERS.items()]
                      + [{"TypId": 9, "Namn": "Hyresavtal"}]),
        "Leverantor": ("LevId INTEGER PRIMARY KEY, OrgNr VARCHAR(11) NOT NULL, Namn VARCHAR(80) NOT NULL",
                       [{"LevId": numbers[p.orgnr], "OrgNr": f"{p.orgnr[:6]}-{p.orgnr[6:]}", "Namn": p.name}
                        for p in suppliers]),
        "Vardavtal": ("AvtalNr VARCHAR(20) PRIMARY KEY, Diarienr VARCHAR(20), Benamning VARCHAR(80), TypId INTEGER, "
                      "Form VARCHAR(30), LevId INTEGER, Tecknat DATE, GallerFran DATE, GallerTill DATE, "
                      "Takbelopp DECIMAL(12,2)", avtal.rows),
        "Tjanst": ("AvtalNr VARCHAR(20), Rad INTEGER, Atgard VARCHAR(10), Diagnos VARCHAR(10), Tjanst VARCHAR(80), "
                   "Mote VARCHAR(20), HsaId VARCHAR(31), Remiss BOOLEAN, Volym INTEGER", tjanst.rows),
    }
    return [avtal, tjanst], writers.sqlite(tables)
