"""The sentences: the verdict's reason, plural forms, units, and what was not looked at."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.inspection import Compute, Condition, LimitResult, Outcome, Skipped, Undetermined, Verdict
from hparam_ci.report import words
from hparam_ci.report.charts import PANEL
from hparam_ci.report.render import COMMENT, comment, report
from hparam_ci.wording import plural
from tests.unit.report.making import LACKS, OUTCOMES, cause, detector, every_kind, inspected, issue, limit, sick, sweep


def test_a_fail_names_the_limits_that_decided() -> None:
    held = limit("a.csv", "pass", 0, 10, rate="failed_rate")
    one = inspected("fail", sick(), limits=(held, limit()))
    assert words.headline(one) == "NaN or Inf rate 40% (4 of 10), limit 10%"
    two = inspected("fail", sick(), limits=(limit(), limit(rate="failed_rate", affected=5)))
    assert words.headline(two) == "Failed rate 50% (5 of 10), limit 10%; NaN or Inf rate 40% (4 of 10), limit 10%"


def test_a_fail_of_several_sweeps_says_how_many_and_the_worst() -> None:
    limits = (limit("a.csv"), limit("b.csv", affected=6))
    worst = sweep("b.csv", detector(6))
    it = inspected("fail", sick("a.csv"), worst, sweep("c.csv"), limits=limits)
    assert words.headline(it) == (
        "2 of 3 sweeps exceed their limits; the worst is b.csv: NaN or Inf rate 60% (6 of 10), limit 10%"
    )
    it = inspected("warn", sick("a.csv"), sweep("c.csv"), limits=(limit("a.csv", "warn", warn="5%"),))
    assert words.headline(it).startswith("1 of 2 sweeps exceeds its limits; the worst is a.csv")
    assert words.headline(it).endswith("warning limit 5%")


def test_a_pass_says_whether_anything_was_found_and_judged() -> None:
    held = limit("a.csv", "pass", 0, 10)
    assert words.headline(inspected("pass", sweep(trials=1), limits=(held,))) == "1 trial, no issue found"
    assert words.headline(inspected("pass", sick(), limits=(held,))) == "10 trials, 4 affected, within the limits"
    unknown = limit("a.csv", "not_checked", 0, 0)
    assert words.headline(inspected("pass", sweep(), limits=(unknown,))) == (
        "10 trials, no issue found; no limit could be judged"
    )
    several = inspected("pass", sweep("a.csv"), sweep("b.csv"), limits=(held,))
    assert words.headline(several) == "20 trials in 2 sweeps, no issue found"
    notices = sweep("a.csv", detector(2, severity="notice"), affected=0, severities={"notice": 2})
    assert words.headline(inspected("pass", notices, limits=(held,))) == "10 trials, 2 notices, within the limits"


def test_an_inconclusive_verdict_gives_its_own_reason_not_a_warning() -> None:
    warned = limit("a.csv", "warn", warn="5%", reason="a warning")
    it = inspected("inconclusive", sick(), limits=(warned,), reasons=("a warning", "not inspected: b.csv", "and more"))
    assert words.headline(it) == "not inspected: b.csv; and 1 more"
    assert words.headline(inspected("inconclusive")) == "nothing to judge"


@pytest.mark.parametrize(
    ("verdict", "fails", "said"),
    [
        ("fail", False, "reported only: it does not fail the run"),
        ("inconclusive", False, "reported only: it does not fail the run"),
        ("warn", True, "warnings fail this run"),
        ("fail", True, ""),
        ("warn", False, ""),
        ("pass", False, ""),
    ],
)
def test_what_the_run_does_is_said_where_the_verdict_does_not(verdict: Verdict, fails: bool, said: str) -> None:
    assert words.aside(inspected(verdict, fails_run=fails)) == said


def test_sweeps_stand_worst_first() -> None:
    outcomes: dict[str, Outcome] = {"p.csv": "pass", "w.csv": "warn", "i.csv": "inconclusive", "f.csv": "fail"}
    sweeps = [sick(path) for path in outcomes] + [sweep("none.csv"), sweep("x.csv", detector(9))]
    limits = tuple(limit(path, result) for path, result in outcomes.items())
    ranked = words.standings(inspected("fail", *sweeps, limits=limits))
    assert [one.sweep.path for one in ranked] == ["f.csv", "i.csv", "w.csv", "x.csv", "p.csv", "none.csv"]
    assert [one.healthy for one in ranked] == [False] * 5 + [True]


def test_the_limits_of_a_sweep_stand_worst_first_without_those_nobody_could_check() -> None:
    limits = tuple(limit("a.csv", result) for result in OUTCOMES)
    [standing] = words.standings(inspected("fail", sick(), limits=limits))
    assert [one.result for one in standing.limits] == ["fail", "inconclusive", "warn", "pass"]


@pytest.mark.parametrize(
    ("warn", "fail", "said"),
    [(None, "10%", "10%"), ("5%", "10%", "5% warns, 10% fails"), ("5%", None, "5% warns"), (None, None, "–")],
)
def test_limits_are_written_without_none(warn: str | None, fail: str | None, said: str) -> None:
    one: LimitResult = limit(warn=warn, fail=fail)
    assert words.allowed(one) == said
    if fail or warn:
        assert "None" not in comment(inspected("fail", sick(), limits=(one,))).text


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [(0, "trial", "0 trials"), (1, "trial", "1 trial"), (2, "issue", "2 issues"), (1, "match", "1 match")],
)
def test_plural_forms(number: int, noun: str, said: str) -> None:
    assert plural(number, noun) == said
    assert plural(2, "match") == "2 matches"


@pytest.mark.parametrize(
    ("hours", "lost", "said"),
    [
        (0.0, 0.0, "0 of 0 seconds"),
        (0.0247, 0.0103, "37.1 of 88.9 seconds"),
        (0.449, 0.235, "14.1 of 26.9 minutes"),
        (2.0, 1.0, "1 of 2 hours"),
        (12_345.6, 0.5, "0.5 of 12,346 hours"),
    ],
)
def test_lost_compute_has_a_unit_that_reads_well(hours: float, lost: float, said: str) -> None:
    assert words.lost(Compute(hours=hours, lost_hours=lost, trials_with_duration=1)) == said


def test_compute_of_several_sweeps_is_a_sum_over_those_that_record_it() -> None:
    compute = Compute(hours=3, lost_hours=1, trials_with_duration=8)
    total, trials = words.total_compute([sick(compute=compute), sick(compute=compute), sick()])
    assert total
    assert (total.hours, total.lost_hours, total.trials_with_duration, trials) == (6, 2, 16, 20)
    assert words.total_compute([sick()]) == (None, 0)


def test_a_part_of_the_trials_with_a_duration_is_said() -> None:
    compute = Compute(hours=3, lost_hours=1, trials_with_duration=8)
    assert "1 of 3 hours** of compute lost to affected trials (of 8 trials with a duration)" in (
        comment(inspected("fail", sick(compute=compute), limits=(limit(),))).text
    )


def test_conditions_are_told_apart_only_where_that_is_safe() -> None:
    one = cause()
    two = msgspec.structs.replace(one, conditions=(one.conditions[0],) * 2, text="lr > 0.1 and optimizer = sgd")
    assert words.parts(two) == ["lr > 0.1", "optimizer = sgd"]
    between = (Condition(param="lr", op="between", value=(1.0, 2.0)),)
    odd = msgspec.structs.replace(one, conditions=between, text="lr between 1 and 2")
    assert words.parts(odd) == ["lr between 1 and 2"]


def test_what_cannot_be_told_is_one_line_for_all_that_need_more_trials() -> None:
    few = [
        Undetermined(code="HP101", issue=name, affected=1, reason="too few trials", more_trials=n)
        for name, n in (("NaN", 3), ("Inf", 5))
    ]
    other = Undetermined(code="HP104", issue="Failed", affected=2, reason="chance would do")
    assert words.undetermined(sick(undetermined=(*few, other))) == [
        "Failed (2): cause undetermined, chance would do",
        "Too few trials to tell the cause of NaN (1), Inf (1): at least 5 more are needed",
    ]


def test_what_could_not_be_checked_is_named_where_it_is_folded() -> None:
    unseen = detector(ran=False, title="Overfitting", reason="no validation metric")
    assert words.unseen(sick(detectors=(unseen,), notes=("n",))) == (
        "What was not checked, and why: Overfitting; 1 note on how the file was read"
    )
    assert words.unseen(sick(notes=("n", "m"))) == "How the file was read: 2 notes"
    assert words.well(sweep("a.csv", detector(), unseen)) == "no issue found; not checked: Overfitting"
    assert words.well(sweep("a.csv", unseen)) == "no detector could look at its trials"
    text = comment(inspected("pass", sweep("a.csv", detector(), unseen), limits=(limit("a.csv", "pass", 0),))).text
    assert "Not checked: Overfitting (HP101): no validation metric." in text


def test_a_healthy_sweep_among_others_takes_one_line() -> None:
    others = [sweep(f"good/{n}.csv") for n in range(5)]
    text = comment(inspected("fail", sick("bad.csv"), *others, limits=(limit("bad.csv"),))).text
    assert [text.count(f"good/{n}.csv") for n in range(5)] == [1] * 5
    many = [sweep(f"good/{n}.csv") for n in range(50)]
    text = comment(inspected("fail", sick("bad.csv"), *many, limits=(limit("bad.csv"),))).text
    assert "<details><summary>✅ 50 sweeps without an issue</summary>" in text


def test_files_that_were_not_inspected_are_listed_with_the_reason() -> None:
    file = Skipped(path="b.csv", reason="not a table", kind="unreadable")
    assert "### Files that were not inspected\n\n- `b.csv`: not a table" in (
        comment(inspected("fail", sick(), limits=(limit(),), skipped=(file,))).text
    )


# --- many kinds -----------------------------------------------------------------------------------


def test_the_most_severe_come_first_then_those_with_a_cause_then_the_most_frequent() -> None:
    found = [
        detector(9, code="HP401", severity="notice"),
        detector(1, code="HP301", severity="warning"),
        detector(2, code="HP101"),
        detector(5, code="HP104"),
        detector(1, code="HP201"),
    ]
    caused = msgspec.structs.replace(cause(), code="HP201")
    hint = msgspec.structs.replace(cause(2, "suggestive"), code="HP101")
    ordered = words.flagged(sweep("a.csv", *found, causes=(hint, caused)))
    assert [d.code for d in ordered] == ["HP201", "HP104", "HP101", "HP301", "HP401"]


@given(st.integers(0, 24), st.integers(1, 12), st.integers(1, 40))
def test_the_worst_are_few_of_as_many_kinds_as_fit_and_in_order(firing: int, each: int, most: int) -> None:
    one = every_kind(firing)
    found = words.worst(one, each, most)
    kinds = [d.code for d in words.flagged(one)]
    assert len(found) <= most
    assert list(dict.fromkeys(d.code for d, _ in found)) == kinds[:most]
    for code in kinds[:most]:
        places = [issue.line for d, issue in found if d.code == code]
        assert 1 <= len(places) <= each
        assert places == sorted(places)


def test_a_trial_that_is_shown_already_yields_to_another() -> None:
    two = [detector(3, code=code, issues=3) for code in ("HP101", "HP104")]
    assert [issue.trial for _, issue in words.worst(sweep("a.csv", *two), 1, 8)] == ["trial-0", "trial-1"]
    same = [detector(1, code=code, issues=1) for code in ("HP101", "HP104")]
    assert [issue.trial for _, issue in words.worst(sweep("a.csv", *same), 1, 8)] == ["trial-0", "trial-0"]


@pytest.mark.parametrize(
    ("value", "bound", "message", "said"),
    [
        ("7", "5", "loss is 7, above 5", "loss is 7, above 5"),
        ("7", "5", "loss is 7", "loss is 7; limit 5"),
        ("7", "5", "the loss exploded", "the loss exploded; value 7; limit 5"),
        ("NaN", "a finite number", "NaN in loss", "NaN in loss"),
        ("failed", "finished", "ended as failed", "ended as failed"),
    ],
)
def test_value_and_limit_are_added_where_they_are_numbers_that_the_message_lacks(
    value: str, bound: str, message: str, said: str
) -> None:
    one = msgspec.structs.replace(issue(0), value=value, limit=bound, message=message)
    assert words.evidence(one) == said


def test_issues_without_a_cause_share_a_line_where_they_share_the_reason() -> None:
    found = [
        Undetermined(code="HP104", issue="Failed", affected=7, reason="nothing separates the 7 from the others"),
        Undetermined(code="HP201", issue="Diverged", affected=3, reason="nothing separates the 3 from the others"),
        Undetermined(code="HP301", issue="Overfitting", affected=4, reason="all trials show it"),
    ]
    assert words.undetermined(sick(undetermined=tuple(found))) == [
        "Failed (7), Diverged (3): cause undetermined, nothing separates them from the others",
        "Overfitting (4): cause undetermined, all trials show it",
    ]


def test_a_broken_detector_is_seen_without_unfolding_and_the_sweep_is_not_called_fine() -> None:
    bad = detector(ran=False, broken=True, title="Overfitting", reason="it raised ValueError: *x*")
    it = inspected("pass", sweep("a.csv", detector(), bad), limits=(limit("a.csv", "pass", 0),))
    assert not words.standings(it)[0].healthy
    assert words.headline(it) == "10 trials, no issue found; 1 detector raised an error"
    for text in (comment(it).text, report(it)):
        line = next(line for line in text.splitlines() if "ValueError" in line)
        assert line == "❗ **Overfitting** (HP101) says nothing of this sweep: it raised ValueError: &#42;x&#42;."
        assert text.index(line) < (text.index("<details>") if "<details>" in text else len(text))


def test_every_kind_at_once_stays_readable() -> None:
    it = inspected("fail", every_kind(20), limits=(limit("results/every_kind.csv"),))
    text = comment(it).text
    before_folds = text[: text.index("<details>")]
    assert len(before_folds.splitlines()) < 60
    rows = [line for line in text.splitlines() if line.startswith(("| 🔴", "| 🟠"))]
    assert len(rows) == COMMENT.kinds
    for d in words.flagged(it.sweeps[0]):
        assert f"{d.title} ({d.code}" in before_folds
    heads = [line for line in text.splitlines() if line.startswith("| Hyperparameter |")]
    assert [head.count("|") - 3 for head in heads] == [PANEL]
    assert f"{PANEL} of 20 issues shown" in text
    full = report(it)
    for d in words.flagged(it.sweeps[0]):
        assert f" {d.title} |" in full[full.index("Heatmap") :]
    assert "low confidence" in before_folds
    assert "limit 3.07 `▁" in text


def test_many_that_could_not_look_take_a_line_for_each_reason() -> None:
    it = inspected("pass", every_kind(0), limits=(limit("results/every_kind.csv", "pass", 0),))
    text = comment(it).text
    lines = [line for line in text.splitlines() if line.startswith("- Not checked")]
    assert len(lines) == len(LACKS)
    assert all(line.endswith(".") and any(lack in line for lack in LACKS) for line in lines)
    assert "no issue found" not in text
