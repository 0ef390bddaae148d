"""What each detector flags, among which trials, and what it leaves alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from hparam_ci.detectors.registry import all_detectors, find_detector, rate_names
from hparam_ci.detectors.run import detect
from hparam_ci.inspection import SweepResult
from hparam_ci.sources.sweep import Sweep
from tests.conftest import EXAMPLES

Make = Callable[..., Sweep]


def flagged(sweep: Sweep, name: str) -> tuple[list[int], int]:
    """Flagged rows from 0, and how many trials could have shown it."""
    detector = find_detector(name)
    assert detector is not None
    seen = detect(sweep).seen[detector.code]
    assert not (seen.flagged & ~seen.at_risk).any()
    for row in seen.flagged.nonzero()[0]:
        assert seen.evidence(int(row)).message
    return [int(row) for row in seen.flagged.nonzero()[0]], int(seen.at_risk.sum())


def noise(n: int, low: float, high: float, seed: int = 0) -> list[float]:
    draw = random.Random(seed)
    return [round(draw.uniform(low, high), 5) for _ in range(n)]


def test_every_detector_is_documented_and_has_its_own_code() -> None:
    detectors = all_detectors()
    assert [d.code for d in detectors] == sorted({d.code for d in detectors})
    assert len({d.name for d in detectors}) == len(detectors)
    for d in detectors:
        assert all(text.endswith(".") for text in (d.summary, d.why, d.advice, d.source)), d.code
        assert all(option.unit and option.help for option in d.options), d.code
        assert (d.rate in rate_names()) == (d.scope == "trial")


def test_a_blank_is_not_a_nan_and_a_failed_trial_can_be_one(sweep_of: Make) -> None:
    sweep = sweep_of(
        status=["completed", "failed", "failed", "completed"], lr=[1, 2, 3, 4], val_loss=[0.5, None, "NaN", "nan"]
    )
    assert flagged(sweep, "nan-metric") == ([2, 3], 3)
    assert flagged(sweep, "failed") == ([1, 2], 4)


def test_infinities_of_every_spelling(sweep_of: Make) -> None:
    values = ["inf", "-Infinity", "1.7976931348623157e+308", "1e999", 0.5, "nan"]
    assert flagged(sweep_of(lr=[1, 2, 3, 4, 5, 6], val_loss=values), "inf-metric") == ([0, 1, 2, 3], 6)


def test_running_and_pruned_trials_are_no_failures(sweep_of: Make) -> None:
    states = ["COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING", "TrialState.COMPLETE"]
    sweep = sweep_of(
        number=[0, 1, 2, 3, 4, 5], state=states, params_lr=[1] * 3 + [2] * 3, params_x=noise(6, 0, 1), value=[1] * 6
    )
    assert flagged(sweep, "failed") == ([2], 4)


def test_without_a_status_a_trial_without_any_metric_failed(sweep_of: Make) -> None:
    sweep = sweep_of(lr=[1, 2, 3], val_loss=[0.5, None, 0.4], val_acc=[0.9, None, None])
    assert flagged(sweep, "failed") == ([1], 3)
    assert flagged(sweep, "missing-result") == ([2], 2)


@pytest.mark.parametrize("sick", [1, 10, 24])
def test_exploded_losses_are_found_up_to_a_majority(sweep_of: Make, sick: int) -> None:
    healthy = noise(40 - sick, 0.2, 0.6)
    sweep = sweep_of(lr=noise(40, 0, 1), val_loss=[*healthy, *noise(sick, 1e4, 1e7)])
    assert flagged(sweep, "diverged") == (list(range(40 - sick, 40)), 40)


@pytest.mark.parametrize(
    "losses",
    [
        noise(40, 0.05, 1.5),
        [10**x for x in noise(40, -2, -0.5)],
        noise(40, -900, -700),
        [0.5] * 40,
        noise(40, 1e-9, 1e-8),
    ],
)
def test_a_wide_but_healthy_range_is_not_divergence(sweep_of: Make, losses: list[float]) -> None:
    assert flagged(sweep_of(lr=noise(40, 0, 1), val_loss=losses), "diverged")[0] == []


def test_few_losses_have_an_absolute_limit(sweep_of: Make) -> None:
    assert flagged(sweep_of(lr=[1, 2, 3], val_loss=[0.5, 1e6, 0.4]), "diverged") == ([1], 3)


def overfit_columns(percent: bool) -> dict[str, list[Any]]:
    scale = 100 if percent else 1
    train, val = [0.90] * 18 + [0.99] * 2, [0.88] * 18 + [0.60] * 2
    return {
        "lr": noise(20, 0, 1),
        "train_acc": [x * scale for x in train],
        "val_acc": [x * scale for x in val],
        "train_loss": [0.30] * 18 + [0.02] * 2,
        "val_loss": [0.33] * 18 + [1.5] * 2,
    }


@pytest.mark.parametrize("percent", [False, True])
@pytest.mark.parametrize("without", ["acc", "loss", None])
def test_overfitting_by_loss_by_accuracy_and_by_both(sweep_of: Make, percent: bool, without: str | None) -> None:
    columns = {name: x for name, x in overfit_columns(percent).items() if not (without and name.endswith(without))}
    assert flagged(sweep_of(**columns), "overfitting") == ([18, 19], 20)


def test_a_gap_that_the_best_trials_show_too_is_the_tasks(sweep_of: Make) -> None:
    sweep = sweep_of(lr=noise(20, 0, 1), train_acc=noise(20, 0.97, 1.0), val_acc=noise(20, 0.70, 0.72, seed=1))
    assert flagged(sweep, "overfitting")[0] == []


def test_sick_trials_cannot_overfit(sweep_of: Make) -> None:
    columns = overfit_columns(percent=False)
    columns["val_loss"][19] = "nan"
    assert flagged(sweep_of(**columns), "overfitting") == ([18], 19)


def test_short_runs_but_not_a_grid_of_planned_epochs(sweep_of: Make) -> None:
    short = sweep_of(lr=noise(10, 0, 1), val_loss=noise(10, 0.1, 0.2), epochs=[50, 48, 49, 47, 51, 52, 46, 53, 54, 4])
    assert flagged(short, "short-run") == ([9], 10)
    planned = sweep_of(
        lr=noise(30, 0, 1), val_loss=noise(30, 0.1, 0.2), epochs=[5, 50, 100] * 10, runtime_sec=[9.0] * 30
    )
    assert flagged(planned, "short-run")[0] == []


def test_a_detector_that_could_not_look_says_so(sweep_of: Make) -> None:
    table = detect(sweep_of(lr=[1, 2, 3], val_acc=[0.5, 0.6, 0.7]))
    assert "no loss" in table.not_seen["HP201"]
    assert "HP301" in table.not_seen


def test_healthy_sweeps_show_nothing(inspect_columns: Callable[..., SweepResult]) -> None:
    draw = random.Random(7)
    with_errors = 0
    for _ in range(150):
        n = draw.choice([6, 12, 30, 100])
        base = draw.choice([0.01, 0.3, 4.0])
        train = [base * draw.lognormvariate(0, 0.4) for _ in range(n)]
        val = [x * draw.lognormvariate(0.1, 0.1) for x in train]
        result = inspect_columns(lr=[10 ** draw.uniform(-4, -1) for _ in range(n)], train_loss=train, val_loss=val)
        with_errors += result.severities["error"] > 0
    assert with_errors <= 2


def test_the_healthy_example_has_no_finding() -> None:
    from hparam_ci.pipeline import inspect

    [sweep] = inspect(["healthy_sweep.csv"], root=EXAMPLES).sweeps
    assert (sweep.issues, sweep.affected, sweep.causes) == (0, 0, ())
