"""The page's figures: what the SVG pictures of the report show, to hover over. Facts in, Plotly figures out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log10
from typing import Any

import msgspec
import plotly.graph_objects as go

from hparam_ci.inspection import (
    BucketTable,
    Cause,
    Condition,
    Count,
    DetectorResult,
    Drivers,
    LimitResult,
    RateChange,
    SampledColumn,
    SweepResult,
    TrialSample,
)
from hparam_ci.limits import parse_rate
from hparam_ci.report import outlook
from hparam_ci.report.charts import SMALL, heat_tables
from hparam_ci.report.pictures import DECADES, cells
from hparam_ci.report.plane import cuts, drawn_over, jitter, points, said, spans, spread
from hparam_ci.report.sanitize import EMPTY, one_line
from hparam_ci.report.svg import Axis, axis
from hparam_ci.wording import show_rate_name, show_share

SICK, WELL, WARNED, GOOD, SOFT = "#cf4520", "#6f8296", "#c98a00", "#2f8f5b", "rgba(128,140,155,0.35)"
LINES = (SICK, WARNED, "#3a7bd5")
REGION, UNSURE = "rgba(207,69,32,0.13)", "rgba(128,140,155,0.18)"
SPAN, RISE = 400.0, 240.0  # about the pixels of a picture, so that trials are spread as in the report's
HEAT = [[share, f"rgba(207,69,32,{alpha})"] for share, alpha in ((0, 0.03), (0.1, 0.22), (0.4, 0.55), (1, 0.95))]
DIMENSIONS = 9
FEW, FAR = 8, 3  # far: so many times the middle half away from it
CONFIG = {"displaylogo": False, "displayModeBar": False}


def shown(text: str, most: int = 60) -> str:
    """A text from a file as Plotly shows it: no tags, links or formulas, one visible line."""
    return escape(one_line(text, most) or EMPTY).replace("$", "&#36;")


def _figure(height: int, **layout: Any) -> go.Figure:
    figure = go.Figure()
    base = {"height": height, "margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "showlegend": False, "dragmode": False}
    figure.update_layout(**base | layout)
    return figure


# --- a cause --------------------------------------------------------------------------------------


def proof(cause: Cause, sample: TrialSample | None) -> go.Figure | None:
    """The trials over the hyperparameters that a cause speaks of; None where the sample lacks them."""
    over = drawn_over(cause, sample)
    if sample is None or not over:
        return None
    return _strip(cause, sample, *over[0]) if len(over) == 1 else _scatter(cause, sample, over[0], over[1])


def _strip(cause: Cause, sample: TrialSample, condition: Condition, column: SampledColumn) -> go.Figure:
    across = axis(column, 0, SPAN)
    figure = _figure(230, xaxis=_axis(across), yaxis={"tickvals": [0, 1], "ticktext": ["not sick", "sick"]})
    figure.update_yaxes(range=[-0.6, 1.6], showgrid=False, zeroline=False, fixedrange=True)
    _mark(figure, condition, across, "x")
    drawn = points(cause.code, sample, column, None)
    xs = [across.at(value) + jitter(n, across, value) for n, (_, value, _, _) in enumerate(drawn)]
    ys = [(1 if sick else 0) + 0.7 * spread(n, 1) for n, (*_, sick) in enumerate(drawn)]
    texts = [f"{shown(trial)}<br>{shown(said(column, value), 90)}" for trial, value, _, _ in drawn]
    return _dots(figure, xs, ys, texts, [sick for *_, sick in drawn])


def _scatter(
    cause: Cause, sample: TrialSample, one: tuple[Condition, SampledColumn], other: tuple[Condition, SampledColumn]
) -> go.Figure:
    across, up = axis(one[1], 0, SPAN), axis(other[1], 0, RISE)
    figure = _figure(330, xaxis=_axis(across), yaxis=_axis(up))
    for x0, x1 in spans(one[0], across):
        for y0, y1 in spans(other[0], up):
            figure.add_shape(type="rect", x0=x0, x1=x1, y0=y0, y1=y1, fillcolor=REGION, line_width=0, layer="below")
    _mark(figure, one[0], across, "x", region=False)
    _mark(figure, other[0], up, "y", region=False)
    drawn = points(cause.code, sample, one[1], other[1])
    xs = [across.at(a) + jitter(n, across, a) for n, (_, a, _, _) in enumerate(drawn)]
    ys = [up.at(b) + jitter(n, up, b, 1) for n, (_, _, b, _) in enumerate(drawn)]
    texts = [
        f"{shown(trial)}<br>{shown(said(one[1], a), 90)}<br>{shown(said(other[1], b), 90)}" for trial, a, b, _ in drawn
    ]
    return _dots(figure, xs, ys, texts, [sick for *_, sick in drawn])


def _axis(along: Axis) -> dict[str, Any]:
    places, texts = zip(*along.ticks(), strict=True) if along.column.values else ((), ())
    return {
        "title": {"text": shown(along.column.name)},
        "tickvals": list(places),
        "ticktext": [shown(text, 20) for text in texts],
        "range": [along.start - 4, along.end + 4],
        "zeroline": False,
        "fixedrange": True,
        "showgrid": False,
    }


def _mark(figure: go.Figure, condition: Condition, along: Axis, way: str, *, region: bool = True) -> None:
    """Where a condition holds, the cut, and where the true cut may lie."""
    draw = figure.add_vrect if way == "x" else figure.add_hrect
    line = figure.add_vline if way == "x" else figure.add_hline
    ends = ("x0", "x1") if way == "x" else ("y0", "y1")
    if region:
        for stretch in spans(condition, along):
            draw(**dict(zip(ends, stretch, strict=True)), fillcolor=REGION, line_width=0, layer="below")
    if condition.interval and not along.column.levels:
        unsure = sorted(along.at(value) for value in condition.interval)
        draw(**dict(zip(ends, unsure, strict=True)), fillcolor=UNSURE, line_width=0, layer="below")
    for place in cuts(condition, along):
        line(**{way: place}, line_width=1.5, line_dash="dash", line_color=WELL)


def _dots(
    figure: go.Figure, xs: Sequence[float], ys: Sequence[float], texts: Sequence[str], sick: Sequence[bool]
) -> go.Figure:
    for is_sick, colour, symbol, size in ((False, WELL, "circle-open", 6), (True, SICK, "circle", 8)):
        rows = [row for row, flag in enumerate(sick) if flag is is_sick]
        figure.add_trace(
            go.Scatter(
                x=[xs[row] for row in rows],
                y=[ys[row] for row in rows],
                mode="markers",
                hoverinfo="text",
                hovertext=[texts[row] for row in rows],
                marker={"color": colour, "symbol": symbol, "size": size, "line": {"width": 1}},
            )
        )
    return figure


# --- rates ----------------------------------------------------------------------------------------


def gate(limits: Sequence[LimitResult]) -> go.Figure:
    """Each rate with its interval, and its limits as marks."""
    names = [show_rate_name(limit.rate) for limit in limits]
    colours = [{"pass": GOOD, "warn": WARNED}.get(limit.result, SICK) for limit in limits]
    figure = _bars(names, [limit.count for limit in limits], colours)
    for name, limit in zip(names, limits, strict=True):
        for text in (limit.warn, limit.fail):
            if text:
                marker = {"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": WELL}}
                figure.add_trace(
                    go.Scatter(
                        x=[100 * float(parse_rate(text))],
                        y=[name],
                        mode="markers",
                        marker=marker,
                        hoverinfo="text",
                        hovertext=[f"limit {text}"],
                    )
                )
    return figure


def rates(cause: Cause) -> go.Figure:
    """The rate where the cause holds and where it does not; of a pair the rates of its four cells."""
    named = cells(cause)
    colours = [SICK if place == 0 else WELL for place in range(len(named))]
    names = [
        f"{shown(name, 44)}<br>{count.affected} of {count.evaluable} ({show_share(count)})" for name, count in named
    ]
    figure = _bars(names, [count for _, count in named], colours)
    return figure.update_xaxes(range=[0, 101])


def moving(drivers: Drivers) -> go.Figure:
    """What moves the objective: importance with its interval."""
    found = outlook.moving(drivers)
    figure = _figure(60 + 38 * len(found))
    figure.add_trace(
        go.Bar(
            x=[100 * one.share for one in found],
            y=[shown(one.param, 30) for one in found],
            orientation="h",
            marker_color=WELL,
            hoverinfo="text",
            hovertext=[shown(f"{outlook.importance(one)}; best: {outlook.best(one)}", 200) for one in found],
            error_x={
                "type": "data",
                "symmetric": False,
                "color": WELL,
                "array": [100 * max(0.0, one.high - one.share) for one in found],
                "arrayminus": [100 * max(0.0, one.share - one.low) for one in found],
            },
        )
    )
    return figure.update_layout(
        xaxis={"ticksuffix": "%", "fixedrange": True, "rangemode": "tozero"},
        yaxis={"autorange": "reversed", "fixedrange": True},
    )


def moved(changes: Sequence[RateChange]) -> go.Figure:
    """Rates before and now, with their intervals."""
    names = [show_rate_name(change.rate) for change in changes]
    figure = _figure(70 + 60 * len(names), barmode="group", showlegend=True, legend={"orientation": "h", "y": 1.15})
    for title, colour, counts in (
        ("before", SOFT, [change.before for change in changes]),
        ("now", SICK, [change.now for change in changes]),
    ):
        figure.add_trace(_bar(names, counts, [colour] * len(names), title))
    figure.update_layout(
        xaxis={"ticksuffix": "%", "fixedrange": True, "rangemode": "tozero"}, yaxis={"fixedrange": True}
    )
    return figure


def _bars(names: Sequence[str], counts: Sequence[Count], colours: Sequence[str], each: int = 44) -> go.Figure:
    figure = _figure(60 + each * len(names))
    figure.add_trace(_bar(names, counts, colours, ""))
    figure.update_layout(
        xaxis={"ticksuffix": "%", "fixedrange": True, "rangemode": "tozero"},
        yaxis={"autorange": "reversed", "fixedrange": True},
    )
    return figure


def _bar(names: Sequence[str], counts: Sequence[Count], colours: Sequence[str], title: str) -> go.Bar:
    shares = [100 * (count.share or 0.0) for count in counts]
    ends = [(100 * count.low, 100 * count.high) if count.evaluable else (0.0, 0.0) for count in counts]
    whiskers = {
        "type": "data",
        "symmetric": False,
        "color": WELL,
        "array": [max(0.0, high - share) for share, (_, high) in zip(shares, ends, strict=True)],
        "arrayminus": [max(0.0, share - low) for share, (low, _) in zip(shares, ends, strict=True)],
    }
    return go.Bar(
        name=title,
        x=shares,
        y=list(names),
        orientation="h",
        marker_color=list(colours),
        hoverinfo="text",
        hovertext=[f"{count.affected} of {count.evaluable} ({show_share(count)})" for count in counts],
        error_x=whiskers,
    )


# --- heatmap --------------------------------------------------------------------------------------


def heatmap(sweep: SweepResult, code: str, most: int = 25) -> go.Figure:
    """Each hyperparameter's buckets, low to high: the rate of one issue; buckets with too few trials have no colour."""
    tables = heat_tables(sweep)[:most]
    width = max((len(table.buckets) for table in tables), default=0)
    rows = [_heat_row(table, code, width) for table in tables]
    figure = _figure(40 + 52 * len(rows))
    figure.add_trace(
        go.Heatmap(
            z=[[share for share, _ in row] for row in rows],
            text=[[text for _, text in row] for row in rows],
            texttemplate="%{text}",
            textfont={"size": 12},
            y=[shown(table.param, 30) for table in tables],
            x=list(range(width)),
            colorscale=HEAT,
            zmin=0,
            zmax=1,
            xgap=3,
            ygap=3,
            hoverinfo="text",
            showscale=False,
        )
    )
    figure.update_layout(
        xaxis={"visible": False, "fixedrange": True},
        yaxis={"autorange": "reversed", "fixedrange": True, "showgrid": False, "zeroline": False},
    )
    return figure


