"""On which side of a cause a sentence stands: switches that are on, off, set or not, and set to what."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

FACTS = kept_facts("digits")
POLICY = Checker(kept_facts("policy"))
SPEECH = Checker(kept_facts("speech"))


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


_ENDINGS = (
    "set {}",
    "set very {}",
    "set to a {} value",
    "set at a {} value",
    "set to {} values",
    "kept {}",
    "set to a {} setting",
)


@pytest.mark.parametrize("ending", _ENDINGS)
@pytest.mark.parametrize("id_", ["C1", "R1"])
def test_set_low_is_a_low_value(id_: str, ending: str) -> None:
    for modal in ("should be", "must be", "has to be"):
        assert SPEECH.refuse([id_], f"peak_lr {modal} {ending.format('low')}.") is None
        assert SPEECH.refuse([id_], f"peak_lr {modal} {ending.format('high')}.") is not None


@pytest.mark.parametrize("ending", ["set {}", "set too {}", "set to {} values", "kept {}", "kept too {}"])
@pytest.mark.parametrize("id_", ["C1", "R1"])
def test_what_must_not_be_set_high_is_high(id_: str, ending: str) -> None:
    for denial in ("should not", "must not", "must never", "ought not to"):
        assert SPEECH.refuse([id_], f"peak_lr {denial} be {ending.format('high')}.") is None
        assert SPEECH.refuse([id_], f"peak_lr {denial} be {ending.format('low')}.") is not None


@pytest.mark.parametrize("value", ["low", "high", "too low", "at a low value", "to a low value", "to high values"])
def test_set_to_some_value_is_more_than_set(value: str) -> None:
    for id_ in ("R2", "N2"):
        for told in ("Set max_grad_norm", "Always set max_grad_norm", "max_grad_norm must be set"):
            assert POLICY.refuse([id_], f"{told}.") is None
            assert POLICY.refuse([id_], f"{told} {value}.") is not None
    for denied, count in (("", "4 of 132"), ("not ", "29 of 42")):
        said = f"{count} trials where max_grad_norm was {denied}set"
        assert POLICY.refuse(["C3"], f"{said} diverged.") is None
        assert POLICY.refuse(["C3"], f"{said} {value} diverged.") is not None


@pytest.mark.parametrize("purpose", ["to avoid divergence", "to reduce divergence", "to lower the rate of divergence"])
def test_what_it_is_set_for_is_no_value(purpose: str) -> None:
    assert POLICY.refuse(["R2"], f"max_grad_norm must be set {purpose}.") is None
    assert POLICY.refuse(["R2"], f"Always set max_grad_norm {purpose}.") is None
    assert POLICY.refuse(["R2"], f"Never set max_grad_norm {purpose}.") is not None


@pytest.mark.parametrize(("degree", "holds"), [("too high", True), ("very high", True), ("too low", False)])
def test_set_too_high_is_high(degree: str, holds: bool) -> None:
    assert (SPEECH.refuse(["C1"], f"When peak_lr is set {degree}, trials diverge.") is None) == holds


@pytest.mark.parametrize(
    ("sweep", "name", "healthy", "sick"),
    [
        ("trees", "booster was {}set to dart", "1 of 269", "90 of 151"),
        ("language", "context_length was {}set to 4096", "2 of 338", "66 of 82"),
    ],
)
def test_not_set_to_a_value_is_not_unset(sweep: str, name: str, healthy: str, sick: str) -> None:
    checker = Checker(kept_facts(sweep))
    for denied, right, wrong in (("not ", healthy, sick), ("", sick, healthy)):
        assert checker.refuse(["C2"], f"{right} trials where {name.format(denied)} failed.") is None
        assert checker.refuse(["C2"], f"{wrong} trials where {name.format(denied)} failed.") is not None


@pytest.mark.parametrize("state", ["not yet set", "not even set", "not explicitly set", "not ever explicitly set"])
def test_however_little_it_is_set_it_is_not(state: str) -> None:
    for verb in ("was", "is"):
        said = f"trials in which max_grad_norm {verb} {state} diverged."
        assert POLICY.refuse(["C3"], f"29 of 42 {said}") is None
        assert POLICY.refuse(["C3"], f"4 of 132 {said}") is not None


@pytest.mark.parametrize("way", ["turned completely off", "switched fully off", "left explicitly unset"])
def test_however_far_it_is_off_it_is(way: str) -> None:
    for denied, right, wrong in (("", "29 of 42", "4 of 132"), ("not ", "4 of 132", "29 of 42")):
        for verb in ("was", "had been") if not denied else ("was",):
            said = f"trials in which max_grad_norm {verb} {denied}{way} diverged."
            assert POLICY.refuse(["C3"], f"{right} {said}") is None
            assert POLICY.refuse(["C3"], f"{wrong} {said}") is not None
    assert POLICY.refuse(["R2"], f"max_grad_norm must not be {way}.") is None
    assert POLICY.refuse(["R2"], f"max_grad_norm must be {way}.") is not None
    assert POLICY.refuse(["R2"], "max_grad_norm should not even be left unset.") is None


@pytest.mark.parametrize("word", ["any", "every", "all", "each"])
@pytest.mark.parametrize(
    "link", [" with", " and", ", with", " when the optimizer is", ", where the optimizer is", " if"]
)
def test_any_value_beside_another_condition_is_any_value(word: str, link: str) -> None:
    digits = Checker(FACTS)
    assert digits.refuse(["R1"], f"Avoid any lr above 0.0825{link} adamw.") is None
    assert digits.refuse(["R1"], f"Avoid {word} lr{link} adamw.") is not None


@pytest.mark.parametrize("word", ["any", "every", "all"])
def test_where_one_condition_holds_the_other_is_not_any(word: str) -> None:
    digits = Checker(FACTS)
    assert digits.refuse(["R2"], f"Avoid drop_last = True at {word} batch_size of 512.") is None
    assert digits.refuse(["R2"], f"Avoid drop_last = True at {word} batch_size.") is not None
    assert digits.refuse(["C3"], f"Trials fail at {word} batch_size with drop_last = True.") is not None
