"""What changed against a baseline: the same sweeps on the base branch, or an earlier result. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from hparam_ci.causes.statistics import fisher_greater
from hparam_ci.detectors.registry import AFFECTED
from hparam_ci.errors import SettingsError
from hparam_ci.inspection import Cause, Comparison, GoneCause, Inspection, Rate, RateChange, SweepResult
from hparam_ci.limits import Limit
from hparam_ci.settings import Settings

ALPHA = 0.05
LARGEST = 256 * 1024 * 1024


def compare(sweeps: tuple[SweepResult, ...], baseline: Inspection, name: str, settings: Settings) -> Comparison:
    """Hold sweeps against a baseline.

    A sweep is compared with the one at the same path; where both sides have a single sweep, with that. Compared are
    the rates that have a limit, and that of all affected trials. A rate rose where Fisher's exact test (one-sided,
    Bonferroni over the rates compared) leaves a chance of at most 5 %.
    """
    watched = {AFFECTED, *(limit.rate for limit in settings.limits)}
    before = {sweep.path: sweep for sweep in baseline.sweeps}
    if len(before) == len(sweeps) == 1:
        before = {sweeps[0].path: baseline.sweeps[0]}
    both = [(before[sweep.path], sweep) for sweep in sweeps if sweep.path in before]
    pairs = [pair for old, new in both for pair in _rates(old, new) if pair[1].rate in watched]
    return Comparison(
        name=name,
        rates=tuple(_change(old, new, len(pairs)) for old, new in pairs),
        new_causes=tuple(cause.id for old, new in both for cause in _not_in(new, old)),
        gone_causes=tuple(
            GoneCause(path=new.path, text=cause.text, issue=cause.issue)
            for old, new in both
            for cause in _not_in(old, new)
        ),
        new_sweeps=tuple(sweep.path for sweep in sweeps if sweep.path not in before),
        gone_sweeps=tuple(path for path in before if path not in {sweep.path for sweep in sweeps}),
        unchanged=tuple(new.path for old, new in both if old.sha256 == new.sha256),
    )


def _rates(old: SweepResult, new: SweepResult) -> Iterator[tuple[Rate, Rate]]:
    """The rates that both sweeps could measure."""
    before: Mapping[str, Rate] = {rate.rate: rate for rate in old.rates}
    for rate in new.rates:
        earlier = before.get(rate.rate)
        if earlier and rate.count.evaluable and earlier.count.evaluable:
            yield earlier, rate


def _change(old: Rate, new: Rate, compared: int) -> RateChange:
    now, before = new.count, old.count
    p = fisher_greater(now.affected, now.evaluable, before.affected, before.evaluable)
    p = min(1.0, p * compared)
    return RateChange(path=new.path, rate=new.rate, before=before, now=now, p_value=p, rose=p <= ALPHA)


def _not_in(sweep: SweepResult, other: SweepResult) -> Iterator[Cause]:
    """The proven causes of one sweep that the other has not, wherever their thresholds lie."""
    known = {_kind(cause) for cause in other.causes if cause.strength != "suggestive"}
    for cause in sweep.causes:
        if cause.strength != "suggestive" and _kind(cause) not in known:
            yield cause


def _kind(cause: Cause) -> tuple[str, frozenset[tuple[str, str]]]:
    return cause.code, frozenset((condition.param, condition.op) for condition in cause.conditions)


def regressions(comparison: Comparison, settings: Settings) -> list[str]:
    """What fails the gate, one reason each, as far as the settings ask for it."""
    reasons = []
    if settings.fail_on_regression:
        reasons += [_rise(change) for change in comparison.rates if change.rose and _limited(change, settings.limits)]
    if settings.fail_on_new_causes and comparison.new_causes:
        reasons.append(f"causes that {comparison.name} has not: {', '.join(comparison.new_causes)}")
    return reasons


def _limited(change: RateChange, limits: tuple[Limit, ...]) -> bool:
    """Whether the rate is one that the gate looks at: it has a limit."""
    return any(limit.rate == change.rate for limit in limits)


def _rise(change: RateChange) -> str:
    from hparam_ci.wording import show_rate_name, show_share

    before, now = change.before, change.now
    return (
        f"{show_rate_name(change.rate)} in {change.path} rose by more than chance: {show_share(before)} "
        f"({before.affected} of {before.evaluable}) to {show_share(now)} ({now.affected} of {now.evaluable})"
    )


def read_result(path: Path, name: str) -> Inspection:
    """An earlier result, as `json_file` wrote it.

    Raises:
        SettingsError: it cannot be read, or is not such a result.
    """
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise SettingsError(f"baseline_file: {name} is no file of at most {LARGEST:,} bytes.")
        return Inspection.from_json(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"baseline_file: {name} cannot be read ({error.strerror or error}).") from None
    except ValueError as error:
        raise SettingsError(f"baseline_file: {name} is no result of hparam-inspector ({str(error)[:200]}).") from None
