#!/usr/bin/env python3
"""make.py [--check]: writes the sample data of `jobs/` and the list of its planted errors.

The same bytes at every run. With --check nothing is written; it fails where a file differs.

    tests/exempel/make.py           after a change here: write, look at the difference, commit
"""
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import catalogue
import codes
import contracts
import country
import national
import registers
import waiting
import writers
from registers import delivery

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "01": "01-stockholm", "03": "03-uppsala", "04": "04-sormland", "05": "05-ostergotland", "06": "06-jonkopings-lan", "07": "07-kronoberg",
    "08": "08-kalmar-lan", "09": "09-gotland", "10": "10-blekinge", "12": "12-skane", "13": "13-halland",
    "14": "14-vastra-gotaland", "17": "17-varmland", "18": "18-orebro-lan", "19": "19-vastmanland", "20": "20-dalarna",
    "21": "21-gavleborg", "22": "22-vasternorrland", "23": "23-jamtland-harjedalen", "24": "24-vasterbotten",
    "25": "25-norrbotten",
}
# Rules that no sample row breaks, and why.
NOT_PLANTED = {
    "dubblett_rubrik": "a file with two equal headings is not read at all, which would fail the sample",
    "felaktig_tid": "the sample has one column of points in time, and none that is wrong",
    "felaktig_vecka": "weeks stand in the situation picture only, which computes them from days",
    "foralder_avvisad": "follows by itself wherever a contract is rejected",
    "gln_felformat": "no national table has a global location number",
    "gln_kontrollsiffra": "no national table has a global location number",
    "kod_utanfor_urval": "no national column names a value set",
    "rad_utan_tabell": "the sample mappings leave no row out",
    "sctid_felformat": "the sample contracts carry no SNOMED CT codes: none may be invented",
    "sctid_kontrollsiffra": "the sample contracts carry no SNOMED CT codes: none may be invented",
}


def build() -> tuple[dict[str, bytes], dict]:
    """Every file (path from the repository's root) and the facit."""
    providers, hospitals = country.providers(), country.hospitals()
    units = country.units(providers, hospitals)
    kallor = lambda region, name: f"jobs/regions/{FOLDERS[region]}/kallor/{name}"
    files: dict[str, bytes] = {}
    sources = []

    def contracts_of(region: str, count: int, id_form: str) -> list[country.Contract]:
        return country.contracts(region, count, codes.AREAS, units[region], id_form)

    def add(region: str, made, data: bytes) -> None:
        made = made if isinstance(made, list) else [made]
        sources.extend(made)
        files[kallor(region, made[0].file)] = data

    add("22", *contracts.vasternorrland(contracts_of("22", 60, "VN-{year}-{number:03d}")))
    add("10", *contracts.blekinge(contracts_of("10", 45, "{number:04d}/{year}")))
    add("24", *contracts.vasterbotten(contracts_of("24", 36, "VB{year}{number:04d}")))
    add("17", *contracts.varmland(contracts_of("17", 36, "VL-{number:04d}")))
    add("20", *contracts.dalarna(contracts_of("20", 30, "DAL-{year}-{number:02d}")))
    add("21", *contracts.gavleborg(contracts_of("21", 36, "GBG{number:05d}")))
    add("08", *contracts.kalmar(contracts_of("08", 36, "KLM{year}-{number}")))
    add("12", *contracts.skane(contracts_of("12", 48, "SK{year}-{number:04d}")))
    source, arrived = contracts.stockholm(contracts_of("01", 48, "SLL-{year}-{number:04d}"))
    sources.append(source)
    for name, data in arrived.items():
        files[kallor("01", f"inkorg/{name}")] = data
    files[kallor("10", "egna-koder.csv")] = contracts.blekinge_words()
    for region, (module, count, id_form) in registers.ALL.items():
        samples = delivery.samples(region)
        made = module.deliver(contracts_of(region, count, id_form), samples, units[region])
        sources.extend(made.sources)
        files.update({f"jobs/regions/{FOLDERS[region]}/{name}": data for name, data in made.files.items()})

    for region, count in (("14", 220), ("13", 110)):
        months = [(2026, 8), (2026, 9), (2026, 10)]
        for source, data in waiting.flat(region, FOLDERS[region], months, count, units[region]):
            sources.append(source)
            files[kallor(region, f"vantetider/{source.file}")] = data
    for source, data in waiting.rivta("05", FOLDERS["05"], 2026, 10, 160, units["05"]):
        sources.append(source)
        files[kallor("05", source.file)] = data

    for source, data in (
        catalogue.organisations(providers, hospitals),
        catalogue.export(units, hospitals),
        catalogue.places(units),
    ):
        sources.append(source)
        files[f"jobs/national/hsa/kallor/{source.file}"] = data

    for folder, (source, data) in [
        ("ivo", national.ivo()), ("spor", national.spor(units)), ("kapacitet", national.capacity(units)),
        ("utbud", national.offers(units)), ("upphandling", national.uhm()),
        *(("upphandling", made) for made in national.notices(providers)),
    ]:
        sources.append(source)
        files[f"jobs/national/{folder}/kallor/{source.file}"] = data

    for name, data in (
        ("kva.csv", codes.procedures()), ("icd10se.txt", codes.diagnoses()), ("mvo.tsv", codes.fields()),
        ("aktivitet.csv", codes.activities()), ("vardomrade.csv", codes.care_areas()),
    ):
        files[f"jobs/national/kodverk/kallor/{name}"] = data


    planted = [finding for source in sources for finding in source.facit()]
    facit = {
        "rows": {},
        "planted": sorted(planted, key=lambda f: (f["job"], f["file"], f["row"], f["rule"], f["table"] or "")),
        "not_planted": NOT_PLANTED,
    }
    for source in sources:
        facit["rows"][source.job] = facit["rows"].get(source.job, 0) + len(source.rows)
    text = json.dumps(facit, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    files["tests/exempel/facit.json"] = text.encode()
    return files, facit


def main(check: bool) -> int:
    """Writes or compares; 1 where something differs."""
    files, facit = build()
    differs = [name for name, data in files.items() if not (ROOT / name).is_file() or (ROOT / name).read_bytes() != data]
    if check:
        for name in differs:
            print(f"differs: {name}")
        return bool(differs)
    for name in differs:
        writers.save(ROOT / name, files[name])
    rules = sorted({f["rule"] for f in facit["planted"]})
    print(f"{len(files)} files, {sum(map(len, files.values())) / 1e6:.2f} MB, {len(differs)} written; "
          f"{len(facit['planted'])} findings of {len(rules)} rules planted")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
