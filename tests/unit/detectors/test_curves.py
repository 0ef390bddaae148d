"""Curves of all trials at once: the same as one trial at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.detectors._curves import Curve, curves, scaled, steps_between, training_curves
from hparam_ci.detectors._steps import reduced, running_min
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import decay, long

Make = Callable[..., Sweep]
SEGMENTS = st.lists(st.lists(st.floats(-5, 5), max_size=9), min_size=1, max_size=12)


def joined(segments: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
    starts = np.append(0, np.cumsum([len(segment) for segment in segments])).astype(np.intp)
    return np.array([x for segment in segments for x in segment], float), starts


@given(SEGMENTS)
def test_a_ufunc_over_segments_is_that_of_each(segments: list[list[float]]) -> None:
    values, starts = joined(segments)
    expected = [min(segment) if segment else np.nan for segment in segments]
    assert np.array_equal(reduced(np.minimum, values, starts), expected, equal_nan=True)


@given(SEGMENTS)
def test_the_running_minimum_does_not_leave_its_segment(segments: list[list[float]]) -> None:
    values, starts = joined(segments)
    expected = [x for segment in segments for x in np.minimum.accumulate(segment)] if len(values) else []
    assert np.array_equal(running_min(values, starts), expected)


def loss_curve(sweep: Sweep) -> Curve:
    [curve] = curves(sweep)
    return curve


def test_where_curves_start_turn_and_end(sweep_of: Make) -> None:
    each = [[3.0, 1.0, 2.0, 2.5], [2.0, 2.0, 2.0], [5.0, 4.0, 3.0, 2.0, 1.0]]
    curve = loss_curve(sweep_of(**long({"val_loss": each})))
    assert curve.lengths.tolist() == [4, 3, 5]
    assert curve.first().tolist() == [3, 2, 5]
    assert curve.last().tolist() == [2.5, 2, 1]
    assert curve.best().tolist() == [1, 2, 1]
    assert curve.steps[curve.best_row()].tolist() == [2, 1, 5]
    assert curve.medians().tolist() == [2.5, 2, 3]
    assert curve.tail(0.5).lengths.tolist() == [2, 2, 3]
    assert curve.before_tail(0.5).lengths.tolist() == [2, 1, 2]
    assert steps_between(curve).values.tolist() == [2, 1, 0.5, 0, 0, 1, 1, 1, 1]
    assert curve.steps[curve.row_at(np.array([2.0, 9.0, 3.5]))].tolist() == [2, 3, 3]


def test_cells_that_are_no_number_are_left_out(sweep_of: Make) -> None:
    columns = long({"val_loss": [[3.0, 1.0, 2.0, 2.5], [2.0, 1.5, 1.0, 0.5]]})
    columns["val_loss"][1:3] = ["nan", None]
    curve = loss_curve(sweep_of(**columns))
    assert curve.lengths.tolist() == [2, 4]
    assert curve.best().tolist() == [2.5, 0.5]


def test_scores_are_turned_over_and_losses_come_first(sweep_of: Make) -> None:
    losses, scores = [[3.0, 1.0, 0.5]] * 3, [[0.1, 0.5, 0.9]] * 3
    sweep = sweep_of(**long({"train_acc": scores, "train_loss": losses}))
    assert [curve.column.name for curve in training_curves(sweep)] == ["train_loss"]
    score = next(curve for curve in curves(sweep) if curve.column.name == "train_acc")
    assert score.last().tolist() == [-0.9, -0.9, -0.9]


def test_the_scale_goes_from_the_usual_start_to_the_good_end(sweep_of: Make) -> None:
    each = [decay(20, end=0.2 + 0.05 * i, seed=i) for i in range(8)]
    curve = loss_curve(sweep_of(**long({"train_loss": each})))
    scale = scaled(curve, np.ones(8, bool))
    assert scale is not None
    assert abs(scale.first().mean() - 1) < 0.1
    assert abs(scale.last()[0]) < 0.05
    assert scaled(curve, np.arange(8) < 3) is None


def test_where_a_nan_began_and_the_learning_rate_on_a_schedule(sweep_of: Make) -> None:
    from hparam_ci.detectors.run import detect

    columns = long({"train_loss": [decay(8, seed=i) for i in range(4)]})
    columns["learning_rate"] = columns.pop("lr")
    columns["lr"] = [0.4 * 0.9**i for _ in range(4) for i in range(8)]
    columns["train_loss"][4:8] = ["nan"] * 4
    columns["train_loss"][8:16] = ["nan"] * 8
    seen = detect(sweep_of(**columns)).seen["HP101"]
    assert "from epoch 5 on; lr was 0.26244 then" in seen.evidence(0).message
    assert "from the first epoch on" in seen.evidence(1).message
