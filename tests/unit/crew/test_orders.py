"""Orders and permissions: what should, must, may and need not be, held to what is sick."""

from __future__ import annotations

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

SWEEPS = {name: Checker(kept_facts(name)) for name in ("digits", "language", "policy", "speech", "trees")}
DIGITS, POLICY = SWEEPS["digits"], SWEEPS["policy"]

AGAINST = [
    "{v} should not be used.",
    "{v} must be avoided.",
    "{v} ought to be avoided.",
    "{v} has to be left out.",
    "{v} needs to be replaced.",
    "{v} is to be avoided.",
    "Stop using {v}.",
    "Don't use {v}.",
    "Do not use {v}.",
    "Never use {v}.",
    "{v} should never be used.",
    "{v} must not be used again.",
    "{v} should be dropped.",
    "You should avoid {v}.",
    "It is best to avoid {v}.",
    "{v} is best avoided.",
    "Drop {v}.",
    "Leave out {v}.",
    "{v} should be excluded.",
    "{v} needs to be dropped.",
    "The next search should not use {v}.",
    "The next search should leave out {v}.",
    "{v} should not be kept.",
    "{v} should no longer be used.",
]
FOR = [
    "{v} should be used.",
    "{v} should not be avoided.",
    "{v} must never be replaced.",
    "{v} should be kept.",
    "{v} needs to be kept.",
    "{v} ought not to be avoided.",
    "{v} should not be left out.",
    "{v} has to be used.",
    "Only {v} should be used.",
    "Use {v}.",
    "Always use {v}.",
    "{v} is to be used.",
    "{v} should not be dropped.",
    "Never drop {v}.",
    "Do not avoid {v}.",
    "You should use {v}.",
    "It is best to use {v}.",
    "{v} is best kept.",
    "{v} is worth keeping.",
    "{v} must be used.",
    "Keep {v}.",
    "Keep using {v}.",
    "Stick to {v}.",
    "{v} is the best choice.",
    "{v} should not be excluded.",
    "{v} is safe.",
    "{v} is recommended.",
    "The next search should use {v}.",
    "The next search should keep {v}.",
    "{v} should never be left out.",
    "Do not leave out {v}.",
    "Don't drop {v}.",
    "{v} needs no change.",
    "{v} works well.",
    "{v} is fine.",
    "{v} should not be replaced.",
    "Prefer {v}.",
    "Nothing is wrong with {v}.",
    "{v} does no harm.",
    "{v} is harmless.",
    "There is no need to avoid {v}.",
    "{v} need not be avoided.",
    "{v} does not need to be avoided.",
    "No need to drop {v}.",
    "{v} can be kept.",
    "{v} can stay.",
    "{v} may be used.",
    "{v} could be used safely.",
    "It is fine to use {v}.",
]


@pytest.mark.parametrize(
    ("sweep", "ids", "values"),
    [
        ("digits", ("C5", "R3"), "adamw"),
        ("digits", ("C5", "R3"), "optimizer = adamw"),
        ("language", ("C2", "R1"), "A context_length of 4096"),
        ("speech", ("C1", "R1"), "peak_lr > 0.05"),
        ("trees", ("C2", "R1"), "booster = dart"),
    ],
)
def test_sick_values_are_advised_against_and_never_for(sweep: str, ids: tuple[str, ...], values: str) -> None:
    for holds, texts in ((True, AGAINST), (False, FOR)):
        for text in (text.format(v=values) for text in texts):
            assert [id_ for id_ in ids if (SWEEPS[sweep].refuse([id_], text) is None) != holds] == [], text


@pytest.mark.parametrize(
    ("ids", "text", "holds"),
    [
        (("C2", "R1"), "context_length should stay below 4096.", True),
        (("C2", "R1"), "context_length should not be 4096.", True),
        (("C2", "R1"), "context_length has to be 4096.", False),
        (("C2", "R1"), "context_length should not stay below 4096.", False),
        (("C2", "R1"), "context_length should be no less than 4096.", False),
        (("C2",), "Trials whose context_length was not below 4096 failed in 66 of 82 cases.", False),
        (("C2",), "Trials with context_length below 4096 failed in 2 of 338 cases.", True),
    ],
)
def test_what_lies_beyond_a_choice(ids: tuple[str, ...], text: str, holds: bool) -> None:
    assert [id_ for id_ in ids if (SWEEPS["language"].refuse([id_], text) is None) != holds] == []


