"""From files to the Inspection: read, understand, detect, attribute, advise, judge. Pure but for reading the files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec
import numpy as np

from hparam_ci import __version__
from hparam_ci.advice.advise import advise
from hparam_ci.baseline import compare, read_result, regressions
from hparam_ci.causes.attribution import Attribution, attribute
from hparam_ci.causes.buckets import count, detect_param_correlations
from hparam_ci.causes.sample import sample_trials
from hparam_ci.detectors.detector import DEBUG, Detector, IssueTable, all_detectors, detect, rate_names
from hparam_ci.detectors.detector import Finding as SweepFinding
from hparam_ci.errors import SettingsError, SourceError
from hparam_ci.gate import decide
from hparam_ci.inspection import (
    SCHEMA_VERSION,
    Cause,
    ColumnReading,
    Compute,
    Count,
    DetectorResult,
    Drivers,
    Fact,
    Finding,
    Inspection,
    Issue,
    PatternMatch,
    Rate,
    Skipped,
    SweepResult,
    TrialSample,
)
from hparam_ci.paths import locate
from hparam_ci.selection import SEVERITIES, selection_for
from hparam_ci.settings import DEFAULT_PATTERN, LEGACY_FILE, LEGACY_VARIABLE, Settings
from hparam_ci.side_by_side import Finish, inspected, inspected_here, pays
from hparam_ci.sources.address import shown_address, split_address
from hparam_ci.sources.configured import misses
from hparam_ci.sources.curves import thinned
from hparam_ci.sources.discovery import Discovery, find
from hparam_ci.sources.discovery import PatternMatch as Matched
from hparam_ci.sources.given import is_frame, sweep_of_frame
from hparam_ci.sources.notes import notes
from hparam_ci.sources.open import is_store
from hparam_ci.sources.read import read_address, read_sweeps, why_no_sweep
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Mask, any_of

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = 10
DRAWN = 3
NOTHING = Count(affected=0, evaluable=0, low=0.0, high=1.0)
WILDCARDS = frozenset("*?[")

Progress = Callable[[int, int, str], None]
Files = Sequence[str | Path] | str | Path
Numbered = TypeVar("Numbered", bound=Fact)


def inspect(
    files: Files | pd.DataFrame | None = None,
    settings: Settings | None = None,
    *,
    root: Path | str | None = None,
    progress: Progress | None = None,
    side_by_side: bool = False,
) -> Inspection:
    """Inspect a data frame, or the sweeps that paths and patterns name.

    Args:
        files: a data frame with a row a trial (in which NaN is a cell without a value); or paths, globs below `root`, a
            leading `!` excludes, or addresses such as `mlflow:http://host`; default: those of the settings, else
            `results.csv`, else every table and store that is known by its name.
        settings: options; the defaults if not given.
        root: the workspace; nothing outside it is read. Without one paths may lead anywhere.
        progress: called before each file with its number from 0, how many there are, and its path.
        side_by_side: use all cores, by a process a file, where that pays; the result is the same. Only for programs
            that may be forked: with no threads of their own.

    Returns:
        The inspection. Files that cannot be read are in `skipped` with the reason.

    Raises:
        SettingsError: a pattern that cannot be used.
    """
    settings = settings or Settings()
    if files is not None and is_frame(files):
        return _of_frame(cast("pd.DataFrame", files), settings)
    named_files = [files] if isinstance(files, (str, Path)) else list(cast("Iterable[str | Path]", files or ()))
    asked = [str(file) for file in named_files]
    if root is None:
        root, asked = locate(asked)
    root = Path(root)
    patterns = _patterns(asked, settings, root)
    addresses = [pattern for pattern in patterns if split_address(pattern)]
    found = _find([pattern for pattern in patterns if pattern not in addresses], root, settings, addresses)
    named = {pattern for pattern in patterns if not WILDCARDS & set(pattern)}
    sweeps: list[SweepResult] = []
    skipped = _not_opened(found)
    sources = [*(path.as_posix() for path in found.files), *addresses]

    def begin(source: str) -> Finish[SweepResult | Skipped]:
        return _begun(source, root, settings, named=source in named)

    in_turn = inspected if side_by_side and not addresses and pays(root, found.files) else inspected_here
    turns = in_turn(sources, begin, Counter())
    for number, source in enumerate(sources):
        if progress:
            progress(number, len(sources), shown_address(source))
        for outcome in next(turns) or [_failed(source, MemoryError())]:
            if isinstance(outcome, Skipped):
                skipped.append(outcome)
            else:
                sweeps.append(outcome)
    matches = tuple(PatternMatch(pattern=match.pattern, matches=match.matches) for match in found.patterns)
    return _judged(sweeps, skipped, matches, settings)


def _of_frame(frame: pd.DataFrame, settings: Settings) -> Inspection:
    opened = _opened(sweep_of_frame(frame, settings.columns), settings, named=True)
    if isinstance(opened, Skipped):
        return _judged([], [opened], (), settings)
    return _judged([_result(opened, settings, _Ids(Counter()))], [], (), settings)


def _judged(
    sweeps: Sequence[SweepResult], skipped: Sequence[Skipped], patterns: tuple[PatternMatch, ...], settings: Settings
) -> Inspection:
    rates = [rate for sweep in sweeps for rate in sweep.rates]
    return Inspection(
        schema_version=SCHEMA_VERSION,
        version=__version__,
        title=settings.title,
        gate=decide(rates, sum(sweep.trials for sweep in sweeps), skipped, settings),
        sweeps=tuple(sweeps),
        skipped=tuple(skipped),
        patterns=patterns,
    )


def against(inspection: Inspection, baseline: Inspection, name: str, settings: Settings) -> Inspection:
    """The inspection with what changed against a baseline, and the gate that takes that into account.

    Args:
        inspection: of the sweeps now.
        baseline: of the same sweeps before.
        name: what the baseline is, in words.
        settings: those of the inspection.
    """
    comparison = compare(inspection.sweeps, baseline, name, settings)
    rates = [rate for sweep in inspection.sweeps for rate in sweep.rates]
    reasons = regressions(comparison, settings)
    gate = decide(rates, inspection.trials, inspection.skipped, settings, reasons)
    return msgspec.structs.replace(inspection, comparison=comparison, gate=gate)


def read_baseline(name: str, settings: Settings, root: Path | str = ".") -> Inspection:
    """A baseline from a file below the workspace: an earlier result as JSON, or a sweep, which is inspected.

    Raises:
        SettingsError: it does not exist, leads out of the workspace, or holds neither.
    """
    path = Path(root) / name
    if not path.resolve().is_relative_to(Path(root).resolve()) or not path.exists():
        raise SettingsError(f"baseline_file: {name!r} does not exist in the workspace.")
    if path.suffix == ".json":
        if path.stat().st_size > settings.max_file_size_mb * 1024 * 1024:
            raise SettingsError(f"baseline_file: {name!r} is larger than max_file_size_mb allows.")
        return read_result(path, name)
    baseline = inspect([name], settings, root=root)
    if not baseline.sweeps:
        reasons = [file.reason for file in baseline.skipped] or ["no sweep was found there"]
        raise SettingsError(f"baseline_file: {name!r} cannot be inspected: {reasons[0]}.")
    return baseline


def _patterns(files: Sequence[str], settings: Settings, root: Path) -> list[str]:
    if files:
        return list(files)
    if settings.files:
        return list(settings.files)
    if legacy := os.environ.get(LEGACY_VARIABLE, "").strip():
        return [legacy]
    return [LEGACY_FILE] if (root / LEGACY_FILE).is_file() else [DEFAULT_PATTERN]


def _find(patterns: Sequence[str], root: Path, settings: Settings, addresses: Sequence[str]) -> Discovery:
    """The files that the patterns name, and each address as a pattern that matched."""
    found = Discovery((), (), ())
    if patterns or not addresses:
        found = find(
            patterns,
            root,
            max_files=settings.max_files,
            max_file_bytes=settings.max_file_size_mb * 1024 * 1024,
            is_store=is_store,
        )
    matched = tuple(Matched(shown_address(address), 1) for address in addresses)
    return replace(found, patterns=(*found.patterns, *matched))


def _not_opened(found: Discovery) -> list[Skipped]:
    return [Skipped(path=item.path, reason=item.reason, kind=item.kind) for item in found.skipped]


class _Ids:
    """Evidence ids, unique within an Inspection: I1 an issue, S1 a finding on a sweep, C1 a cause, R1 advice."""

    def __init__(self, last: Counter[str]) -> None:
        self.last = last.copy()

    def new(self, letter: str) -> str:
        self.last[letter] += 1
        return f"{letter}{self.last[letter]}"

    def given(self, letter: str, facts: Sequence[Numbered]) -> tuple[Numbered, ...]:
        return tuple(msgspec.structs.replace(fact, id=self.new(letter)) for fact in facts)


# --- one file -------------------------------------------------------------------------------------


UNPACKED = 4
"""How many times the largest file an archive may unpack to."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A sweep with what was found in it, before anything has an id."""

    issues: IssueTable
    attribution: Attribution


