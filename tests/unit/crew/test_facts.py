"""What of an Inspection reaches the crew as facts."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from hparam_ci.crew import found, reasons
from hparam_ci.crew.facts import Amount, Fact, Pair, measures_in
from hparam_ci.crew.gather import gather
from hparam_ci.inspection import Cause, Recommendation
from hparam_ci.pipeline import inspect
from tests.conftest import EXAMPLES

INSPECTION = inspect(["digits_sweep.csv"], root=EXAMPLES)
CAUSES = INSPECTION.sweeps[0].causes
SAMPLE = inspect(["sample_results.csv"], root=EXAMPLES)
(SWEEP,) = SAMPLE.sweeps
FOUND = {detector.code: detector for detector in SWEEP.detectors}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_a_cause_keeps_its_kind_its_counts_and_its_interval(cause: Cause) -> None:
    fact = reasons.cause(cause, 0)
    assert fact.kind == ("hint" if cause.strength == "suggestive" else "cause")
    bounds = [amount.value for amount in fact.amounts if amount.unit == "bound"]
    assert bounds == [100 * end for end in cause.difference]
    assert [(pair.role, pair.a, pair.n) for pair in fact.pairs] == [
        ("inside", cause.inside.affected, cause.inside.evaluable),
        ("outside", cause.outside.affected, cause.outside.evaluable),
        ("explains", cause.explains, cause.of),
    ]


def test_a_hint_is_one() -> None:
    hint = reasons.cause(msgspec.structs.replace(CAUSES[0], strength="suggestive"), 0)
    assert hint.kind == "hint"
    assert hint.data["evidence"] == "hint, not proven"


def test_a_further_cause_says_among_which_trials_it_is_counted() -> None:
    further = msgspec.structs.replace(CAUSES[1], beside=(CAUSES[0].text,))
    assert reasons.cause(further, 0).data["counted"] == further.among
    assert "counted" not in reasons.cause(CAUSES[0], 0).data


@pytest.mark.parametrize("advice", INSPECTION.sweeps[0].recommendations, ids=lambda advice: advice.id)
def test_advice_keeps_the_trials_that_it_saves(advice: Recommendation) -> None:
    saved = [amount.value for amount in reasons.advice(advice, [], 0).amounts if amount.unit == "trials"]
    assert saved == [advice.trials_saved]


def test_advice_to_prefer_categories_speaks_for_them() -> None:
    advice = msgspec.structs.replace(
        INSPECTION.sweeps[0].recommendations[0], kind="aim", action="Prefer optimizer = adam, lion or sgd"
    )
    assert reasons.advice(advice, [], 0).levels == ("adam", "lion", "sgd")


def test_advice_to_aim_at_a_range_speaks_for_it() -> None:
    advice = msgspec.structs.replace(
        INSPECTION.sweeps[0].recommendations[0], kind="aim", action="Aim at lr between 0.001 and 0.01"
    )
    found = [amount.value for amount in reasons.advice(advice, [], 0).amounts if amount.of == "lr"]
    assert found == [0.001, 0.01]


def test_the_ends_of_an_interval_are_no_shares() -> None:
    found = measures_in("93% of the importance, 83 to 100%; gives up 9% of the space")
    assert [amount.value for amount in found if amount.unit == "%"] == [93, 9]
    assert [amount.value for amount in found if amount.unit == "bound"] == [83, 100]


def test_each_fact_is_cited_by_an_id_of_its_own() -> None:
    facts = gather(INSPECTION)
    assert all(fact.id == id_ for id_, fact in facts.by_id.items())


def test_the_verdict_counts_trials_sweeps_and_issues() -> None:
    assert found.verdict(SAMPLE) == Fact(
        id="V1",
        kind="verdict",
        sweep=-1,
        data={"verdict": "fail", "trials": "3 of 6 affected", "sweeps": 1},
        pairs=(Pair("sweep", 3, 6),),
        amounts=(Amount(1, "sweeps"), Amount(5, "issues")),
        outcome="fail",
    )


def test_a_sweep_counts_issues_kinds_causes_and_the_time_lost() -> None:
    assert SWEEP.compute is not None
    time = Pair("time", SWEEP.compute.lost_hours, SWEEP.compute.hours)
    counted = {"trials": "3 of 6 affected", "issues": 5, "kinds of issue": 5, "causes": 0}
    fact = Fact(
        id="O2",
        kind="sweep",
        sweep=1,
        data={"sweep": "sample", **counted, "time lost": "14.1 of 26.9 minutes"},
        pairs=(Pair("sweep", 3, 6), time),
        amounts=(Amount(5, "issues"), Amount(5, "kinds"), Amount(0, "causes")),
        words=("sample",),
    )
    assert found.sweep(SWEEP, 1, "sample") == fact


def test_a_count_has_a_share_an_interval_and_examples() -> None:
    detector = FOUND["HP401"]
    assert found.count(detector, 2) == Fact(
        id="D",
        kind="count",
        sweep=2,
        data={
            "issue": "Short runs",
            "trials": "1 of 4",
            "share": "25%",
            "interval": "4.6 to 69.9%",
            "examples": ["5"],
        },
        codes=("HP401",),
        issue="Short runs",
        trials=("5",),
        pairs=(Pair("count", 1, 4),),
        amounts=(Amount(100 * detector.count.low, "bound"), Amount(100 * detector.count.high, "bound")),
        rank=1,
    )


def test_an_unknown_cause_says_what_would_tell_it_or_why_nothing_does() -> None:
    one = next(one for one in SWEEP.undetermined if one.code == "HP401")
    common = {"issue": "Short runs", "affected trials": 1, "cause": "undetermined"}
    fact = Fact(
        id="U",
        kind="undetermined",
        sweep=2,
        data={**common, "more trials needed": 9},
        codes=("HP401",),
        issue="Short runs",
        amounts=(Amount(1, "trials"), Amount(9, "trials")),
    )
    assert found.undetermined(msgspec.structs.replace(one, more_trials=9), 2) == fact
    untold = replace(fact, data={**common, "reason": "by chance"}, amounts=fact.amounts[:1], words=("by chance",))
    assert found.undetermined(msgspec.structs.replace(one, more_trials=None, reason="by chance"), 2) == untold
    long = msgspec.structs.replace(one, more_trials=None, reason="by chance " * 20)
    assert len(str(found.undetermined(long, 2).data["reason"])) == 120


def test_an_issue_has_the_numbers_of_its_message() -> None:
    (issue,) = FOUND["HP401"].issues
    message = "epochs is 5; the sweep's median is 22.5"
    assert found.issue(issue, FOUND["HP401"], 2) == Fact(
        id=issue.id,
        kind="issue",
        sweep=2,
        data={"issue": "Short runs", "trial": "5", "what": message},
        codes=("HP401",),
        issue="Short runs",
        trials=("5",),
        amounts=(Amount(5, ""), Amount(22.5, "")),
        words=(message, "epochs"),
    )


def test_a_remark_on_the_sweep_is_told_as_it_is() -> None:
    detector = FOUND["HP509"]
    (remark,) = detector.findings
    fact = found.finding(remark, detector, 0)
    assert (fact.kind, fact.codes, fact.issue) == ("finding", ("HP509",), "Too few trials")
    assert fact.data == {"remark": "Too few trials", "what": remark.message}
    assert fact.words == (remark.message, "Too few trials", "")
