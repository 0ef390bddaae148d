"""HP202: trials that score what a blind or constant guess scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hparam_ci.detectors.run import detect
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, decay, long, rows

BLIND = [18, 19, 20]


def columns(classes: int, unit: float = 1) -> dict[str, Any]:
    """18 trials that have learnt, 3 that guess."""
    draw = np.random.default_rng(classes)
    error = draw.uniform(0.05, 0.3, 18)
    guess = np.full(3, 1 / classes) + draw.uniform(-0.1, 0.1, 3) / classes
    losses = np.append(2 * error, np.log(classes) * draw.uniform(1, 1.02, 3))
    accuracies = unit * np.append(1 - error, guess)
    both = {"train_loss": losses * 0.99, "val_loss": losses, "train_acc": accuracies, "val_acc": accuracies}
    return {name: [float(x) for x in values] for name, values in both.items()}


@pytest.mark.parametrize("unit", [1, 100])
@pytest.mark.parametrize("classes", [2, 3, 10, 100])
@pytest.mark.parametrize("left", ["loss", "acc", ""])
def test_by_losses_by_accuracies_and_by_both(look: Look, classes: int, unit: float, left: str) -> None:
    kept = {name: cells for name, cells in columns(classes, unit).items() if name.endswith(left)}
    seen = look("no-learning", kept)
    assert rows(seen.flagged) == BLIND
    assert "a blind guess has" in seen.evidence(18).message


def test_the_share_of_the_commonest_class_is_a_constant_guess(look: Look) -> None:
    draw = np.random.default_rng(0)
    val = [*draw.uniform(0.9, 0.97, 20), 0.625, 0.625, 0.625, 0.625]
    train = [*draw.uniform(0.92, 0.99, 20), 0.6575, 0.6575, 0.6575, 0.6575]
    seen = look("no-learning", {"train_acc": train, "val_acc": val})
    assert rows(seen.flagged) == [20, 21, 22, 23]
    assert "commonest class" in seen.evidence(20).message


@pytest.mark.parametrize(("kind", "guess"), [("r2", 0.0), ("auc", 0.5), ("mcc", 0.0)])
def test_scores_whose_guess_is_known_whatever_the_task(look: Look, kind: str, guess: float) -> None:
    good = np.random.default_rng(1).uniform(0.8, 0.9, 10).tolist()
    assert rows(look("no-learning", {f"val_{kind}": [*good, guess, guess - 0.01]}).flagged) == [10, 11]


def test_constant_guesses_of_a_regression_share_their_loss(look: Look) -> None:
    good = np.random.default_rng(1).uniform(3, 20, 16).tolist()
    seen = look("no-learning", {"val_mse": [*good, 84.1, 84.3, 84.2, 84.15]})
    assert rows(seen.flagged) == [16, 17, 18, 19]
    assert "4 trials share it" in seen.evidence(16).message


def test_exploded_and_nan_trials_are_not_at_risk(look: Look) -> None:
    cells = columns(10)
    cells["train_loss"][18] = cells["val_loss"][18] = 1e6
    cells["val_loss"][19] = "nan"
    seen = look("no-learning", cells)
    assert rows(seen.flagged) == [20]
    assert not seen.at_risk[[18, 19]].any()


def test_a_wide_healthy_sweep_is_not_at_chance(sweep_of: Callable[..., Sweep]) -> None:
    draw = np.random.default_rng(3)
    for _ in range(40):
        accuracy = draw.uniform(0.58, 0.95, 30)
        cells = {"val_acc": accuracy.tolist(), "val_loss": (-np.log(accuracy) + 0.1).tolist()}
        seen = detect(sweep_of(lr=list(range(30)), **cells)).seen.get("HP202")
        assert seen is None or not seen.flagged.any()


def test_curves_that_never_fell(look: Look) -> None:
    each = [decay(12, seed=i) for i in range(9)] + [[2.1] * 12]
    seen = look("no-learning", long({"train_mse": each}))
    assert rows(seen.flagged) == [9]
    assert "began at 2.1" in seen.evidence(9).message


def test_curves_that_fell_by_next_to_nothing(look: Look) -> None:
    """Two values are a curve; a small share of what others learn is nothing learnt, and some more is slow."""
    each = [decay(12, seed=i) for i in range(9)]
    each += [[2.1, 2.095], [2.1 - 0.004 * i for i in range(12)], [2.1 - 0.04 * i for i in range(12)]]
    assert rows(look("no-learning", long({"train_mse": each})).flagged) == [9, 10]


def test_curves_never_better_than_a_blind_guess_without_accuracies(look: Look) -> None:
    """Four classes: some stand at ln 4 or come down to it, some began untrained and crept; one got well below."""
    steps = range(12)
    each = [[1.3 * 0.8**i + 0.1 + 0.01 * t for i in steps] for t in range(12)]
    each += [[1.39 + 0.004 * ((i + t) % 3) for i in steps] for t in range(4)]
    each += [[900.0, 40.0, 2.0, 1.5, *[1.39] * 8], [1.9 - 0.06 * i for i in steps]]
    each += [[1.8 + 0.1 * t - 0.02 * i for i in steps] for t in range(4)]
    seen = look("no-learning", long({"train_loss": each, "val_loss": [[x + 0.005 for x in one] for one in each]}))
    assert rows(seen.flagged) == [12, 13, 14, 15, 16, 18, 19, 20, 21]
    assert "a blind guess has 1.39 (4 classes)" in seen.evidence(16).message


def test_curves_never_below_where_slow_trials_begin(look: Look) -> None:
    """Nothing says what a constant guess costs: but no trial is better than nets that have hardly been trained."""
    each = [decay(12, seed=i) for i in range(9)]
    each += [[2.0 + 0.3 * t - 0.01 * i for i in range(12)] for t in range(4)]
    each += [[30.0, 9.0, *[2.6] * 10], [30.0, 9.0, *[0.9] * 10]]
    seen = look("no-learning", long({"train_mse": each}))
    assert 13 in rows(seen.flagged)
    assert 14 not in rows(seen.flagged)
    assert "no better than models have that learnt nothing" in seen.evidence(13).message


def test_curves_that_jumped_about_and_came_back_to_a_blind_guess(look: Look) -> None:
    """They end at ln 10; on the way they were a little below it, and far above; one had learnt before."""
    draw = np.random.default_rng(4)
    good = [decay(20, start=2.6 + i / 40, end=0.3 + i / 50, seed=i) for i in range(16)]
    slow = [[3.1 - 0.002 * e + 0.05 * i for e in range(20)] for i in range(4)]
    back = [[*draw.uniform(2.3, 4.5, 13), 2.15, *draw.uniform(2.30, 2.33, 6)] for _ in range(5)]
    lost = [[1.5, 1.2, 1.4, *draw.uniform(2.30, 2.33, 17)]]
    each = [*good, *slow, *back, *lost]
    seen = look("no-learning", long({"train_loss": each, "val_loss": [[x + 0.01 for x in one] for one in each]}))
    assert rows(seen.flagged) == list(range(16, 25))


def test_one_that_learnt_before_it_became_slow_does_not_tell_what_nets_begin_with(look: Look) -> None:
    """Its first loss, 0.5, is that of no net that has learnt nothing; the last trial fell from 0.9 to 0.7."""
    good = [decay(20, start=0.9, end=0.1 + i / 100, seed=i) for i in range(16)]
    slow = [[0.8 - 0.001 * e + 0.02 * i for e in range(20)] for i in range(5)]
    was = [[0.5 - 0.001 * e for e in range(20)]]
    fell = [[0.9 - 0.0105 * e for e in range(20)]]
    seen = look("no-learning", long({"train_loss": [*good, *slow, *was, *fell]}))
    assert rows(seen.flagged) == [16, 17, 18, 19, 20]


def test_the_loss_of_single_batches_says_nothing_beside_that_of_epochs(look: Look) -> None:
    epochs = [decay(12, seed=i) for i in range(9)] + [[2.1] * 12]
    batches = [decay(12, seed=i) for i in range(9)] + [[2.1, 1.2, 2.4, 2.9] * 3]
    seen = look("no-learning", long({"train_loss_step": batches, "train_loss_epoch": epochs}))
    assert rows(seen.flagged) == [9]


def test_a_trial_without_its_loss_is_not_judged(look: Look) -> None:
    cells = columns(10)
    assert 19 in rows(look("no-learning", cells).flagged)
    cells["train_loss"][19] = None
    assert 19 not in rows(look("no-learning", cells).flagged)


def test_a_trial_that_had_learnt_and_lost_it_has_learnt(look: Look) -> None:
    cells = columns(10)
    losses = [[2.3, 1.0, x, x, x] for x in cells["train_loss"]]
    losses[20] = [2.3, 0.5, 0.2, 2.3, 2.31]
    accuracies = [[0.1, 0.5, x, x, x] for x in cells["train_acc"]]
    losses[18], losses[19] = [2.31] * 5, [2.32] * 5
    accuracies[18] = accuracies[19] = [0.1] * 5
    assert rows(look("no-learning", long({"train_loss": losses, "train_acc": accuracies})).flagged) == [18, 19]


def test_what_cannot_be_told_is_said(sweep_of: Callable[..., Sweep]) -> None:
    cells = {"val_acc": [0.8, 0.85, 0.9, 0.87, 0.86]}
    assert "blind guess" in detect(sweep_of(lr=[1, 2, 3, 4, 5], **cells)).not_seen["HP202"]


def test_trials_that_overfit_up_to_the_loss_of_a_blind_guess_do_not_hide_it(look: Look) -> None:
    draw = np.random.default_rng(3)
    guess = np.log(100) * draw.uniform(0.995, 1.01, 6)
    good, by_heart = draw.uniform(0.5, 1.5, 40), np.linspace(4.2, 5.4, 8)
    train = [*(0.7 * good), *draw.uniform(0.004, 0.02, 8), *guess]
    seen = look("no-learning", {"train_loss": train, "val_loss": [*good, *by_heart, *(guess * 1.003)]})
    assert rows(seen.flagged) == list(range(48, 54))


def test_constant_guesses_pile_up_at_the_lower_end_of_untrained_nets(look: Look) -> None:
    draw = np.random.default_rng(4)
    guess, good = np.log(10) * draw.uniform(0.992, 1.008, 8), draw.uniform(0.1, 1.2, 30)
    untrained = np.linspace(2.6, 3.6, 14)
    train, val = [*good, *guess, *untrained], [*(good + 0.3), *(guess * 1.008), *(untrained * 1.01)]
    assert rows(look("no-learning", {"train_loss": train, "val_loss": val}).flagged) == list(range(30, 52))


def test_untrained_nets_with_the_accuracy_of_a_constant_guess_do_not_raise_its_loss(look: Look) -> None:
    draw = np.random.default_rng(5)
    good = draw.uniform(0.9, 0.97, 20)
    acc, loss = [*good, *[0.625] * 5, 0.55], [*(3 * (1 - good)), 0.66, 0.67, 0.88, 0.95, 1.2, 0.74]
    found = look("no-learning", {"val_loss": loss, "train_acc": acc, "val_acc": acc}).flagged
    assert rows(found) == list(range(20, 26))


def test_accuracies_of_few_rows_stray_where_losses_tell(look: Look) -> None:
    cells = columns(3)
    for name in ("train_acc", "val_acc"):
        cells[name][18] = 0.42
    cells["val_loss"][18] = cells["train_loss"][18] = 1.07
    assert 18 in rows(look("no-learning", cells).flagged)


def test_untrained_nets_are_known_by_trials_that_end_at_a_blind_guess_and_were_once_better(look: Look) -> None:
    """Curves of ten classes: three trials explode to a constant guess, and the untrained are worse than it."""
    steps = range(12)
    good = [decay(12, seed=i) for i in range(12)]
    fallen = [[1.9, 1.9, *[np.log(10) + 0.01 * t] * 10] for t in range(3)]
    slow = [[2.9 + 0.1 * t - 0.02 * i for i in steps] for t in range(8)]
    far = [[9.0, 5.0, *[2.5] * 10]]
    each = [*good, *fallen, *slow, *far]
    seen = look("no-learning", long({"train_loss": each, "val_loss": [[x + 0.01 for x in one] for one in each]}))
    assert set(range(15, 24)) <= set(rows(seen.flagged))
    assert not seen.flagged[:12].any()
