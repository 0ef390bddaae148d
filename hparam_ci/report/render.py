"""The Inspection as Markdown, in three lengths: comment, job summary, full report. All text passes the sanitiser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from hparam_ci.inspection import Inspection
from hparam_ci.report import charts, outlook, pieces, words
from hparam_ci.report.compiled import templates
from hparam_ci.report.sanitize import Markdown, check_text, html_text, markdown_code, markdown_text
from hparam_ci.review import OFF, Review
from hparam_ci.wording import plural, show_rate_name, show_share

COMMENT_CHARACTERS = 65_000  # GitHub refuses more than 65,536
CHECK_BYTES = 65_000  # GitHub refuses more than 65,535
SUMMARY_BYTES = 1_000_000  # GitHub drops a summary over 1,048,576


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is shown; what is left out is said.

    Attributes:
        sweeps: sweeps with issues, each with its sections.
        unfolded: of these, how many stand open where there are several.
        healthy: sweeps without issues, a line each.
        causes: rows a sweep; likewise recommendations, limits, columns and notes.
        kinds: rows of the issue breakdown; the others share a line.
        issues: sick trials of each kind.
        sick: sick trials of all kinds.
        panels: groups of issues in heatmaps and bucket tables, side by side in each.
        heat_rows: hyperparameters in the heatmap.
        skipped: files that were not inspected.
        buckets: whether to print the counts behind the heatmap.
        statistics: whether to print intervals and p-values.
        outlook: whether to print what moves the objective; the next search space folds up where it is not.
        shortened: whether this is less than usual, for a size limit.
    """

    sweeps: int
    unfolded: int
    healthy: int
    causes: int
    recommendations: int
    limits: int
    columns: int
    notes: int
    kinds: int
    issues: int
    sick: int
    panels: int
    heat_rows: int
    skipped: int
    buckets: bool
    statistics: bool
    outlook: bool
    shortened: bool = False


ALL = 1_000_000
FULL = Detail(
    sweeps=ALL,
    unfolded=ALL,
    healthy=ALL,
    causes=ALL,
    recommendations=ALL,
    limits=ALL,
    columns=ALL,
    notes=ALL,
    kinds=ALL,
    issues=10,
    sick=ALL,
    panels=ALL,
    heat_rows=ALL,
    skipped=ALL,
    buckets=True,
    statistics=True,
    outlook=True,
)
SUMMARY = replace(
    FULL,
    sweeps=50,
    unfolded=3,
    healthy=200,
    causes=50,
    recommendations=20,
    limits=50,
    columns=100,
    notes=20,
    kinds=15,
    issues=5,
    sick=60,
    panels=1,
    heat_rows=40,
    skipped=50,
    buckets=False,
)
COMMENT = replace(
    SUMMARY,
    sweeps=10,
    unfolded=2,
    healthy=50,
    causes=8,
    recommendations=5,
    limits=20,
    columns=0,
    notes=10,
    kinds=8,
    issues=3,
    sick=24,
    heat_rows=12,
    skipped=10,
    statistics=False,
    outlook=False,
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text and whether anything was shed to fit the budget."""

    text: str
    truncated: bool


def comment(inspection: Inspection, *, footer: str = "", review: Review = OFF) -> Rendered:
    """The pull-request comment, within COMMENT_CHARACTERS."""
    return _fitted(inspection, COMMENT, footer, review, lambda text: len(text) <= COMMENT_CHARACTERS)


def summary(inspection: Inspection, *, footer: str = "", review: Review = OFF) -> Rendered:
    """The job summary, within SUMMARY_BYTES of UTF-8."""
    return _fitted(inspection, SUMMARY, footer, review, lambda text: len(text.encode()) <= SUMMARY_BYTES)


def check(inspection: Inspection, *, footer: str = "", review: Review = OFF) -> Rendered:
    """The text of a check run, within CHECK_BYTES of UTF-8 and without characters beyond U+FFFF."""
    return _fitted(inspection, COMMENT, footer, review, lambda text: len(text.encode()) <= CHECK_BYTES, check_text)


def report(inspection: Inspection, *, review: Review = OFF) -> str:
    """The full report; nothing is shed."""
    return _render(inspection, FULL, f"hparam-inspector {inspection.version}", review)


def _fitted(
    inspection: Inspection,
    detail: Detail,
    footer: str,
    review: Review,
    fits: Callable[[str], bool],
    finish: Callable[[str], str] = str,
) -> Rendered:
    for shed in _shedding(detail):
        text = finish(_render(inspection, shed, footer, review))
        if fits(text):
            return Rendered(text, truncated=shed.shortened)
    raise AssertionError("the shortest form must fit every budget")


def _shedding(detail: Detail) -> Iterator[Detail]:
    """The same report with less and less of what matters least."""
    yield detail
    less = replace(
        detail, columns=0, outlook=False, notes=3, issues=1, heat_rows=min(8, detail.heat_rows), shortened=True
    )
    yield less
    few = replace(less, heat_rows=0, issues=0, skipped=min(5, detail.skipped), limits=10, healthy=20, notes=0)
    yield few
    yield replace(few, sweeps=min(20, detail.sweeps), causes=5, recommendations=3)
    yield replace(few, sweeps=5, causes=5, recommendations=3, healthy=10)
    yield replace(few, sweeps=2, causes=3, recommendations=2, limits=5, skipped=3, healthy=3)
    yield replace(few, sweeps=0, causes=0, recommendations=0, limits=3, skipped=1, healthy=0)


def _render(inspection: Inspection, detail: Detail, footer: str, review: Review = OFF) -> str:
    ranked = words.standings(inspection)
    text = (
        environment()
        .get_template("report.md.j2")
        .render(
            it=inspection,
            detail=detail,
            footer=footer,
            review=review,
            one=ranked[0] if len(ranked) == 1 else None,
            sick=[standing for standing in ranked if not standing.healthy],
            healthy=[standing for standing in ranked if standing.healthy],
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n"


@cache
def environment() -> Environment:
    """Of the templates, with what they may call."""
    made = templates(_finalize)
    made.filters.update(
        code=markdown_code,
        html=html_text,
        share=show_share,
        rate_title=show_rate_name,
        plural=plural,
        lost=words.lost,
        allowed=words.allowed,
        why=words.why,
        codes=pieces.codes,
        severities=pieces.severities,
        ratio=pieces.ratio,
        counted=pieces.counted,
        interval=pieces.interval,
        condition=pieces.condition,
        among=pieces.among,
        leading=pieces.leading,
        difference=pieces.difference,
        p_value=pieces.p_value,
        cited=pieces.cited,
        evidence=pieces.evidence,
    )
    made.globals.update(
        heat_row=charts.heat_row,
        spark=charts.spark,
        mark=charts.mark,
        peak_text=charts.peak_text,
        heat_tables=charts.heat_tables,
        panels=charts.panels,
        worth_drawing=charts.worth_drawing,
        TOO_FEW=charts.TOO_FEW,
        READING=charts.READING,
        span=charts.span,
        words=words,
        outlook=outlook,
        ICONS=pieces.ICONS,
        LEGEND=pieces.LEGEND,
        H3=Markdown("###"),
        H4=Markdown("####"),
        HEAT_LEGEND=Markdown(charts.legend(charts.SQUARES)),
    )
    return made


def _finalize(value: Any) -> Markup:
    """What every expression of a template goes through: only Markdown that our own code made passes as it is."""
    return value if isinstance(value, Markup) else markdown_text(str(value))
