#!/usr/bin/env python3
"""contestant.py DATA OUT: Sluss on the national nightly load, in the form that the harness checks.

Makes a fresh project over DATA, runs the program named by SLUSS_BIN (three commands: run, sql,
quarantine export) and puts its output in the answer key's words:

    OUT/result.json     counts, and what each step cost
    OUT/accepted/       the live files of the lake table (hard links)
    OUT/rejected/       the quarantine, with the answer key's rule names
    OUT/lagesbild.csv   the aggregate

Sluss's own work and the translation into the answer key's words are measured apart: `sluss` and
`translation` among the stages in result.json (CPU seconds, wall seconds, peak megabytes).
"""
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import make_jobs

HERE = Path(__file__).resolve().parent
TABLE = "vantetidsrad"
# What time it is in this data set: its reference day, in Swedish time.
CLOCK = "2026-10-31T12:00:00Z"

# The answer key's rules, in its order.
KEY_RULES = [
    "fel_antal_kolumner", "tomt_obligatoriskt", "felaktigt_datum", "framtida_datum", "utfort_fore_beslut",
    "hsa_felformat", "hsa_luhn", "hsa_okand", "kva_okand", "kva_ej_giltig", "icd_okand",
    "dubblett_exakt", "dubblett_konflikt",
]
# Findings that do not reject.
REMARKS = {"reparerad", "hsa_pseudo", "hsa_skiftlage", "kod_oavgjord", "personnummer_i_text"}
# (our rule, column or None for any) -> the answer key's rule. What is in neither must not occur.
NAMES = {
    ("fel_antal_kolumner", None): "fel_antal_kolumner",
    ("tomt_obligatoriskt", None): "tomt_obligatoriskt",
    ("felaktigt_datum", None): "felaktigt_datum",
    ("framtida_datum", None): "framtida_datum",
    ("slut_fore_start", None): "utfort_fore_beslut",
    ("hsa_felformat", "hsa_id"): "hsa_felformat",
    ("hsa_luhn", "hsa_id"): "hsa_luhn",
    ("saknad_referens", "hsa_id"): "hsa_okand",
    ("kod_okand", "kva_kod"): "kva_okand",
    ("kod_fel_system", "kva_kod"): "kva_okand",
    ("kod_utgangen", "kva_kod"): "kva_ej_giltig",
    ("kod_inte_an_giltig", "kva_kod"): "kva_ej_giltig",
    ("kod_okand", "icd_kod"): "icd_okand",
    ("kod_fel_system", "icd_kod"): "icd_okand",
    ("dubblett_exakt", None): "dubblett_exakt",
    ("dubblett_konflikt", None): "dubblett_konflikt",
}


class Meter:
    """What each child process cost."""

    def __init__(self) -> None:
        self.steps: dict[str, dict] = {}

    def run(self, name: str, command: list[str], env: dict, output: Path) -> None:
        """Runs a command with its output in a file; ends the whole script when it fails."""
        start = time.time()
        with output.open("wb") as stdout, tempfile.TemporaryFile() as stderr:
            child = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=env)
            _, status, spent = os.wait4(child.pid, 0)
            code = child.returncode = os.waitstatus_to_exitcode(status)
            if code not in (0, 3):
                stderr.seek(0)
                raise SystemExit(f"{name}: exit {code}\n{stderr.read()[-2000:].decode(errors='replace')}")
        self.steps[name] = {
            "wall": round(time.time() - start, 3),
            "cpu": round(spent.ru_utime + spent.ru_stime, 3),
            "peak_mb": spent.ru_maxrss // 1024,
        }

    def total(self) -> dict:
        """The sum of all steps, and the largest peak."""
        steps = self.steps.values()
        return {
            "wall": round(sum(s["wall"] for s in steps), 3),
            "cpu": round(sum(s["cpu"] for s in steps), 3),
            "peak_mb": max(s["peak_mb"] for s in steps),
        }


def live_files(table: Path) -> list[str]:
    """The files that a reader of the Delta table sees, from its log (no checkpoint is needed: the log is kept)."""
    live: dict[str, None] = {}
    for commit in sorted((table / "_delta_log").glob("[0-9]*.json")):
        for line in commit.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            if "add" in action:
                live[action["add"]["path"]] = None
            elif "remove" in action:
                live.pop(action["remove"]["path"], None)
    return list(live)