def _begun(source: str, root: Path, settings: Settings, *, named: bool) -> Finish[SweepResult | Skipped]:
    """The long part of one file, folder or address; what is left gives its facts their ids."""
    try:
        opened = [_opened(sweep, settings, named=named) for sweep in _sweeps_of(source, root, settings)]
    except Exception as error:  # noqa: BLE001 - see _failed
        failed = _failed(source, error)
        return lambda ids: ([failed], ids)

    def finish(last: Counter[str]) -> tuple[list[SweepResult | Skipped], Counter[str]]:
        ids = _Ids(last)
        try:
            return [one if isinstance(one, Skipped) else _result(one, settings, ids) for one in opened], ids.last
        except Exception as error:  # noqa: BLE001 - see _failed
            return [_failed(source, error)], last

    return finish


def _sweeps_of(source: str, root: Path, settings: Settings) -> list[Sweep]:
    if split_address(source):
        return read_address(source, settings.columns)
    most = UNPACKED * settings.max_file_size_mb * 1024 * 1024
    return read_sweeps(Path(source), root, settings.columns, max_unpacked=most)


def _failed(source: str, error: Exception) -> Skipped:
    """What cannot be read. The last line of defence: an error of ours, or too little memory, costs this file alone."""
    if isinstance(error, SourceError):
        reason = f"{error.what}. {error.fix}"
    elif isinstance(error, MemoryError):
        reason = "more memory than there is would be needed. Split the file, or export fewer columns."
    elif os.environ.get(DEBUG):
        raise error
    else:
        reason = f"internal error: {type(error).__name__}: {str(error)[:200]}. Please report it."
    return Skipped(path=shown_address(source), reason=reason, kind="unreadable")


