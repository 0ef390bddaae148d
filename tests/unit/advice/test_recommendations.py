"""Advice: the same for several causes is given once, with all that speaks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hparam_ci.advice.recommendations import _change
from hparam_ci.advice.regions import lies_within
from hparam_ci.inspection import Condition, Operator, SweepResult

N = 60
OPTIMIZER = ["sgd", "adam", "lion", "lamb"] * (N // 4)
BAD = [name == "lamb" for name in OPTIMIZER]
LR = [f"{10 ** (-4 + i * 7 % N / 20):.6f}" for i in range(N)]


def test_one_advice_for_what_makes_trials_sick_in_two_ways(inspect_columns: Callable[..., SweepResult]) -> None:
    result = inspect_columns(
        optimizer=OPTIMIZER,
        lr=LR,
        status=["failed" if sick and i % 8 == 3 else "completed" for i, sick in enumerate(BAD)],
        val_loss=["" if sick and i % 8 == 3 else "nan" if sick else 0.3 + i % 7 / 100 for i, sick in enumerate(BAD)],
    )
    causes = {cause.code: cause for cause in result.causes}
    assert causes["HP101"].text == causes["HP104"].text == "optimizer = lamb"
    [one] = [one for one in result.recommendations if one.kind == "avoid"]
    assert set(one.evidence) == {causes["HP101"].id, causes["HP104"].id}
    assert one.trials_saved == sum(BAD)
    assert "failed" in one.reason
    assert "went NaN" in one.reason


def test_a_trial_that_is_sick_in_two_ways_is_spared_once(inspect_columns: Callable[..., SweepResult]) -> None:
    result = inspect_columns(
        optimizer=OPTIMIZER,
        lr=LR,
        status=["failed" if sick else "completed" for sick in BAD],
        val_loss=["nan" if sick else 0.3 + i % 7 / 100 for i, sick in enumerate(BAD)],
        runtime_sec=[3600] * N,
    )
    [one] = [one for one in result.recommendations if one.kind == "avoid"]
    assert len(one.evidence) == 2
    assert (one.trials_saved, one.hours_saved) == (sum(BAD), sum(BAD))
    assert f"would spare about {sum(BAD)} trials in all and 15 hours" in one.reason
    assert one.reason.count("of the searched space") == 1


def test_no_aim_repeats_what_a_cause_leaves(inspect_columns: Callable[..., SweepResult]) -> None:
    activation = ["tanh" if i % 2 else "relu" for i in range(N)]
    good = [(0.3 if name == "tanh" else 0.9) + i % 7 / 100 for i, name in enumerate(activation)]
    result = inspect_columns(
        activation=activation,
        lr=LR,
        val_loss=["nan" if i % 4 == 0 else value for i, value in enumerate(good)],
    )
    actions = [one.action for one in result.recommendations]
    assert "Avoid activation = relu" in actions
    assert not [action for action in actions if action.startswith("Prefer activation")]


def reason_of(result: SweepResult, action: str) -> str:
    [reason] = [one.reason for one in result.recommendations if one.kind == "avoid" and one.action.startswith(action)]
    return reason


def test_the_sick_trials_are_named_as_the_advice_names_the_others(
    inspect_columns: Callable[..., SweepResult],
) -> None:
    """`Use activation = relu: 40 of 40 trials with another failed`: never "with it" of what is to be done."""
    clip = ["" if i % 3 else "1.0" if i % 2 else "0.5" for i in range(N)]
    loss = [0.3 + i % 7 / 100 for i in range(N)]
    unset = inspect_columns(
        lr=LR, clip_norm=clip, val_loss=["nan" if not c else v for c, v in zip(clip, loss, strict=True)]
    )
    assert "trials without it went NaN, 0 of 20 with it" in reason_of(unset, "Always set clip_norm")
    decay = ["0" if i % 3 == 0 else f"{10 ** (-5 + i % 40 / 10):.6f}" for i in range(N)]
    zero = inspect_columns(
        lr=LR, weight_decay=decay, val_loss=["nan" if d == "0" else v for d, v in zip(decay, loss, strict=True)]
    )
    assert "trials at zero went NaN, 0 of 40 elsewhere" in reason_of(zero, "Use a non-zero weight_decay")


def test_trials_whose_causes_stand_with_a_wider_issue_are_not_called_unexplained(
    inspect_columns: Callable[..., SweepResult],
) -> None:
    result = inspect_columns(
        optimizer=OPTIMIZER,
        lr=LR,
        status=["timeout" if name == "lamb" else "completed" for name in OPTIMIZER],
        val_loss=["" if name == "lamb" else 0.3 + i % 7 / 100 for i, name in enumerate(OPTIMIZER)],
    )
    assert [(cause.code, cause.text) for cause in result.causes] == [("HP104", "optimizer = lamb")]
    [general] = [one for one in result.recommendations if "usual for" in one.reason]
    assert general.reason == "usual for timed-out trials (15 here); see the causes of the failed trials"


@pytest.mark.parametrize(
    ("condition", "action"),
    [
        (Condition(param="lr", op=">", value=0.01), "Avoid lr > 0.01"),
        (Condition(param="lr", op="<=", value=0.01), "Increase lr above 0.01"),
        (Condition(param="wd", op="==", value=0.0), "Use a non-zero wd"),
        (Condition(param="opt", op="==", value="sgd"), "Avoid opt = sgd"),
        (Condition(param="opt", op="!=", value="sgd"), "Use opt = sgd"),
        (Condition(param="opt", op="in", value=("a", "b")), "Avoid opt is a or b"),
        (Condition(param="x", op="outside", value=(1.0, 2.0)), "Keep x from 1 to 2"),
        (Condition(param="x", op="between", value=(1.0, 2.0)), "Avoid x between 1 and 2"),
        (Condition(param="m", op="missing"), "Always set m"),
        (Condition(param="m", op="set"), "Leave m unset"),
    ],
)
def test_each_condition_has_its_advice(condition: Condition, action: str) -> None:
    assert _change((condition,)) == action


@pytest.mark.parametrize(
    ("other", "action"),
    [
        (Condition("batch", "<=", 16.0), "Avoid lr > 0.01 together with batch ≤ 16"),
        (Condition("opt", "in", ("adam", "sgd")), "Avoid lr > 0.01 where opt is adam or sgd"),
        (Condition("clip", "missing"), "Avoid lr > 0.01 where clip is not set"),
    ],
)
def test_a_pair_has_its_advice(other: Condition, action: str) -> None:
    high = Condition("lr", ">", 0.01)
    assert _change((high, other)) == action
    assert other.op == "<=" or _change((other, high)) == action


def test_one_advice_where_a_wider_region_holds_a_narrower_one(inspect_columns: Callable[..., SweepResult]) -> None:
    rate = [10 ** (-4 + 4 * (i * 37 % 80) / 80) for i in range(80)]
    result = inspect_columns(
        lr=[f"{lr:.3g}" for lr in rate],
        status=["failed" if lr > 0.3 else "completed" for lr in rate],
        val_loss=["" if lr > 0.3 else "nan" if lr > 0.05 else 0.3 + i % 7 / 100 for i, lr in enumerate(rate)],
    )
    assert {cause.code for cause in result.causes} == {"HP101", "HP104"}
    [one] = [one for one in result.recommendations if one.kind == "avoid" and one.action.startswith("Avoid lr >")]
    assert set(one.evidence) == {cause.id for cause in result.causes}


def test_trials_that_ignore_the_rare_class_are_not_the_best(inspect_columns: Callable[..., SweepResult]) -> None:
    sampler = ["none", "smote", "under"] * (N // 3)
    result = inspect_columns(
        sampler=sampler,
        lr=LR,
        val_accuracy=[(0.91 if name == "none" else 0.86) + i % 7 / 1000 for i, name in enumerate(sampler)],
        val_recall=[0.0 if name == "none" else 0.55 + i % 5 / 100 for i, name in enumerate(sampler)],
    )
    assert {cause.code for cause in result.causes} == {"HP305"}
    [one] = [one for one in result.recommendations if one.evidence]
    assert (one.kind, one.action) == ("avoid", "Avoid sampler = none")
    assert not [one for one in result.recommendations if one.action.startswith("Prefer sampler = none")]


def test_a_sweep_is_not_judged_by_its_recall_while_it_has_another_metric(
    inspect_columns: Callable[..., SweepResult],
) -> None:
    auc = [0.6 + 0.3 * (i * 7 % N) / N for i in range(N)]
    result = inspect_columns(lr=LR, val_recall=[1 - 0.5 * x for x in auc], val_auc=auc)
    assert result.drivers is not None
    assert result.drivers.metric == "val_auc"


@pytest.mark.parametrize(
    ("inner", "outer", "within"),
    [
        ([("lr", ">", 0.9)], [("lr", ">", 0.5)], True),
        ([("lr", ">", 0.5)], [("lr", ">", 0.9)], False),
        ([("lr", "<=", 0.1)], [("lr", "<=", 0.5)], True),
        ([("lr", "<=", 0.1)], [("lr", ">", 0.05)], False),
        ([("lr", ">", 0.9), ("opt", "==", "sgd")], [("lr", ">", 0.5)], True),
        ([("lr", ">", 0.9)], [("lr", ">", 0.5), ("opt", "==", "sgd")], False),
        ([("opt", "==", "sgd")], [("opt", "in", ("adam", "sgd"))], True),
        ([("depth", "==", 8.0)], [("depth", ">", 4.0)], True),
        ([("depth", "==", 4.0)], [("depth", ">", 4.0)], False),
        ([("lr", "between", (0.2, 0.3))], [("lr", ">", 0.1)], True),
        ([("wd", ">", 0.9)], [("lr", ">", 0.5)], False),
        ([("clip", "missing", None)], [("clip", "missing", None)], True),
    ],
)
def test_a_region_within_another(
    inner: list[tuple[str, Operator, Any]], outer: list[tuple[str, Operator, Any]], *, within: bool
) -> None:
    assert lies_within([Condition(*one) for one in inner], [Condition(*one) for one in outer]) is within


def test_no_aim_at_what_may_be_of_no_importance(inspect_columns: Callable[..., SweepResult]) -> None:
    aimed, doubtful = 0, 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        lr, width = rng.uniform(0, 1, 60), rng.uniform(0, 1, 60)
        loss = 1 + 0.6 * (lr - 0.5) ** 2 + 0.25 * width + rng.normal(0, 0.1, 60)
        result = inspect_columns(lr=lr, width=width, depth=rng.integers(1, 9, 60), val_loss=loss)
        assert result.drivers is not None
        by_name = {one.param: one for one in result.drivers.hyperparameters if not one.noise}
        doubtful += sum(one.low < 0.01 for one in by_name.values())
        for one in result.recommendations:
            if one.kind == "aim":
                aimed += 1
                assert by_name[one.reason.split(" moves ")[0]].low >= 0.01
    assert aimed
    assert doubtful
