"""From what was found in a sweep to its part of the Inspection: counted, worded, each fact with its evidence id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec
import numpy as np

from hparam_ci.advice.advise import advise
from hparam_ci.causes.attribution import Attribution
from hparam_ci.causes.buckets import count, detect_param_correlations
from hparam_ci.causes.sample import sample_trials
from hparam_ci.detectors.detector import Detector
from hparam_ci.detectors.detector import Finding as SweepFinding
from hparam_ci.detectors.registry import all_detectors, rate_names
from hparam_ci.detectors.run import IssueTable
from hparam_ci.inspection import (
    Cause,
    ColumnReading,
    Compute,
    Count,
    DetectorResult,
    Drivers,
    Fact,
    Finding,
    Issue,
    Rate,
    SweepResult,
    TrialSample,
)
from hparam_ci.selection import SEVERITIES
from hparam_ci.settings import Settings
from hparam_ci.sources.configured import misses
from hparam_ci.sources.curves import thinned
from hparam_ci.sources.notes import notes
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Mask, any_of

EXAMPLES = 10
DRAWN = 3
NOTHING = Count(affected=0, evaluable=0, low=0.0, high=1.0)

Numbered = TypeVar("Numbered", bound=Fact)


class Ids:
    """Evidence ids, unique within an Inspection: I1 an issue, S1 a finding on a sweep, C1 a cause, R1 advice."""

    def __init__(self, last: Counter[str]) -> None:
        self.last = last.copy()

    def new(self, letter: str) -> str:
        """The next one of a kind."""
        self.last[letter] += 1
        return f"{letter}{self.last[letter]}"

    def given(self, letter: str, facts: Sequence[Numbered]) -> tuple[Numbered, ...]:
        """The facts with ids of their own."""
        return tuple(msgspec.structs.replace(fact, id=self.new(letter)) for fact in facts)


def result_of(issues: IssueTable, attribution: Attribution, settings: Settings, ids: Ids) -> SweepResult:
    """One sweep's part of the Inspection, each fact with its id."""
    sweep, affected = issues.sweep, issues.affected()
    causes = ids.given("C", attribution.causes)
    detectors = tuple(_detector_result(detector, issues, settings, ids) for detector in all_detectors())
    advice = advise(issues, causes, detectors)
    return SweepResult(
        path=sweep.table.path,
        sha256=sweep.table.sha256,
        trials=len(sweep),
        affected=int(affected.sum()),
        issues=sum(result.count.affected for result in detectors),
        severities=_severities(issues),
        compute=_compute(sweep, affected),
        columns=tuple(_column_readings(sweep)),
        notes=tuple(_not_said(issues, [*misses(sweep.table, settings.columns), *notes(sweep), *attribution.notes])),
        rates=tuple(_rates(sweep, issues)),
        detectors=detectors,
        causes=causes,
        undetermined=attribution.undetermined,
        buckets=detect_param_correlations(issues),
        recommendations=ids.given("R", advice.recommendations),
        drivers=advice.drivers,
        next_space=advice.next_space,
        sample=_sample(issues, causes, detectors, advice.drivers),
    )


def _not_said(issues: IssueTable, said: Iterable[str]) -> Iterator[str]:
    """The notes that no finding repeats."""
    messages = [finding.evidence.message for found in issues.found.values() for finding in found.findings]
    return (note for note in said if not any(note in message for message in messages))


def _sample(
    issues: IssueTable, causes: Sequence[Cause], detectors: Sequence[DetectorResult], drivers: Drivers | None
) -> TrialSample | None:
    ahead = [one.param for one in drivers.hyperparameters] if drivers else []
    curved = dict.fromkeys(issue.column for detector in detectors for issue in detector.issues if issue.curve)
    return sample_trials(issues, causes, ahead, drivers.metric if drivers else "", list(curved))


