"""SVG by hand: elements with escaped texts, and axes that turn values into places.

Colours come from the page's style sheet by class, so that one picture serves light, dark and print.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from markupsafe import Markup, escape

from hparam_ci.inspection import SampledColumn
from hparam_ci.report.sanitize import EMPTY, one_line

NOT_SET = "not set"
GAP = 26.0  # room for the trials without a value
TICK = 12  # characters of a level's name
HUGE = 1e300  # numbers beyond it lie at the ends of an axis
FEW = 8  # numbers that get a tick each


def element(tag: str, content: Markup | str = "", /, **attributes: str | float) -> Markup:
    """`<tag …>content</tag>`; `class_` is written as class, an underscore within a name as a hyphen."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_shown(value))}"' for name, value in attributes.items()
    )
    return Markup(f"<{tag}{written}>{escape(content)}</{tag}>")  # the rest is escaped  # noqa: S704 # nosec B704


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def label(text: str, most: int = 60) -> str:
    """A text from a file as one visible line."""
    return one_line(text, most) or EMPTY


def text(content: str, x: float, y: float, class_: str = "", **more: str | float) -> Markup:
    """A line of text."""
    return element("text", content, x=x, y=y, **({"class_": class_} if class_ else {}), **more)


def picture(title: str, width: float, height: float, parts: Sequence[Markup]) -> Markup:
    """A picture that scales to its place; the title is what a screen reader says."""
    content = Markup("").join([element("title", title), *parts])
    return element("svg", content, class_="picture", viewBox=f"0 0 {width:.0f} {height:.0f}", role="img")


@dataclass(frozen=True, slots=True)
class Axis:
    """Where the values of a column lie between two ends, in pixels.

    Attributes:
        column: the values, numbers or places in its levels.
        start: where the axis begins.
        end: where it ends, which may lie before its start (a vertical axis).
        low: number at the start, on a logarithmic axis its logarithm.
        high: likewise at the end.
        blank: whether there is room for trials without a value, at the end.
    """

    column: SampledColumn
    start: float
    end: float
    low: float
    high: float
    blank: bool

    @property
    def last(self) -> float:
        """Where the values end and the room for those without one begins."""
        return self.end - (GAP if self.end > self.start else -GAP) if self.blank else self.end

    def at(self, value: float | None) -> float:
        """The place of a number, of a level by its number, or of no value."""
        if value is None:
            return (self.last + self.end) / 2
        scaled = log10(value) if self.column.log and value > 0 else value
        share = (min(max(scaled, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.last - self.start)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Place and text of each tick."""
        if self.column.levels:
            yield from ((self.at(place), label(name, TICK)) for place, name in enumerate(self.column.levels))
        else:
            yield from ((self.at(value), f"{value:.6g}") for value in self._numbers())
        if self.blank:
            yield self.at(None), NOT_SET

    def _numbers(self) -> list[float]:
        distinct = sorted({value for value in self.column.values if value is not None})
        if len(distinct) <= FEW:
            return distinct
        if self.column.log and self.high - self.low >= 1.5:
            powers = [10.0**power for power in range(ceil(self.low - 1e-9), floor(self.high + 1e-9) + 1)]
            return powers[:: max(1, ceil(len(powers) / 6))]
        low, high = (10**self.low, 10**self.high) if self.column.log else (self.low, self.high)
        step = 10.0 ** floor(log10(high - low)) if high > low else 1.0
        step = min((step * f for f in (0.2, 0.5, 1, 2)), key=lambda s: abs((high - low) / s - 4.5))
        return [round(number * step, 12) for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]

    @property
    def band(self) -> float:
        """Half the width of a level."""
        return abs(self.last - self.start) / max(1.0, self.high - self.low) / 2


def axis(column: SampledColumn, start: float, end: float) -> Axis:
    """The axis of a column, with a little room at both ends."""
    known = [value for value in column.values if value is not None and isfinite(value)]
    blank = len(known) < len(column.values)
    if column.levels:
        return Axis(column, start, end, -0.5, len(column.levels) - 0.5, blank)
    logs = column.log and bool(known) and min(known) > 0
    column = column if logs or not column.log else SampledColumn(name=column.name, values=column.values)
    scaled = [log10(value) for value in known] if logs else known
    most = 307.0 if logs else HUGE
    scaled = [min(max(value, -most), most) for value in scaled]
    low, high = (min(scaled), max(scaled)) if scaled else (0.0, 1.0)
    room = 0.04 * (high - low)
    if high - low < 1 / HUGE:
        room = 0.5 if logs else 0.5 * abs(high) or 1.0
    return Axis(column, start, end, max(low - room, -most), min(high + room, most), blank)
