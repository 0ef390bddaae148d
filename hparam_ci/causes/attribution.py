"""Every issue of a sweep held against its hyperparameters: causes with evidence, and what cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hparam_ci.causes.buckets import count
from hparam_ci.causes.conditions import describe, holds
from hparam_ci.causes.existence import PAIRS_AMONG
from hparam_ci.causes.functions import combined, sign_of
from hparam_ci.causes.identity import PAIRED
from hparam_ci.causes.search import SUGGESTIVE, Found, at_best, fewest_trials, find
from hparam_ci.causes.sharpen import on_all_trials
from hparam_ci.causes.statistics import deviance, newcombe
from hparam_ci.causes.trials import SAMPLE, Sample, Trials
from hparam_ci.detectors.detector import Detection, Detector
from hparam_ci.detectors.registry import all_detectors
from hparam_ci.detectors.run import IssueTable
from hparam_ci.detectors.too_few_trials import more_trials
from hparam_ci.inspection import Cause, Condition, Count, Strength, Undetermined
from hparam_ci.sources.sweep import Role
from hparam_ci.sources.table import Column, Mask
from hparam_ci.wording import plural

ALPHA = 0.05
CERTAIN = 0.001
EXAMPLES = 5
FEW_TRIALS = 50
"""Up to here the error budget is what was promised; from here on it falls."""
MOST_FURTHER = 10
"""A cause that would take more than this many times the trials is not worth a number."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Causes of the sweep's issues (ids are set by the pipeline), and the issues without one."""

    causes: tuple[Cause, ...]
    undetermined: tuple[Undetermined, ...]
    notes: tuple[str, ...] = ()


def attribute(issues: IssueTable) -> Attribution:
    """Search the causes of every issue that any trial shows.

    Each issue is tested over the trials that could have shown it. The error budget of 5 % a sweep is shared by the
    issues that could reach significance at all (Tarone, 1990), in proportion to the evidence that each could show at
    best. What a proven issue had is not passed on to the others: what is left of the budget is for naming the wrong
    hyperparameter. The null draws are seeded from the content: the same trials give the same answer, in any order.
    """
    sweep = issues.sweep
    columns = sweep.columns(Role.HYPERPARAMETER)
    trials = Trials(sweep)
    shown = _told_once(
        [
            (d, issues.seen[d.code])
            for d in all_detectors()
            if d.code in issues.seen and issues.seen[d.code].flagged.any()
        ]
    )
    samples = {d.code: trials.sample(seen.flagged, seen.at_risk) for d, seen in shown if _testable(seen, len(columns))}
    samples = {code: sample for code, sample in samples.items() if fewest_trials(sample.n, sample.m, len(columns))}
    answers = _searched({code: (sample, at_best(sample.n, sample.m, len(columns))) for code, sample in samples.items()})
    causes: list[Cause] = []
    undetermined: list[Undetermined] = []
    for detector, seen in shown:
        if detector.code not in answers:
            undetermined.append(_cannot_test(detector, seen, trials))
            continue
        found = answers[detector.code]
        told = _causes(detector, issues, trials, found)
        causes += told
        if not any(cause.asserted for cause in told):
            undetermined.append(_not_told(detector, seen, found, told, samples[detector.code]))
    return Attribution(tuple(causes), tuple(undetermined), tuple(_left_out(samples.values())))


def _left_out(samples: Iterable[Sample]) -> Iterator[str]:
    hyperparameters = max((len(sample.features) for sample in samples), default=0)
    if hyperparameters > PAIRS_AMONG:
        yield (
            f"{hyperparameters:,} hyperparameters were searched for causes, and pairs of them only among the "
            f"{PAIRED} that separate best; name those that are none in ignore_columns"
        )


def _told_once(shown: Sequence[tuple[Detector, Detection]]) -> list[tuple[Detector, Detection]]:
    """The issues without those that only say more of trials that another issue of the same rate flags already."""
    return [
        (detector, seen)
        for place, (detector, seen) in enumerate(shown)
        if not any(
            other.rate == detector.rate and not (seen.flagged & ~wider.flagged).any() for other, wider in shown[:place]
        )
    ]


def _searched(issues: dict[str, tuple[Sample, float]]) -> dict[str, list[Found]]:
    """What was found for each issue, its p-values corrected for the number of issues."""
    answers: dict[str, list[Found]] = {}
    total = sum(weight for _, weight in issues.values())
    for code, (sample, weight) in issues.items():
        price = _strictness(len(sample.hits)) * total / weight
        found = find(sample, ALPHA / price)
        answers[code] = [replace(one, p_value=min(1.0, one.p_value * price)) for one in found]
    return answers


def _strictness(n: int) -> float:
    """What a p-value is multiplied by, so that it means the same in large sweeps (Good, 1982): real causes of a size
    that matters are far beyond any level there, and a fixed level would only let chance in."""
    return float(max(1.0, n / FEW_TRIALS) ** 0.5)


# --- what cannot be told --------------------------------------------------------------------------


def _testable(seen: Detection, hyperparameters: int) -> bool:
    return hyperparameters > 0 and fewest_trials(int(seen.at_risk.sum()), int(seen.flagged.sum()), hyperparameters)


def _cannot_test(detector: Detector, seen: Detection, trials: Trials) -> Undetermined:
    n, m, hyperparameters = int(seen.at_risk.sum()), int(seen.flagged.sum()), len(trials.columns)
    more = None
    if not hyperparameters:
        reason = "no hyperparameter varies in this file"
    elif m == n:
        reason = "every trial that could show it does, so nothing can be compared"
    elif few := _few_configurations(trials.sample(seen.flagged, seen.at_risk)):
        reason = few
    else:
        reason = "too few trials"
        more = more_trials(n, m, hyperparameters)
    return Undetermined(code=detector.code, issue=detector.title, affected=m, reason=reason, more_trials=more)


