"""HP508: the numbering of the trials leaves some out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hparam_ci.sources.read import read_sweeps
from hparam_ci.sources.sweep import Sweep
from tests.conftest import write_csv
from tests.unit.detectors.conftest import Say, message

N = 12
LOSS = [0.51234 + 0.011 * (7 * i % N) for i in range(N)]
LR = [0.1 * (1 + 5 * i % N) for i in range(N)]
IDS = [i for i in range(15) if i not in (3, 7, 8)]


def test_gaps_in_numbers_and_in_names(say: Say) -> None:
    expected = "3 of 15 trial numbers are missing (3, 7 and 8)"
    assert message(say("trial-gaps", {"trial_id": IDS, "lr": LR, "val_loss": LOSS})).startswith(expected)
    names = [f"9c90c_{i:05d}" for i in IDS]
    assert message(say("trial-gaps", {"trial_id": names, "lr": LR, "val_loss": LOSS})).startswith(expected)


def test_no_gaps(say: Say) -> None:
    for first in (0, 1, 500):
        assert say("trial-gaps", {"trial_id": range(first, first + N), "lr": LR, "val_loss": LOSS}) == []


def test_ids_that_never_counted(say: Say) -> None:
    assert say("trial-gaps", {"trial_id": [i * 977 for i in range(N)], "lr": LR, "val_loss": LOSS}) == []
    jobs = [48_000 + i for i in IDS]
    assert say("trial-gaps", {"trial_id": jobs, "lr": LR, "val_loss": LOSS}) == [], "a counter shared with others"
    assert say("trial-gaps", {"trial_id": [f"x{i}y" for i in range(N)], "lr": LR, "val_loss": LOSS}) == (
        "the trials have no numbers"
    )


def test_rows_that_were_left_out_here_are_not_missing(say: Say, tmp_path: Path, sweep_of: Callable[..., Sweep]) -> None:
    columns = {"number": range(N), "lr": [*LR[:9], *LR[:2], LR[11]], "val_loss": [*LOSS[:9], *LOSS[:2], LOSS[11]]}
    write_csv(tmp_path / "twice.csv", columns)
    [sweep] = read_sweeps(Path("twice.csv"), tmp_path)
    assert len(sweep) == N - 2, "two rows repeat another one"
    assert say("trial-gaps", sweep) == []