_UNSET = ["be unset", "be left unset", "stay unset", "be off", "be left off", "be disabled", "be missing"]
_SET = ["be set", "be on", "be enabled", "be given", "stay set", "be left set"]
_ABOVE = ["exceed", "be above", "go above", "rise above", "be set above", "be kept above", "be higher than"]
_BELOW = ["be at most", "be below", "go below", "fall below", "be set below", "be kept below", "be lower than"]


@pytest.mark.parametrize("modal", ["should", "must", "needs to", "ought to", "has to"])
@pytest.mark.parametrize(
    ("sweep", "ids", "subject", "right", "wrong"),
    [
        ("policy", ("C3", "R2"), "max_grad_norm", _SET, _UNSET),
        ("speech", ("C1", "R1"), "peak_lr", _BELOW, _ABOVE),
        ("trees", ("C1", "R3"), "subsample", _ABOVE, _BELOW[1:]),
    ],
)
def test_what_must_not_be_is_the_other_side(
    sweep: str, ids: tuple[str, ...], subject: str, right: list[str], wrong: list[str], modal: str
) -> None:
    checker, value = SWEEPS[sweep], {"speech": " 0.05", "trees": " 0.24"}.get(sweep, "")
    denials = {"should": "should not", "must": "must never", "ought to": "ought not to"}
    for ending in (*right, *wrong):
        said = [(f"{subject} {modal} {ending}{value}.", ending in right)]
        if modal in denials:
            said.append((f"{subject} {denials[modal]} {ending}{value}.", ending in wrong))
        for text, holds in said:
            assert [id_ for id_ in ids if (checker.refuse([id_], text) is None) != holds] == [], text


@pytest.mark.parametrize("way", ["be on", "be enabled", "be true", "be turned on", "be used"])
def test_a_switch_that_must_be_off_must_not_be_on(way: str) -> None:
    off = way.replace("on", "off").replace("enabled", "disabled").replace("true", "false")
    for modal in ("should", "must", "needs to", "ought to"):
        assert DIGITS.refuse(["C3"], f"drop_last {modal} {way} with batch_size = 512.") is not None
        if off != way:
            assert DIGITS.refuse(["C3"], f"drop_last {modal} {off} with batch_size = 512.") is None
    assert DIGITS.refuse(["C3"], f"drop_last must not {way} with batch_size = 512.") is None
    if off != way:
        assert DIGITS.refuse(["C3"], f"drop_last must not {off} with batch_size = 512.") is not None


@pytest.mark.parametrize("text", ["{} does not need to be set.", "{} does not have to be set.", "{} need not be set."])
def test_what_need_not_be_is_not_what_must_be(text: str) -> None:
    assert POLICY.refuse(["C3"], text.format("max_grad_norm")) is not None
    assert POLICY.refuse(["R2"], text.format("max_grad_norm")) is not None


@pytest.mark.parametrize(
    ("sweep", "ids", "text", "holds"),
    [
        ("language", "R1", "Avoid context_length = 4096, which would spare 66 trials.", True),
        ("language", "R1", "Avoid context_length = 4096, which would spare 82 trials.", False),
        ("language", "R1", "Avoid context_length = 4096, where 338 trials failed.", False),
        ("language", "R1", "Avoid context_length = 4096, because 20% of failures come from it.", False),
        ("language", "R1", "Avoid context_length = 4096, which gives up 20% of the searched space.", True),
        ("language", "R1", "Avoiding context_length = 4096 gives up 20% of it.", True),
        ("speech", "R3", "n_layers should lie between 11 and 14.", True),
        ("speech", "R3", "Avoid n_layers between 11 and 14.", False),
        ("speech", "R3", "n_layers causes val_loss.", False),
        ("speech", "R3", "Most of the best 19 trials have n_layers between 11 and 14.", True),
        ("speech", "R3", "Most of the best 184 trials have n_layers between 11 and 14.", False),
        ("speech", "N2", "The next search should not use dropout = 0.", True),
        ("speech", "N2", "The next search should not use dropout 0.1.", False),
        ("speech", "N3", "n_layers should not be above 16.", True),
        ("speech", "N3", "n_layers should be above 16.", False),
        ("policy", "N1", "gamma should be raised.", True),
        ("policy", "N1", "gamma should be lowered.", False),
        ("policy", "N2", "max_grad_norm should not be left unset.", True),
        ("policy", "N2", "max_grad_norm must not be set.", False),
    ],
)
def test_where_to_search_and_what_it_spares(sweep: str, ids: str, text: str, holds: bool) -> None:
    assert (SWEEPS[sweep].refuse([ids], text) is None) == holds