def _few_configurations(sample: Sample) -> str:
    """The reason, where so few configurations were tried that replicates of them can tell nothing."""
    if sample.runs == sample.n or fewest_trials(sample.n, sample.m, len(sample.features)):
        return ""
    more = plural(more_trials(sample.n, max(sample.m, 1), len(sample.features)), "more configuration")
    return f"only {sample.n} configurations were tried; about {more} could tell"


def _not_told(
    detector: Detector, seen: Detection, found: Sequence[Found], told: Sequence[Cause], sample: Sample
) -> Undetermined:
    """Why an issue that was searched has no cause that stands."""
    hits = int(seen.flagged.sum())
    more = None
    if ambiguous := [cause for cause in told if cause.moves_with and cause.strength != "suggestive"]:
        cause = ambiguous[0]
        names = " and ".join((*(c.param for c in cause.conditions), *cause.moves_with))
        reason = f"{names} moved together; this sweep cannot say which"
    elif found and found[0].by_order and found[0].p_value <= ALPHA:
        reason = f"it follows the order of the trials ({describe(found[0].conditions)}) more than any hyperparameter"
    elif few := _few_configurations(sample):
        reason = few
    elif found and found[0].small:
        reason = f"{describe(found[0].conditions)} makes a difference that is real, but too small to act on"
    else:
        reason = f"no hyperparameter separates the {hits} from the others more than chance would"
        if told:
            reason = f"what separates the {hits} best may be chance"
        factor = found[0].factor if found else None
        if factor and factor <= MOST_FURTHER:
            if sample.n < sample.runs:
                more_of_them = plural(max(1, round((factor - 1) * sample.n)), "more configuration")
                reason += f"; about {more_of_them} could tell"
            else:
                more = max(1, round((factor - 1) * int(seen.at_risk.sum())))
    return Undetermined(code=detector.code, issue=detector.title, affected=hits, reason=reason, more_trials=more)


# --- a cause with its evidence --------------------------------------------------------------------


def _causes(detector: Detector, issues: IssueTable, trials: Trials, found: Sequence[Found]) -> list[Cause]:
    """The causes of one issue, each counted over the trials that those before it leave, as it was found."""
    seen = issues.seen[detector.code]
    columns = [*trials.columns, *([trials.order] if trials.order else [])]
    causes: list[Cause] = []
    before: list[str] = []
    left = seen.at_risk
    for one in found:
        if one.small or one.p_value > SUGGESTIVE:
            continue
        used = columns_of(one.conditions, columns)
        conditions = one.conditions
        if np.count_nonzero(seen.at_risk) > SAMPLE:
            conditions = on_all_trials(conditions, used, seen.flagged, left)
        masks = [holds(condition, used[condition.param]) for condition in conditions]
        if not one.by_order:
            causes.append(_cause(detector, issues, replace(one, conditions=conditions), masks, left, tuple(before)))
        before.append(describe(conditions))
        left = left & ~np.logical_and.reduce(masks)
    return causes


def _cause(
    detector: Detector, issues: IssueTable, found: Found, masks: Sequence[Mask], among: Mask, before: tuple[str, ...]
) -> Cause:
    flagged = issues.seen[detector.code].flagged
    inside_all: Mask = np.logical_and.reduce(masks)
    inside = count(flagged, among & inside_all)
    outside = count(flagged, among & ~inside_all)
    rate = outside.share or 0.0
    return Cause(
        id="",
        code=detector.code,
        issue=detector.title,
        conditions=found.conditions,
        text=describe(found.conditions),
        inside=inside,
        outside=outside,
        difference=newcombe(inside.affected, inside.evaluable, outside.affected, outside.evaluable),
        risk_ratio=(inside.share or 0.0) / rate if rate else None,
        p_value=found.p_value,
        score=deviance(inside.affected, inside.evaluable, outside.affected, outside.evaluable),
        strength=strength(found.p_value),
        explains=inside.affected,
        of=inside.affected + outside.affected,
        trials=_examples(issues, flagged & among & inside_all),
        moves_with=found.moves_with,
        same_as=found.same_as,
        unexplained=_examples(issues, flagged & among & ~inside_all),
        box=found.box,
        cells=_cells(flagged, among, *masks) if len(masks) == 2 else (),
        beside=before,
    )


def _cells(flagged: Mask, among: Mask, one: Mask, other: Mask) -> tuple[Count, ...]:
    """The counts where both hold, the first alone, the second alone, neither."""
    parts = (one & other, one & ~other, ~one & other, ~one & ~other)
    return tuple(count(flagged, among & part) for part in parts)


def columns_of(conditions: Sequence[Condition], columns: Sequence[Column]) -> dict[str, Column]:
    """The columns that the conditions speak of, functions of two computed."""
    by_name = {column.name: column for column in columns}
    found = {}
    for condition in conditions:
        if condition.of:
            one, other = (by_name[name] for name in condition.of)
            found[condition.param] = combined(one, other, sign_of(condition))
        else:
            found[condition.param] = by_name[condition.param]
    return found


def _examples(issues: IssueTable, rows: Mask) -> tuple[str, ...]:
    return tuple(issues.sweep.trial_ids[row] for row in np.flatnonzero(rows)[:EXAMPLES])


def strength(p_value: float) -> Strength:
    """Certain: corrected p at most 0.001. Strong: at most 0.05. Suggestive: neither gates nor leads."""
    if p_value <= CERTAIN:
        return "certain"
    return "strong" if p_value <= ALPHA else "suggestive"
