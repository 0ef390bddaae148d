"""Hyperparameters that apply only where another one has certain values."""

from __future__ import annotations

import random
from collections.abc import Callable

from hparam_ci.inspection import SweepResult
from hparam_ci.sources.sweep import Sweep

N = 120
Inspect = Callable[..., SweepResult]


def columns(sick: Callable[[str, float], bool]) -> dict[str, list[object]]:
    rng = random.Random(3)
    optimizer = [rng.choice(["sgd", "adam", "rmsprop"]) for _ in range(N)]
    momentum = [rng.random() for _ in range(N)]
    return {
        "trial_id": list(range(N)),
        "optimizer": list(optimizer),
        "momentum": [round(m, 4) if o == "sgd" else None for o, m in zip(optimizer, momentum, strict=True)],
        "lr": [10 ** rng.uniform(-4, -1) for _ in range(N)],
        "val_loss": ["nan" if sick(o, m) else 0.3 + rng.random() / 3 for o, m in zip(optimizer, momentum, strict=True)],
    }


def causes(result: SweepResult) -> list[str]:
    return [cause.text for cause in result.causes]


def test_where_it_is_set_is_said(sweep_of: Callable[..., Sweep]) -> None:
    sweep = sweep_of(**columns(lambda o, m: False))
    by_name = {reading.name: reading.reason for reading in sweep.readings}
    assert by_name["momentum"] == "a usual name of a hyperparameter; set where optimizer is sgd"
    assert "set where" not in by_name["lr"]


def test_blanks_of_a_crash_are_no_condition(sweep_of: Callable[..., Sweep]) -> None:
    sweep = sweep_of(
        lr=range(N), width=[None if i % 7 == 0 else i % 3 for i in range(N)], val_loss=[i / 7 for i in range(N)]
    )
    assert "set where" not in {reading.name: reading.reason for reading in sweep.readings}["width"]


def test_the_choice_is_the_cause_and_not_that_its_parameter_is_set(inspect_columns: Inspect) -> None:
    assert causes(inspect_columns(**columns(lambda o, m: o == "sgd"))) == ["optimizer = sgd"]


def test_it_is_judged_among_the_trials_that_set_it(inspect_columns: Inspect) -> None:
    [text] = causes(inspect_columns(**columns(lambda o, m: o == "sgd" and m > 0.6)))
    assert "momentum > 0.6" in text
