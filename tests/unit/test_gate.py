"""The verdict: rates held against limits."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.causes.buckets import count
from hparam_ci.gate import decide
from hparam_ci.inspection import Count, Gate, Rate, Skipped
from hparam_ci.limits import Limit
from hparam_ci.settings import Settings


def rate(affected: int, evaluable: int, name: str = "nan_rate", path: str = "a.csv", missing: str = "") -> Rate:
    return Rate(
        path=path, rate=name, count=Count(affected=affected, evaluable=evaluable, low=0, high=1), missing=missing
    )


def judge(*rates: Rate, trials: int = 10, skipped: tuple[Skipped, ...] = (), **settings: object) -> Gate:
    settings.setdefault("limits", (Limit("nan_rate", Fraction(1, 10), Fraction(1, 20)),))
    return decide(rates, trials, skipped, Settings(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("affected", "verdict", "fails"),
    [
        (5, "pass", {"fail": False, "warn": False, "never": False}),
        (6, "warn", {"fail": False, "warn": True, "never": False}),
        (10, "warn", {"fail": False, "warn": True, "never": False}),
        (11, "fail", {"fail": True, "warn": True, "never": False}),
    ],
)
def test_a_rate_above_its_limit_fails_and_equal_to_it_passes(
    affected: int, verdict: str, fails: dict[str, bool]
) -> None:
    for fail_on, failing in fails.items():
        gate = judge(rate(affected, 100), fail_on=fail_on)
        assert (gate.verdict, gate.fails_run) == (verdict, failing)


@given(st.integers(0, 300), st.integers(1, 300), st.fractions(0, 1))
def test_the_comparison_is_exact(affected: int, evaluable: int, limit: Fraction) -> None:
    affected = min(affected, evaluable)
    gate = judge(rate(affected, evaluable), limits=(Limit("nan_rate", limit),))
    assert (gate.verdict == "fail") == (Fraction(affected, evaluable) > limit)


def test_no_denominator_is_inconclusive_and_fails() -> None:
    gate = judge(rate(0, 0))
    assert gate.verdict == "inconclusive"
    assert gate.fails_run
    assert not judge(rate(0, 0), fail_on_empty=False).fails_run
    assert not judge(rate(0, 0), fail_on="never").fails_run


def test_what_nobody_could_measure_fails_only_where_it_was_asked_for() -> None:
    unseen = rate(0, 0, missing="no loss column")
    assert judge(unseen, limits=(Limit("nan_rate", Fraction(1, 10), asked=False),)).verdict == "pass"
    assert judge(unseen).verdict == "inconclusive"


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize(("affected", "verdict"), [(0, "inconclusive"), (6, "inconclusive"), (11, "fail")])
def test_a_limit_is_not_kept_while_one_of_its_detectors_is_broken(affected: int, verdict: str, asked: bool) -> None:
    half = msgspec.structs.replace(rate(affected, 100), broken="Infinity (HP102): it raised ValueError")
    limits = (Limit("nan_rate", Fraction(1, 10), Fraction(1, 20), asked=asked),)
    assert judge(half, limits=limits).verdict == verdict
    none = msgspec.structs.replace(rate(0, 0), missing="it raised ValueError", broken="it raised ValueError")
    assert judge(none, limits=limits).verdict == "inconclusive"
    assert "it raised ValueError" in judge(none, limits=limits).reasons[0]


def test_no_trials_and_unread_files_are_inconclusive() -> None:
    assert judge(trials=0).verdict == "inconclusive"
    broken = Skipped(path="b.csv", reason="binary", kind="unreadable")
    assert judge(rate(0, 10), skipped=(broken,)).fails_run
    assert judge(rate(0, 10), skipped=(broken,), fail_on_parse_error=False).verdict == "pass"
    assert judge(rate(0, 10), skipped=(Skipped(path="b.csv", reason="link", kind="refused"),)).verdict == "pass"
    assert judge(rate(0, 10), skipped=(Skipped(path="b.csv", reason="no row", kind="empty"),)).verdict == "inconclusive"


def test_fail_beats_inconclusive_and_that_beats_warn() -> None:
    assert judge(rate(0, 0), rate(20, 100)).verdict == "fail"
    assert judge(rate(0, 0), rate(6, 100)).verdict == "inconclusive"


def test_the_last_limit_that_matches_the_file_holds() -> None:
    limits = (Limit("nan_rate", Fraction(1, 10)), Limit("nan_rate", Fraction(1, 2), glob="b*.csv"))
    gate = judge(rate(3, 10), rate(3, 10, path="b.csv"), limits=limits)
    assert [limit.result for limit in gate.limits] == ["fail", "pass"]


@given(st.integers(0, 50), st.integers(1, 50))
def test_one_more_affected_trial_never_helps(affected: int, evaluable: int) -> None:
    affected = min(affected, evaluable - 1)
    order = ["pass", "warn", "fail"]
    before, after = judge(rate(affected, evaluable)), judge(rate(affected + 1, evaluable))
    assert order.index(before.verdict) <= order.index(after.verdict)


def test_counts_carry_their_interval() -> None:
    import numpy as np

    seen = count(np.array([True, True, False, False]), np.array([True, True, True, False]))
    assert (seen.affected, seen.evaluable) == (2, 3)
    assert 0 < seen.low < 2 / 3 < seen.high < 1


def test_every_limit_that_decides_is_a_reason_and_says_its_numbers() -> None:
    gate = judge(rate(11, 100), rate(6, 100), rate(0, 0), rate(0, 100))
    assert gate.reasons == (
        "NaN or Inf rate in a.csv: 11 of 100 (11%), limit 10%",
        "NaN or Inf rate in a.csv: 6 of 100 (6%), warning limit 5%",
        "NaN or Inf rate in a.csv: no trial could show it (0 of 0)",
    )
    assert [(one.path, one.rate, one.warn, one.fail) for one in gate.limits] == [("a.csv", "nan_rate", "5%", "10%")] * 4


@pytest.mark.parametrize("kind", ["unreadable", "over_cap"])
def test_files_that_were_not_read_are_named_three_of_them_and_counted(kind: str) -> None:
    files = tuple(Skipped(path=f"{n}.csv", reason="binary", kind=kind) for n in range(5))  # type: ignore[arg-type]
    named = "not inspected: 0.csv (binary); 1.csv (binary); 2.csv (binary)"
    for most, said in ((3, named), (4, f"{named}; and 1 more"), (5, f"{named}; and 2 more")):
        gate = judge(rate(0, 10), skipped=files[:most])
        assert gate.reasons == (said,)
        assert gate.fails_run


def test_a_regression_fails_and_is_a_reason() -> None:
    gate = decide([rate(0, 10)], 10, (), Settings(), ("it rose",))
    assert (gate.verdict, gate.fails_run, gate.reasons) == ("fail", True, ("it rose",))


def test_nothing_to_judge_says_why() -> None:
    assert judge(trials=0).reasons == ("no trial was found to judge",)
    assert judge(rate(0, 10)).reasons == ()
    hollow = Skipped(path="b.csv", reason="no row", kind="empty")
    assert judge(rate(0, 10), skipped=(hollow,)).reasons == ("no trials in b.csv (no row)",)
    assert judge(trials=0, skipped=(hollow,)).reasons == ("no trials in b.csv (no row)",)


def test_a_file_that_was_not_read_fails_also_where_empty_ones_may_pass() -> None:
    broken = Skipped(path="b.csv", reason="binary", kind="unreadable")
    gate = judge(rate(0, 10), skipped=(broken,), fail_on_empty=False)
    assert (gate.verdict, gate.fails_run) == ("inconclusive", True)


def test_what_was_not_asked_for_and_cannot_be_measured_is_not_checked() -> None:
    [limit] = judge(rate(0, 0, missing="no loss"), limits=(Limit("nan_rate", Fraction(1, 10), asked=False),)).limits
    assert (limit.result, limit.reason) == ("not_checked", "NaN or Inf rate: no loss")


def test_a_limit_may_only_warn() -> None:
    gate = judge(rate(60, 100), limits=(Limit("nan_rate", None, Fraction(1, 20)),))
    assert (gate.verdict, gate.limits[0].fail, gate.limits[0].warn) == ("warn", None, "5%")
