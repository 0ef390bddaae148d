"""Numbers with their units, and how many in words."""

from __future__ import annotations

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

SWEEPS = {name: Checker(kept_facts(name)) for name in ("digits", "speech", "trees")}


def _holds(sweep: str, ids: str, text: str) -> bool:
    return SWEEPS[sweep].refuse(ids.split(), text) is None


@pytest.mark.parametrize("unit", ["points", "% points", "%-points", "percentage points", "percent points"])
def test_points_are_the_difference_and_no_share(unit: str) -> None:
    assert _holds("trees", "C2", f"Failures are 59.2 {unit} more frequent with booster = dart.")
    assert not _holds("trees", "C2", f"Failures are 59.6 {unit} more frequent with booster = dart.")
    assert _holds("trees", "C2", f"With booster = dart, the failed rate is higher by 59.2 {unit}.")
    assert not _holds("trees", "C2", f"With booster = dart, the failed rate is higher by 59.6 {unit}.")


@pytest.mark.parametrize("amount", ["{} of 31", "{} out of 31", "{} of the 31"])
def test_as_many_as_a_count_names_no_trial(amount: str) -> None:
    text = "As many as {} trials with lr > 0.0825 and adamw diverged."
    assert _holds("digits", "C4", text.format(amount.format(26)))
    assert not _holds("digits", "C4", text.format(amount.format(27)))


@pytest.mark.parametrize(("right", "wrong"), [("69 points", "68 points"), ("69% points", "68% points")])
def test_as_much_as_a_difference_names_no_trial(right: str, wrong: str) -> None:
    assert _holds("speech", "C1", f"Divergence is as much as {right} more frequent with peak_lr > 0.05.")
    assert not _holds("speech", "C1", f"Divergence is as much as {wrong} more frequent with peak_lr > 0.05.")


@pytest.mark.parametrize(
    ("sweep", "evidence", "text", "right", "wrong"),
    [
        ("speech", "D3", "Between {} and {}% of the trials overfit.", ("15.2", "28.0"), ("15.2", "20.9")),
        ("speech", "D3", "20.9% of the trials overfit, {}% to {}%.", ("15.2", "28.0"), ("20.9", "28.0")),
        (
            "digits",
            "C4",
            "The rate of divergence rises by between {} and {} points with lr > 0.0825 and adamw.",
            ("64", "90"),
            ("64", "80"),
        ),
    ],
)
def test_both_ends_of_a_range_are_those_of_one_interval(
    sweep: str, evidence: str, text: str, right: tuple[str, str], wrong: tuple[str, str]
) -> None:
    assert _holds(sweep, evidence, text.format(*right))
    assert not _holds(sweep, evidence, text.format(*wrong))


def test_too_few_is_a_share() -> None:
    assert not _holds("speech", "C2", "Too few trials with dropout = 0 overfit.")
    assert not _holds("speech", "C2", "Too few overfit with dropout = 0.")
    assert _holds("speech", "U1", "There were too few failed trials to tell the cause.")
    assert _holds("speech", "U1", "The 6 failed trials are too few to tell a cause.")


@pytest.mark.parametrize("more", ["more than", "higher than", "greater than", "over", "above"])
def test_a_share_that_is_passed(more: str) -> None:
    assert _holds("speech", "C1", f"The share of diverged trials with peak_lr > 0.05 is {more} 68%.")
    assert not _holds("speech", "C1", f"The share of diverged trials with peak_lr > 0.05 is {more} 70%.")


@pytest.mark.parametrize("lead", ["p = ", "p is ", "p of ", "p of about "])
def test_p_is_the_one_of_the_cause(lead: str) -> None:
    for text in ("{} for NaN with lr > 0.11 and grad_clip unset.", "lr > 0.11 with grad_clip unset leads to NaN ({})."):
        assert _holds("digits", "C1", text.format(f"{lead}0.008"))
        assert not _holds("digits", "C1", text.format(f"{lead}0.005"))


@pytest.mark.parametrize("lead", ["p < ", "p <= ", "p is below ", "p is less than ", "p is smaller than "])
def test_p_below_a_bound(lead: str) -> None:
    text = "lr > 0.11 with grad_clip unset leads to NaN ({})."
    assert _holds("digits", "C1", text.format(f"{lead}0.01"))
    assert not _holds("digits", "C1", text.format(f"{lead}0.001"))
    assert not _holds("digits", "C1", text.format("p is no less than 0.01"))


@pytest.mark.parametrize("share", ["(68.9%)", ", 68.9%,"])
def test_a_share_beside_a_count_is_not_its_unit(share: str) -> None:
    assert _holds("speech", "C1", f"31 {share} of the 45 trials with peak_lr > 0.05 diverged.")
    assert not _holds("speech", "C1", f"32 {share} of the 45 trials with peak_lr > 0.05 diverged.")
    assert not _holds("speech", "C1", f"31 {share.replace('68', '67')} of the 45 trials with peak_lr > 0.05 diverged.")