def link_accepted(table: Path, out: Path) -> None:
    """Hard links of the live files, their folders kept."""
    for name in live_files(table):
        # A path in a Delta log is a URL; on disk the same file may stand encoded or plain.
        source = next(p for p in (table / name, table / unquote(name)) if p.exists())
        target = out / "accepted" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)


def key_rule(rule: str, column: str | None) -> str:
    """Our rule on a column -> the answer key's name."""
    for place in (column, None):
        if (rule, place) in NAMES:
            return NAMES[rule, place]
    raise SystemExit(f"rule {rule} on column {column} has no name in the answer key")


def findings(text: str) -> set[str]:
    """The answer key's rules in a quarantined row's findings: a line each, rule and column with a tab between."""
    parts = (line.split("\t") for line in text.splitlines() if line)
    return {key_rule(part[0], part[1] if len(part) > 1 and part[1] else None) for part in parts if part[0] not in REMARKS}


def translate_rejected(export: Path, out: Path) -> Counter:
    """The quarantine's export as the verifier reads it; counts per rule."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pq.read_table(export, columns=["vantande_id", "_fynd"])
    order = {name: place for place, name in enumerate(KEY_RULES)}
    known: dict[str, list[str]] = {}
    counts, rules = Counter(), []
    for text in rows["_fynd"].to_pylist():
        if text not in known:
            known[text] = sorted(findings(text), key=order.__getitem__)
        rules.append(known[text])
        counts.update(known[text])
    folder = out / "rejected"
    folder.mkdir()
    ids = rows["vantande_id"].cast(pa.string())
    table = pa.table({"vantande_id": ids, "regler": pa.array(rules, pa.list_(pa.string()))})
    pq.write_table(table, folder / "rejected.parquet", compression="zstd")
    return counts


def main(data: Path, out: Path) -> None:
    """The whole contest."""
    start = time.time()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    project = out / "project"
    make_jobs.make(data, project)

    sluss = [os.environ.get("SLUSS_BIN", "sluss"), "--project", str(project), "--clock", CLOCK]
    env = dict(os.environ)
    meter = Meter()
    ran, picture, export = out / "run.json", out / "lagesbild.raw.csv", out / "quarantine.parquet"
    # Local keys, once for an installation: no part of the job.
    subprocess.run([*sluss, "init"], check=True, stdout=subprocess.DEVNULL)
    meter.run("run", [*sluss, "--format", "json", "run", "--all"], env, ran)
    meter.run("lagesbild", [*sluss, "--format", "csv", "sql", "--file", str(HERE / "lagesbild.sql")], env, picture)
    meter.run("quarantine", [*sluss, "quarantine", "export", "--out", str(export)], env, out / "quarantine.log")

    own, translating = resource.getrusage(resource.RUSAGE_SELF), time.time()
    runs = [r for r in json.loads(ran.read_text(encoding="utf-8"))["runs"] if any(t["table"] == TABLE for t in r["tables"])]
    link_accepted(project / "var" / "lake" / TABLE, out)
    counts = translate_rejected(export, out)
    with (out / "lagesbild.csv").open("w", encoding="utf-8", newline="") as f:
        with picture.open(encoding="utf-8", newline="") as raw:
            csv.writer(f, delimiter=";", lineterminator="\n").writerows(csv.reader(raw, delimiter=";"))
    spent = resource.getrusage(resource.RUSAGE_SELF)

    result = {
        "peer": "sluss",
        "rows": sum(r["balance"]["rows_in"] for r in runs),
        "accepted": sum(r["balance"]["accepted"] for r in runs),
        "rejected": sum(r["balance"]["rejected"] for r in runs),
        "repaired": sum(t["repaired"] for r in runs for t in r["tables"] if t["table"] == TABLE),
        "rules": {name: counts[name] for name in KEY_RULES},
        "seconds": round(time.time() - start, 2),
        "stages": {
            **meter.steps,
            "sluss": meter.total(),
            "translation": {
                "wall": round(time.time() - translating, 3),
                "cpu": round(spent.ru_utime + spent.ru_stime - own.ru_utime - own.ru_stime, 3),
            },
        },
    }
    (out / "result.json").write_text(json.dumps(result), encoding="utf-8")
    print(json.dumps(result))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
