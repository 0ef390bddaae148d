"""The pictures of the HTML report: what proves a cause, rates as bars, learning curves. Pure: facts in, SVG out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hparam_ci.inspection import (
    Cause,
    Condition,
    Count,
    DetectorResult,
    Drivers,
    LimitResult,
    SampledColumn,
    SweepResult,
    TrialSample,
)
from hparam_ci.limits import parse_rate
from hparam_ci.report import outlook, words
from hparam_ci.report.plane import among, cuts, jitter, points, said, spans, spread, upright
from hparam_ci.report.svg import Axis, axis, element, label, picture, text
from hparam_ci.wording import show_rate_name, show_share

WIDTH = 440.0
LEFT, RIGHT = 74.0, 428.0
LANE = 46.0
PLOT = 210.0
CURVES = 4
"""Detectors of which curves are drawn."""

DECADES = 1e9
"""What lies further above the least value of a logarithmic picture runs along its top."""


# --- bars -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """One share (0 to 1) with its interval, its name and what to write beside it; a limit is a mark across it."""

    name: str
    share: float
    low: float
    high: float
    said: str
    kind: str = "sick"
    limits: tuple[float, ...] = ()


def bars(title: str, rows: Sequence[Bar], *, top: float = 1.0) -> Markup:
    """Horizontal bars from 0 to `top`, one under the other, each with its interval as a whisker."""
    parts: list[Markup] = []
    for number, row in enumerate(rows):
        y = 38.0 * number + 12
        x0, x1, x2 = (_along(value, top) for value in (row.low, row.share, row.high))
        parts += [
            text(label(row.name, 44), 0, y, "name"),
            text(row.said, WIDTH, y, "said", text_anchor="end"),
            element("rect", x=0, y=y + 6, width=WIDTH, height=10, rx=3, class_="track"),
            element("rect", x=0, y=y + 6, width=max(x1, 1.5), height=10, rx=3, class_=row.kind),
            element("path", d=_whisker(x0, x2, y + 11), class_="whisker"),
            *(element("path", d=f"M{_along(limit, top):.1f} {y + 3:.1f}v16", class_="limit") for limit in row.limits),
        ]
    return picture(title, WIDTH, 38.0 * len(rows), parts)


def _whisker(start: float, end: float, y: float) -> str:
    return f"M{start:.1f} {y:.1f}H{end:.1f}M{start:.1f} {y - 3:.1f}v6M{end:.1f} {y - 3:.1f}v6"


def _along(value: float, top: float) -> float:
    return WIDTH * min(max(value / top, 0.0), 1.0)


def _bar(name: str, count: Count, kind: str = "sick", limits: tuple[float, ...] = ()) -> Bar:
    said = f"{count.affected} of {count.evaluable} ({show_share(count)})" if count.evaluable else "none could show it"
    return Bar(name, count.share or 0.0, count.low, count.high if count.evaluable else 0.0, said, kind, limits)


def gate(limits: Sequence[LimitResult]) -> Markup:
    """The rates with their intervals against their limits."""
    rows = [
        _bar(
            show_rate_name(limit.rate),
            limit.count,
            {"pass": "well", "warn": "warned"}.get(limit.result, "sick"),
            tuple(float(parse_rate(text)) for text in (limit.warn, limit.fail) if text and _is_rate(text)),
        )
        for limit in limits
    ]
    widest = max([0.05, *(max([row.high, *row.limits]) for row in rows)])
    return bars("Rates against their limits", rows, top=min(1.0, 1.1 * widest))


def _is_rate(written: str) -> bool:
    try:
        parse_rate(written)
    except ValueError:
        return False
    return True


def found(detectors: Sequence[DetectorResult]) -> Markup:
    """How many trials show each issue, of those that could."""
    rows = [_bar(f"{d.title} ({d.code})", d.count, f"of-{d.severity}") for d in detectors]
    widest = max([0.05, *(row.high for row in rows)])
    return bars("Trials with each issue", rows, top=min(1.0, 1.05 * widest))


def moving(drivers: Drivers) -> Markup:
    """What moves the objective: importance with its interval."""
    rows = [
        Bar(one.param, one.share, one.low, one.high, outlook.importance(one), "quiet")
        for one in outlook.moving(drivers)
    ]
    return bars("Importance of the hyperparameters", rows)


def rates(cause: Cause) -> Markup:
    """The rate where the cause holds and where it does not; of a pair the rates of its four cells."""
    rows = [_bar(name, count, "quiet" if place else "sick") for place, (name, count) in enumerate(cells(cause))]
    return bars("Rates with 95% intervals", rows)


def cells(cause: Cause) -> list[tuple[str, Count]]:
    """With and without the cause; of a pair both, each alone, and neither. The sick ones first."""
    if len(cause.cells) == 4:
        names = ("both", *(f"only {piece}" for piece in words.pair(cause)), "neither")
        return list(zip(names, cause.cells, strict=True))
    return [("with it", cause.inside), ("without it", cause.outside)]


# --- a cause --------------------------------------------------------------------------------------


def proof(cause: Cause, sample: TrialSample | None) -> Markup:
    """The trials over the hyperparameters that a cause speaks of; nothing where the sample lacks them.

    Of three conditions or more the first two make the plane, and the trials that meet the others lie in it.
    """
    if sample is None or cause.code not in sample.marks:
        return Markup()
    columns = {column.name: column for column in sample.columns}
    shown = [columns[condition.param] for condition in cause.conditions if condition.param in columns]
    if len(shown) < len(cause.conditions):
        return Markup()
    if len(shown) == 1:
        return _strip(cause, sample, shown[0])
    rest = cause.conditions[2:]
    sample = among(sample, cause.code, rest) if rest else sample
    return _scatter(cause, sample, *upright(cause.conditions[:2], (shown[0], shown[1])))


def _strip(cause: Cause, sample: TrialSample, column: SampledColumn) -> Markup:
    """Two lanes, the sick trials above the others, over one hyperparameter."""
    across = axis(column, LEFT, RIGHT)
    bottom = 18 + 2 * LANE
    parts = [*_region(cause.conditions[0], across, 8, bottom), *_ticks_below(across, bottom)]
    parts += [text(name, 0, 8 + LANE * (lane + 0.5) + 4, "name") for lane, name in enumerate(("sick", "not sick"))]
    parts += [element("path", d=f"M{LEFT:.0f} {13 + LANE:.0f}H{RIGHT:.0f}", class_="grid")]
    for number, (trial, value, _, sick) in enumerate(points(cause.code, sample, column, None)):
        x = across.at(value) + jitter(number, across, value)
        y = 8 + (0.5 if sick else 1.5) * LANE + (0 if sick else 8) + spread(number, 1) * (LANE - 12)
        parts.append(_dot(x, y, sick, f"{label(trial, 40)}: {said(column, value)}"))
    parts.append(text(label(column.name, 50), RIGHT, bottom + 32, "axis", text_anchor="end"))
    return picture(f"{label(cause.issue)} over {label(column.name)}", WIDTH, bottom + 38, parts)


def _scatter(
    cause: Cause, sample: TrialSample, one: tuple[Condition, SampledColumn], other: tuple[Condition, SampledColumn]
) -> Markup:
    """Sick and other trials over two hyperparameters, with the corner in which the cause lies."""
    across, up = axis(one[1], LEFT, RIGHT), axis(other[1], PLOT + 20, 20)
    parts = [element("rect", x=LEFT, y=20, width=RIGHT - LEFT, height=PLOT, class_="frame")]
    for x0, x1 in spans(one[0], across):
        for y0, y1 in spans(other[0], up):
            parts.append(element("rect", x=x0, y=min(y0, y1), width=x1 - x0, height=abs(y1 - y0), class_="region"))
    parts += [*_uncertain(one[0], across, 20, PLOT + 20), *_uncertain_up(other[0], up)]
    parts += _ticks_below(across, PLOT + 20)
    for y, name in up.ticks():
        parts.append(text(name, LEFT - 7, y + 4, "tick", text_anchor="end"))
        parts.append(element("path", d=f"M{LEFT - 4:.1f} {y:.1f}h4", class_="grid"))
    for number, (trial, a, b, sick) in enumerate(points(cause.code, sample, one[1], other[1])):
        x = across.at(a) + jitter(number, across, a)
        y = up.at(b) + jitter(number, up, b, 1)
        parts.append(_dot(x, y, sick, f"{label(trial, 40)}: {said(one[1], a)}, {said(other[1], b)}"))
    parts.append(text(label(one[1].name, 50), RIGHT, PLOT + 52, "axis", text_anchor="end"))
    parts.append(text(label(other[1].name, 50), 0, 11, "axis"))
    if rest := cause.conditions[2:]:
        names = " and ".join(label(condition.param, 30) for condition in rest)
        parts.append(text(f"trials with {names} as the cause says", RIGHT, 11, "axis", text_anchor="end"))
    title = f"{label(cause.issue)} over {label(one[1].name)} and {label(other[1].name)}"
    return picture(title, WIDTH, PLOT + 58, parts)


def _dot(x: float, y: float, sick: bool, said: str) -> Markup:
    return element("circle", element("title", said), cx=x, cy=y, r=3.4 if sick else 2.6, class_="x" if sick else "o")


def _ticks_below(across: Axis, y: float) -> Iterator[Markup]:
    last = -100.0
    for x, name in across.ticks():
        yield element("path", d=f"M{x:.1f} {y:.1f}v4", class_="grid")
        if x - last > 5.2 * len(name) + 6 or across.column.levels:
            turned = across.column.levels and len(across.column.levels) > 5
            yield text(name[:8] if turned else name, x, y + 16, "tick", text_anchor="middle")
            last = x


def _region(condition: Condition, across: Axis, top: float, bottom: float) -> Iterator[Markup]:
    for x0, x1 in spans(condition, across):
        yield element("rect", x=x0, y=top, width=x1 - x0, height=bottom - top, class_="region")
    yield from _uncertain(condition, across, top, bottom)


def _uncertain(condition: Condition, across: Axis, top: float, bottom: float) -> Iterator[Markup]:
    """The cut, and the interval in which the true one lies with a probability of 95 %."""
    if condition.interval and not across.column.levels:
        x0, x1 = (across.at(value) for value in condition.interval)
        yield element("rect", x=min(x0, x1), y=top, width=abs(x1 - x0), height=bottom - top, class_="unsure")
    for x in cuts(condition, across):
        yield element("path", d=f"M{x:.1f} {top:.1f}V{bottom:.1f}", class_="cut")


def _uncertain_up(condition: Condition, up: Axis) -> Iterator[Markup]:
    if condition.interval and not up.column.levels:
        y0, y1 = sorted(up.at(value) for value in condition.interval)
        yield element("rect", x=LEFT, y=y0, width=RIGHT - LEFT, height=y1 - y0, class_="unsure")
    for y in cuts(condition, up):
        yield element("path", d=f"M{LEFT:.1f} {y:.1f}H{RIGHT:.1f}", class_="cut")


# --- learning curves ------------------------------------------------------------------------------


def curves(sweep: SweepResult) -> list[tuple[DetectorResult, str, Markup]]:
    """Detector, column and picture: the worst trials of an issue over their steps, some healthy ones behind them."""
    made: list[tuple[DetectorResult, str, Markup]] = []
    for detector in words.flagged(sweep):
        sick = [(issue.trial, issue.curve) for issue in detector.issues if len(issue.curve) > 1]
        if sick and len(made) < CURVES:
            column = next(issue.column for issue in detector.issues if len(issue.curve) > 1)
            healthy = sweep.sample.healthy.get(column, ()) if sweep.sample else ()
            made.append((detector, column, _lines(f"{label(detector.title)}: {label(column)}", sick, healthy)))
    return made


def _lines(
    title: str,
    sick: Sequence[tuple[str, tuple[float | None, ...]]],
    healthy: Sequence[tuple[float | None, ...]],
) -> Markup:
    every = [curve for _, curve in sick] + list(healthy)
    known = tuple(value for curve in every for value in curve if value is not None)
    low, high = min(known, default=0.0), max(known, default=1.0)
    wide = low > 0 and high > 100 * low
    shown = tuple(value for value in known if not wide or value <= DECADES * low)
    up = axis(SampledColumn(name="", values=shown, log=wide), 160, 12)
    parts: list[Markup] = []
    for y, name in up.ticks():
        parts.append(element("path", d=f"M{LEFT:.0f} {y:.1f}H{RIGHT:.0f}", class_="grid"))
        parts.append(text(name, LEFT - 7, y + 4, "tick", text_anchor="end"))
    parts += [element("path", d=_path(curve, up), class_="line o") for curve in healthy]
    for number, (trial, curve) in enumerate(sick):
        said = element("title", label(trial, 40))
        parts.append(element("path", said, d=_path(curve, up), class_=f"line x{number % 3}"))
        parts += [
            element("path", said, d=f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8", class_=f"line x{number % 3}")
            for x, y in _gone(curve, up)
        ]
    parts += [
        text("start of the run", LEFT, 178, "tick"),
        text("end", RIGHT, 178, "tick", text_anchor="end"),
    ]
    return picture(title, WIDTH, 186, parts)


def _path(curve: Sequence[float | None], up: Axis) -> str:
    steps, pen = [], "M"
    for place, value in enumerate(curve):
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{_step(place, curve):.1f} {up.at(value):.1f}")
        pen = "L"
    return "".join(steps) or "M0 0"


def _gone(curve: Sequence[float | None], up: Axis) -> list[tuple[float, float]]:
    """Where a curve stops being a number: at the height of its last one."""
    if None not in curve:
        return []
    first = curve.index(None)
    before = [value for value in curve[:first] if value is not None]
    return [(_step(first, curve), up.at(before[-1]) if before else 12.0)]


def _step(place: int, curve: Sequence[float | None]) -> float:
    return LEFT + (RIGHT - LEFT) * place / max(1, len(curve) - 1)
