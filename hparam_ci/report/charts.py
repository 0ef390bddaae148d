"""Pictures made of text: they show on GitHub without an image host, and in a terminal without colour."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import log10

from hparam_ci.inspection import Bucket, BucketTable, Count, DetectorResult, SweepResult
from hparam_ci.report.words import flagged, proven

SMALL = 5
BOUNDS = (0.0, 0.10, 0.35, 1.0)  # level of heat: none, a little, more, most
THIN = 4  # the level of a bucket with fewer than SMALL trials

SQUARES = "⬜🟨🟧🟥◽"
SHADES = "·░▒▓?"
MEANINGS = ("none", "up to 10%", "up to 35%", "more", f"fewer than {SMALL} trials")
BARS = "▁▂▃▄▅▆▇█"
GONE = "×"
PANEL = 5  # issues side by side, beyond which nobody reads a table
READING = (
    "One mark a bucket, in the order of the last column; below them the highest rate among the buckets, and the cause "
    "that is proven. Without one, the pattern may be chance."
)
TOO_FEW = f"No heatmap: every value was tried in fewer than {SMALL} trials."


def worth_drawing(sweep: SweepResult) -> bool:
    """Whether any bucket holds enough trials for a mark that says something."""
    codes = [d.code for d in flagged(sweep)]
    buckets = (bucket for table in sweep.buckets for bucket in table.buckets)
    return any(heat(bucket.counts.get(code)) != THIN for bucket in buckets for code in codes)


def legend(marks: str) -> str:
    """What the marks of a heatmap mean."""
    return " · ".join(f"{mark} {meaning}" for mark, meaning in zip(marks, MEANINGS, strict=True))


def heat(count: Count | None) -> int:
    """The level of one bucket: an index into SQUARES or SHADES."""
    if count is None or count.evaluable < SMALL:
        return THIN
    return bisect_left(BOUNDS, min(1.0, count.affected / count.evaluable))


def mark(count: Count | None) -> str:
    """The mark of one bucket."""
    return SQUARES[heat(count)]


def heat_row(table: BucketTable, code: str, marks: str = SQUARES) -> str:
    """One mark a bucket, low to high, or most frequent category first."""
    return "".join(marks[heat(bucket.counts.get(code))] for bucket in table.buckets)


def peak(table: BucketTable, code: str) -> Bucket | None:
    """The bucket with the highest rate among those with enough trials; None where none of them has the issue."""
    told = [b for b in table.buckets if heat(b.counts.get(code)) not in (0, THIN)]
    return max(told, key=lambda bucket: bucket.counts[code].share or 0.0, default=None)


def peak_text(sweep: SweepResult, table: BucketTable, code: str) -> str:
    """`19 of 35, C4`: the highest rate, and the proven causes of the issue that name the hyperparameter; or nothing."""
    bucket = peak(table, code)
    counts = [f"{bucket.counts[code].affected} of {bucket.counts[code].evaluable}"] if bucket else []
    named = [
        cause.id
        for cause in proven(sweep)
        if cause.code == code and any(condition.param == table.param for condition in cause.conditions)
    ]
    return ", ".join(counts + named)


def heat_tables(sweep: SweepResult) -> list[BucketTable]:
    """The sweep's hyperparameters for a heatmap: those that causes name, then by contrast."""
    codes = [d.code for d in flagged(sweep)]
    named = {condition.param for cause in sweep.causes for condition in cause.conditions}
    return sorted(sweep.buckets, key=lambda table: (table.param not in named, -_contrast(table, codes)))


def panels(sweep: SweepResult) -> list[list[DetectorResult]]:
    """The issues in groups that fit side by side; the first group matters most."""
    found = flagged(sweep)
    return [found[start : start + PANEL] for start in range(0, len(found), PANEL)]


def _contrast(table: BucketTable, codes: list[str]) -> float:
    """The largest difference of shares between two buckets, over all issues."""
    widest = 0.0
    for code in codes:
        counts = [bucket.counts.get(code) for bucket in table.buckets]
        shares = [seen.affected / seen.evaluable for seen in counts if seen and seen.evaluable >= SMALL]
        widest = max([widest, max(shares) - min(shares)] if shares else [widest])
    return widest


def span(table: BucketTable) -> str:
    """What the marks run over: `0.0001 … 9.3`, or the first categories."""
    numbers = [bucket for bucket in table.buckets if bucket.low is not None]
    others = [bucket.label for bucket in table.buckets if bucket.low is None and bucket.label != "not set"]
    blank = ["not set"] if any(bucket.label == "not set" for bucket in table.buckets) else []
    if len(numbers) > 1:
        low, high = numbers[0].label.split(" to ")[0], numbers[-1].label.rsplit(" to ", maxsplit=1)[-1]
        return ", ".join([f"{low} … {high}", *others, *blank])
    listed = [bucket.label for bucket in numbers] + others
    return ", ".join([*listed[:3], *["…"] * (len(listed) > 3), *blank])


def spark(curve: Sequence[float | None]) -> str:
    """A curve as bars, one a point; on a log scale where it spans two decades, and a cross where it is not finite."""
    known = [value for value in curve if value is not None]
    if not known:
        return GONE * len(curve)
    low, high = min(known), max(known)
    wide = low > 0 and high > 100 * low

    def scaled(value: float) -> float:
        return log10(value) if wide else value

    span = scaled(high) - scaled(low)
    steps = [None if v is None else (scaled(v) - scaled(low)) / span if span else 0.0 for v in curve]
    return "".join(GONE if step is None else BARS[min(int(step * len(BARS)), len(BARS) - 1)] for step in steps)
