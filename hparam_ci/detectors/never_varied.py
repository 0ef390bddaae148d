"""HP502 never-varied: what one expects to be searched has one value in all trials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from hparam_ci.detectors._trials import listed, settings
from hparam_ci.detectors.detector import (
    CouldNotLook,
    Detection,
    Detector,
    DetectorOption,
    Evidence,
    Finding,
    Options,
    SweepDetection,
)
from hparam_ci.sources.dialects import canonical
from hparam_ci.sources.names import container_of
from hparam_ci.sources.role_facts import is_known
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Column
from hparam_ci.wording import show_number

EXPECTED = frozenset(["learning_rate"])


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    fixed = [column for column in sweep.table.columns if _is_fixed_setting(sweep, column)]
    if not fixed and not settings(sweep):
        return CouldNotLook("no hyperparameter column was recognised")
    if len(sweep) < options["fewest"]:
        return SweepDetection()
    return SweepDetection(tuple(_findings(sweep, fixed)))


def _findings(sweep: Sweep, fixed: list[Column]) -> Iterator[Finding]:
    n, searched = len(sweep), [column for column in fixed if _was_to_vary(sweep, column)]
    if searched:
        ranges = [
            f"{_valued(column)} (searched from {show_number(hint.low)} to {show_number(hint.high)})"
            for column in searched
            if (hint := sweep.table.hints[column.name]).low is not None and hint.high is not None
        ]
        yield _finding(searched, f"all {n} trials have {listed(ranges)}: the search never left one value")
    if not settings(sweep) and fixed and not _has_seeds(sweep):
        shown = listed([_valued(column) for column in fixed])
        yield _finding(fixed, f"all {n} trials have the same hyperparameters ({shown}): nothing was searched")
        return
    varied = {_usual(column.name) for column in settings(sweep)}
    knobs = [c for c in fixed if _usual(c.name) in EXPECTED - varied and c not in searched]
    if knobs:
        yield _finding(knobs, f"{listed([_valued(column) for column in knobs])} in all {n} trials: it was never varied")


def _is_fixed_setting(sweep: Sweep, column: Column) -> bool:
    """Whether a column is a hyperparameter by its place or its name, and has one value in every trial."""
    reading = next(one for one in sweep.readings if one.name == column.name)
    if reading.role is not Role.IGNORED or len(column.levels) > 1 or (column.kinds != column.kinds[0]).any():
        return False
    if column.kinds[0] not in (Cell.NUMBER, Cell.TEXT) or (not column.levels and np.ptp(column.values) > 0):
        return False
    hint = sweep.table.hints.get(column.name)
    told = hint is not None and hint.role == Role.HYPERPARAMETER
    return told or container_of(column.name)[0] == "hyperparameter" or is_known(column.name)


def _was_to_vary(sweep: Sweep, column: Column) -> bool:
    hint = sweep.table.hints.get(column.name)
    return hint is not None and hint.low is not None and hint.high is not None and hint.low < hint.high


def _has_seeds(sweep: Sweep) -> bool:
    return any(len(np.unique(c.values)) + len(c.levels) > 1 for c in sweep.columns(Role.SEED))


def _usual(name: str) -> str:
    return canonical(name.replace("/", ".").rsplit(".", 1)[-1].removeprefix("params_"))


def _valued(column: Column) -> str:
    return f"{column.name} = {column.show(0)[:40]}"


def _finding(columns: list[Column], message: str) -> Finding:
    return Finding(Evidence(columns[0].name, columns[0].show(0)[:40], "two values", message))


DETECTOR = Detector(
    code="HP502",
    name="never-varied",
    title="Never varied",
    trials="",
    severity="notice",
    rate="",
    summary="The learning rate, a hyperparameter with a range to search, or every hyperparameter has one value in all "
    "trials. Other settings that are held fixed are left in peace.",
    why="What never varies cannot be tuned, and the sweep cannot tell whether it is the cause of anything.",
    advice="Check that the value reaches the trial from the search space; if it is held on purpose, ignore this rule.",
    source="The learning rate is the hyperparameter to tune first (Bengio, Practical Recommendations, 2012).",
    look=_look,
    options=(DetectorOption("fewest", 8, "trials", "In fewer trials a value may be the same by chance."),),
    confidence="medium",
    scope="sweep",
)
