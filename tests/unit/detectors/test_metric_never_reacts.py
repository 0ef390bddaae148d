"""HP506: the results do not depend on what was varied."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.detectors.metric_never_reacts import _with_others
from hparam_ci.sources.table import Column
from tests.unit.detectors.conftest import Say, message

RNG = np.random.default_rng(5)
GRID = np.array(list(product([0.1, 0.01, 0.001], [0, 1, 2, 4], [16, 32])))
N = len(GRID)
LOSS = np.round(RNG.uniform(0.2, 0.9, N), 6)


def grid(loss: Any) -> dict[str, Any]:
    return {"lr": GRID[:, 0], "rho": GRID[:, 1], "batch_size": GRID[:, 2], "val_loss": loss}


def test_a_constant_objective_of_either_direction(say: Say) -> None:
    columns = {"number": range(N), "params_lr": GRID[:, 0], "params_rho": GRID[:, 1], "value": np.zeros(N)}
    text = message(say("metric-never-reacts", columns))
    assert text.startswith("value, the objective of the sweep, is 0 in 24 of 24 trials")
    assert "no trial is better than another" in text


def test_nearly_constant(say: Say) -> None:
    loss = np.full(N, 0.6931)
    loss[3] = 0.5
    assert "0.6931 in 23 of 24 trials" in message(say("metric-never-reacts", grid(loss)))
    loss[4:9] = RNG.random(5)
    assert say("metric-never-reacts", grid(loss)) == []


def test_other_metrics(say: Say) -> None:
    flat = {**grid(LOSS), "val_f1": np.full(N, 0.4)}
    assert message(say("metric-never-reacts", flat)).startswith("val_f1, a metric, is 0.4")
    assert say("metric-never-reacts", {**grid(LOSS), "val_top5": np.ones(N)}) == [], "perfect, and at the border"
    assert say("metric-never-reacts", {**grid(LOSS), "train_loss": np.full(N, 0.123)}) == [], "learnt by heart"


def test_a_hyperparameter_without_effect(say: Say) -> None:
    of_others = np.unique(GRID[:, [0, 2]], axis=0, return_inverse=True)[1]
    text = message(say("metric-never-reacts", grid(LOSS[of_others])))
    assert text.startswith("rho has no effect: 24 trials that differ in nothing else have the same results")


def test_without_effect_where_another_one_has_a_value(say: Say) -> None:
    of_others = np.unique(GRID[:, [0, 2]], axis=0, return_inverse=True)[1]
    off = GRID[:, 2] == 16
    text = message(say("metric-never-reacts", grid(np.where(off, LOSS[of_others], RNG.uniform(0.2, 0.9, N).round(6)))))
    assert text.startswith("rho has no effect in 12 of 24 trials that differ in nothing else, where batch_size = 16")


def test_coarse_results_are_equal_by_chance(say: Say) -> None:
    accuracy = RNG.integers(26, 31, N) / 31
    columns = grid(LOSS)
    columns["val_acc"] = accuracy
    del columns["val_loss"]
    assert say("metric-never-reacts", columns) == []


def test_settings_of_the_machine_may_have_no_effect(say: Say) -> None:
    of_others = np.unique(GRID[:, [0, 2]], axis=0, return_inverse=True)[1]
    columns = grid(LOSS[of_others])
    columns["num_workers"] = columns.pop("rho")
    assert say("metric-never-reacts", columns) == []


def test_healthy_and_failed(say: Say) -> None:
    assert say("metric-never-reacts", grid(LOSS)) == []
    failed = np.where(np.arange(N) < 20, "", LOSS.astype(str))
    assert say("metric-never-reacts", grid(failed)) == []


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 4), min_size=1, max_size=40))
def test_no_row_that_an_equal_one_stands_beside_is_left_out(cells: list[tuple[int, ...]]) -> None:
    table, n = np.array(cells, float), len(cells)
    codes, kinds = np.full(n, -1, np.int32), np.ones(n, np.uint8)
    columns = [Column(f"p{i}", kinds, table[:, i], codes, ()) for i in range(3)]
    same = table[:, None, :] == table[None, :, :]
    one_apart = same[:, :, :3].sum(2) == 2
    for results, beside in ((None, one_apart), (table[:, 3].astype(np.uint64), one_apart & same[:, :, 3])):
        kept = _with_others(columns, np.arange(n), results)
        assert set(np.flatnonzero(beside.any(1))) <= set(kept.tolist())
