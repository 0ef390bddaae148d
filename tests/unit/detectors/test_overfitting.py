"""HP301: a held-out metric far worse than the training metric, and worse than the sweep's good trials show it has to
be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hparam_ci.detectors.run import detect
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, rows

HEALTHY, SICK = 18, 2
OVERFIT = [18, 19]


def columns(
    unit: float = 1, names: Sequence[str] = ("train_loss", "val_loss", "train_acc", "val_acc")
) -> dict[str, Any]:
    draw = np.random.default_rng(3)
    return {
        names[0]: [float(x) for x in draw.uniform(0.28, 0.32, HEALTHY)] + [0.02, 0.03],
        names[1]: [float(x) for x in draw.uniform(0.31, 0.35, HEALTHY)] + [1.5, 1.1],
        names[2]: [float(unit * x) for x in draw.uniform(0.89, 0.91, HEALTHY)] + [0.99 * unit, 0.98 * unit],
        names[3]: [float(unit * x) for x in draw.uniform(0.87, 0.89, HEALTHY)] + [0.60 * unit, 0.68 * unit],
    }


@pytest.mark.parametrize("unit", [1, 100])
@pytest.mark.parametrize("left", ["loss", "acc", ""])
def test_by_losses_by_accuracies_and_by_both(look: Look, unit: float, left: str) -> None:
    kept = {name: cells for name, cells in columns(unit).items() if name.endswith(left)}
    assert rows(look("overfitting", kept).flagged) == OVERFIT


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("loss", "val_loss", "accuracy", "val_accuracy"), id="Keras"),
        pytest.param(("train_loss", "loss", "train_accuracy", "accuracy"), id="Ray"),
        pytest.param(("train/loss", "eval/loss", "train/acc", "eval/acc"), id="slashes"),
    ],
)
def test_names_of_training_and_held_out_columns(look: Look, names: Sequence[str]) -> None:
    assert rows(look("overfitting", columns(names=names)).flagged) == OVERFIT


@pytest.mark.parametrize("tiny", ["0", "1e-9", "1e-300"])
def test_tiny_training_losses_divide_without_a_warning(look: Look, tiny: str) -> None:
    cells = {name: x for name, x in columns().items() if "loss" in name}
    cells["train_loss"][18:] = [tiny, tiny]
    seen = look("overfitting", cells)
    assert rows(seen.flagged) == OVERFIT
    assert "over a million times as high" in seen.evidence(18).message


def test_the_best_trials_are_not_overfit_for_having_learnt_by_heart(look: Look) -> None:
    """Every training loss is near 0, the best ones' most of all: that is how the task is."""
    draw = np.random.default_rng(0)
    train = 10 ** draw.uniform(-6, -2, 60)
    val = draw.uniform(0.10, 0.20, 60)
    assert rows(look("overfitting", {"train_loss": train.tolist(), "val_loss": val.tolist()}).flagged) == []


def test_a_gap_that_every_trial_shows_is_the_tasks(look: Look) -> None:
    draw = np.random.default_rng(0)
    cells = {"train_acc": draw.uniform(0.98, 1, 30).tolist(), "val_acc": draw.uniform(0.70, 0.72, 30).tolist()}
    assert rows(look("overfitting", cells).flagged) == []


def test_half_trained_trials_with_a_gap_are_no_overfitting(look: Look) -> None:
    """On 20 training rows, 0.45 against 0.33 is chance."""
    cells = columns()
    cells["train_loss"][:2], cells["val_loss"][:2] = [1.05, 1.07], [1.09, 1.10]
    cells["train_acc"][:2], cells["val_acc"][:2] = [0.45, 0.40], [0.33, 0.24]
    assert rows(look("overfitting", cells).flagged) == OVERFIT


def test_a_gap_of_accuracies_that_the_losses_deny(look: Look) -> None:
    cells = columns()
    cells["train_loss"][18:], cells["val_loss"][18:] = [0.32, 0.33], [0.33, 0.35]
    assert rows(look("overfitting", cells).flagged) == []


def test_sick_and_unfinished_trials_are_not_at_risk(look: Look) -> None:
    cells = columns() | {"state": ["COMPLETE"] * 14 + ["RUNNING", "PRUNED", "COMPLETE", "COMPLETE"] + ["COMPLETE"] * 2}
    cells["val_loss"][16:18] = ["nan", "inf"]
    cells["val_loss"][0] = cells["train_loss"][0] = 1e9
    seen = look("overfitting", cells)
    assert rows(seen.at_risk) == [*range(1, 14), 18, 19]
    assert rows(seen.flagged) == OVERFIT


def test_most_of_what_is_missing_is_the_gap(look: Look) -> None:
    """It learnt its training set a little less well than the best, and the rest not at all; another is half-trained."""
    cells = columns()
    cells["train_acc"][18:], cells["val_acc"][18:] = [0.86, 0.62], [0.53, 0.50]
    for kept in (["train_acc", "val_acc"], list(cells)):
        assert rows(look("overfitting", {name: cells[name] for name in kept}).flagged)[:1] == [18]
    assert 19 not in rows(look("overfitting", {name: cells[name] for name in ("train_acc", "val_acc")}).flagged)


def test_losses_of_well_fit_trials_that_hardly_spread(look: Look) -> None:
    """1.36 times the good held-out loss is much where the others are within five per cent of it, and not elsewhere."""
    draw = np.random.default_rng(5)
    for others, found in ((0.41, [38, 39]), (0.60, [])):
        val = np.append(np.repeat([0.41, others], 19) + 0.02 * draw.uniform(-1, 1, 38), [0.56, 0.55])
        train = np.append(val[:38] - 0.04 - 0.005 * draw.uniform(size=38), [0.05, 0.06])
        assert rows(look("overfitting", {"train_loss": train.tolist(), "val_loss": val.tolist()}).flagged) == found