def _detector_result(detector: Detector, issues: IssueTable, settings: Settings, ids: Ids) -> DetectorResult:
    seen, found = issues.seen.get(detector.code), issues.found.get(detector.code)
    rows = seen.worst_first(EXAMPLES) if seen else []
    return DetectorResult(
        code=detector.code,
        name=detector.name,
        title=detector.title,
        severity=issues.severity(detector),
        rate=detector.rate,
        ran=seen is not None or found is not None,
        reason=issues.why_not(detector.code),
        count=count(seen.flagged, seen.at_risk) if seen else NOTHING,
        trials=tuple(issues.sweep.trial_ids[row] for row in rows),
        issues=tuple(
            _issue(detector, issues, row, settings, ids, drawn=place < DRAWN) for place, row in enumerate(rows)
        ),
        confidence=detector.confidence,
        scope=detector.scope,
        findings=ids.given("S", [_finding(detector, one, issues.sweep) for one in found.findings]) if found else (),
        ignored=detector.code in issues.ignored,
        broken=detector.code in issues.broken,
    )


def _issue(detector: Detector, issues: IssueTable, row: int, settings: Settings, ids: Ids, *, drawn: bool) -> Issue:
    sweep, evidence = issues.sweep, issues.evidence(detector.code, row)
    parameters = sweep.columns(Role.HYPERPARAMETER) if settings.show_params else []
    return Issue(
        id=ids.new("I"),
        code=detector.code,
        trial=sweep.trial_ids[row],
        line=int(sweep.table.lines[row]),
        column=evidence.column,
        value=evidence.value,
        limit=evidence.limit,
        message=evidence.message,
        params={column.name: column.show(row) for column in parameters},
        curve=thinned(sweep, evidence.column, row) if drawn else (),
    )


def _finding(detector: Detector, seen: SweepFinding, sweep: Sweep) -> Finding:
    return Finding(
        id="",
        code=detector.code,
        column=seen.evidence.column,
        value=seen.evidence.value,
        limit=seen.evidence.limit,
        message=seen.evidence.message,
        trials=tuple(sweep.trial_ids[row] for row in seen.rows[:EXAMPLES]),
    )


def _severities(issues: IssueTable) -> dict[str, int]:
    counts: dict[str, int] = dict.fromkeys(SEVERITIES, 0)
    for detector in all_detectors():
        if detector.code in issues.seen:
            counts[issues.severity(detector)] += int(issues.seen[detector.code].flagged.sum())
    return counts


def _compute(sweep: Sweep, affected: Mask) -> Compute | None:
    seconds = sweep.seconds
    if seconds is None:
        return None
    known = np.isfinite(seconds) & (seconds >= 0)
    return Compute(
        hours=float(seconds.compress(known).sum()) / 3600,
        lost_hours=float(seconds.compress(known & affected).sum()) / 3600,
        trials_with_duration=int(known.sum()),
    )


def _column_readings(sweep: Sweep) -> Iterator[ColumnReading]:
    for reading in sweep.readings:
        metric = reading.metric
        yield ColumnReading(
            name=reading.name,
            role=reading.role.value,
            confidence=reading.confidence,
            reason=reading.reason,
            metric=metric.kind if metric else None,
            split=metric.split if metric else None,
            direction=metric.direction if metric else None,
        )


def _rates(sweep: Sweep, issues: IssueTable) -> Iterator[Rate]:
    """One rate for each name: trials flagged by any of its detectors, of those that any of them could judge."""
    path = sweep.table.path
    for rate in rate_names():
        detectors = [d for d in all_detectors() if issues.counts_towards(d, rate)]
        seen = [issues.seen[d.code] for d in detectors if d.code in issues.seen]
        broken = "; ".join(
            f"{d.title} ({d.code}): {issues.broken[d.code]}" for d in detectors if d.code in issues.broken
        )
        if seen:
            flagged = any_of([one.flagged & one.at_risk for one in seen], len(sweep))
            evaluable = any_of([one.at_risk for one in seen], len(sweep))
            yield Rate(path=path, rate=rate, count=count(flagged, evaluable), broken=broken)
        else:
            reasons = [reason for d in detectors if (reason := issues.why_not(d.code))]
            missing = broken or (reasons[0] if reasons else "no detector counts towards it")
            yield Rate(path=path, rate=rate, count=NOTHING, missing=missing, broken=broken)
