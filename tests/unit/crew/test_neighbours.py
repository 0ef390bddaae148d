"""True sentences, each beside a false one that differs from it by a word."""

from __future__ import annotations

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew import outlook
from hparam_ci.crew.grounding import Checker
from hparam_ci.crew.names import spellings
from hparam_ci.inspection import BucketTable, Dimension, Drivers, Importance

SWEEPS = {name: Checker(kept_facts(name)) for name in ("control", "digits", "language", "speech", "trees", "two")}
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


def test_facts_of_where_to_search_say_what_there_was() -> None:
    nothing = outlook.tried(BucketTable(param="depth", ordered=True, buckets=()), 0)
    assert nothing.data == {"hyperparameter": "depth", "tried": "nothing"}
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
    assert [outlook.importance(one, drivers, 0).id, nothing.id, outlook.dimension(choice, 0).id] == ["M", "P", "N"]
