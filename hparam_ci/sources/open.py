"""Open whatever holds a sweep: a delimited text, JSON, Parquet, compressed or not, or the store of a tool."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

from hparam_ci.errors import SourceError

from .decode import UnreadableError, to_utf8
from .tabular import read_bytes, shown_path, table_of

if TYPE_CHECKING:
    from pathlib import Path

    from .table import Table

MAX_UNPACKED = 1 << 30
"""Bytes that a compressed file may unpack to."""

_GZIP, _ZIP, _PARQUET, _SQLITE = b"\x1f\x8b", b"PK\x03\x04", b"PAR1", b"SQLite format 3\x00"
_JSON = re.compile(rb"\s*(?:\{|\[\s*[\[{\]\"])")
_JSON_NAME = re.compile(r"\.(?:json|jsonl|ndjson)(?:\.gz|\.zip)?")


def open_tables(path: Path, root: Path, *, max_unpacked: int = MAX_UNPACKED) -> list[Table]:
    """Every sweep in a file or folder: one, or as many as a store holds.

    Args:
        path: relative to `root` or below it.
        root: the workspace; `Table.path` is relative to it.
        max_unpacked: refuse an archive that unpacks to more bytes.

    Raises:
        SourceError: nothing there that can be read; says what, where and what to do.
    """
    shown, file = shown_path(path, root), root / path
    try:
        if file.is_dir():
            return _open_store(file, shown)
        data = read_bytes(file)
        if data.startswith((_SQLITE, _ZIP, b"{")) and (tables := _if_store(file, shown)):
            return tables
        return [_table(data, shown, max_unpacked)]
    except OSError as error:
        raise SourceError(shown, f"cannot be read: {error.strerror}", "Check the path and its permissions.") from error
    except UnreadableError as error:
        raise SourceError(shown, error.what, error.fix) from error


def is_store(path: Path) -> bool:
    """Whether a file or folder is the store of a known tool."""
    from .stores import claims

    return claims(path) is not None


def _if_store(file: Path, shown: str) -> list[Table]:
    return _open_store(file, shown) if is_store(file) else []


def _open_store(file: Path, shown: str) -> list[Table]:
    from .stores import open_store

    return open_store(file, shown)


def _table(data: bytes, shown: str, max_unpacked: int) -> Table:
    if data.startswith((_GZIP, _ZIP)):
        unpacked = _gunzip(data, max_unpacked) if data.startswith(_GZIP) else _unzip(data, max_unpacked)
        return replace(_plain(unpacked, shown), sha256=hashlib.sha256(data).hexdigest())
    return _plain(data, shown)


def _plain(data: bytes, shown: str) -> Table:
    if data.startswith(_PARQUET):
        from .parquet import read_parquet

        return read_parquet(data, shown)
    if _JSON.match(data[:256].removeprefix(b"\xef\xbb\xbf")) or _JSON_NAME.search(shown.lower()):
        return _from_json(data, shown)
    return table_of(data, shown)


def _gunzip(data: bytes, limit: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return _within(stream.read(limit + 1), limit)
    except UnreadableError:
        raise
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise UnreadableError("a gzip archive that is damaged or cut off", "Write it again.") from error


def _unzip(data: bytes, limit: int) -> bytes:
    """The one table in a zip archive, as `DataFrame.to_csv("x.csv.zip")` writes it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [entry for entry in archive.namelist() if not entry.endswith("/")]
            if "[Content_Types].xml" in names:
                raise UnreadableError("this looks like an Excel workbook", "Save the sheet as CSV first.")
            if len(names) != 1:
                raise UnreadableError(f"a zip archive of {len(names)} files", "Unpack it first.")
            with archive.open(names[0]) as stream:
                return _within(stream.read(limit + 1), limit)
    except UnreadableError:
        raise
    except Exception as error:
        # zipfile lets out whatever its parts raise on a damaged archive: ValueError, struct.error, lzma.LZMAError …
        raise UnreadableError("a zip archive that is damaged or locked", "Unpack it first.") from error


def _within(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise UnreadableError(f"unpacks to more than {limit:,} bytes", "Unpack it first, and export fewer rows.")
    return data


def _from_json(data: bytes, shown: str) -> Table:
    from .json_text import read_json
    from .records import from_records

    text, repairs = to_utf8(data, is_json=True)
    found = read_json(text.decode())
    table = from_records(shown, hashlib.sha256(data).hexdigest(), found.rows, lines=found.lines)
    return replace(table, repairs=(*repairs, *found.repairs, *table.repairs))
