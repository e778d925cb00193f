"""Files in the forms that regions send. The same rows give the same bytes, whatever the day.

Every writer returns the row number of each row as a person sees it: the physical line of a text
file, the row of a sheet, the ordinal of an element.
"""
from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

EPOCH = (2026, 11, 1, 0, 0, 0)


def csv_field(value: str, delimiter: str) -> str:
    """A field, quoted where it must be (RFC 4180)."""
    if any(c in value for c in (delimiter, '"', "\n", "\r")):
        return '"' + value.replace('"', '""') + '"'
    return value


def csv_bytes(rows: list[dict], delimiter: str = ";", eol: str = "\r\n", encoding: str = "utf-8",
              bom: bool = False) -> tuple[bytes, list[int]]:
    """Separated values. A row `{"_bytes": b"…"}` is written as it stands."""
    names = [n for n in rows[0] if not n.startswith("_")]
    out = io.BytesIO()
    if bom:
        out.write(b"\xef\xbb\xbf")
    out.write((delimiter.join(csv_field(n, delimiter) for n in names) + eol).encode(encoding))
    places, line = [], 2
    for row in rows:
        places.append(line)
        text = row.get("_bytes")
        if text is None:
            text = (delimiter.join(csv_field(str(row[n]), delimiter) for n in names) + eol).encode(encoding)
        out.write(text)
        line += text.count(b"\n")
    return out.getvalue(), places


def fixed_bytes(rows: list[dict], fields: list[tuple[str, int]], encoding: str) -> tuple[bytes, list[int]]:
    """Fields at fixed positions, CRLF, no header. A row `{"_bytes": b"…"}` is written as it stands."""
    out = io.BytesIO()
    for row in rows:
        if "_bytes" in row:
            out.write(row["_bytes"])
            continue
        line = ""
        for name, width in fields:
            value = str(row[name])
            if len(value) > width:
                raise ValueError(f"{name} is longer than its {width} characters")
            line += value.ljust(width)
        out.write((line + "\r\n").encode(encoding))
    return out.getvalue(), list(range(1, len(rows) + 1))


def ndjson_bytes(rows: list[dict]) -> tuple[bytes, list[int]]:
    """One JSON object per line. A row `{"_bytes": b"…"}` is written as it stands."""
    out = io.BytesIO()
    for row in rows:
        out.write(row.get("_bytes") or (json.dumps(row, ensure_ascii=False) + "\n").encode())
    return out.getvalue(), list(range(1, len(rows) + 1))


def sqlite(tables: dict[str, tuple[str, list[dict]]], views: dict[str, str] | None = None) -> bytes:
    """A database file: tables by name, each with its columns' declarations and its rows; then its views."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "exempel.db"
        connection = sqlite3.connect(path)
        connection.executescript("PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA journal_mode = DELETE")
        for name, (columns, rows) in tables.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
            for row in rows:
                connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
        for name, query in (views or {}).items():
            connection.execute(f"CREATE VIEW {name} AS {query}")
        connection.commit()
        connection.close()
        data = bytearray(path.read_bytes())
    # How often the file was changed, and by which version of the library: the same everywhere.
    for place, value in ((24, 1), (92, 1), (96, 3040000)):
        data[place:place + 4] = value.to_bytes(4, "big")
    return bytes(data)


def gz(data: bytes) -> bytes:
    """Gzip without a file name or a time in it."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
        packed.write(data)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """An archive with a fixed time in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, date_time=EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()


def workbook(sheet: str, titles: list[str], rows: list[dict], footer: list[str]) -> tuple[bytes, list[int]]:
    """A sheet as people make them: merged titles on top, a blank row, headings, rows, a sum below.

    Cells keep their types: dates are dates, numbers numbers.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    page = book.active
    page.title = sheet
    names = list(rows[0])
    for line, title in enumerate(titles, start=1):
        page.cell(line, 1, title).font = Font(bold=True, size=14)
        page.merge_cells(start_row=line, end_row=line, start_column=1, end_column=len(names))
        page.cell(line, 1).alignment = Alignment(horizontal="center")
    head = len(titles) + 2
    for column, name in enumerate(names, start=1):
        page.cell(head, column, name).font = Font(bold=True)
        page.column_dimensions[page.cell(head, column).column_letter].width = max(10, min(len(name) + 4, 30))
    places = []
    for offset, row in enumerate(rows):
        place = head + 1 + offset
        places.append(place)
        for column, name in enumerate(names, start=1):
            value = row[name]
            if value is None or value == "":
                continue
            cell = page.cell(place, column, value)
            if isinstance(value, dt.date):
                cell.number_format = "yyyy-mm-dd"
    for column, text in enumerate(footer, start=1):
        page.cell(head + len(rows) + 2, column, text)
    page.freeze_panes = page.cell(head + 1, 1)
    return closed(book), places


def closed(book) -> bytes:
    """The workbook's bytes, without the day of writing that the library stamps into it."""
    book.properties.creator = "Exempel"
    book.properties.created = book.properties.modified = dt.datetime(*EPOCH)
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as archive:
        members = {name: archive.read(name) for name in sorted(archive.namelist())}
    core = members["docProps/core.xml"].decode()
    start, end = core.index("<dcterms:modified"), core.index("</dcterms:modified>")
    core = core[: core.index(">", start) + 1] + "2026-11-01T00:00:00Z" + core[end:]
    members["docProps/core.xml"] = core.encode()
    return zipped(members)


def element(name: str, attributes: dict | None = None, text: str | None = None, inner: str = "", indent: int = 0) -> str:
    """An XML element on lines of its own; attributes and texts without a value are left out."""
    pad = "  " * indent
    head = name + "".join(f" {k}={quoteattr(str(v))}" for k, v in (attributes or {}).items() if v not in (None, ""))
    if inner:
        return f"{pad}<{head}>\n{inner}{pad}</{name}>\n"
    if text in (None, ""):
        return f"{pad}<{head}/>\n"
    return f"{pad}<{head}>{escape(str(text))}</{name}>\n"


def save(path: Path, data: bytes) -> None:
    """Writes a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
