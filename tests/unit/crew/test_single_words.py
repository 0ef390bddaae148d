"""One word decides whether a sentence is true: each word of a kind is held to the same facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew import outlook
from hparam_ci.crew.gather import gather
from hparam_ci.crew.grounding import Checker
from hparam_ci.inspection import Dimension
from hparam_ci.pipeline import inspect
from tests.conftest import EXAMPLES

_NAMES = ("digits", "finetune", "language", "policy", "speech", "trees")
SWEEPS = {name: Checker(kept_facts(name)) for name in _NAMES}


def holds(sweep: str, ids: str, text: str) -> bool:
    return SWEEPS[sweep].refuse(ids.split(), text) is None


_COMBINED = "divergence with lr > 0.0825 and adamw, failures with batch_size = 512 and drop_last = True."


@pytest.mark.parametrize(
    ("lead", "true"),
    [
        ("Two patterns", True),
        ("These are the patterns", True),
        ("These are not the patterns", False),
        ("These aren't the patterns", False),
        ("These are never the patterns", False),
        ("We cannot see two patterns", False),
        ("This sweep is without two patterns", False),
    ],
)
def test_what_leads_a_list_in_may_not_deny_it(lead: str, true: bool) -> None:
    assert holds("digits", "C3 C4", f"{lead}: {_COMBINED}") == true


@pytest.mark.parametrize("word", ["At least", "At the very least"])
def test_at_least_ranks_nothing(word: str) -> None:
    assert holds("digits", "D3", f"{word} 15% of the trials diverged.") == (word == "At least")


@pytest.mark.parametrize(
    "text",
    [
        "45 trials ran with peak_lr > 0.05 (31 diverged).",
        "The 45 trials with peak_lr > 0.05 saw 31 of 45 diverge.",
        "45 trials with peak_lr > 0.05, 31 diverged.",
        "There were 45 trials with peak_lr > 0.05: 68.9% diverged.",
        "31 trials with peak_lr > 0.05 diverged.",
    ],
)
def test_all_trials_with_it_stand_beside_those_that_failed(text: str) -> None:
    assert holds("speech", "C1", text)
    assert not holds("speech", "C1", "45 trials with peak_lr > 0.05 diverged.")


@pytest.mark.parametrize("before", ["searched", "tried", "explored", "covered", "previous"])
def test_an_order_speaks_of_the_next_range(before: str) -> None:
    for order in ("must go", "should go", "must be set", "has to lie"):
        assert holds("finetune", "N2", f"The {before} warmup_steps {order} from 130 to 499.")
        assert not holds("finetune", "N2", f"The {before} warmup_steps {order} from 4 to 499.")
    assert holds("finetune", "N2", f"The {before} warmup_steps went from 4 to 499.")
    assert not holds("finetune", "N2", f"The {before} warmup_steps went from 130 to 499.")


@pytest.mark.parametrize("word", ["extended", "widened", "expanded", "fixed", "frozen"])
def test_a_moved_range_is_moved_or_narrowed(word: str) -> None:
    assert not holds("policy", "N1", f"gamma is {word}.")
    assert holds("policy", "N1", "gamma is moved to 0.98 to 1.")
    assert holds("policy", "N1", "gamma is narrowed to 0.98 to 1.")


@pytest.mark.parametrize("word", ["a", "an", "the", "any", "this", "much", "far", "even"])
@pytest.mark.parametrize("noun", ["increase in", "increase of"])
def test_a_noun_gives_no_order(word: str, noun: str) -> None:
    assert holds("speech", "C1", f"{word.capitalize()} {noun} peak_lr leads to divergence.")


@pytest.mark.parametrize(("id_", "share", "whole", "right"), [("C1", 68.9, "diverged", 100), ("C2", 75.7, "", 87.5)])
def test_a_share_of_those_with_the_issue_is_not_one_of_those_with_the_condition(
    id_: str, share: float, whole: str, right: float
) -> None:
    values = {"C1": "peak_lr > 0.05", "C2": "dropout = 0"}[id_]
    for of in ("of", "of the", "of all"):
        for noun in (f"{whole or 'overfitting'} trials", f"{whole or 'overfit'} runs"):
            assert holds("speech", id_, f"{right}% {of} {noun} had {values}.")
            assert not holds("speech", id_, f"{share}% {of} {noun} had {values}.")


@pytest.mark.parametrize("never", ["never", "nowhere", "not once"])
def test_never_is_a_share(never: str) -> None:
    assert not holds("speech", "C2", f"Trials without dropout = 0 {never} overfit.")
    assert not holds("trees", "C2", f"Trials without booster = dart {never} failed.")
    assert not holds("trees", "C2", f"Without booster = dart, trials {never} fail.")
    assert not holds("speech", "C1", f"Trials with peak_lr above 0.05 {never} diverged.")


@pytest.mark.parametrize("copula", ["is", "was", "are"])
def test_a_choice_is_denied_behind_its_name(copula: str) -> None:
    assert holds("trees", "C2", f"Trials where dart {copula} not used failed in 1 of 269 cases.")
    assert not holds("trees", "C2", f"Trials where dart {copula} not used failed in 90 of 151 cases.")


def test_the_whole_of_a_count_is_no_value() -> None:
    assert holds("language", "C1", "At least 9 of 23 warmup_ratio or fewer went NaN.")
    assert holds("finetune", "C1", "27 of 29 trials with 120 warmup_steps or fewer and lora_rank above 16 went NaN.")


@pytest.mark.parametrize("noun", ["trials", "runs", "cases", "experiments", "configurations"])
def test_a_count_behind_a_name_is_no_value_of_it(noun: str) -> None:
    assert holds("speech", "C1", f"A high peak_lr was in 31 {noun} that diverged.")
    assert holds("speech", "C1", f"The threshold of peak_lr is exceeded in 45 {noun}.")
    assert not holds("speech", "C1", f"A high peak_lr was in 32 {noun} that diverged.")


@pytest.mark.parametrize("bound", ["between 11 and 14", "from 11 to 14"])
def test_a_range_before_its_name(bound: str) -> None:
    assert holds("speech", "R3", f"Aim at {bound} n_layers.")
    assert not holds("speech", "R3", f"Aim at {bound.replace('14', '15')} n_layers.")


def test_what_was_tried_of_one_hyperparameter() -> None:
    facts = gather(inspect(["digits_sweep.csv"], root=EXAMPLES))
    checker = Checker(facts)
    (fact,) = (fact for fact in facts.of("range") if fact.words == ("lr",))
    assert checker.refuse([fact.id], "Values of lr that were tried go from 0.00104 to 2.81.") is None
    assert checker.refuse([fact.id], "Between 0.00104 and 2.81 was tried.") is None
    assert checker.refuse([fact.id], "Between 0.00104 and 0.281 was tried.") is not None


def test_where_a_range_came_from_and_where_it_goes() -> None:
    facts = kept_facts("speech")
    depth = Dimension(
        param="n_layers", name="n_layers", kind="int", searched=(4, 18), change="narrowed", reasons=(), low=10, high=16
    )
    checker = Checker(replace(facts, by_id=facts.by_id | {"N3": replace(outlook.dimension(depth, 0), id="N3")}))
    said = {"was searched from {}": "4 to 18", "should be searched from {}": "10 to 16"}
    for text, right in said.items():
        for ends in said.values():
            told = checker.refuse(["N3"], f"n_layers {text.format(ends)}.")
            assert (told is None) == (ends == right), (text, ends)
    assert checker.refuse(["N3"], "n_layers goes from 4 to 18 down to 10 to 16.") is None
    assert checker.refuse(["N3"], "n_layers goes from 10 to 16 down to 4 to 18.") is not None


@pytest.mark.parametrize("link", [", ", " and ", " of ", " with ", " in "])
@pytest.mark.parametrize("noun", ["settings", "conditions", "problems"])
def test_what_is_linked_to_a_count_is_not_what_it_counts(link: str, noun: str) -> None:
    assert holds("speech", "C1", f"31 trials{link}{noun} with peak_lr > 0.05 diverged.")
    assert not holds("speech", "C1", f"31 {noun} with peak_lr > 0.05 diverged.")


def test_advice_may_be_repeated_in_its_own_words() -> None:
    facts = kept_facts("speech")
    advice = facts.by_id["R4"]
    own = replace(advice, words=(*advice.words, "Look at the system and visit the machine"))
    checker = Checker(replace(facts, by_id=facts.by_id | {"R4": own}))
    text = "6 failed trials: look at the system."
    assert checker.refuse(["R4"], text) is None
    assert checker.refuse(["R4"], text.replace("system", "assistant")) == "has a link, markup or an instruction"
    assert checker.refuse(["D2"], text) == "has a link, markup or an instruction"
