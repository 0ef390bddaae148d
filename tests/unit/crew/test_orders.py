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


_MODALS = ("should", "must", "needs to", "has to", "ought to", "is to")


def _told(act: str, gerund: str) -> list[str]:
    """`should be raised`, `needs raising` and the other ways to ask for it."""
    return [*(f"{modal} be {act}" for modal in _MODALS), *(f"{verb} {gerund}" for verb in ("needs", "requires"))]


_UP = [*_told("raised", "raising"), *_told("increased", "increasing"), "needs to go up"]
_DOWN = [*_told("lowered", "lowering"), *_told("reduced", "reducing"), "has to come down", "must be cut"]


@pytest.mark.parametrize(
    ("sweep", "ids", "subject", "right", "wrong"),
    [
        ("speech", ("C1", "R1"), "peak_lr", (_DOWN, " below 0.05"), (_UP, " above 0.05")),
        ("trees", ("C1", "R3"), "subsample", (_UP, " above 0.24"), (_DOWN, " below 0.24")),
    ],
)
def test_what_needs_raising_is_what_is_too_low(
    sweep: str,
    ids: tuple[str, ...],
    subject: str,
    right: tuple[list[str], str],
    wrong: tuple[list[str], str],
) -> None:
    for (endings, value), holds in ((right, True), (wrong, False)):
        for text in (f"{subject} {ending}{bound}." for ending in endings for bound in ("", value)):
            assert [id_ for id_ in ids if (SWEEPS[sweep].refuse([id_], text) is None) != holds] == [], text


@pytest.mark.parametrize("bound", ["at 0.05", "to 0.05"])
@pytest.mark.parametrize("act", _told("capped", "capping") + _told("limited", "limiting"))
def test_a_cap_is_from_above(act: str, bound: str) -> None:
    assert SWEEPS["speech"].refuse(["R1"], f"peak_lr {act} {bound}.") is None
    assert SWEEPS["trees"].refuse(["R3"], f"subsample {act} {bound.replace('0.05', '0.24')}.") is not None


@pytest.mark.parametrize(
    ("act", "holds"),
    [
        *((act, False) for act in _told("removed", "removing") + _told("unset", "unsetting")),
        *((act, False) for act in _told("disabled", "disabling") + _told("dropped", "dropping")),
        *((act, True) for act in _told("set", "setting")),
        *((f"{need} {act}", False) for need in ("does not need to", "need not", "needs not") for act in _SET[:4]),
        *((f"{need} to be {act}", False) for need in ("doesn't have", "does not need") for act in ("on", "given")),
    ],
)
def test_what_sickens_by_its_absence_needs_to_be_set(act: str, holds: bool) -> None:
    assert [id_ for id_ in ("C3", "R2") if (POLICY.refuse([id_], f"max_grad_norm {act}.") is None) != holds] == []


@pytest.mark.parametrize("text", ["drop_last {} off.", "With batch_size = 512, drop_last {} off."])
@pytest.mark.parametrize("need", ["does not need to be", "doesn't have to be", "need not be", "needs not be"])
def test_what_a_finding_asks_for_is_not_needless(need: str, text: str) -> None:
    assert [id_ for id_ in ("C3", "R2") if DIGITS.refuse([id_], text.format(need)) is None] == []


@pytest.mark.parametrize(
    ("act", "holds"),
    [
        *((act, True) for act in _told("removed", "removing") + _told("replaced", "replacing")),
        *((act, True) for act in _told("left out", "leaving out")[: len(_MODALS)]),
        *((act, False) for act in _told("kept", "keeping")),
        ("does not need removing", False),
        ("should not be left out", False),
        ("should be left out of the next search", True),
    ],
)
def test_a_sick_choice_needs_to_go(act: str, holds: bool) -> None:
    checker = SWEEPS["trees"]
    assert [id_ for id_ in ("C2", "R1") if (checker.refuse([id_], f"booster = dart {act}.") is None) != holds] == []


