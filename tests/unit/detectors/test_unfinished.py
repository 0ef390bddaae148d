"""HP402: short of its own plan, but not of half of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, rows
from tests.unit.detectors.of_the_sweep import why_not

N = 30


def cells(**changes: list[Any]) -> dict[str, list[Any]]:
    """Plans of 20 and 100 epochs; trial 3 reached 70 of 100."""
    planned = [20, 100, 50] * 10
    reached = [*planned[:4], 70, *planned[5:]]
    return {"val_loss": [0.3 + i / 100 for i in range(N)], "max_epochs": planned, "epoch": reached} | changes


def test_short_of_the_plan(look: Look) -> None:
    seen = look("unfinished", cells())
    assert rows(seen.flagged) == [4]
    assert seen.evidence(4).message == "epoch is 70 of 100 by max_epochs"


def test_a_trial_is_unfinished_or_a_short_run(look: Look) -> None:
    reached = cells()["epoch"]
    reached[4] = 30
    unfinished, short = look("unfinished", cells(epoch=reached)), look("short-run", cells(epoch=reached))
    assert (rows(unfinished.flagged), rows(short.flagged)) == ([], [4])
    assert not unfinished.at_risk[4]


@pytest.mark.parametrize("word", ["PRUNED", "FAIL", "RUNNING", "KILLED", "timeout"])
def test_only_what_counts_as_finished(look: Look, word: str) -> None:
    status = ["COMPLETE"] * 4 + [word] + ["COMPLETE"] * (N - 5)
    assert rows(look("unfinished", cells(state=status)).flagged) == []


@pytest.mark.parametrize(("name", "on"), [("early_stopped", "True"), ("pruned", 1)])
def test_a_flag_says_that_it_was_stopped(look: Look, name: str, on: object) -> None:
    flags = [on if i == 4 else {"True": "False"}.get(str(on), 0) for i in range(N)]
    assert rows(look("unfinished", cells(**{name: flags})).flagged) == []
    reached = cells()["epoch"]
    reached[4] = 10
    assert rows(look("short-run", cells(epoch=reached, **{name: flags})).flagged) == []


def test_early_stopping_in_use(look: Look) -> None:
    assert rows(look("unfinished", cells(patience=[3, 5, 10] * 10)).flagged) == []
    assert rows(look("unfinished", cells(early_stopping=["False"] * N)).flagged) == [4]


def test_epochs_from_0(look: Look) -> None:
    assert rows(look("unfinished", cells(epoch=[x - 1 for x in cells()["max_epochs"]])).flagged) == []


def test_ends_that_nearly_all_have_in_common_are_plans(look: Look) -> None:
    """A history without a plan, some of whose runs were pre-empted in their third epoch."""
    reached = [4, 15, 40] * 12
    reached[5] = reached[9] = 3
    reached[10] = 38
    columns = {"val_loss": [0.3 + i / 100 for i in range(36)], "epoch": reached}
    seen = look("unfinished", columns)
    assert rows(seen.flagged) == [5, 9, 10]
    assert seen.evidence(5).message == "epoch is 3 while nearly all trials end at 4, 15, 40"


def test_ends_that_differ_are_no_plans(sweep_of: Callable[..., Sweep]) -> None:
    columns = {"val_loss": [0.3 + i / 100 for i in range(36)], "epoch": [20] * 25 + list(range(5, 16))}
    table = sweep_of(lr=[f"{i + 1}e-4" for i in range(36)], **columns)
    assert why_not(table, "HP402") == "no column says how far a trial was to run"


def test_where_many_end_early_that_is_how_the_sweep_ends(sweep_of: Callable[..., Sweep]) -> None:
    columns = cells(epoch=[x - 8 if i % 4 == 0 else x for i, x in enumerate(cells()["max_epochs"])])
    table = sweep_of(lr=[f"{i + 1}e-4" for i in range(N)], **columns)
    assert why_not(table, "HP402") == "no column says how far a trial was to run"


def test_the_last_step_of_the_curves(sweep_of: Callable[..., Sweep]) -> None:
    """A history whose steps are the only record of how far its trials ran."""
    runs = [(f"r{i}", 20 if i != 4 else 14, i) for i in range(12)]
    lines = [(name, step, 20, 1 / (step + 1) + i / 100) for name, last, i in runs for step in range(1, last + 1)]
    table = sweep_of(
        run=[line[0] for line in lines],
        epoch=[line[1] for line in lines],
        num_epochs=[line[2] for line in lines],
        val_loss=[line[3] for line in lines],
    )
    from hparam_ci.detectors.run import detect

    assert rows(detect(table).seen["HP402"].flagged) == [4]
