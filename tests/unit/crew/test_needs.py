"""What a sweep needs, in all the ways to say so: never the sick side, and no rate above its limit."""

from __future__ import annotations

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

DIGITS, SPEECH = Checker(kept_facts("digits")), Checker(kept_facts("speech"))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("peak_lr above 0.05 need not be avoided.", False),
        ("peak_lr needs keeping above 0.05.", False),
        ("peak_lr needs keeping below 0.05.", True),
        ("peak_lr needs holding above 0.05.", False),
        ("peak_lr needs setting above 0.05.", False),
        ("peak_lr needs setting below 0.05.", True),
        ("peak_lr calls for raising.", False),
        ("Raising peak_lr is needed.", False),
        ("It is necessary to raise peak_lr.", False),
        ("A higher peak_lr is needed.", False),
        ("A lower peak_lr is needed.", True),
        ("peak_lr has to be higher.", False),
        ("peak_lr must go higher.", False),
        ("peak_lr might need raising.", False),
        ("peak_lr may need raising above 0.05.", False),
        ("peak_lr should need raising.", False),
        ("peak_lr will need to be raised above 0.05.", False),
        ("peak_lr may need to be above 0.05.", False),
        ("peak_lr would have to be above 0.05.", False),
        ("peak_lr could do with raising.", False),
        ("peak_lr could be raised.", False),
        ("peak_lr can be raised above 0.05.", False),
        ("peak_lr had to be raised above 0.05.", False),
        ("peak_lr needed raising above 0.05.", False),
        ("peak_lr needed to be above 0.05.", False),
        ("We need to raise peak_lr above 0.05.", False),
        ("We have to raise peak_lr above 0.05.", False),
        ("Trials need a peak_lr above 0.05.", False),
        ("Trials need peak_lr to be above 0.05.", False),
        ("The sweep needs a peak_lr above 0.05.", False),
        ("The sweep needs a higher peak_lr.", False),
        ("The sweep needs a lower peak_lr.", True),
    ],
)
def test_what_is_needed_is_not_what_sickens(text: str, holds: bool) -> None:
    assert [id_ for id_ in ("C1", "R1") if (SPEECH.refuse([id_], text) is None) != holds] == []


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("A divergence rate above 10% is needed.", False),
        ("The divergence rate is supposed to be above 10%.", False),
        ("The divergence rate would have to be above 10%.", False),
        ("The divergence rate may need to exceed 10%.", False),
        ("We need a divergence rate above 10%.", False),
        ("Aim for a divergence rate above 10%.", False),
        ("Keep the divergence rate above 10%.", False),
        ("Raise the divergence rate above 10%.", False),
        ("It is fine for the divergence rate to be above 10%.", False),
        ("The divergence rate could exceed 10%.", False),
        ("Keep the divergence rate below 10%.", True),
    ],
)
def test_no_rate_is_needed_above_its_limit(text: str, holds: bool) -> None:
    assert (SPEECH.refuse(["L3"], text) is None) == holds


@pytest.mark.parametrize(
    "lead",
    [
        "None of these were found",
        "None of these hold",
        "Nothing points to these",
        "Neither of these is true",
        "It is wrong to blame these",
        "Nobody saw these",
        "Hardly any of these",
    ],
)
def test_a_list_is_not_denied_before_its_colon(lead: str) -> None:
    found = "divergence with lr > 0.0825 and adamw and failures with batch_size = 512 and drop_last = True."
    assert DIGITS.refuse(["C3", "C4"], f"Two patterns: {found}") is None
    assert DIGITS.refuse(["C3", "C4"], f"{lead}: {found}") is not None


@pytest.mark.parametrize(
    "lead", ["Not a cause", "No cause of divergence", "Nothing to worry about", "Neither is a cause"]
)
def test_a_cause_is_not_denied_before_its_colon(lead: str) -> None:
    assert DIGITS.refuse(["C4"], f"{lead}: lr > 0.0825 with adamw diverged in 26 of 31 trials.") is not None
    assert DIGITS.refuse(["C4"], f"{lead}: lr > 0.0825 with adamw.") is not None


@pytest.mark.parametrize("order", ["needs to be above", "should exceed", "must stay over", "should be below"])
def test_a_count_says_nothing_of_what_a_rate_is_meant_to_be(order: str) -> None:
    assert SPEECH.refuse(["D1"], f"The divergence rate {order} 10%.") is not None
    assert SPEECH.refuse(["D1"], "31 of 184 trials diverged.") is None
