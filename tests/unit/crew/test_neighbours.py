"""True sentences, each beside a false one that differs from it by a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew import outlook
from hparam_ci.crew.facts import Amount
from hparam_ci.crew.grounding import Checker
from hparam_ci.crew.names import spellings
from hparam_ci.crew.sentences import say
from hparam_ci.inspection import Bucket, BucketTable, Dimension, Drivers, Importance

SWEEPS = {
    name: Checker(kept_facts(name)) for name in ("control", "digits", "language", "policy", "speech", "trees", "two")
}
PAIRS = [
    ("control", "R2", "Turn on clip_norm.", "Turn off clip_norm."),
    ("control", "R2", "Switch clip_norm on.", "Switch off clip_norm."),
    ("control", "R2", "Turn clip_norm on.", "Turn clip_norm off."),
    ("control", "R2", "Do not turn clip_norm off.", "Do not turn clip_norm on."),
    ("control", "R2", "Never turn off clip_norm.", "Never turn on clip_norm."),
    ("speech", "R2", "Never turn dropout off.", "Never turn dropout on."),
    ("speech", "R2", "Turn on dropout.", "Turn off dropout."),
    ("trees", "N3", "dart will be left out.", "gbtree will be left out."),
    ("trees", "N3", "booster = dart should be left out.", "booster = gbtree should be left out."),
    ("trees", "N3", "gblinear and gbtree will remain.", "dart and gbtree will remain."),
    ("trees", "N1", "The range of max_depth is decreased.", "max_depth is searched in an increased range."),
    ("trees", "N1", "max_depth, now from 2 to 13, is decreased.", "max_depth, now from 2 to 13, is increased."),
    (
        "trees",
        "N1",
        "The upper end of max_depth is lowered from 19 to 13.",
        "The upper end of max_depth is lowered from 2 to 13.",
    ),
    (
        "language",
        "N1",
        "The lower end of warmup_ratio is raised from 0.0005 to 0.0245.",
        "The lower end of warmup_ratio is raised from 0.0005 to 0.3.",
    ),
    (
        "trees",
        "O1",
        "199 of 420 trials show one of the three kinds of issue.",
        "199 of 420 trials show one of the four kinds of issue.",
    ),
    ("trees", "D1", "Greater than 20% of the trials failed.", "Greater than 25% of the trials failed."),
    ("trees", "D1", "The failed share is greater than 20%.", "The failed share is greater than 25%."),
    ("speech", "C1", "Outside it, 0 of 139 trials diverged.", "Outside it, 31 of 45 trials diverged."),
    ("digits", "C4", "Outside it, 6 of 177 trials diverged.", "Outside it, 26 of 31 trials diverged."),
    ("speech", "R1", "Restrict peak_lr to roughly 0.05.", "Restrict peak_lr to roughly 0.5."),
    (
        "trees",
        "R3 R2",
        "Set a bottom limit of subsample at 0.24.",
        "Set the bottom bound of max_depth to 13.5.",
    ),
    (
        "speech",
        "C1",
        "Keep peak_lr at or below 0.05 always, for 31 of 45 trials above it diverged.",
        "Trials with peak_lr above 0.05 always diverge: 31 of 45 trials did.",
    ),
    ("policy", "R2", "max_grad_norm must be set in all trials.", "max_grad_norm must be set high in all trials."),
    (
        "control",
        "C3",
        "Trials where clip_norm was not in fact set diverged in 53 of 80 cases.",
        "Trials where clip_norm was not in fact set diverged in 1 of 151 cases.",
    ),
    ("control", "C3", "With clip_norm set, 1 of 151 diverged.", "With clip_norm set, 53 of 80 diverged."),
    ("digits", "C5", "Overfitting without: 3 of 125 trials.", "Overfitting without: 13 of 51 trials."),
    (
        "trees",
        "C3",
        "Trials that overfit are few for max_depth at or below 13.5, 6 of 206.",
        "Trials that overfit are few for max_depth above 13.5, 70 of 91.",
    ),
    ("trees", "N1", "max_depth goes from 2 to 13.", "Most of the max_depth range is kept."),
    ("trees", "N1", "max_depth, now from 2 to 13, is lowered.", "max_depth, now from 2 to 13, is raised."),
    (
        "trees",
        "N1",
        "Instead of the previous range, max_depth must go from 2 to 13.",
        "Instead of the previous range, max_depth must go from 2 to 19.",
    ),
    ("speech", "D1", "At least 31 of 184 trials diverged.", "At least 32 of 184 trials diverged."),
    (
        "digits",
        "D3 C4",
        "26 of 31 trials with lr above 0.0825 and adamw diverged.",
        "26 of 31 trials with lr above 0.0825 diverged.",
    ),
    (
        "control",
        "C3",
        "Where clip_norm is not missing, 1 of 151 diverged.",
        "Where clip_norm is not missing, 53 of 80 did.",
    ),
    (
        "trees",
        "O1",
        "199 of 420 trials are affected by only three kinds of issue.",
        "199 of 420 trials are affected by only one kind of issue.",
    ),
    (
        "trees",
        "C2",
        "Where booster was switched to dart, 90 of 151 trials failed.",
        "Where booster was switched to dart, 1 of 269 trials failed.",
    ),
    (
        "digits",
        "C4",
        "Twenty-six of 31 trials with lr above 0.0825 and adamw diverged.",
        "Twenty-seven of 31 trials with lr above 0.0825 and adamw diverged.",
    ),
    ("speech", "D1", "At least 16.8% of the trials diverged.", "At least 16.9% of the trials diverged."),
    ("speech", "D1", "Fewer than 32 of 184 trials diverged.", "Fewer than 31 of 184 trials diverged."),
    ("speech", "D1", "Less than 32 trials diverged.", "Less than 31 trials diverged."),
    ("speech", "D1", "More than 30 of 184 trials diverged.", "More than 31 of 184 trials diverged."),
    ("digits", "C5", "Clearly, most overfitting trials had adamw.", "Clearly, few overfitting trials had adamw."),
    ("digits", "R2", "Turn off drop_last with batch_size = 512.", "Turn on drop_last with batch_size = 512."),
    (
        "digits",
        "C3",
        "With batch_size = 512, drop_last must be off.",
        "With batch_size = 512, drop_last must not be off.",
    ),
    ("digits", "R1", "With lr above 0.0825, adamw must not be used.", "With lr above 0.0825, adamw must be used."),
    ("trees", "N3", "The next search should never keep dart.", "The next search should never keep gbtree."),
    ("trees", "N3", "Never keep dart.", "Never keep gbtree."),
    (
        "speech",
        "C1",
        "Where peak_lr was not 0.05 or higher, 0 of 139 trials diverged.",
        "Where peak_lr was not 0.05 or higher, 31 of 45 trials diverged.",
    ),
    (
        "speech",
        "C1",
        "14 of 45 trials with peak_lr above 0.05 are not sick.",
        "31 of 45 trials with peak_lr above 0.05 are not sick.",
    ),
    ("speech", "D1", "At least 15% of the trials diverged.", "At least 20% of the trials diverged."),
    ("speech", "L3", "The divergence rate is above the allowed 10%.", "The divergence rate is above the allowed 20%."),
    (
        "speech",
        "L3",
        "The divergence rate exceeds the permitted 10%.",
        "The divergence rate may exceed the permitted 10%.",
    ),
    ("speech", "L3", "16.8% of the trials diverged (allowed: 10%).", "16.8% of the trials diverged (allowed: 20%)."),
    ("speech", "L3", "The divergence rate is above the allowed 10%.", "The divergence rate is the allowed 10%."),
    ("digits", "C3", "Turn off drop_last with batch_size = 512.", "Turn on drop_last with batch_size = 512."),
    (
        "trees",
        "C1",
        "Where it did not go below 0.24, 2 of 279 trials went NaN.",
        "Where it did not go below 0.24, 30 of 50 trials went NaN.",
    ),
    (
        "speech",
        "C1",
        "Aim for peak_lr at or below 0.05.",
        "Aim for divergence with peak_lr at or below 0.05.",
    ),
    ("speech", "D1", "For example: trials 175 and 188.", "For example: trials 31 and 184."),
    ("two", "U4", "The 1 affected trial is too few for a cause.", "The 2 affected trials are too few for a cause."),
]


@pytest.mark.parametrize(("sweep", "ids", "true", "false"), PAIRS, ids=[true for *_, true, _ in PAIRS])
def test_a_true_sentence_is_kept_and_its_false_neighbour_is_not(sweep: str, ids: str, true: str, false: str) -> None:
    assert SWEEPS[sweep].refuse(ids.split(), true) is None
    assert SWEEPS[sweep].refuse(ids.split(), false) is not None


@pytest.mark.parametrize("tree", ["n_trees", "num_tree"])
def test_trees_are_deep_only_where_nothing_else_counts_trees(tree: str) -> None:
    assert ("trees", "max_depth") in spellings(["max_depth", "lr"])
    assert ("trees", "max_depth") not in spellings(["max_depth", tree])


@pytest.mark.parametrize(("outcome", "change"), [("moved", "extended"), ("extended", "narrowed")])
def test_a_range_changes_as_the_next_search_has_it(outcome: str, change: str) -> None:
    facts = kept_facts("trees")
    moved = replace(facts.by_id["N1"], outcome=outcome)
    checker = Checker(replace(facts, by_id=facts.by_id | {"N1": moved}))
    assert checker.refuse(["N1"], f"The range of max_depth is {outcome}.") is None
    assert checker.refuse(["N1"], f"The range of max_depth is {change}.") is not None


def test_an_issue_is_read_by_the_title_that_its_detector_gives_it() -> None:
    facts = kept_facts("digits")
    slow = replace(facts.by_id["D1"], codes=("HP999",), issue="Slow trials")
    checker = Checker(replace(facts, by_id=facts.by_id | {"D1": slow}))
    assert checker.refuse(["D1"], "12 of 220 were slow trials.") is None
    assert checker.refuse(["D1", "D2"], "20 of 240 were slow trials.") is not None
    assert checker.refuse(["D2"], "20 of 240 were slow trials.") is not None


def test_what_is_said_by_rule_of_a_count_and_of_a_cause() -> None:
    facts = kept_facts("speech")
    assert say(facts.by_id["C1"], "how many explained") == "peak_lr > 0.05 explains 31 of the 31 diverged trials."
    assert say(facts.by_id["D1"], "examples") == "Diverged: for example trials 175, 188 and 96."


def test_a_hint_is_not_told_as_if_it_were_proven() -> None:
    facts = kept_facts("speech")
    hint = replace(facts.by_id["C1"], kind="hint", outcome="suggestive")
    checker = Checker(replace(facts, by_id=facts.by_id | {"C1": hint}))
    text = "31 of 45 trials with peak_lr above 0.05 diverged"
    assert checker.refuse(["C1"], f"{text}, which is a hint.") is None
    assert checker.refuse(["C1"], f"{text}.") == "states a hint as if it were proven"


def test_facts_of_where_to_search_say_what_there_was() -> None:
    nothing = outlook.tried(BucketTable(param="depth", ordered=True, buckets=()), 0)
    assert nothing.data == {"hyperparameter": "depth", "tried": "nothing"}
    bucket = Bucket(label="1 to 4", trials=9, counts={}, low=1.0, high=4.0)
    table = BucketTable(param="depth", ordered=True, buckets=(bucket,))
    assert outlook.tried(table, 0).amounts == (Amount(1.0, "value", "depth"), Amount(4.0, "value", "depth"))
    depth = Dimension(
        param="d", name="d", kind="int", searched=(1, 9), change="narrowed", reasons=(), low=2.0, high=5.0
    )
    assert [(a.value, a.unit) for a in outlook.dimension(depth, 0).amounts] == [
        (2.0, "value"),
        (5.0, "value"),
        (1.0, "searched"),
        (9.0, "searched"),
    ]
    choice = Dimension(
        param="opt",
        name="opt",
        kind="choice",
        searched=("a", "b", "c"),
        change="narrowed",
        reasons=(),
        choices=("b", "c"),
    )
    assert (outlook.dimension(choice, 0).levels, outlook.dimension(choice, 0).dropped) == (("b", "c"), ("a",))
    one = Importance(param="lr", share=0.5, low=0.2, high=0.7, p_value=0.01, noise=False, direction="unclear")
    drivers = Drivers(metric="loss", goal="minimize", trials=30, top=3, best=0.1, hyperparameters=(one,))
    assert [(a.value, a.unit) for a in outlook.importance(one, drivers, 0).amounts] == [
        (50.0, "%"),
        (20.0, "bound"),
        (70.0, "bound"),
    ]
    assert [outlook.importance(one, drivers, 0).id, nothing.id, outlook.dimension(choice, 0).id] == ["M", "P", "N"]