@pytest.mark.parametrize("act", ["lower", "reduce", "decrease"])
@pytest.mark.parametrize("order", ["Never {}", "Do not {}", "Don't {}"])
def test_what_is_never_lowered_is_sick_below(order: str, act: str) -> None:
    language, finetune, speech = SWEEPS["language"], Checker(kept_facts("finetune")), SWEEPS["speech"]
    order = order.format(act)
    for id_ in ("C1", "R3"):
        assert language.refuse([id_], f"{order} warmup_ratio below 0.0244.") is None
        assert language.refuse([id_], f"{act} warmup_ratio below 0.0244.") is not None
    assert finetune.refuse(["N2"], f"{order} warmup_steps below 130.") is None
    assert finetune.refuse(["N2"], f"{order} warmup_steps below 499.") is not None
    assert finetune.refuse(["C1"], f"{order} warmup_steps below 120.") is not None  # only together with lora_rank
    assert [id_ for id_ in ("C1", "R1") if speech.refuse([id_], f"{order} peak_lr below 0.05.") is None] == []


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Never let warmup_ratio fall below 0.0244.", True),
        ("warmup_ratio must not be reduced below 0.0244.", True),
        ("warmup_ratio must never be lowered below 0.0244.", True),
        ("warmup_ratio must not be raised above 0.0244.", False),
    ],
)
def test_what_is_not_to_be_lowered(text: str, holds: bool) -> None:
    assert [id_ for id_ in ("C1", "R3") if (SWEEPS["language"].refuse([id_], text) is None) != holds] == []


def test_the_next_search_may_forbid_what_it_leaves_out() -> None:
    finetune = Checker(kept_facts("finetune"))
    assert finetune.refuse(["N2"], "warmup_steps should not be lowered below 130.") is None
    assert finetune.refuse(["N2"], "warmup_steps should be lowered below 130.") is not None


@pytest.mark.parametrize("modal", [*_MODALS, "may", "can", "could"])
@pytest.mark.parametrize("state", ["be above", "exceed", "stay above", "go over", "be raised above"])
@pytest.mark.parametrize("limit", ["10%", "its limit of 10%"])
def test_no_rate_is_meant_to_be_above_its_limit(modal: str, state: str, limit: str) -> None:
    assert SWEEPS["speech"].refuse(["L3"], f"The divergence rate {modal} {state} {limit}.") is not None


@pytest.mark.parametrize("modal", _MODALS)
def test_each_rate_is_meant_to_be_within_its_limit(modal: str) -> None:
    for limit in ("10%", "its limit of 10%"):
        assert SWEEPS["speech"].refuse(["L3"], f"The divergence rate {modal} be below {limit}.") is None
    assert SWEEPS["speech"].refuse(["L3"], "The divergence rate needs raising above 10%.") is not None
    assert SWEEPS["speech"].refuse(["L3"], "The divergence rate must not be below 10%.") is not None


@pytest.mark.parametrize(
    ("ids", "text", "holds"),
    [
        ("L2", "The failed rate has to be no less than 20%.", False),
        ("L2", "The failed rate should not be lower than 20%.", False),
        ("L2", "The failed rate needs increasing.", False),
        ("L2", "The failed rate should be 21.7%.", False),
        ("L2", "The limit of 20% must be below the failed rate.", False),
        ("L2", "The failed rate can be below 20%.", False),
        ("L2", "The failed rate is no lower than 20%.", True),
        ("L1", "The NaN or Inf rate may exceed 10%.", False),
        ("L1", "The NaN or Inf rate is no higher than 10%.", True),
        ("V1 L2", "The verdict is fail: the failed rate must be above 20%.", False),
    ],
)
def test_what_a_rate_must_be(ids: str, text: str, holds: bool) -> None:
    assert (SWEEPS["trees"].refuse(ids.split(), text) is None) == holds
