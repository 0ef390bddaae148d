"""One word decides whether a sentence is true: each word of a kind is held to the same facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew import outlook
from hparam_ci.crew.facts import measures_in
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


@pytest.mark.parametrize("time", ["a third time", "a fourth time", "one third time"])
def test_a_third_time_is_no_third(time: str) -> None:
    assert holds("speech", "R1", f"Do not try peak_lr above 0.05 {time}.")
    assert not holds("speech", "R1", f"Try peak_lr above 0.05 {time}.")
    assert not holds("speech", "C1", f"With peak_lr above 0.05, {time.removesuffix(' time')} of trials diverged.")


def test_keep_always_is_advice() -> None:
    assert holds("trees", "C3", "Keep max_depth always below 13.5.")
    assert not holds("trees", "C3", "Keep max_depth always above 13.5.")
    assert holds("speech", "C1", "Keep peak_lr always below 0.05.")
    assert not holds("speech", "C1", "Keep peak_lr always above 0.05.")
    assert not holds("speech", "C1", "Trials with peak_lr above 0.05 always diverged.")


@pytest.mark.parametrize(("word", "true"), [("Most", True), ("The majority", True), ("Few", False)])
def test_how_many_of_the_best_trials_have_the_best_values(word: str, true: bool) -> None:
    for id_, bound in (("R3", "between 11 and 14"), ("M1", "from 11 to 14"), ("M1", "between 11 and 14")):
        assert holds("speech", id_, f"{word} of the best trials have n_layers {bound}.") == true


def test_too_few_for_something_is_no_share() -> None:
    assert holds("speech", "R4", "The 6 failed trials are too few for the sweep to show their cause.")
    assert holds("speech", "R4", "6 failed trials are few for a cause.")
    assert not holds("speech", "R4", "7 failed trials are few for a cause.")
    assert not holds("speech", "C1", "Few of the trials with peak_lr above 0.05 diverged.")


@pytest.mark.parametrize("said", ["{} trials overfit without.", "dropout = 0 is the cause: {} overfit without."])
def test_without_nothing_is_the_other_side(said: str) -> None:
    assert not holds("speech", "C2", said.format("28 of 37"))
    assert holds("speech", "C2", said.format("28 of 37").replace("without", "with it"))
    assert holds("speech", "C2", "4 of 116 trials overfit without.")


@pytest.mark.parametrize("where", ["outside it", "outside of it", "outside that", "outside this"])
@pytest.mark.parametrize(("sweep", "id_", "issue"), [("policy", "C2", "failed"), ("digits", "C4", "diverged")])
def test_outside_it_is_the_other_side(sweep: str, id_: str, issue: str, where: str) -> None:
    inside, outside = {"policy": ("39 of 62", "5 of 168"), "digits": ("26 of 31", "6 of 177")}[sweep]
    assert holds(sweep, id_, f"{outside} trials {where} {issue}.")
    assert not holds(sweep, id_, f"{inside} trials {where} {issue}.")


def test_a_cause_is_half_told_whatever_is_cited_before_it() -> None:
    for ids in ("C4", "D3 C4", "C4 D3", "L3 C4"):
        assert holds("digits", ids, "26 of 31 trials with lr > 0.0825 and adamw diverged.")
        assert not holds("digits", ids, "26 of 31 trials with lr > 0.0825 diverged.")


def test_a_hint_is_said_to_be_one() -> None:
    facts = kept_facts("speech")
    cause = facts.by_id["C1"]
    hint = replace(cause, kind="hint", outcome="suggestive", data=cause.data | {"evidence": "hint, not proven"})
    checker = Checker(replace(facts, by_id=facts.by_id | {"C1": hint}))
    for text in ("31 of 45 trials with peak_lr > 0.05 diverged", "peak_lr > 0.05 leads to divergence"):
        assert holds("speech", "C1", f"{text}.")
        assert checker.refuse(["C1"], f"{text}.") is not None
        assert checker.refuse(["C1"], f"{text}, which is only a hint.") is None
        assert not holds("speech", "C1", f"{text}, which is only a hint.")
    assert checker.refuse(["C1"], "peak_lr > 0.05 may lead to divergence.") is None


def test_one_trial_is_counted_wherever_it_stands() -> None:
    for text in (
        "With boosters other than dart, {} failed.",
        "In all trials with boosters other than dart, {} failed.",
    ):
        assert holds("trees", "C2", text.format("a single trial"))
        assert not holds("trees", "C2", text.format("two trials"))
    assert not holds("trees", "C2", "With booster = dart, a single trial failed.")


def test_a_choice_alone_says_what_will_be_done() -> None:
    assert holds("trees", "N3", "The next search will drop dart.")
    assert not holds("trees", "N3", "The next search will keep dart.")
    assert holds("trees", "R1", "Avoiding dart will spare about 89 of the 91 failed trials.")
    assert not holds("trees", "C2", "Avoiding dart will spare 90 of the 91 failed trials.")


@pytest.mark.parametrize("than", ["another booster than dart", "a different booster than dart"])
def test_another_than_is_no_comparison_of_its_own(than: str) -> None:
    for contrast in ("compared to those with dart", "as opposed to dart"):
        assert holds("trees", "C2", f"Trials with {than} rarely fail, {contrast}.")
        assert not holds("trees", "C2", f"Trials with dart rarely fail, {contrast.replace('dart', than)}.")


def test_limited_to_about_a_value_is_below_it() -> None:
    for act in ("Limit", "Restrict"):
        for about in ("", "about ", "roughly "):
            assert holds("speech", "R1", f"{act} peak_lr to {about}0.05.")
            assert not holds("trees", "R3", f"{act} subsample to {about}0.24.")


def test_zeros_are_no_share_of_each_other() -> None:
    facts = kept_facts("speech")
    message = "0 of 8 configurations fail for every run"
    finding = replace(facts.by_id["S1"], data={"what": message}, words=(message,), amounts=measures_in(message))
    checker = Checker(replace(facts, by_id=facts.by_id | {"S1": finding}))
    assert checker.refuse(["S1"], f"{message}.") is None
    assert checker.refuse(["S1"], "Few configurations fail for every run: 0, and again 0.") is not None
