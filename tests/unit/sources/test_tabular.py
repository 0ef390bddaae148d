from __future__ import annotations

import csv
import hashlib
import io
import os
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hparam_ci.errors import SourceError
from hparam_ci.sources.cells import from_texts, uses_decimal_comma
from hparam_ci.sources.table import Cell, Table
from hparam_ci.sources.tabular import read_table
from tests.unit.sources.written import fail, names, read, rows, said


def attempt(folder: Path, data: bytes) -> Table | SourceError:
    try:
        return read(folder, data)
    except SourceError as error:
        return error


PLAIN = "lr,opt,loss\n0.1,sgd,2.5\n0.01,adam,nan\n,sgd,\n"
PLAIN_ROWS = [["0.1", "sgd", "2.5"], ["0.01", "adam", "NaN"], ["", "sgd", ""]]


def test_a_plain_file(tmp_path: Path) -> None:
    table = read(tmp_path, PLAIN)
    assert names(table) == ["lr", "opt", "loss"]
    assert rows(table) == PLAIN_ROWS
    assert table.lines.tolist() == [2, 3, 4]
    assert table.lines.dtype == np.int32
    assert table.repairs == ()
    assert table.path == "sweep.csv"
    assert table.sha256 == hashlib.sha256(PLAIN.encode()).hexdigest()


def test_paths_are_relative_to_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.csv").write_text(PLAIN)
    assert read_table(Path("runs/a.csv"), tmp_path).path == "runs/a.csv"
    assert read_table(tmp_path / "runs" / "a.csv", tmp_path).path == "runs/a.csv"
    assert read_table(tmp_path / "runs" / "a.csv", Path("/nowhere")).path == f"{tmp_path}/runs/a.csv"


# Encodings and line ends


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_encodings(tmp_path: Path, encoding: str) -> None:
    bom = "\ufeff" if encoding.endswith("e") else ""
    table = read(tmp_path, (bom + "größe,λ\n0.1,naïve\n").encode(encoding))
    assert names(table) == ["größe", "λ"]
    assert rows(table) == [["0.1", "naïve"]]
    assert table.repairs == ()


def test_other_bytes_are_windows_1252(tmp_path: Path) -> None:
    table = read(tmp_path, "größe,note\n0.1,5 €\n".encode("cp1252"))
    assert names(table) == ["größe", "note"]
    assert rows(table) == [["0.1", "5 €"]]
    assert said(table) == [("characters that are not UTF-8 read as Windows-1252", 3)]


