"""Rates held against limits: the verdict. Pure, exact on integers, decided before anything is published."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from fractions import Fraction

from hparam_ci.inspection import Gate, LimitResult, Outcome, Rate, Skipped, Verdict
from hparam_ci.limits import Limit, show_rate
from hparam_ci.settings import Settings
from hparam_ci.wording import show_rate_name, show_share


def decide(
    rates: Sequence[Rate],
    trials: int,
    skipped: Sequence[Skipped],
    settings: Settings,
    regressions: Sequence[str] = (),
) -> Gate:
    """The verdict over all sweeps: fail, else inconclusive, else warn, else pass.

    A rate above its limit fails; a rate equal to it passes. A limit on a rate without a denominator, or that nobody
    could measure although the user set that limit, is inconclusive, and so are a limit that is kept while a detector
    that counts towards it raised an error, no trials at all, and unreadable files. Each of the `regressions` against a
    baseline fails.
    """
    results = tuple(_hold(seen, limit) for seen in rates if (limit := limit_for(seen, settings.limits)))
    reasons = [result.reason for result in results if result.result in ("fail", "warn", "inconclusive")]
    reasons += regressions
    unread = [file for file in skipped if file.kind in ("unreadable", "over_cap")]
    hollow = [file for file in skipped if file.kind == "empty"]
    broken = bool(unread) and settings.fail_on_parse_error
    if broken:
        reasons.append(f"not inspected: {_names(unread)}")
    if hollow:
        reasons.append(f"no trials in {_names(hollow)}")
    if not trials and not reasons:
        reasons.append("no trial was found to judge")
    outcomes = {result.result for result in results}
    empty = not trials or bool(hollow) or "inconclusive" in outcomes
    verdict: Verdict = "pass"
    if "fail" in outcomes or regressions:
        verdict = "fail"
    elif empty or broken:
        verdict = "inconclusive"
    elif "warn" in outcomes:
        verdict = "warn"
    return Gate(verdict=verdict, fails_run=_fails(verdict, broken, settings), reasons=tuple(reasons), limits=results)


def _fails(verdict: Verdict, broken: bool, settings: Settings) -> bool:
    if settings.fail_on == "never":
        return False
    if verdict == "inconclusive":
        return broken or settings.fail_on_empty
    return verdict == "fail" or (verdict == "warn" and settings.fail_on == "warn")


def _names(files: Sequence[Skipped]) -> str:
    names = [f"{file.path} ({file.reason})" for file in files[:3]]
    return "; ".join(names) + (f"; and {len(files) - 3} more" if len(files) > 3 else "")


def limit_for(seen: Rate, limits: Sequence[Limit]) -> Limit | None:
    """The limit that holds for a rate of a file: the last that matches wins."""
    matching = [x for x in limits if x.rate == seen.rate and (x.glob is None or fnmatchcase(seen.path, x.glob))]
    return matching[-1] if matching else None


def _hold(seen: Rate, limit: Limit) -> LimitResult:
    result, reason = _judge(seen, limit)
    return LimitResult(
        path=seen.path,
        rate=seen.rate,
        count=seen.count,
        warn=None if limit.warn is None else show_rate(limit.warn),
        fail=None if limit.fail is None else show_rate(limit.fail),
        result=result,
        reason=reason,
    )


def _judge(seen: Rate, limit: Limit) -> tuple[Outcome, str]:
    name = show_rate_name(seen.rate)
    if seen.missing and not limit.asked and not seen.broken:
        return "not_checked", f"{name}: {seen.missing}"
    if seen.missing:
        return "inconclusive", f"{name} in {seen.path}: could not be measured ({seen.missing})"
    if not seen.count.evaluable:
        return "inconclusive", f"{name} in {seen.path}: no trial could show it (0 of 0)"
    rate = Fraction(seen.count.affected, seen.count.evaluable)
    counted = f"{seen.count.affected} of {seen.count.evaluable} ({show_share(seen.count)})"
    if limit.fail is not None and rate > limit.fail:
        return "fail", f"{name} in {seen.path}: {counted}, limit {show_rate(limit.fail)}"
    if seen.broken:
        return "inconclusive", f"{name} in {seen.path}: could not be measured ({seen.broken})"
    if limit.warn is not None and rate > limit.warn:
        return "warn", f"{name} in {seen.path}: {counted}, warning limit {show_rate(limit.warn)}"
    return "pass", f"{name} in {seen.path}: {counted}"
