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