def _heat_row(table: BucketTable, code: str, width: int) -> list[tuple[float | None, str]]:
    cells: list[tuple[float | None, str]] = []
    for bucket in table.buckets:
        count = bucket.counts.get(code)
        known = count is not None and count.evaluable >= SMALL
        said_count = f"{show_share(count)} · {count.affected} of {count.evaluable}" if count else "–"
        cells.append((count.share if known and count else None, f"{shown(bucket.label, 24)}<br>{said_count}"))
    return cells + [(None, "")] * (width - len(cells))


# --- all trials -----------------------------------------------------------------------------------


def parallel(sweep: SweepResult, code: str) -> go.Figure | None:
    """A line a trial across the hyperparameters and the objective; the trials with the issue are marked."""
    sample = sweep.sample
    if sample is None or code not in sample.marks:
        return None
    marks = sample.marks[code][: len(sample.trials)]
    rows = sorted((row for row, mark in enumerate(marks) if mark in "xo"), key=lambda row: marks[row] == "x")
    columns = [(column, column) for column in sample.columns[:DIMENSIONS]]
    columns += [(sample.objective, _usual(sample.objective))] if sample.objective else []
    figure = _figure(430, margin={"l": 60, "r": 60, "t": 60, "b": 24})
    figure.add_trace(
        go.Parcoords(
            line={
                "color": [1 if marks[row] == "x" else 0 for row in rows],
                "colorscale": [[0, "#c3ccd6"], [1, SICK]],
                "cmin": 0,
                "cmax": 1,
            },
            dimensions=[_dimension(column, axis(usual, 0, SPAN), rows) for column, usual in columns],
            unselected={"line": {"opacity": 0.05}},
        )
    )
    return figure


