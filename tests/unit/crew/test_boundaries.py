"""Words at which the reading of a sentence turns: nouns, openings and denials beside a number or a value."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

SWEEPS = {name: Checker(kept_facts(name)) for name in ("digits", "finetune", "policy", "speech", "trees", "two")}


def _holds(sweep: str, ids: str, text: str) -> bool:
    return SWEEPS[sweep].refuse(ids.split(), text) is None


@pytest.mark.parametrize("group", ["{} of failed trials", "{} of the failed trials", "{} of failures"])
def test_a_share_of_the_issue_is_none_of_the_condition(group: str) -> None:
    assert _holds("trees", "C2", f"{group.format('98.9%')} have booster = dart.")
    assert not _holds("trees", "C2", f"{group.format('59.6%')} have booster = dart.")
    assert _holds("trees", "C2", "59.6% of dart trials failed.")
    assert not _holds("trees", "C2", "98.9% of dart trials failed.")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("27 of the 29 trials of at most 120 warmup_steps and lora_rank above 16 went NaN.", True),
        ("27 of the 29 trials of under 120 warmup_steps and lora_rank above 16 went NaN.", True),
        ("27 of the 29 trials of over 120 warmup_steps and lora_rank above 16 went NaN.", False),
        ("27 of the 29 trials of at least 120 warmup_steps and lora_rank above 16 went NaN.", False),
        ("27 of the 29 trials of 120 warmup_steps or more and lora_rank above 16 went NaN.", False),
        ("1 of 209 trials of 120 warmup_steps or fewer and lora_rank above 16 went NaN.", False),
    ],
)
def test_a_bound_before_its_name(text: str, holds: bool) -> None:
    assert _holds("finetune", "C1", text) == holds


@pytest.mark.parametrize("opening", ["between {} and {}", "from {} to {}"])
@pytest.mark.parametrize(
    ("low", "high", "counts", "others"),
    [("13.5", "19", "70 of the 91", "6 of the 206"), ("2", "13.5", "6 of the 206", "70 of the 91")],
)
def test_a_range_before_its_name_lies_on_one_side(opening: str, low: str, high: str, counts: str, others: str) -> None:
    group = f"trials {opening.format(low, high)} max_depth overfit."
    assert _holds("trees", "C3", f"{counts} {group}")
    assert not _holds("trees", "C3", f"{others} {group}")


def test_a_range_before_its_name_may_be_the_condition() -> None:
    assert _holds("policy", "C1", "11 of the 75 trials outside 64 and 256 minibatch went NaN.")
    assert not _holds("policy", "C1", "1 of the 111 trials outside 64 and 256 minibatch went NaN.")
    assert _holds("policy", "C1", "1 of the 111 trials between 64 and 256 minibatch went NaN.")
    assert _holds("digits", "C4", "26 of the 31 trials with adamw and between 0.0825 and 2.81 lr diverged.")
    assert not _holds("digits", "C4", "26 of the 31 trials with adamw and between 0.00104 and 0.0825 lr diverged.")


@pytest.mark.parametrize("noun", ["trials", "runs", "cases"])
def test_a_number_before_a_noun_is_a_count_and_no_value(noun: str) -> None:
    assert _holds("trees", "C2", f"With booster dart 90 {noun} failed.")
    assert not _holds("trees", "C2", f"With booster dart 151 {noun} failed.")
    assert _holds("speech", "C1", f"With peak_lr above 0.05 31 {noun} diverged.")
    assert not _holds("speech", "C1", f"With peak_lr above 0.05 45 {noun} diverged.")


@pytest.mark.parametrize("group", ["Trials with booster other than dart", "Trials without booster = dart"])
def test_never_is_no_advice_within_a_sentence(group: str) -> None:
    assert not _holds("trees", "C2", f"{group} never failed.")  # one of 269 did
    assert _holds("speech", "C1", "Trials with peak_lr at or below 0.05 never diverged.")


@pytest.mark.parametrize("adjective", ["high", "large", "higher"])
def test_general_advice_may_call_high_what_it_lowers(adjective: str) -> None:
    holds = adjective != "higher"
    assert _holds("two", "R6", f"Lower a {adjective} learning rate and clip gradients.") == holds
    assert _holds("two", "R7", f"Against infinity, lower a {adjective} learning rate.") == holds


def test_trials_of_two_issues_are_looked_at_one_by_one() -> None:
    assert _holds("digits", "D3 D1", "Trial 28 and trial 13 are sick.")
    assert not _holds("digits", "D3 D1", "Trial 28 and trial 14 are sick.")
    assert not _holds("digits", "D3 D1", "Divergence in trial 13 and NaN in trial 28.")


def test_advice_may_be_repeated_whatever_its_words() -> None:
    facts = kept_facts("two")
    advice = replace(facts.by_id["R8"], words=("Download the data again", "usual for failed trials"))
    checker = Checker(replace(facts, by_id=facts.by_id | {"R8": advice}))
    text = "Download the data again for failed trials."
    assert checker.refuse(["R8"], text) is None
    assert checker.refuse(["U3"], text) == "has a link, markup or an instruction"
