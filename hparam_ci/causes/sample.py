"""A few trials of a sweep for pictures: what reports draw, without the table behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.attribution import columns_of
from hparam_ci.detectors.detector import Detection
from hparam_ci.detectors.run import IssueTable, combinations
from hparam_ci.inspection import Cause, SampledColumn, TrialSample
from hparam_ci.sources.curves import Curve, thinned
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Column, Mask

TRIALS = 300
COLUMNS = 12
LEVELS = 12
HEALTHY = 5
DIGITS = 5
WIDE = 100.0
"""From this ratio of the largest to the least value on, positive numbers are drawn on a logarithmic axis."""

Rows = NDArray[np.intp]


def sample_trials(
    issues: IssueTable, causes: Sequence[Cause], ahead: Sequence[str], objective: str, curves: Sequence[str]
) -> TrialSample | None:
    """Trials for the pictures of a sweep; None where no trial has an issue.

    Args:
        issues: what the detectors saw in the n trials.
        causes: theirs; the columns that they speak of are all there.
        ahead: hyperparameters that come next, as far as there is room.
        objective: the metric that the sweep is about, or an empty text.
        curves: columns of which curves are drawn.
    """
    seen = {code: detection for code, detection in issues.seen.items() if detection.flagged.any()}
    if not seen:
        return None
    sweep = issues.sweep
    columns = sweep.columns(Role.HYPERPARAMETER)
    rows = _chosen(seen, sweep)
    metric = [column for column, _ in sweep.metrics() if column.name == objective]
    return TrialSample(
        trials=tuple(sweep.trial_ids[row] for row in rows),
        columns=tuple(_sampled(column, rows, sweep) for column in _wanted(causes, columns, ahead)),
        marks={code: _marks(detection, rows) for code, detection in seen.items()},
        objective=_sampled(metric[0], rows, sweep) if metric else None,
        healthy=_healthy_curves(issues, curves),
    )


def _chosen(seen: dict[str, Detection], sweep: Sweep) -> Rows:
    """Rows of at most TRIALS trials in file order: of each combination of issues alike many, as far as they go round.

    Within a combination those with the smallest hash of their hyperparameters, so that the order of the rows does not
    matter.
    """
    n = len(sweep)
    if n <= TRIALS:
        return np.arange(n)
    kinds, content = combinations(list(seen.values()), n), sweep.configuration_hashes
    sizes = np.bincount(kinds)
    chosen: list[Rows] = []
    left = TRIALS
    for place, kind in enumerate(np.argsort(sizes, kind="stable").tolist()):
        chosen.append(_smallest(np.flatnonzero(kinds == kind), content, -(-left // (len(sizes) - place))))
        left -= len(chosen[-1])
    return np.sort(np.concatenate(chosen))[:TRIALS]


def _smallest(rows: Rows, content: NDArray[np.uint64], number: int) -> Rows:
    """So many of the rows, those with the smallest hashes."""
    own = content[rows]
    if number < len(rows):
        kept = own <= np.partition(own, number)[number]
        rows, own = rows[kept], own[kept]
    return rows[np.argsort(own, kind="stable")][:number]


def _wanted(causes: Sequence[Cause], columns: Sequence[Column], ahead: Sequence[str]) -> Iterator[Column]:
    """The columns that causes speak of, functions of two included; then others up to COLUMNS."""
    found: dict[str, Column] = {}
    for cause in causes:
        found |= columns_of(cause.conditions, columns)
    by_name = {column.name: column for column in columns}
    for name in (*ahead, *by_name):
        if len(found) < COLUMNS and name in by_name:
            found.setdefault(name, by_name[name])
    yield from found.values()


def _sampled(column: Column, rows: Rows, sweep: Sweep) -> SampledColumn:
    if column.levels:
        return _levels(column, rows)
    numbers = column.known
    values = tuple(float(f"{v:.{DIGITS}g}") if np.isfinite(v) else None for v in column.values[rows])
    hint = sweep.table.hints.get(column.name)
    wide = bool(len(numbers) and numbers.min() > 0 and numbers.max() >= WIDE * numbers.min())
    said = hint is not None and hint.log is True and bool(len(numbers) and numbers.min() > 0)
    return SampledColumn(name=column.name, values=values, log=wide or said)


def _levels(column: Column, rows: Rows) -> SampledColumn:
    """The most frequent texts; rarer ones share the last place."""
    shown = [column.show(int(row)) for row in rows]
    ranked = [text for text, _ in sorted(Counter(filter(None, shown)).items(), key=lambda item: (-item[1], item[0]))]
    kept = ranked if len(ranked) <= LEVELS else ranked[: LEVELS - 1]
    place = {text: number for number, text in enumerate(kept)}
    values = tuple(float(place.get(text, len(kept))) if text else None for text in shown)
    pooled = [f"{len(ranked) - len(kept)} others"] if len(kept) < len(ranked) else []
    return SampledColumn(name=column.name, values=values, levels=(*kept, *pooled))


def _marks(detection: Detection, rows: Rows) -> str:
    flagged, at_risk = detection.flagged[rows], detection.at_risk[rows]
    return "".join("x" if sick else "o" if able else "-" for sick, able in zip(flagged, at_risk, strict=True))


def _healthy_curves(issues: IssueTable, names: Sequence[str]) -> dict[str, tuple[Curve, ...]]:
    """Of each of these columns the curves of a few trials without an issue."""
    sweep = issues.sweep
    if sweep.table.history is None or not names:
        return {}
    well = np.flatnonzero(~_flagged_anywhere(issues))
    well = well[np.argsort(sweep.configuration_hashes[well], kind="stable")]
    found = {}
    for name in names:
        curves = [curve for row in well[: 4 * HEALTHY].tolist() if (curve := thinned(sweep, name, row))]
        if curves:
            found[name] = tuple(curves[:HEALTHY])
    return found


def _flagged_anywhere(issues: IssueTable) -> Mask:
    mask = np.zeros(len(issues.sweep), bool)
    for detection in issues.seen.values():
        mask |= detection.flagged
    return mask
