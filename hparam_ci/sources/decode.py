"""From a file's bytes to UTF-8 text in bytes; what is not text at all is named and refused."""

from __future__ import annotations

import codecs
import re

import numpy as np

from .table import Repair

_BINARY: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "Unpack it, or save the sheet as CSV, first."),
    (b"BZh", "a bzip2 archive", "Unpack it first, e.g. with `bunzip2`."),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it first, e.g. with `unxz`."),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive", "Unpack it first, e.g. with `unzstd`."),
    (b"PAR1", "a Parquet file", "Export it as CSV first, e.g. with `pandas.read_parquet(...).to_csv(...)`."),
    (
        b"ARROW1",
        "a Feather file",
        "Export it as CSV first, e.g. with `pandas.read_feather(...).to_csv(...)`.",
    ),
    (b"SQLite format 3\x00", "an SQLite database", "Export its table of trials as CSV first."),
    (b"\x89HDF", "an HDF5 file", "Export its table of trials as CSV first."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV first."),
    (b"%PDF-", "a PDF document", "Name the CSV file instead."),
)

_TEXTUAL: tuple[tuple[bytes, str, str], ...] = (
    (
        rb"version https://git-lfs\.github\.com/spec/",
        "a Git LFS pointer, and not the file itself",
        "Check the repository out with `lfs: true`.",
    ),
    (rb"<{7} ", "a merge conflict", "Resolve it first."),
    (rb"<", "HTML or XML", "Name the CSV file instead."),
    (rb'\{|\[\s*["\[{\]0-9]', "JSON", "Export the trials as CSV first."),
)

_ENCODINGS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_NOT_IN_TEXT = re.compile(rb"[^\t\n\r -~]")


class UnreadableError(ValueError):
    """The file is no table that can be read; `what` says why and where, `fix` what to do."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


def to_utf8(data: bytes, *, is_json: bool = False) -> tuple[bytes, list[Repair]]:
    """The text of a file as UTF-8 without a byte order mark, and what had to be done for it.

    Where each line ends in CR alone, it is LF now.

    A byte order mark says UTF-8 or UTF-16; without one the bytes are UTF-8 if they can be, else Windows-1252.
    `is_json` allows what would be refused as a table.

    Raises:
        UnreadableError: the file is empty, or an archive, a database, a document or another binary format.
    """
    _refuse_binary(data)
    text, repairs = _recode(data)
    _refuse_nul(text)
    if not text or text.isspace():
        raise UnreadableError("the file is empty", "Check that the sweep wrote its results before this step.")
    _refuse_textual(text, allowed="JSON" if is_json else "")
    return (text if b"\n" in text else text.replace(b"\r", b"\n")), repairs


def _recode(data: bytes) -> tuple[bytes, list[Repair]]:
    for mark, encoding in _ENCODINGS:
        if data.startswith(mark):
            return _decode(data[len(mark) :], encoding)
    if data.isascii() or _is_utf8(data):
        return data, []
    _refuse_nul(data)
    odd = int(np.count_nonzero(np.frombuffer(data, np.uint8) > 127))
    text, repairs = _decode(data, "cp1252")
    return text, [Repair("characters that are not UTF-8 read as Windows-1252", odd), *repairs]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decode(data: bytes, encoding: str) -> tuple[bytes, list[Repair]]:
    """Any encoding to UTF-8; what cannot be read becomes U+FFFD and is counted."""
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd")
    return text.encode(), [Repair("unreadable characters replaced by U+FFFD", lost)] if lost else []


def _refuse_binary(data: bytes) -> None:
    if not _NOT_IN_TEXT.search(data, 0, 64):
        return
    for magic, name, fix in _BINARY:
        if data.startswith(magic):
            raise UnreadableError(f"this looks like {name}", fix)


def _refuse_textual(text: bytes, allowed: str) -> None:
    head = text[:256].lstrip()
    for pattern, name, fix in _TEXTUAL:
        if name != allowed and re.match(pattern, head):
            raise UnreadableError(f"this looks like {name}", fix)


def _refuse_nul(data: bytes) -> None:
    place = data.find(b"\0")
    if place < 0:
        return
    if data[:256].count(b"\0") >= len(data[:256]) // 4:
        what = "this looks like UTF-16 or UTF-32 without a byte order mark, or like a binary file"
    else:
        line = data.count(b"\n", 0, place) + 1
        what = f"line {line} holds a NUL byte, so this is a binary or damaged file"
    raise UnreadableError(what, "Write it again as UTF-8 text.")