def _dimension(column: SampledColumn, along: Axis, rows: Sequence[int]) -> dict[str, Any]:
    """Trials with one value are spread a little, so that each line is seen."""
    places, texts = zip(*along.ticks(), strict=True)
    return {
        "label": shown(column.name, 24),
        "values": [along.at(column.values[row]) + 0.4 * jitter(row, along, column.values[row]) for row in rows],
        "range": [0, SPAN],
        "tickvals": list(places),
        "ticktext": [shown(text, 14) for text in texts],
    }


def _usual(column: SampledColumn) -> SampledColumn:
    """The column without the numbers far from the others, which then lie at the ends of its axis."""
    known = sorted(value for value in column.values if value is not None)
    if column.levels or len(known) < FEW:
        return column
    scaled = [log10(value) for value in known] if column.log and known[0] > 0 else known
    low, high = scaled[len(known) // 4], scaled[3 * len(known) // 4]
    room = FAR * (high - low)
    near = {value for value, at in zip(known, scaled, strict=True) if low - room <= at <= high + room}
    if high == low:
        return column
    return msgspec.structs.replace(column, values=tuple(v for v in column.values if v is None or v in near))


def curves(sweep: SweepResult, detector: DetectorResult) -> go.Figure | None:
    """The worst trials of an issue over their steps, some trials without any issue behind them."""
    sick = [(issue.trial, issue.curve) for issue in detector.issues if len(issue.curve) > 1]
    if not sick:
        return None
    column = next(issue.column for issue in detector.issues if len(issue.curve) > 1)
    healthy = sweep.sample.healthy.get(column, ()) if sweep.sample else ()
    known = [value for curve in [*(c for _, c in sick), *healthy] for value in curve if value is not None]
    wide = bool(known) and min(known) > 0 and max(known) > 100 * min(known)
    figure = _figure(280, yaxis={"title": {"text": shown(column)}, "type": "log" if wide else "linear"})
    top = max(known, default=1.0)
    if wide:
        top = min(top, DECADES * min(known))
        figure.update_yaxes(range=[log10(min(known)) - 0.2, log10(top) + 0.2])
    figure.update_xaxes(title="share of the run", tickformat=".0%", range=[-0.03, 1.03])
    for curve in healthy:
        figure.add_trace(_line(curve, WELL, 1, "without an issue", 0.6))
    for number, (trial, curve) in enumerate(sick):
        figure.add_trace(_line(curve, LINES[number % len(LINES)], 2.5, shown(trial)))
        if None in curve:
            stop = curve.index(None)
            last = [min(value, top) for value in curve[:stop] if value is not None][-1:] or [top]
            marker = {"symbol": "x", "size": 11, "color": LINES[number % len(LINES)]}
            text = f"{shown(trial)}: no finite number from here on"
            figure.add_trace(
                go.Scatter(
                    x=[stop / (len(curve) - 1)],
                    y=last,
                    mode="markers",
                    marker=marker,
                    hoverinfo="text",
                    hovertext=[text],
                )
            )
    return figure


def _line(curve: Sequence[float | None], colour: str, width: float, name: str, opacity: float = 1.0) -> go.Scatter:
    xs = [place / max(1, len(curve) - 1) for place in range(len(curve))]
    texts = [f"{name}: {value:.4g}" if value is not None else name for value in curve]
    return go.Scatter(
        x=xs,
        y=list(curve),
        mode="lines",
        line={"color": colour, "width": width},
        opacity=opacity,
        hoverinfo="text",
        hovertext=texts,
    )
