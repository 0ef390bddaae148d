"""`hparam-ci issues`: every issue, in one order, in three forms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.cli import main
from hparam_ci.commands.issues import COLUMNS, MOST_ROWS
from hparam_ci.detectors import registry
from hparam_ci.detectors import run as detecting
from hparam_ci.detectors.detector import Detector, Evidence, Finding, SweepDetection
from hparam_ci.detectors.registry import all_detectors
from hparam_ci.pipeline import inspect
from hparam_ci.report.sanitize import csv_text
from tests.conftest import EXAMPLES, write_csv

DIGITS = str(EXAMPLES / "digits_sweep.csv")
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def listed(*arguments: str) -> str:
        assert main(["issues", *arguments]) == 0
        return capsys.readouterr().out

    return listed


def _instead(monkeypatch: pytest.MonkeyPatch, *detectors: Detector) -> None:
    """These detectors and no others."""
    for module in (registry, detecting):
        monkeypatch.setattr(module, "all_detectors", lambda: detectors)


def as_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_issue_of_the_inspection_is_there_and_the_gate_has_no_say(run: Run) -> None:
    [sweep] = inspect(["digits_sweep.csv"], root=EXAMPLES).sweeps
    found = as_rows(run(DIGITS, "--format", "csv"))
    assert tuple(found[0]) == COLUMNS
    assert len(found) == sweep.issues + sweep.findings
    for detector in sweep.detectors:
        mine = [row for row in found if row["code"] == detector.code]
        assert len(mine) == detector.count.affected + len(detector.findings)
        if detector.findings:
            continue
        shown = [(i.trial, str(i.line), i.column, i.value, i.limit, i.message) for i in detector.issues]
        keys = ("trial_id", "line", "column", "value", "limit", "message")
        assert [tuple(row[key] for key in keys) for row in mine[: len(shown)]] == shown
        assert {row["name"] for row in mine} <= {detector.name}


def test_errors_first_then_by_code_and_twice_the_same(run: Run) -> None:
    order = {"error": 0, "warning": 1, "notice": 2}
    found = as_rows(run(DIGITS, "--format", "csv"))
    keys = [(order[row["severity"]], row["code"]) for row in found]
    assert keys == sorted(keys)
    assert found == as_rows(run(DIGITS, "--format", "csv"))


def test_json_says_the_same(run: Run) -> None:
    found = json.loads(run(DIGITS, "--format", "json"))["issues"]
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in found] == as_rows(
        run(DIGITS, "--format", "csv")
    )
    assert isinstance(found[0]["line"], int)
    assert json.loads(run(str(EXAMPLES / "healthy_sweep.csv"), "--format", "json")) == {"issues": []}


def test_findings_on_the_sweep_have_neither_trial_nor_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*_: object) -> SweepDetection:
        return SweepDetection((Finding(Evidence("lr", "7", "9", "said")),))

    told: dict[str, Any] = dict.fromkeys(("trials", "rate", "summary", "why", "advice", "source"), "")
    one = Detector("AA001", "of-the-sweep", "Of the sweep", **told, severity="error", look=look, scope="sweep")
    _instead(monkeypatch, one, *all_detectors())
    first = as_rows(run(DIGITS, "--format", "csv"))[0]
    assert (first["trial_id"], first["line"], first["code"], first["value"]) == ("", "", "AA001", "7")
    first = json.loads(run(DIGITS, "--format", "json"))["issues"][0]
    assert (first["trial_id"], first["line"], first["message"]) == (None, None, "said")
    assert "the sweep" in run(DIGITS)


def test_flags_and_configuration_count(run: Run, tmp_path: Path) -> None:
    assert {row["code"] for row in as_rows(run(DIGITS, "--format", "csv", "--select", "HP301"))} == {"HP301"}
    assert "HP301" not in run(DIGITS, "--format", "csv", "--ignore", "overfitting: known")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "d.csv").write_bytes(Path(DIGITS).read_bytes())
    (tmp_path / "c.yml").write_text(
        "detectors: {overfitting: {severity: notice}}\nsweeps: [{files: s/*, select: HP301}]\n"
    )
    found = as_rows(run("s/d.csv", "--format", "csv", "--config", "c.yml"))
    assert {(row["code"], row["severity"]) for row in found} == {("HP301", "notice")}
    assert found == as_rows(run(str(tmp_path / "s" / "d.csv"), "--format", "csv", "--config", "c.yml"))


def test_the_table_says_what_is_cut_and_what_was_not_checked(run: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", {"lr": range(1000), "val_loss": ["nan"] * 900 + [0.5] * 100})
    out = run("t.csv")
    listed = len(as_rows(run("t.csv", "--format", "csv")))
    assert listed >= 900
    assert f"t.csv: {listed} issues" in out
    assert f"{MOST_ROWS} of {listed} shown; --format csv lists all" in out
    assert "not checked: " in out
    assert "no issue found" in run(str(EXAMPLES / "healthy_sweep.csv"))


def test_it_is_written_where_it_is_told(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(DIGITS, "--format", "csv", "-o", "out.csv") == ""
    assert len(as_rows((tmp_path / "out.csv").read_text())) > 50
    assert main(["issues", DIGITS, "-o", "no/folder/out.csv"]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["absent.csv"], [DIGITS, "--select", "HP9"], [str(EXAMPLES / "README.md")]])
def test_what_cannot_be_listed_is_one_line(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["issues", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


def test_a_broken_detector_is_said_beside_the_list(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("boom")

    bad = [Detector(**{n: getattr(d, n) for n in d.__slots__} | {"look": broken}) for d in all_detectors()[:1]]
    _instead(monkeypatch, *bad, *all_detectors()[1:])
    assert main(["issues", DIGITS, "--format", "csv"]) == 0
    out, err = capsys.readouterr()
    assert "HP101 did not look at" in err
    assert "it raised ValueError: boom" in err
    assert {"HP104", "HP201", "HP301"} <= {row["code"] for row in as_rows(out)} - {"HP101"}


# --- cells of a CSV -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "-1+2", "+", "-", "=cmd|' /C calc'!A0"]
)
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert csv_text(text) == f"'{text}".replace("\r", "\n")


@pytest.mark.parametrize(
    "text", ["-1", "+1.5", "-1.2e-05", "-inf", "NaN", ".5", "-.5", "7.", "adam", "a=b", "", "日本"]
)
def test_numbers_and_other_texts_stay(text: str) -> None:
    assert csv_text(text) == text


@given(st.text())
def test_no_cell_starts_a_formula_or_holds_a_control_character(text: str) -> None:
    cell = csv_text(text)
    assert not [char for char in cell if char < " " and char not in "\t\r\n"]
    if cell[:1] and cell[0] in "=+-@\t\r\n":
        float(cell)
    stream = io.StringIO()
    csv.writer(stream).writerow([cell, "end"])
    assert list(csv.reader(io.StringIO(stream.getvalue(), newline=""))) == [[cell, "end"]]


def test_hostile_ids_come_back_as_text(run: Run, tmp_path: Path) -> None:
    ids = ['=HYPERLINK("x")', 'a"b', "c,d", "two\nlines", "\x1b[31m", "-5"]
    write_csv(tmp_path / "t.csv", {"trial_id": ids, "lr": range(6), "val_loss": ["nan"] * 6})
    found = [row["trial_id"] for row in as_rows(run("t.csv", "--format", "csv", "--select", "HP101"))]
    assert found[:4] == ['\'=HYPERLINK("x")', 'a"b', "c,d", "two\nlines"]
    assert "\x1b" not in found[4]
    assert found[5] == "-5"


def test_ids_keep_their_digits(run: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", {"trial_id": [20240117001, 20240117002], "lr": [1, 2], "val_loss": ["nan", 0.4]})
    assert as_rows(run("t.csv", "--format", "csv"))[0]["trial_id"] == "20240117001"
