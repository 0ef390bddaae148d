"""HP511: rows that do not fit the header are in no rate, and that is said where the verdict is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from hparam_ci.pipeline import inspect
from hparam_ci.report.render import comment
from hparam_ci.sources.read import read_sweeps
from tests.unit.detectors.conftest import Say, message

ROWS = [f"{i},{0.001 * (i + 1):.3f},{0.3 + 0.01 * (7 * i % 12):.4f}" for i in range(12)]


def written(folder: Path, rows: list[str]) -> Path:
    (folder / "sweep.csv").write_text("\n".join(["trial_id,lr,val_loss", *rows, ""]), encoding="utf-8")
    return Path("sweep.csv")


def test_rows_below_a_header_that_is_too_short(say: Say, tmp_path: Path) -> None:
    wider = [f"{row},0.9,nan" for row in ROWS[7:]]
    [sweep] = read_sweeps(written(tmp_path, [*ROWS[:7], *wider]), tmp_path)
    said = message(say("rows-not-read", sweep))
    assert said == "rows on lines 9–13 have 5 fields, the header has 3: left out, and so 5 rows count in no rate"


def test_one_row(say: Say, tmp_path: Path) -> None:
    [sweep] = read_sweeps(written(tmp_path, [*ROWS, "12,0.1,0.4,0.5"]), tmp_path)
    assert message(say("rows-not-read", sweep)).endswith("left out, and so 1 row counts in no rate")


@pytest.mark.parametrize(
    "extra",
    [[], ["12,0.1"], ["12,0.1,0.4,,"], ["# the end"], [""]],
    ids=["even", "too few fields", "empty fields", "a remark", "a blank line"],
)
def test_what_is_read_or_is_no_trial(say: Say, tmp_path: Path, extra: list[str]) -> None:
    [sweep] = read_sweeps(written(tmp_path, [*ROWS, *extra]), tmp_path)
    assert say("rows-not-read", sweep) == []


def test_the_comment_says_it_once_and_in_sight(tmp_path: Path) -> None:
    inspection = inspect([str(written(tmp_path, [*ROWS, *(f"{row},nan" for row in ROWS)]))], root=tmp_path)
    assert inspection.sweeps[0].notes == ()
    text = comment(inspection).text
    said = "rows on lines 14–25 have 4 fields, the header has 3: left out, and so 12 rows count in no rate\n"
    assert text.count(said) == 1, "once, and with nothing behind it"
    assert "1 remark on the sweep" in text
