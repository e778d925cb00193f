"""cells.py FOLDER: every cell of every database, Parquet file and workbook below a folder, as one
line of JSON each: [file, column, text]. Read by others' means, so that nothing hides behind ours."""
import json
import sqlite3
import sys
import zipfile
from pathlib import Path

import pyarrow.parquet


def tell(file: str, column: str, value) -> None:
    if value is not None:
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        print(json.dumps([file, column, text]))


root = Path(sys.argv[1])
for path in sorted(p for p in root.rglob("*") if p.is_file()):
    name = str(path.relative_to(root))
    head = path.read_bytes()[:16]
    if head.startswith(b"SQLite format 3"):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        database.text_factory = bytes
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            table = table.decode()
            rows = database.execute(f'SELECT * FROM "{table}"')
            columns = [c[0] for c in rows.description]
            for row in rows:
                for column, value in zip(columns, row):
                    tell(name, f"{table}.{column}", value)
    elif head.startswith(b"PAR1"):
        # The file by itself: no catalogue says which of its columns to read.
        table = pyarrow.parquet.ParquetFile(path).read()
        for column in table.column_names:
            for value in table[column].to_pylist():
                tell(name, column, value)
    elif path.suffix == ".xlsx":
        book = zipfile.ZipFile(path)
        for part in book.namelist():
            tell(name, part, book.read(part))