def test_unreadable_characters_are_counted(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b\n1,x\x81\xe9\n")
    assert rows(table) == [["1", "x\ufffdé"]]
    assert said(table)[1] == ("unreadable characters replaced by U+FFFD", 1)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("quote", ["", '"'])
def test_line_ends(tmp_path: Path, end: str, last: bool, quote: str) -> None:
    text = PLAIN.replace("sgd", f"{quote}sgd{quote}").replace("\n", end)
    table = read(tmp_path, text if last else text.removesuffix(end))
    assert rows(table) == PLAIN_ROWS
    assert table.lines.tolist() == [2, 3, 4]
    assert table.repairs == ()


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", PLAIN)
    return stream.getvalue()


def database() -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table trials (number)")
        data = connection.serialize()
    connection.close()
    return data


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (zipped(), "zip"),
        (database(), "SQLite"),
        (b"PAR1\x15\x04\x15", "Parquet"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
        (b"\n<!DOCTYPE html><html>", "HTML"),
        (b'{"lr": 0.1}\n', "JSON"),
        (b'[\n {"lr": 0.1}]\n', "JSON"),
        (b"<<<<<<< HEAD\na,b\n", "merge conflict"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-32"), "UTF-16 or UTF-32"),
        (bytes(range(256)) * 10, "binary"),
        (PLAIN.encode() + b"0.1,\0,1\n", "line 5 holds a NUL byte"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_text_is_named(tmp_path: Path, data: bytes, what: str) -> None:
    assert what in fail(tmp_path, data)


def test_headers_may_begin_like_a_binary_format(tmp_path: Path) -> None:
    assert names(read(tmp_path, "PAR1,BZh\n1,2\n")) == ["PAR1", "BZh"]
    assert names(read(tmp_path, "[lr],[loss]\n1,2\n")) == ["[lr]", "[loss]"]


# Rows


def test_lone_carriage_returns_among_other_line_ends(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\r1,2\n3,4\r\n"5\r6",7\r8,9')
    assert rows(table) == [["1", "2"], ["3", "4"], ["5\r6", "7"], ["8", "9"]]
    assert table.lines.tolist() == [2, 3, 4, 6]


def test_quoted_line_breaks_keep_lines_true(tmp_path: Path) -> None:
    table = read(tmp_path, '# x\na,"b\nc"\n\n1,"x\n\ny"\r\n2,"say ""no"", twice"\n\n\n"3",z')
    assert names(table) == ["a", "b\nc"]
    assert rows(table) == [["1", "x\n\ny"], ["2", 'say "no", twice'], ["3", "z"]]
    assert table.lines.tolist() == [5, 8, 11]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    table = read(tmp_path, "\n\na,b\n\n1,2\n  \n\t\n3,4\r\n\r\n")
    assert rows(table) == [["1", "2"], ["3", "4"]]
    assert table.lines.tolist() == [5, 8]
    assert table.repairs == ()


def test_rows_without_a_value_are_left_out(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n1,2\n,\n ,""\n3,\n,\n')
    assert rows(table) == [["1", "2"], ["3", ""]]
    assert table.lines.tolist() == [2, 5]
    assert said(table) == [("rows without any value on lines 3–4, 6 left out", 3)]


@pytest.mark.parametrize("quote", ["", '"'])
def test_rows_that_are_too_short_are_filled_up(tmp_path: Path, quote: str) -> None:
    table = read(tmp_path, f"a,b,c\n1,{quote}2{quote},3\n4\n5,6\r\n7,8,9\n10,11")
    assert rows(table) == [["1", "2", "3"], ["4", "", ""], ["5", "6", ""], ["7", "8", "9"], ["10", "11", ""]]
    assert said(table) == [
        ("rows on lines 3–4, 6 have 1 to 2 fields, the header has 3: the rest is read as missing", 3),
    ]


@pytest.mark.parametrize("quote", ["", '"'])
def test_rows_that_are_too_long_are_left_out(tmp_path: Path, quote: str) -> None:
    long = "".join(f"{number},x,9,9\n" for number in range(200))
    table = read(tmp_path, f"a,b\n1,{quote}2{quote}\n{long}3,4\n")
    assert rows(table) == [["1", "2"], ["3", "4"]]
    assert table.lines.tolist() == [2, 203]
    assert said(table) == [
        ("rows on lines 3–202 have 4 fields, the header has 2: left out", 200),
    ]


def test_long_and_short_rows_that_make_up_for_each_other(tmp_path: Path) -> None:
    even = "1,2,3\n" * 150
    table = read(tmp_path, f"a,b,c\n{even}1,2,3,4\n5,6\n7,8,9\n")
    assert rows(table)[150:] == [["5", "6", ""], ["7", "8", "9"]]
    assert [count for _, count in said(table)] == [1, 1]
    table = read(tmp_path, f"a,b,c\n{even}5,6\n1,2,3,4\n")
    assert rows(table)[150:] == [["5", "6", ""]]


def test_separators_at_the_end_of_a_row_do_not_make_it_too_long(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n1,2,\r\n3,4,,\n5,,\n6,"7", ,""\n')
    assert rows(table) == [["1", "2"], ["3", "4"], ["5", ""], ["6", "7"]]
    assert table.repairs == ()
    table = read(tmp_path, 'a,b\n1,2,\n3"3,4"4,,\n')
    assert rows(table) == [["1", "2"], ['3"3', '4"4']]
    assert table.repairs == ()


def test_a_header_that_fits_no_row(tmp_path: Path) -> None:
    assert "every row has more fields than the header on line 1" in fail(tmp_path, "a,b\n1,2,3\n4,5,6\n")


def test_many_uneven_lines_are_summed_up(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n" + "1,2\n1\n" * 20)
    assert said(table)[0][0].startswith("rows on lines 3, 5, 7, 9, 11 and 15 more have 1 field, ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,"2\n3,4\n', 2),
        ('a,b\n1,2\n3,"4\n5,6\n7,8', 3),
        ('a,"b\n1,2\n', 1),
        ('# x\na,b\n1,2\n\n"x,2\n' + "3,4\n" * 50_000, 5),
        ('a,b\n1,"2\n3,4\n5,6" x\n7,8\n', 2),
    ],
)
def test_a_quote_that_is_never_closed(tmp_path: Path, text: str, line: int) -> None:
    what = fail(tmp_path, text)
    assert what == f"in the row that starts on line {line} a quote is opened and not closed"


def test_quotes_in_unusual_places(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b,c\n5" disk,"x"y, "p,q"\n1,2"3,a ""b""\n1,"two\nlines" z,3\n4,5,6\n')
    assert rows(table) == [
        ['5" disk', "xy", "p,q"],
        ["1", '2"3', 'a ""b""'],
        ["1", "two\nlines z", "3"],
        ["4", "5", "6"],
    ]
    assert table.lines.tolist() == [2, 3, 4, 6]


# Cells, through a file


def test_blank_nan_and_infinities_stay_apart(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b,c\n1,,\nnan,inf,1\n,-inf,\n"nan",1e999, \n"",0, nan\n  -nan, ,2\nNaN,x,3\n')
    a, b, c = (column.kinds.tolist() for column in table.columns)
    assert a == [Cell.NUMBER, Cell.NAN, Cell.MISSING, Cell.NAN, Cell.MISSING, Cell.NAN, Cell.NAN]
    assert b == [Cell.MISSING, Cell.POS_INF, Cell.NEG_INF, Cell.POS_INF, Cell.NUMBER, Cell.MISSING, Cell.TEXT]
    assert c == [Cell.MISSING, Cell.NUMBER, Cell.MISSING, Cell.MISSING, Cell.NAN, Cell.NUMBER, Cell.NUMBER]


def test_text_below_the_sampled_rows(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c,d\n" + "1,0.5,,7\n" * 300 + "2,OOM,True,1_0\n,nan,true,99999999999999999999999\n")
    a, b, c, d = table.columns
    assert a.count(Cell.NUMBER) == 301
    assert (b.levels, b.count(Cell.NUMBER), b.count(Cell.NAN)) == (("OOM",), 300, 1)
    assert (c.levels, c.count(Cell.MISSING)) == (("True", "true"), 300)
    assert (d.levels, d.count(Cell.NUMBER)) == (("1_0",), 301)


def test_a_large_file_is_read_in_parts_as_in_one(tmp_path: Path) -> None:
    """Each part may tempt the parser to another type: texts there are as they stand all the same."""
    flags, modes, lrs = ["on", "off"] * 60 + ["True"] * 120, ["b", "a"] * 60 + ["1", "2.0"] * 60, ["1", "", "nan"] * 80
    cells = zip(flags, modes, lrs, strict=True)
    large = "x" * 80_000
    text = "flag,mode,lr,note\n" + "".join(f"{flag},{mode},{lr},{large}\n" for flag, mode, lr in cells)
    table = read(tmp_path, text)
    flag, mode, lr, _ = table.columns
    assert (flag.levels, mode.levels) == (("on", "off", "True"), ("b", "a"))
    assert [flag.show(row) for row in range(240)] == flags
    assert [mode.show(row) for row in range(240)] == ["b", "a"] * 60 + ["1", "2"] * 60
    assert lr.kinds.tolist() == [Cell.NUMBER, Cell.MISSING, Cell.NAN] * 80


def test_run_ids_are_not_rounded(tmp_path: Path) -> None:
    table = read(tmp_path, "id,seed,loss\n" + "".join(f"{2**53 + n},{2**63 + n},{2**53 + n}.5\n" for n in range(9)))
    assert [len(column.levels) for column in table.columns] == [9, 9, 0]
    assert [repair.column for repair in table.repairs] == ["id", "seed"]


def test_five_thousand_digits(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n" + "7" * 5000 + ",1\n5,1." + "3" * 5000 + "\n")
    assert table.columns[0].levels == ("7" * 5000, "5")
    np.testing.assert_array_equal(table.columns[1].values, [1, 4 / 3])


def test_numbers_are_the_nearest_doubles(tmp_path: Path) -> None:
    numbers = [repr(number) for number in np.random.default_rng(0).lognormal(sigma=50, size=500).tolist()]
    table = read(tmp_path, "a,b\n" + "".join(f"{number},x\n" for number in numbers))
    np.testing.assert_array_equal(table.columns[0].values, [float(number) for number in numbers])


# Limits


def test_limits(tmp_path: Path) -> None:
    assert fail(tmp_path, "a,b,c\n1,2,3\n", max_columns=2) == "3 columns, and the limit is 2"
    assert fail(tmp_path, "a,b\n1,2\n3,4\n5,6\n", max_rows=2) == "3 rows, and the limit is 2"
    assert fail(tmp_path, 'a,b\n1,"2"\n3,4\n5,6\n', max_rows=2) == "3 rows, and the limit is 2"
    what = fail(tmp_path, "a,b\n1,x\n2,xxxxx\n3,xxxxxx\n", max_cell_chars=4)
    assert what == "line 3, column 'b': a cell of 5 characters, and the limit is 4"
    assert read(tmp_path, "a,b\n1,λλλλ\n", max_cell_chars=4, max_rows=1, max_columns=2).n_rows == 1


def test_a_header_of_great_length(tmp_path: Path) -> None:
    wide = ",".join(f"column_{number:0400}" for number in range(2000))
    assert len(read(tmp_path, f"{wide}\n" + ",".join("1" * 2000) + "\n").columns) == 2000
    assert "is no header: it is too long" in fail(tmp_path, "x" * 200_000 + "\n1\n")


def test_a_large_cell_is_no_crash(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n1." + "7" * 2_000_000 + ",1\n2," + "0" * 200_000 + "\n")
    assert rows(table) == [["1.77778", "1"], ["2", "0"]]
    assert rows(read(tmp_path, "a,b\n" + " " * 2_000_000 + "nan,1\n")) == [["NaN", "1"]]
    assert "100,000" in fail(tmp_path, "a,b\n1,x" + "7" * 2_000_000 + "\n")
    assert "100,000" in fail(tmp_path, 'a,b\n1,"' + "x" * 200_000 + '"\n')
    assert "not closed" in fail(tmp_path, 'a,b\n1,z"\n2,"' + "x" * 200_000 + '"\n')


# Files


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for name, why in (("gone.csv", "No such file"), ("pipe.csv", "no regular file"), (".", "no regular file")):
        with pytest.raises(SourceError, match=why):
            read_table(Path(name), tmp_path)


# Properties


HEADERS = st.lists(st.sampled_from(["lr", "loss", "a b", "é", 'say "x"', "p\nq"]), min_size=2, max_size=4, unique=True)
WORDS = st.text("abn01.-+,;\t|\"' \n\r#é€%", max_size=6)
NUMBERS = st.floats(allow_nan=True).map(repr) | st.integers(-(10**20), 10**20).map(str)
FIELDS = (
    WORDS | NUMBERS | st.sampled_from(["", "", "nan", "None", "-inf", "True", "0,5", "12%", "1.7976931348623157e+308"])
)


def write(table: list[list[str]], delimiter: str, quoting: int, end: str) -> tuple[str, list[int]]:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator=end)
    lines = []
    for row in table:
        text = stream.getvalue()
        lines.append(len(io.StringIO(text, newline="").readlines()) + 1)
        writer.writerow(row)
    return stream.getvalue(), lines


def expect_same(
    table: Table,
    header: list[str],
    cells: list[list[str]],
    lines: list[int],
    sample: list[list[str]] | None = None,
) -> None:
    """Each column as `from_texts` reads it; rows without a value are left out."""
    flag = uses_decimal_comma([cell for row in (sample or cells)[:100] for cell in row])
    columns = [
        from_texts(name.strip(), np.array([row[place] for row in cells], object), decimal_comma=flag)[0]
        for place, name in enumerate(header)
    ]
    keep = np.array([any(column.kinds[row] != Cell.MISSING for column in columns) for row in range(len(cells))], bool)
    assert names(table) == [name.strip() for name in header]
    assert table.lines.tolist() == np.array(lines, int)[keep].tolist()
    for column, other in zip(table.columns, columns, strict=True):
        expected = other.take(keep)
        np.testing.assert_array_equal(column.kinds, expected.kinds)
        np.testing.assert_array_equal(column.values, expected.values)
        assert [column.show(row) for row in range(len(column))] == [expected.show(row) for row in range(len(column))]


@settings(max_examples=300, deadline=None)
@given(
    header=HEADERS,
    data=st.data(),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_csv_writes_is_read_back(
    header: list[str], data: st.DataObject, delimiter: str, quoting: int, end: str, encoding: str
) -> None:
    fields = FIELDS if quoting == csv.QUOTE_ALL or end == "\r\n" else FIELDS.map(lambda text: text.replace("\r", ""))
    cells = data.draw(st.lists(st.lists(fields, min_size=len(header), max_size=len(header)), max_size=8))
    text, lines = write([header, *cells], delimiter, quoting, end)
    with tempfile.TemporaryDirectory() as folder:
        table = read(Path(folder), text.encode(encoding))
    expect_same(table, header, cells, lines[1:])


TRICKY = (
    st.text("0123456789+-.eEnaifINFty_x% '\x0b\u00a0", max_size=7)
    | st.integers(-(2**70), 2**70).map(str)
    | st.sampled_from(["9" * 20, "-" + "9" * 400, "9" * 5000, "1e400", "-1.7976931348623157e308", "true", "FALSE"])
)


@settings(max_examples=200, deadline=None)
@given(
    cells=st.lists(TRICKY, min_size=1, max_size=6),
    above=st.sampled_from([0, 150]),
)
def test_pandas_reads_a_cell_as_we_do(cells: list[str], above: int) -> None:
    lines = [["1", "0"]] * above + [[cell, "0"] for cell in cells]
    text = "a,b\n" + "".join(",".join(row) + "\n" for row in lines)
    with tempfile.TemporaryDirectory() as folder:
        table = read(Path(folder), text)
    expect_same(table, ["a", "b"], lines, list(range(2, len(lines) + 2)))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text("ab1.,;\"\n\r #'-", max_size=60).map(str.encode))
def test_any_bytes_are_a_table_or_a_source_error(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = attempt(Path(folder), data)
    if isinstance(table, SourceError):
        return
    assert all(len(column) == table.n_rows for column in table.columns)
    assert len(set(names(table))) == len(table.columns) > 0
    assert sorted(set(table.lines.tolist())) == table.lines.tolist()
    assert all(repair.count > 0 for repair in table.repairs)


@settings(max_examples=300, deadline=None)
@given(st.text('a1,;"\n\r ', max_size=30), st.sampled_from(["", "1,2\n", '"1","2"\r\n', "1,2\r"]), st.booleans())
def test_any_text_is_read_as_csv_reads_it(text: str, above: str, many: bool) -> None:
    text = "a,b\n" + above * (150 if many else 1) + text
    with tempfile.TemporaryDirectory() as folder:
        table = attempt(Path(folder), text.encode())
    if isinstance(table, SourceError):
        assert "a quote is opened" in table.what or "every row has more fields" in table.what
        return
    cells, lines, sample, line = [], [], [], 1
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    for row in reader:
        start, line = line, reader.line_num + 1
        if len(row) > 1 or "".join(row).strip():
            sample.append(row)
        if any(cell.strip() for cell in row) and not any(cell.strip() for cell in row[2:]):
            cells.append([*row, ""][:2])
            lines.append(start)
    expect_same(table, ["a", "b"], cells[1:], lines[1:], sample[1:])


def test_long_fractions_with_a_comma_beside_points(tmp_path: Path) -> None:
    text = "max_features;score\n0.5;0,93333\nsqrt;0,9\n"
    assert rows(read(tmp_path, text)) == [["0.5", "0.93333"], ["sqrt", "0.9"]]
    assert rows(read(tmp_path, "gpus;score\n0,1;0.9\n0;0.8\n")) == [["0,1", "0.9"], ["0", "0.8"]]
