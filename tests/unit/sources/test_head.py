"""The top of a file: header, comments, titles, delimiter."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from hparam_ci.sources.table import Repair
from tests.unit.sources.written import fail, names, read, rows, said

# The header


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty_files(tmp_path: Path, data: bytes) -> None:
    assert fail(tmp_path, data) == "the file is empty"


def test_comments_alone(tmp_path: Path) -> None:
    assert "nothing but comments" in fail(tmp_path, "# a\n\n# b\n")


@pytest.mark.parametrize(
    "text",
    ["0.1,0.2\n0.3,0.4\n", ",0,1\n0,1,2\n", "nan,1\n1,2\n", "5\n6\n", ",,\n1,2,3\n", "sgd,0.1,1e-3\nadam,1,2\n"],
)
def test_a_header_needs_names(tmp_path: Path, text: str) -> None:
    assert fail(tmp_path, text) == "line 1 should name the columns but holds numbers or blanks"


def test_integers_may_be_names(tmp_path: Path) -> None:
    assert names(read(tmp_path, "0,1,2,loss,0.5\n1,2,3,4,5\n")) == ["0", "1", "2", "loss", "0.5"]


@pytest.mark.parametrize("text", ["lr,loss", "lr,loss\n", "lr,loss\n\n", '"lr","loss"\r\n', "# x\nlr,loss\n"])
def test_a_header_alone_is_a_table_without_rows(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text)
    assert (names(table), rows(table), table.n_rows) == (["lr", "loss"], [], 0)


def test_names_are_made_unique(tmp_path: Path) -> None:
    table = read(tmp_path, ',loss, loss ,loss.2,,"",column 5\n0,1,2,3,4,5,6\n')
    assert names(table) == ["column 1", "loss", "loss.3", "loss.2", "column 5.2", "column 6", "column 5"]
    assert rows(table) == [["0", "1", "2", "3", "4", "5", "6"]]
    assert table.repairs == (
        Repair("another column with the name 'loss'", 1, "loss.3"),
        Repair("a column without a name", 1, "column 5.2"),
        Repair("a column without a name", 1, "column 6"),
    )


def test_two_thousand_columns_of_one_name(tmp_path: Path) -> None:
    table = read(tmp_path, ",".join(["loss"] * 2000) + "\n" + ",".join(["1"] * 2000) + "\n")
    assert names(table)[-1] == "loss.2000"


def test_comments_above_the_header(tmp_path: Path) -> None:
    table = read(tmp_path, '# made by x, on "y\n\n#seed,1\n\nlr,loss\n# 1,2\n')
    assert names(table) == ["lr", "loss"]
    assert rows(table) == [["# 1", "2"]]
    assert table.lines.tolist() == [6]
    assert said(table) == [("comment lines above the header left out", 2)]


@pytest.mark.parametrize(
    "title", ["My sweep\n", "My sweep, March,,,,,\n\n", '"Sweep, 2026",,,,,,\n,,,,,,\nby me,,,,,,\n']
)
def test_a_title_above_the_header(tmp_path: Path, title: str) -> None:
    header = "lr,wd,depth,drop,opt,loss,acc"
    table = read(tmp_path, f"{title}{header}\n0.1,0,2,0.1,sgd,0.3,0.9\n0.2,0,3,0.2,sgd,0.4,0.8\n")
    lines = title.count("\n")
    assert names(table) == header.split(",")
    assert table.lines.tolist() == [lines + 2, lines + 3]
    assert said(table) == [("title lines above the header left out", lines)]


@pytest.mark.parametrize("top", ["lr;a\n0,1;0,2\n", "lr\n0.1\n", "run,,\n1,2,3\n", ",a,b,c\nx,1,2,3\n"])
def test_a_header_that_is_no_title(tmp_path: Path, top: str) -> None:
    assert not [what for what, _ in said(read(tmp_path, top)) if "title" in what]


def test_remarks_between_the_rows_are_no_trials(tmp_path: Path) -> None:
    remarks = "# best so far: 0.1\nSaved the model, well done\n"
    table = read(tmp_path, f"lr,acc,f1\n0.1,1,2\n{remarks}0.2,3,4\n0.4,5,6\n0.3\n\n# Best threshold: 0.38\n")
    assert rows(table) == [["0.1", "1", "2"], ["0.2", "3", "4"], ["0.4", "5", "6"], ["0.3", "", ""]]
    assert ("remarks between the rows, on lines 3–4, 9, left out", 3) in said(table)


@pytest.mark.parametrize(("header", "first"), [("#,lr,loss", "#"), ("# lr,b,c", "lr")])
def test_a_header_may_begin_like_a_comment(tmp_path: Path, header: str, first: str) -> None:
    table = read(tmp_path, f"# by x\n{header}\n1,0.1,2\n2,0.1,3\n")
    assert names(table)[0] == first
    assert rows(table) == [["1", "0.1", "2"], ["2", "0.1", "3"]]
    assert table.lines.tolist() == [3, 4]
    assert said(table) == [("comment lines above the header left out", 1)]


def test_the_separator_hint_of_spreadsheets(tmp_path: Path) -> None:
    table = read(tmp_path, "sep=;\nlr;loss\n0,1;2\n")
    assert rows(table) == [["0.1", "2"]]
    assert table.lines.tolist() == [3]


def test_two_header_lines_of_a_multi_index(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        [[0, 1.5, 0.1, "sgd", "COMPLETE"], [1, 2.5, 0.2, "adam", "FAIL"]],
        columns=pd.MultiIndex.from_tuples(
            [("number", ""), ("value", ""), ("params", "lr"), ("params", "opt"), ("state", "")]
        ),
    )
    table = read(tmp_path, frame.to_csv())
    assert names(table) == ["column 1", "number", "value", "params_lr", "params_opt", "state"]
    assert rows(table)[1] == ["1", "1", "2.5", "0.2", "adam", "FAIL"]
    assert table.lines.tolist() == [3, 4]
    assert said(table) == [("two header lines joined into one", 1)]


# Delimiters and decimal commas


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_cuts_all_rows_alike(tmp_path: Path, delimiter: str) -> None:
    others = "".join(each for each in ",;\t|" if each != delimiter)
    cells = [["lr", "opt", f"loss{others[0]} mean"], ["0.1", f"x{others}", "1"], ["0.2", others * 2, "2"]]
    text = "".join(delimiter.join(row) + "\n" for row in cells)
    table = read(tmp_path, text)
    assert names(table) == cells[0]
    assert rows(table) == [[cell.strip() for cell in row] for row in cells[1:]]


def test_excel_in_most_of_europe(tmp_path: Path) -> None:
    table = read(tmp_path, "\ufefflr;loss;note\r\n0,001;85,02;a\r\n0,01;1e-3;b\r\n;7;\r\n")
    assert rows(table) == [["0.001", "85.02", "a"], ["0.01", "0.001", "b"], ["", "7", ""]]
    assert [(repair.what, repair.column) for repair in table.repairs] == [
        ("decimal commas read as decimal points", "lr"),
        ("decimal commas read as decimal points", "loss"),
    ]


def test_quoted_decimal_commas(tmp_path: Path) -> None:
    table = read(tmp_path, 'lr,loss\n"0,001","1,5"\n"0,01","2,5"\n')
    assert rows(table) == [["0.001", "1.5"], ["0.01", "2.5"]]


def test_quoted_lists_are_no_decimal_commas(tmp_path: Path) -> None:
    table = read(tmp_path, 'lr,layers\n0.001,"64,32"\n0.01,"128,64"\n')
    assert rows(table) == [["0.001", "64,32"], ["0.01", "128,64"]]


def test_one_column(tmp_path: Path) -> None:
    table = read(tmp_path, 'loss\n1\n\n2\n   \n""\nx\n')
    assert rows(table) == [["1"], ["2"], ["x"]]
    assert table.lines.tolist() == [2, 4, 7]
