"""Sentences that somebody wrote to get past the check: each true one beside the false one that was kept at first."""

from __future__ import annotations

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

SWEEPS = {
    name: Checker(kept_facts(name))
    for name in ("control", "digits", "finetune", "language", "policy", "speech", "trees", "two", "vision")
}
PAIRS = [
    ("speech", "C2", "Dropout prevents overfitting here.", "Dropout causes overfitting here."),
    ("speech", "L1", "No trial had a NaN.", "Some trials had a NaN."),
    ("speech", "L3", "Divergence breaks the 10% limit.", "Divergence keeps to the 10% limit."),
    ("speech", "M1", "The best trials use 11 to 14 layers.", "The worst trials use 11 to 14 layers."),
    (
        "speech",
        "S1",
        "Diverged trials cost less time than overfitting ones.",
        "Diverged trials cost more time than overfitting ones.",
    ),
    (
        "speech",
        "R1",
        "Avoiding peak_lr above 0.05 would spare about 4.24 hours.",
        "Avoiding peak_lr above 0.05 would cost about 4.24 hours.",
    ),
    ("language", "S1", "Failed trials cost more than diverged ones.", "Diverged trials cost more than failed ones."),
    ("trees", "C2", "A single failed trial used another booster.", "A single failed trial used dart."),
    ("trees", "L1 L2 L3", "Only the failed rate breaks its limit.", "Only the NaN rate breaks its limit."),
    ("trees", "L3", "Nothing diverged.", "Something diverged."),
    ("trees", "D1 D2 D3", "Failed trials are the most numerous.", "NaN trials are the most numerous."),
    ("trees", "S1", "Most lost hours went into failed trials.", "Most lost hours went into overfitting trials."),
    ("policy", "L1 L2 L3", "Only divergence is over its limit.", "Only NaN is over its limit."),
    (
        "finetune",
        "C1",
        "Only 2 of 29 trials with both stayed free of NaN.",
        "Only 27 of 29 trials with both stayed free of NaN.",
    ),
    (
        "finetune",
        "M1 M2",
        "learning_rate is more important than warmup_steps.",
        "warmup_steps is more important than learning_rate.",
    ),
    ("vision", "C3 R2", "Add weight_decay to stop overfitting.", "Remove weight_decay to stop overfitting."),
    ("vision", "C3", "No weight_decay means overfitting.", "A weight_decay means overfitting."),
    ("digits", "C1", "Set grad_clip if lr goes above 0.11.", "Unset grad_clip if lr goes above 0.11."),
    ("two", "R9", "Stopping earlier may help against overfitting.", "Stopping later may help against overfitting."),
    (
        "two",
        "R7",
        "A wider number format may help against infinity.",
        "A narrower number format may help against infinity.",
    ),
]
FALSE = [
    ("vision", "C3 R2", "Remove weight_decay."),
    ("finetune", "M1", "The best learning_rate lies at the bottom of the range."),
    ("control", "C3", "Clipping makes divergence frequent."),
]


@pytest.mark.parametrize(("sweep", "ids", "true", "false"), PAIRS, ids=[false for *_, false in PAIRS])
def test_what_was_kept_at_first_sight_is_not_any_more(sweep: str, ids: str, true: str, false: str) -> None:
    assert SWEEPS[sweep].refuse(ids.split(), true) is None
    assert SWEEPS[sweep].refuse(ids.split(), false) is not None


@pytest.mark.parametrize(("sweep", "ids", "false"), FALSE, ids=[false for *_, false in FALSE])
def test_what_is_false_is_refused(sweep: str, ids: str, false: str) -> None:
    assert SWEEPS[sweep].refuse(ids.split(), false) is not None