def _opened(sweep: Sweep, settings: Settings, *, named: bool) -> _Opened | Skipped:
    path = sweep.table.path
    if not len(sweep):
        return Skipped(path=path, reason="a header without any trial below it", kind="empty")
    if reason := why_no_sweep(sweep):
        is_chart = reason.startswith("a chart")
        return Skipped(path=path, reason=reason, kind="empty" if named and not is_chart else "not_a_sweep")
    issues = detect(sweep, selection_for(path, settings.detectors))
    return _Opened(issues, attribute(issues))


def _result(opened: _Opened, settings: Settings, ids: _Ids) -> SweepResult:
    issues, attribution = opened.issues, opened.attribution
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
        notes=(*misses(sweep.table, settings.columns), *notes(sweep)),
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


def _sample(
    issues: IssueTable, causes: Sequence[Cause], detectors: Sequence[DetectorResult], drivers: Drivers | None
) -> TrialSample | None:
    ahead = [one.param for one in drivers.hyperparameters] if drivers else []
    curved = dict.fromkeys(issue.column for detector in detectors for issue in detector.issues if issue.curve)
    return sample_trials(issues, causes, ahead, drivers.metric if drivers else "", list(curved))


def _detector_result(detector: Detector, issues: IssueTable, settings: Settings, ids: _Ids) -> DetectorResult:
    seen, found = issues.seen.get(detector.code), issues.found.get(detector.code)
    rows = seen.worst_first()[:EXAMPLES] if seen else []
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


def _issue(detector: Detector, issues: IssueTable, row: int, settings: Settings, ids: _Ids, *, drawn: bool) -> Issue:
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
        hours=float(seconds[known].sum()) / 3600,
        lost_hours=float(seconds[known & affected].sum()) / 3600,
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
