"""Reads a lake as its users do, with DuckDB and with Polars, and tells what they find.

    peers.py LAKE

One JSON document: by reader and table the number of rows, and by column how many values there are
and, for numbers, their sum; for text the sum of its lengths, for dates that of their days since 1970.
Besides, the columns of every Parquet file, whether or not the table names it.
"""

import importlib.util
import json
import pathlib
import sys

import duckdb
import polars
import pyarrow.parquet

lake = pathlib.Path(sys.argv[1])
tables = sorted(folder.name for folder in lake.iterdir() if (folder / "_delta_log").is_dir())


def extension() -> str:
    """DuckDB's Delta extension as its package brought it: nothing is fetched."""
    package = pathlib.Path(next(iter(importlib.util.find_spec("duckdb_ext").submodule_search_locations)))
    return str(next(package.glob(f"extensions/v{duckdb.__version__}/*/delta.duckdb_extension")))


def by_duckdb(connection, table: str) -> dict:
    source = f"delta_scan('{lake / table}')"
    columns = connection.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
    out = {"rows": connection.sql(f"SELECT count(*) FROM {source}").fetchone()[0], "columns": {}}
    for name, kind, *_ in columns:
        measure = {"VARCHAR": f'length("{name}")', "DATE": f"""date_diff('day', DATE '1970-01-01', "{name}")""",
                   "BOOLEAN": f'"{name}"::INT', "TIMESTAMP WITH TIME ZONE": f'epoch_us("{name}")'}.get(kind, f'"{name}"')
        count, total = connection.sql(f'SELECT count("{name}"), sum({measure}) FROM {source}').fetchone()
        out["columns"][name] = [count, float(total or 0)]
    return out


def by_polars(table: str) -> dict:
    frame = polars.scan_delta(str(lake / table)).collect()
    out = {"rows": frame.height, "columns": {}}
    for series in frame:
        match series.dtype:
            case polars.String:
                total = series.str.len_chars().sum()
            case polars.Date:
                total = series.cast(polars.Int32).cast(polars.Int64).sum()
            case polars.Datetime:
                total = series.dt.timestamp("us").sum()
            case _:
                total = series.sum()
        out["columns"][series.name] = [series.len() - series.null_count(), float(total or 0)]
    return out


connection = duckdb.connect(config={"autoinstall_known_extensions": False, "allow_unsigned_extensions": False})
connection.sql(f"LOAD '{extension()}'")
files = {
    table: sorted({name for path in (lake / table).rglob("*.parquet") if "_delta_log" not in path.parts
                   for name in pyarrow.parquet.read_schema(path).names})
    for table in tables
}
json.dump(
    {
        "duckdb": {table: by_duckdb(connection, table) for table in tables},
        "polars": {table: by_polars(table) for table in tables},
        "files": files,
    },
    sys.stdout,
)
