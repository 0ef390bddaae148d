"""The Inspection as Markdown, in three lengths: comment, job summary, full report. All text passes the sanitiser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hparam_ci.inspection import Count, Inspection
from hparam_ci.report import charts, words
from hparam_ci.report.sanitize import Markdown, markdown_code, markdown_text
from hparam_ci.wording import show_rate_name, show_share

COMMENT_CHARACTERS = 65_000  # GitHub refuses more than 65,536
SUMMARY_BYTES = 1_000_000  # GitHub drops a summary over 1,048,576


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of each list is shown; what is left out is said."""

    sweeps: int
    causes: int
    recommendations: int
    issues: int
    limits: int
    skipped: int
    columns: int
    buckets: bool
    heatmap: bool


FULL = Detail(
    sweeps=10_000,
    causes=100,
    recommendations=100,
    issues=10,
    limits=10_000,
    skipped=10_000,
    columns=10_000,
    buckets=True,
    heatmap=True,
)
SUMMARY = replace(FULL, sweeps=50, issues=5, limits=100, skipped=50, columns=200, buckets=False)
COMMENT = replace(SUMMARY, sweeps=10, causes=8, recommendations=5, issues=3, limits=20, skipped=10, columns=0)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text and whether anything was shed to fit the budget."""

    text: str
    truncated: bool


def comment(inspection: Inspection, *, footer: str = "") -> Rendered:
    """The pull-request comment, within COMMENT_CHARACTERS."""
    return _fitted("comment.md.j2", inspection, COMMENT, footer, lambda text: len(text) <= COMMENT_CHARACTERS)


def summary(inspection: Inspection, *, footer: str = "") -> Rendered:
    """The job summary, within SUMMARY_BYTES of UTF-8."""
    return _fitted("comment.md.j2", inspection, SUMMARY, footer, lambda text: len(text.encode()) <= SUMMARY_BYTES)


def report(inspection: Inspection) -> str:
    """The full report; nothing is shed."""
    return _render("report.md.j2", inspection, FULL, "")


def _fitted(
    template: str, inspection: Inspection, detail: Detail, footer: str, fits: Callable[[str], bool]
) -> Rendered:
    for step, shed in enumerate(_shedding(detail)):
        text = _render(template, inspection, shed, footer)
        if fits(text):
            return Rendered(text, truncated=step > 0)
    raise AssertionError("the shortest form must fit every budget")


def _shedding(detail: Detail) -> list[Detail]:
    """The same report with less and less of what matters least."""
    less = replace(detail, columns=0, issues=1)
    few = replace(less, heatmap=False, issues=0, skipped=min(5, detail.skipped), limits=min(20, detail.limits))
    return [
        detail,
        less,
        few,
        replace(few, sweeps=3, causes=5, recommendations=3, limits=10),
        replace(few, sweeps=1, causes=3, recommendations=2, limits=5, skipped=3),
        replace(few, sweeps=0, causes=0, recommendations=0, limits=3, skipped=1),
    ]


def _render(template: str, inspection: Inspection, detail: Detail, footer: str) -> str:
    text = _environment().get_template(template).render(it=inspection, detail=detail, footer=footer)
    return text.strip() + "\n"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hparam_ci.report"),
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        code=markdown_code,
        codes=codes,
        severities=severities,
        counted=counted,
        share=show_share,
        rate_title=show_rate_name,
    )
    environment.globals.update(heat_row=charts.heat_row, heat_codes=charts.heat_codes, span=charts.span)
    environment.globals.update(headline=words.headline, undetermined=words.undetermined, LEGEND=Markdown(charts.LEGEND))
    environment.globals["ICONS"] = {name: Markdown(icon) for name, icon in ICONS.items()}
    return environment


def _finalize(value: Any) -> Markup:
    """What every expression of a template goes through: only Markdown that our own code made passes as it is."""
    return value if isinstance(value, Markup) else markdown_text(str(value))


ICONS = {
    "pass": "✅",
    "warn": "⚠️",
    "fail": "❌",
    "inconclusive": "❓",
    "not_checked": "➖",
    "error": "🔴",
    "warning": "🟠",
    "notice": "🔵",
}


def counted(count: Count) -> Markdown:
    """Both integers and the share: `18 of 19 (94.7%)`."""
    return Markdown(f"{count.affected} of {count.evaluable} ({show_share(count)})")


def codes(texts: Sequence[str], most: int, total: int | None = None) -> Markdown:
    """The first texts as inline code, with an ellipsis where there are more of them."""
    more = ", …" if (len(texts) if total is None else total) > most else ""
    return Markdown(", ".join(markdown_code(text, 40) for text in texts[:most]) + more)


def severities(counts: Mapping[str, int]) -> Markdown:
    """`🔴 81 errors, 🟠 1 warning`."""
    return Markdown(", ".join(f"{ICONS[name]} {n} {name}{'s' * (n != 1)}" for name, n in counts.items() if n))