def test_a_trial_that_learnt_nothing_cannot_show_it(look: Look) -> None:
    cells = columns()
    cells["train_loss"] += [2.303] * 5
    cells["val_loss"] += [2.304] * 5
    cells["train_acc"] += [0.1] * 5
    cells["val_acc"] += [0.1] * 5
    seen = look("overfitting", cells)
    assert rows(seen.flagged) == OVERFIT
    assert rows(seen.at_risk) == list(range(20))


def test_negative_losses_have_no_ratio(sweep_of: Callable[..., Sweep]) -> None:
    cells = {"train_loss": [-9.0, -8, -7, -9], "val_loss": [-8.0, -7, -6, -2]}
    assert "negative" in detect(sweep_of(lr=[1, 2, 3, 4], **cells)).not_seen["HP301"]


def test_an_r2_is_judged_by_its_gap(look: Look) -> None:
    train, val = [0.72, 0.70, 0.71, 0.73, 0.70, 0.72, 0.71, 0.99], [0.70, 0.69, 0.69, 0.70, 0.68, 0.70, 0.69, 0.30]
    seen = look("overfitting", {"train_r2": train, "val_r2": val})
    assert rows(seen.flagged) == [7]
    assert "a gap of 0.69" in seen.evidence(7).message


def test_forests_that_fit_their_training_data_as_forests_do_are_no_overfitting(look: Look) -> None:
    """Their R² on training data is 0.98 to 1.00, so the ratio of what is left unexplained says nothing."""
    train = [0.98, 0.99, 0.999, 0.9999, 1.0, 0.985, 0.995, 0.97]
    val = [0.84, 0.85, 0.84, 0.83, 0.82, 0.85, 0.85, 0.84]
    assert rows(look("overfitting", {"train_r2": train, "val_r2": val}).flagged) == []


def test_scores_without_a_bound_are_measured_by_the_good_ones(look: Look) -> None:
    train, val = [900.0, 910, 905, 890, 902, 915, 908, 1500], [880.0, 890, 885, 870, 882, 890, 884, 400]
    assert rows(look("overfitting", {"train_reward": train, "val_reward": val}).flagged) == [7]


def test_three_trials_have_only_the_absolute_gap(look: Look) -> None:
    assert rows(look("overfitting", {"train_acc": [0.99, 0.9, 0.8], "val_acc": [0.6, 0.89, 0.79]}).flagged) == [0]
    assert rows(look("overfitting", {"train_loss": [0.01, 0.3, 0.4], "val_loss": [2.0, 0.3, 0.4]}).flagged) == []


def test_the_evidence_says_number_and_limit(look: Look) -> None:
    seen = look("overfitting", {"train_acc": columns()["train_acc"], "val_acc": columns()["val_acc"]})
    evidence = seen.evidence(18)
    assert (
        evidence.message
        == "val_acc 0.6 against train_acc 0.99: a gap of 0.39, where the sweep's best trials have 0.0103"
    )
    assert evidence.limit == "a gap of 0.1"


def test_one_split_is_no_look(sweep_of: Callable[..., Sweep]) -> None:
    assert "HP301" in detect(sweep_of(lr=[1, 2, 3], val_acc=[0.5, 0.6, 0.7])).not_seen


def test_the_healthy_example_shows_none() -> None:
    from hparam_ci.sources.history import collapse
    from hparam_ci.sources.roles import read_roles
    from hparam_ci.sources.tabular import read_table
    from tests.conftest import EXAMPLES

    table = detect(read_roles(collapse(read_table(Path("healthy_sweep.csv"), EXAMPLES))))
    assert {code: rows(seen.flagged) for code, seen in table.seen.items() if seen.flagged.any()} == {}


def test_where_good_trials_have_gaps_of_every_size_a_far_wider_one_is_still_one(look: Look) -> None:
    """Half of the good trials have noisy labels, and no gap; the rest one of 12 points."""
    train = [0.86, 0.98] * 8 + [0.80] * 15 + [0.95]
    val = [0.86, 0.86] * 8 + [0.79] * 15 + [0.61]
    assert rows(look("overfitting", {"train_acc": train, "val_acc": val}).flagged) == [31]


def test_trials_that_memorise_wrong_labels_where_the_gaps_of_good_trials_differ(look: Look) -> None:
    """Good trials have many rows and no gap, or learn all by heart; in the rest a third of the labels is wrong."""
    draw = np.random.default_rng(6)
    few, many = draw.uniform(0.88, 0.9, 10), draw.uniform(0.82, 0.87, 25)
    train = [*draw.uniform(0.96, 1.0, 10), *(many + 0.01), 0.94, 0.87, 0.93, 0.89]
    val = [*few, *many, 0.58, 0.52, 0.56, 0.52]
    assert rows(look("overfitting", {"train_acc": train, "val_acc": val}).flagged) == [35, 36, 37, 38]


@pytest.mark.parametrize(("name", "called"), [("loss", "the loss"), ("rmse", "the error"), ("mape", "the error")])
def test_an_error_is_not_called_a_loss(look: Look, name: str, called: str) -> None:
    train, held_out = list(columns().values())[:2]
    seen = look("overfitting", {f"train_{name}": train, f"val_{name}": held_out})
    assert rows(seen.flagged) == OVERFIT
    assert f"{called} is " in seen.evidence(18).message
