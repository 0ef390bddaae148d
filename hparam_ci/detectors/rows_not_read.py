"""HP511 rows-not-read: rows of the file do not fit its header, so that no rate counts their trials."""

from __future__ import annotations

from collections.abc import Mapping

from hparam_ci.detectors.detector import Detection, Detector, Evidence, Finding, Options, SweepDetection
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Repair


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection:
    return SweepDetection(tuple(_finding(repair) for repair in sweep.table.repairs if repair.unread))


def _finding(repair: Repair) -> Finding:
    rows = repair.rows_lost
    counted = "1 row counts" if rows == 1 else f"{rows} rows count"
    return Finding(Evidence("", str(rows), "", f"{repair.what}, and so {counted} in no rate"))


DETECTOR = Detector(
    code="HP511",
    name="rows-not-read",
    title="Rows not read",
    trials="",
    severity="warning",
    rate="",
    summary="Rows have more fields than the header has names, and were left out.",
    why="It cannot be told which value belongs to which column. No rate counts these trials, so a sweep may look "
    "healthier than it was. Often a script that logs more than it used to went on writing to the same file.",
    advice="Write a new file when the columns change, or put names and rows of the file in order, and inspect again.",
    source="Public results of a sweep in which the second half of the rows has 28 fields below a header of 13 names.",
    look=_look,
    confidence="high",
    scope="sweep",
)
