"""Pictures made of text: they show on GitHub without an image host."""

from __future__ import annotations

from hparam_ci.inspection import BucketTable, Count, SweepResult

SMALL = 5
STEPS = ((0.0, "⬜"), (0.10, "🟨"), (0.35, "🟧"), (1.0, "🟥"))
THIN = "◽"
LEGEND = "⬜ none · 🟨 up to 10% · 🟧 up to 35% · 🟥 more · ◽ fewer than 5 trials"


def square(count: Count | None) -> str:
    """The heat of one bucket; a small square where too few trials stand behind it."""
    if count is None or count.evaluable < SMALL:
        return THIN
    share = count.affected / count.evaluable
    return next(mark for bound, mark in STEPS if share <= bound)


def heat_row(table: BucketTable, code: str) -> str:
    """One square a bucket, low to high, or most frequent category first."""
    return "".join(square(bucket.counts.get(code)) for bucket in table.buckets)


def heat_codes(sweep: SweepResult) -> list[tuple[str, str]]:
    """(code, title) of the detectors worth a column: those that flagged any trial."""
    return [(d.code, d.title) for d in sweep.detectors if d.ran and d.count.affected]


def span(table: BucketTable) -> str:
    """What the squares run over: `0.0001 … 9.3`, or the first categories."""
    labels = [bucket.label for bucket in table.buckets if bucket.label != "not set"]
    if not labels:
        return ""
    if table.ordered:
        low, high = labels[0].split(" to ")[0], labels[-1].rsplit(" to ", maxsplit=1)[-1]
        return f"{low} … {high}"
    return ", ".join(labels[:3]) + (", …" if len(labels) > 3 else "")
