#!/usr/bin/env python3
"""make_jobs.py DATA PROJECT: a fresh project over generated data.

Copies the committed project (tables, national jobs, the one mapping), points its `data` folder at
DATA, and writes one job file per region of DATA/regions.json. The job files differ in
configuration only: region, path, encoding, delimiter, date form.
"""
import json
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# The data set's name of a date form -> the exact format that datum() takes.
DATE_FORMS = {"iso": "YYYY-MM-DD", "yyyymmdd": "YYYYMMDD", "dmy": "DD/MM/YYYY"}
# The data set's name of an encoding -> the job's. A byte order mark is seen by the reader itself.
ENCODINGS = {"utf-8": "utf-8", "utf-8-bom": "utf-8", "iso-8859-1": "iso-8859-1"}

JOB = """\
# Waiting-time rows of region {region}: all its month files, oldest first.
[job]
owner    = "{region}"
feeds    = ["vantetidsrad"]
schedule = "0 15 2 * * *"
mode     = "snapshot"

[source]
connector = "files"

[source.options]
path     = "../data/vantetider/region={region}/*.csv"
format   = "csv"
encoding = "{encoding}"

[source.options.csv]
delimiter = "{delimiter}"

[map]
vantetidsrad = "vantetidsrad.sql"

[map.vars]
region      = "{region}"
datumformat = "{date_form}"

[limits]
# The data set's defects are known; in a small one a region may have more of them than is usual.
max_rejected_share = 0.20
"""


def job_file(region: str, dialect: dict) -> str:
    """The job file of one region. Fails on a dialect that it was not told of."""
    if dialect["quote"] != '"' or dialect["decimal"] != "," or not dialect["header"]:
        raise SystemExit(f"region {region}: a dialect that this script does not know")
    return JOB.format(
        region=region,
        encoding=ENCODINGS[dialect["encoding"]],
        delimiter=dialect["delimiter"],
        date_form=DATE_FORMS[dialect["date_format"]],
    )


def make(data: Path, project: Path) -> int:
    """Writes the project and returns how many region jobs it has."""
    if project.exists():
        shutil.rmtree(project)
    shutil.copytree(HERE / "project", project)
    (project / "data").symlink_to(data.resolve(), target_is_directory=True)
    regions = json.loads((data / "regions.json").read_text(encoding="utf-8"))
    for region, dialect in sorted(regions.items()):
        (project / "regions" / f"{region}.toml").write_text(job_file(region, dialect), encoding="utf-8")
    return len(regions)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    print(f"{make(Path(sys.argv[1]), Path(sys.argv[2]))} region jobs in {sys.argv[2]}")
