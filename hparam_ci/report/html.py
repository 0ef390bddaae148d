"""The Inspection as one self-contained page: no script, nothing fetched, every text escaped, the style by its hash."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from hparam_ci.inspection import Cause, Count, Inspection
from hparam_ci.report import charts, outlook, pictures, plane, words
from hparam_ci.report.compiled import templates
from hparam_ci.report.sanitize import EMPTY, TEXT_LENGTH, Markdown, one_line
from hparam_ci.review import OFF, Review
from hparam_ci.wording import plural, show_rate_name, show_share

PAGE_BYTES = 2_000_000
NAME = 80
WORDS = {"pass": "Passed", "warn": "Warning", "fail": "Failed", "inconclusive": "Inconclusive"}  # nosec B105


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is shown of each list. Largest are pictures, of causes and curves, for the first `pictured` sweeps, and
    grids of counts."""

    sweeps: int = 50
    causes: int = 30
    rows: int = 100
    issues: int = 10
    columns: int = 400
    heat_rows: int = 40
    heat_columns: int = 12
    grids: int = 8
    grid_rows: int = 20
    pictured: int = 50
    shortened: bool = False


def html(inspection: Inspection, *, review: Review = OFF) -> str:
    """The page, of at most PAGE_BYTES in UTF-8; what is left out is said."""
    for detail in _shedding(Detail()):
        page = _render(inspection, detail, review)
        if len(page.encode()) <= PAGE_BYTES:
            return page
    raise AssertionError("the shortest page must fit")


def fragment(inspection: Inspection) -> str:
    """The same for a notebook: one element with a style that reaches nothing around it."""
    detail = replace(Detail(), sweeps=10, grids=3, columns=50)
    return _render(inspection, detail, OFF, "fragment.html.j2", _nested(_style()))


def piece(macro: str, inspection: Inspection, *arguments: Any) -> str:
    """One section of the page, by the name of its macro, for a page that has `piece_style`."""
    ranked = words.standings(inspection)
    context = {"it": inspection, "detail": Detail(), "review": OFF, "ranked": ranked}
    module = environment().get_template("parts.html.j2").make_module(context)
    return f'<div class="hparam-ci piece">{getattr(module, macro)(*arguments)}</div>'


def piece_style() -> str:
    """The style of the pieces."""
    return f"<style>{_nested(_style())} .hparam-ci.piece {{ background: none; }}</style>"


def _nested(style: str) -> str:
    """The style sheet for `.hparam-ci` alone, by CSS nesting."""
    return ".hparam-ci {\n" + style.replace(":root {", "& {").replace("\nbody {", "\n& {") + "}\n"


def _shedding(full: Detail) -> Iterator[Detail]:
    yield full
    less = replace(full, grids=2, grid_rows=10, issues=3, columns=50, heat_rows=20, causes=12, shortened=True)
    yield less
    fewer = replace(less, sweeps=20, grids=0, columns=0, rows=50, heat_columns=6)
    yield from (replace(fewer, pictured=number) for number in (20, 8, 3))
    yield replace(fewer, sweeps=3, causes=3, pictured=0, rows=10, heat_rows=5, issues=1)
    yield replace(fewer, sweeps=0, rows=10)


def _render(
    inspection: Inspection, detail: Detail, review: Review, template: str = "report.html.j2", style: str = ""
) -> str:
    style = style or _style()
    return (
        environment()
        .get_template(template)
        .render(
            it=inspection,
            detail=detail,
            review=review,
            ranked=words.standings(inspection),
            style=Markup(style),  # our own style sheet  # noqa: S704 # nosec B704
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            budget=PAGE_BYTES // 1_000_000,
        )
    )


@cache
def _style() -> str:
    return (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Of the templates, with what they may call."""
    made = templates(_finalize)
    made.filters.update(
        rate_title=show_rate_name,
        rate=lambda count: show_share(count) if count else "–",
        plural=plural,
        lost=words.lost,
        allowed=words.allowed,
        why=words.why,
        counted=counted,
    )
    made.globals.update(
        condition=condition,
        names=names,
        p_value=p_value,
        difference=difference,
        heat=heat,
        heat_tables=charts.heat_tables,
        worth_drawing=charts.worth_drawing,
        span=charts.span,
        SMALL=charts.SMALL,
        TOO_FEW=charts.TOO_FEW,
        WORDS=WORDS,
        pictures=pictures,
        plane=plane,
        words=words,
        outlook=outlook,
    )
    return made


def _finalize(value: Any) -> Markup:
    """What every expression of a template goes through: text becomes one visible line, escaped."""
    if isinstance(value, Markdown):
        raise TypeError("a piece of Markdown on the page")
    return value if isinstance(value, Markup) else escape(one_line(str(value), TEXT_LENGTH) or EMPTY)


# --- pieces ---------------------------------------------------------------------------------------


def counted(count: Count | None) -> str:
    """Both integers and the share: `18 of 19 (94.7%)`; a dash where nobody counted."""
    return "–" if count is None else f"{count.affected} of {count.evaluable} ({show_share(count)})"


def heat(count: Count | None) -> str:
    """The class of a cell: in ten steps that are finer for low rates, or that it holds too few trials."""
    if count is None or count.evaluable < charts.SMALL:
        return "thin"
    return f"h{ceil(9 * (count.affected / count.evaluable) ** 0.5)}"


def condition(cause: Cause) -> Markup:
    """The cause's conditions as code."""
    return Markup(" and ").join(_code(part) for part in words.parts(cause))


def names(listed: Sequence[str], most: int) -> Markup:
    """The first texts as code, and whether there are more."""
    return Markup(", ").join([*(_code(one) for one in listed[:most]), *["…"] * (len(listed) > most)])


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(one_line(text, NAME) or EMPTY)


def p_value(cause: Cause) -> str:
    """The corrected p-value with two digits."""
    return "p < 0.0001" if cause.p_value < 0.0001 else f"p = {cause.p_value:.2g}"


def difference(cause: Cause) -> str:
    """How far the two shares lie apart, in percentage points, with the 95 % interval."""
    apart = (cause.inside.share or 0.0) - (cause.outside.share or 0.0)
    low, high = cause.difference
    return f"{100 * apart:+.0f} points ({100 * low:+.0f} to {100 * high:+.0f})"
