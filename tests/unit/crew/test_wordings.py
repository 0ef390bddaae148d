"""Single wordings that turn a sentence round or leave it true, each beside the fact that it is held to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.facts import Amount, Fact, amounts_in
from hparam_ci.crew.grounding import Checker

FACTS = kept_facts("digits")
DIGITS = Checker(FACTS)
FINETUNE = Checker(kept_facts("finetune"))


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ("C4", "26 of the 32 diverged trials are explained by using adamw with lr > 0.0825."),
        ("C4", "The result of using adamw with lr > 0.0825 is divergence."),
        ("C4", "Divergence is caused by using adamw with lr > 0.0825."),
        ("C4", "At most 90% of the trials with lr > 0.0825 and adamw diverged."),
        ("C4", "Up to 85% of the trials with lr > 0.0825 and adamw diverged."),
        ("D3", "At most 16% of the trials diverged."),
        ("S1", "digits_sweep.csv has issues."),
        ("C4", "Trials with adamw and lr of 0.0825 and above diverged in 26 of 31 cases."),
        ("C4", "5 of the 31 trials with lr > 0.0825 and adamw did not show divergence."),
        ("R1", "Avoiding lr > 0.0825 with adamw will spare 26 of the 32 diverged trials."),
        ("R1", "Keeping lr at or below 0.0825 with adamw will help."),
        ("R1", "With adamw, lr should not be above 0.0825."),
        ("R1", "Set the top end of lr to 0.0825 with adamw."),
        ("R1", "Keep the top bound of lr at 0.0825 with adamw."),
        ("R1", "Keep lr always below 0.0825 with adamw."),
        ("R2", "Keep batch_size under 512 with drop_last = True."),
        ("L1", "All NaN or Inf rates stay within their limit."),
        ("L1", "Every NaN or Inf rate is within its limit of 10%."),
        ("C4", "Most diverged trials combine adamw with a high lr (26, to be exact)."),
        ("C4", "Large values of lr with adamw diverged in 26 of 31 trials."),
    ],
)
def test_true_in_other_words(ids: str, text: str) -> None:
    assert DIGITS.refuse(ids.split(), text) is None


@pytest.mark.parametrize(
    ("ids", "text", "why"),
    [
        ("C4", "Trials with lr > 0.0825 and adamw always diverged.", "always"),
        ("C4", "lr > 0.0825 with adamw always leads to divergence.", "always"),
        ("C4", "Small values of lr above 0.0825 with adamw diverged in 26 of 31 trials.", "something else"),
        ("C4", "Trials with lr > 0.0825 and adamw diverged in 83.9% 99% of cases.", "99%"),
        ("C4", "Trials with lr > 0.0825 and adamw diverged in 26 of 31 28 cases.", "28"),
        ("C4", "At most 80% of the trials with lr > 0.0825 and adamw diverged.", "other side"),
        ("C4", "26 of the 31 trials with lr > 0.0825 and adamw did not stop the divergence.", "denies"),
        ("C4", "26 of the 31 trials with lr > 0.0825 and adamw did not lead to divergence.", "denies"),
        ("R4", "With lr > 0.11 you should not set grad_clip.", "mixes"),
        ("R4", "With lr > 0.11, we should not use grad_clip.", "mixes"),
    ],
)
def test_false_by_one_word(ids: str, text: str, why: str) -> None:
    problem = DIGITS.refuse(ids.split(), text)
    assert problem is not None
    assert why in problem


@pytest.mark.parametrize(
    ("ids", "text", "holds"),
    [
        ("N2", "Avoid low warmup_steps.", True),
        ("N2", "Avoid high warmup_steps.", False),
        ("N2", "The next search avoids low values of warmup_steps.", True),
    ],
)
def test_what_is_avoided_lies_on_the_other_end(ids: str, text: str, holds: bool) -> None:
    assert (FINETUNE.refuse(ids.split(), text) is None) == holds


def _beside(*facts: Fact) -> Checker:
    return Checker(replace(FACTS, by_id=FACTS.by_id | {fact.id: fact for fact in facts}))


def _of_lr_alone() -> Checker:
    """The cause of divergence, were it lr > 0.0825 alone."""
    cause = FACTS.by_id["C4"]
    return _beside(replace(cause, conditions=cause.conditions[:1], data=cause.data | {"condition": "lr > 0.0825"}))


@pytest.mark.parametrize(
    "group",
    [
        "Trials whose lr did not exceed 0.0825",
        "Trials whose lr does not exceed 0.0825",
        "Trials whose lr cannot exceed 0.0825",
        "Trials whose lr could not exceed 0.0825",
        "Trials whose lr did not go above 0.0825",
        "Trials whose lr did not get higher than 0.0825",
        "Trials whose lr did not lie above 0.0825",
        "Trials whose lr was not above 0.0825",
        "Trials not using lr > 0.0825",
        "Trials not having lr > 0.0825",
        "Trials that do not have lr > 0.0825",
        "Trials without lr > 0.0825",
    ],
)
def test_a_denied_bound_names_the_other_side(group: str) -> None:
    checker = _of_lr_alone()
    assert checker.refuse(["C4"], f"{group} diverged in 6 of 177 cases.") is None
    assert checker.refuse(["C4"], f"{group} diverged in 26 of 31 cases.") is not None


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ("C4", "Trials that did not use lr > 0.0825 and adamw diverged in 26 of 31 cases."),
        ("C5", "Trials that did not use optimizer = adamw overfit in 13 of 51 cases."),
        ("C5", "Trials not using optimizer = adamw overfit in 13 of 51 cases."),
        ("R3", "Not using optimizer = adamw causes overfitting."),
    ],
)
def test_what_is_said_not_to_be_used_is_the_other_side(ids: str, text: str) -> None:
    assert DIGITS.refuse([ids], text) is not None


def test_what_is_true_without_a_value_may_be_said_so() -> None:
    assert DIGITS.refuse(["C5"], "Trials not using optimizer = adamw overfit in 3 of 125 cases.") is None
    assert DIGITS.refuse(["R3"], "Not using optimizer = adamw avoids overfitting.") is None
    assert DIGITS.refuse(["R3"], "Do not use optimizer = adamw.") is None


def _remark(message: str) -> Checker:
    return _beside(
        Fact(
            "W1", "finding", 0, {"what": message}, ("HP201",), "Diverged", words=(message,), amounts=amounts_in(message)
        )
    )


def test_a_remark_may_be_repeated_with_its_rank_and_its_whole() -> None:
    message = "20 of 20 highest losses have lr at its largest value"
    assert _remark(message).refuse(["W1"], f"{message}.") is None
    assert _remark(message).refuse(["W1"], f"{message.replace('20 of 20', '20 of 21')}.") is not None


@pytest.mark.parametrize("text", ["The cause of divergence stays unexplained.", "Divergence is unexplained."])
def test_an_unknown_cause_may_be_called_unexplained(text: str) -> None:
    amounts = (Amount(32, "trials"), Amount(400, "trials"))
    unknown = Fact("U1", "undetermined", 0, {"cause": "undetermined"}, ("HP201",), "Diverged", amounts=amounts)
    assert _beside(unknown).refuse(["U1"], text) is None
    assert _beside(unknown).refuse(["U1"], "Divergence comes from its own cause.") is not None


def test_advice_for_want_of_a_cause_may_say_that_it_is_not_known() -> None:
    words = ("Run more trials", "the cause of the diverged trials cannot be told")
    advice = replace(FACTS.by_id["R1"], conditions=(), amounts=(), pairs=(), outcome="", words=words)
    assert _beside(advice).refuse(["R1"], "The cause of divergence is not known.") is None
    assert DIGITS.refuse(["R1"], "The cause of divergence is not known.") is not None


def test_an_interval_may_begin_and_end_at_one_shown_value() -> None:
    amounts = (Amount(100.0, "%", "learning_rate"), Amount(99.6, "bound"), Amount(99.9, "bound"))
    facts = kept_facts("finetune")
    near = replace(facts.by_id["M1"], amounts=amounts)
    checker = Checker(replace(facts, by_id=facts.by_id | {"M1": near}))
    text = "learning_rate has 100% of the importance for val_loss (interval 100 to 100%)."
    assert checker.refuse(["M1"], text) is None
    assert checker.refuse(["M1"], text.replace("100 to 100%", "100 to 99%")) is not None


def test_trials_may_be_listed_that_have_names_and_numbers() -> None:
    checker = _beside(replace(FACTS.by_id["C4"], trials=("base", "13", "15")))
    text = "Trials base, 13 and 15 diverged with lr > 0.0825 and adamw."
    assert checker.refuse(["C4"], text) is None
    assert checker.refuse(["C4"], text.replace("15", "16")) == "trial 16 is not in the cited evidence"
