"""What moves the objective: the shares are PED-ANOVA's, noise is called noise, the best region is where it was put."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hparam_ci.advice.axes import axes_of
from hparam_ci.advice.importance import divergences, drivers, grid_of
from hparam_ci.advice.objective import Objective, objective_of
from hparam_ci.inspection import Drivers, Importance
from hparam_ci.sources.read import understand
from hparam_ci.sources.records import from_records
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Hint
from tests.unit.sources.conftest import ROOT, run

Make = Callable[..., Sweep]

RANGES = {
    "lr": (1e-5, 1.0, True),
    "dropout": (0.0, 0.7, False),
    "layers": (1, 6, False),
    "width": (8, 512, True),
    "momentum": (0.0, 0.99, False),
    "nothing": (-1.0, 1.0, False),
}


@pytest.mark.producers
def test_the_importance_is_what_optuna_says(tmp_path: Path) -> None:
    """Real, logarithmic, whole, categorical and conditional parameters, at two quantiles, to nine digits."""
    said = json.loads(run(tmp_path, str(ROOT / "tests" / "producers" / "optuna_importance.py")))
    hints = {k: Hint("hyperparameter", "", low=low, high=high, log=log) for k, (low, high, log) in RANGES.items()}
    hints |= {"optimizer": Hint("hyperparameter", ""), "value": Hint("metric", "", "minimize")}
    sweep = understand(from_records("study", "ab", said["trials"], hints=hints))
    objective = known(objective_of(sweep))
    for share, expected in said["importance"].items():
        best = objective.loss <= np.sort(objective.loss)[int(np.ceil(float(share) * len(sweep))) - 1]
        ours = {axis.name: divergences(grid_of(axis), best) for axis in axes_of(sweep)}
        assert ours.keys() == expected.keys()
        for name, value in expected.items():
            assert ours[name] == pytest.approx(value, rel=1e-9), (share, name)


def known(objective: Objective | None) -> Objective:
    assert objective is not None
    return objective


def told(sweep: Sweep, seed: int = 0) -> Drivers | None:
    return drivers(axes_of(sweep), objective_of(sweep), seed)


def facts(sweep: Sweep, seed: int = 0) -> dict[str, Importance]:
    found = told(sweep, seed)
    assert found is not None
    return {one.param: one for one in found.hyperparameters}


def columns(n: int, seed: int) -> tuple[np.random.Generator, dict[str, Any]]:
    rng = np.random.default_rng(seed)
    return rng, {
        "lr": (10 ** rng.uniform(-5, 0, n)).tolist(),
        "dropout": rng.uniform(0, 0.7, n).tolist(),
        "hidden": rng.choice([32, 64, 128, 256], n).tolist(),
        "optimizer": rng.choice(["adam", "sgd", "lamb"], n).tolist(),
    }


def test_what_moves_the_objective_is_named_with_its_region_and_the_rest_is_noise(sweep_of: Make) -> None:
    rng, x = columns(200, 1)
    loss = (np.log10(x["lr"]) + 3) ** 2 + rng.normal(0, 0.1, 200)
    found = facts(sweep_of(**x, val_loss=loss.tolist()))
    lr = found["lr"]
    assert not lr.noise
    assert lr.share > 0.8
    assert lr.low <= lr.share <= lr.high
    assert lr.direction == "interior"
    assert lr.best is not None
    assert 10**-3.6 < lr.best[0] < 1e-3 < lr.best[1] < 10**-2.4
    assert all(one.noise and one.direction == "unclear" for name, one in found.items() if name != "lr")
    assert sum(one.share for one in found.values()) == pytest.approx(1)


@pytest.mark.parametrize(("sign", "direction"), [(1, "lower"), (-1, "higher")])
@pytest.mark.parametrize("metric", ["val_loss", "val_accuracy"])
def test_the_direction_follows_the_goal(sweep_of: Make, sign: int, direction: str, metric: str) -> None:
    rng, x = columns(120, 2)
    value = sign * np.array(x["dropout"]) * (1 if metric == "val_loss" else -1)
    found = facts(sweep_of(**x, **{metric: (5 + value + rng.normal(0, 0.02, 120)).tolist()}))
    assert found["dropout"].direction == direction


def test_categories_are_told_as_those_that_the_best_have_more_often(sweep_of: Make) -> None:
    rng, x = columns(150, 3)
    loss = np.where(np.array(x["optimizer"]) == "adam", 0.2, 1.0) + rng.uniform(0, 0.1, 150)
    one = facts(sweep_of(**x, val_loss=loss.tolist()))["optimizer"]
    assert (one.direction, one.levels, one.best) == ("levels", ("adam",), None)


def test_on_noise_alone_hardly_any_sweep_names_a_hyperparameter(sweep_of: Make) -> None:
    """At most 5 % of sweeps by construction; of 60, more than 8 would be a chance of one in a hundred."""
    named = 0
    for seed in range(60):
        rng, x = columns(80, 100 + seed)
        found = facts(sweep_of(**x, val_loss=rng.lognormal(size=80).tolist()), seed)
        named += any(not one.noise for one in found.values())
    assert named <= 8


def test_few_trials_an_unknown_direction_and_a_constant_objective_say_nothing(sweep_of: Make) -> None:
    _, x = columns(19, 4)
    assert told(sweep_of(**x, val_loss=np.linspace(0.1, 1, 19).tolist())) is None
    _, x = columns(60, 4)
    assert told(sweep_of(**x, value=np.linspace(0.1, 1, 60).tolist())) is None
    assert told(sweep_of(**x, val_loss=[0.5] * 60)) is None


def test_pruned_failed_and_infinite_trials_take_no_part(sweep_of: Make) -> None:
    _, x = columns(60, 5)
    state = ["COMPLETE"] * 40 + ["PRUNED"] * 10 + ["FAIL"] * 5 + ["RUNNING"] * 5
    loss = ["0.3"] * 60
    loss[:40] = [f"{0.5 + 0.01 * i:.3f}" for i in range(40)]
    loss[0], loss[1] = "nan", "inf"
    sweep = sweep_of(number=list(range(60)), state=state, **x, val_loss=loss)
    objective = known(objective_of(sweep))
    assert objective.reached.sum() == 38
    found = told(sweep)
    assert found is not None
    assert (found.trials, found.best) == (38, pytest.approx(0.52))
    assert np.flatnonzero(objective.best).tolist() == list(range(2, 11))


def test_the_same_seed_gives_the_same_answer_and_order_does_not_matter_to_the_share(sweep_of: Make) -> None:
    rng, x = columns(100, 6)
    loss = (np.abs(np.log10(x["lr"]) + 2) + rng.normal(0, 0.2, 100)).tolist()
    first, second = told(sweep_of(**x, val_loss=loss), 7), told(sweep_of(**x, val_loss=loss), 7)
    assert first == second


def test_the_objective_is_the_stated_one_else_the_first_held_out_metric(sweep_of: Make) -> None:
    n = {"lr": [0.1, 0.2, 0.3]}
    three = [1.0, 2.0, 3.0]
    assert (
        known(objective_of(sweep_of(**n, train_loss=three, test_loss=three, val_acc=[0.1, 0.2, 0.3]))).name == "val_acc"
    )
    assert objective_of(sweep_of(**n, train_loss=three)) is None
    cv = {"split0_test_accuracy": [0.1, 0.2, 0.3], "mean_test_accuracy": [0.1, 0.2, 0.3]}
    assert known(objective_of(sweep_of(param_lr=n["lr"], **cv))).name == "mean_test_accuracy"
    rows = [{"x": 0.1 * i, "value": float(i), "user_attrs_val_loss": 1.0 + i} for i in range(3)]
    stated = understand(from_records("s", "", rows, hints={"value": Hint("metric", "", "maximize")}))
    assert (known(objective_of(stated)).name, known(objective_of(stated)).goal) == ("value", "maximize")


def test_a_zero_beside_a_logarithmic_range_is_a_place_of_its_own(sweep_of: Make) -> None:
    rng = np.random.default_rng(8)
    decay = np.where(rng.random(200) < 0.3, 0.0, 10 ** rng.uniform(-6, -1, 200))
    loss = np.where(decay == 0, 1.0, 0.2) + rng.uniform(0, 0.1, 200)
    x = {"weight_decay": decay.tolist(), "lr": rng.uniform(0.1, 1, 200).tolist()}
    sweep = sweep_of(**x, val_loss=loss.tolist())
    [axis] = [axis for axis in axes_of(sweep) if axis.name == "weight_decay"]
    assert axis.log
    cells = grid_of(axis).cells
    assert set(cells[decay == 0]) == {0}
    assert min(cells[decay > 0]) >= 1
    assert not facts(sweep)["weight_decay"].noise
