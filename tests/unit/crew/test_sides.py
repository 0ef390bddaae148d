"""On which side of a cause a sentence stands: switches that are on, off, set or not."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

FACTS = kept_facts("digits")
POLICY = Checker(kept_facts("policy"))


@pytest.mark.parametrize("sick", ["True", "False"])
def test_the_other_state_of_a_switch_is_the_other_side(sick: str) -> None:
    cause = FACTS.by_id["C3"]
    conditions = (cause.conditions[0], msgspec.structs.replace(cause.conditions[1], value=sick))
    data = cause.data | {"condition": f"batch_size = 512 and drop_last = {sick}"}
    checker = Checker(replace(FACTS, by_id=FACTS.by_id | {"C3": replace(cause, conditions=conditions, data=data)}))
    healthy = "False" if sick == "True" else "True"
    said = "batch_size = 512 with drop_last = {} failed in 20 of 20 trials."
    assert checker.refuse(["C3"], said.format(sick)) is None
    assert checker.refuse(["C3"], said.format(healthy)) is not None
    kept = "Keep drop_last = {} with batch_size = 512."
    assert checker.refuse(["C3"], kept.format(healthy)) is None
    assert checker.refuse(["C3"], kept.format(sick)) is not None


@pytest.mark.parametrize("value", ["above 1", "below 1", "at 1"])
def test_where_it_is_set_is_not_that_it_is(value: str) -> None:
    assert POLICY.refuse(["R2"], "max_grad_norm must be set.") is None
    assert POLICY.refuse(["R2"], f"max_grad_norm must be set {value}.") is not None


@pytest.mark.parametrize("ending", [" trials diverged.", "."])
def test_below_alone_is_no_place_above_a_threshold(ending: str) -> None:
    digits = Checker(FACTS)  # C4: lr > 0.0825 and optimizer = adamw
    assert digits.refuse(["C4"], f"Above, 26 of 31{ending}") is None
    assert digits.refuse(["C4"], f"Below, 26 of 31{ending}") is not None
    assert digits.refuse(["C4"], f"At or below, 26 of 31{ending}") is not None


def test_it_is_the_one_hyperparameter_of_the_facts() -> None:
    control = Checker(kept_facts("control"))  # C3: clip_norm is not set
    assert control.refuse(["C3"], "With it set, 1 of 151 trials diverged; with it unset, 53 of 80.") is None
    assert control.refuse(["C3"], "With it set, 53 of 80 trials diverged.") is not None
    assert control.refuse(["C3"], "With it unset, 1 of 151 trials diverged.") is not None
