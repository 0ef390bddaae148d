"""Small pieces of Markdown that our own code makes: icons, counts, code lists. What they quote is sanitised here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hparam_ci.inspection import Cause, Count, Recommendation, SweepResult
from hparam_ci.report.sanitize import Markdown, markdown_code, markdown_text
from hparam_ci.report.words import parts, proven
from hparam_ci.wording import plural, show_share

ICONS = {
    "pass": Markdown("✅"),
    "warn": Markdown("⚠️"),
    "fail": Markdown("❌"),
    "inconclusive": Markdown("❓"),
    "error": Markdown("🔴"),
    "warning": Markdown("🟠"),
    "notice": Markdown("🔵"),
}
LONGEST_EXAMPLE = 20
LEGEND = Markdown(
    "<sub>Counts are trials with the issue, of those that could show it. Chance alone would show a strong cause in at "
    "most 1 sweep of 20, a certain one in 1 of 1,000.</sub>"
)


def ratio(count: Count) -> Markdown:
    """Both integers: `18 of 19`."""
    return Markdown(f"{count.affected} of {count.evaluable}")


def counted(count: Count | None) -> Markdown:
    """Both integers and the share: `18 of 19 (94.7%)`; a dash where nobody counted."""
    return Markdown("–" if count is None else f"{count.affected} of {count.evaluable} ({show_share(count)})")


def interval(count: Count) -> Markdown:
    """The 95 % interval of the share: `75.4 to 99.1%`."""
    return Markdown(f"{100 * count.low:.1f} to {100 * count.high:.1f}%") if count.evaluable else Markdown("–")


def codes(texts: Sequence[str], most: int, total: int | None = None) -> Markdown:
    """The first texts as inline code, long ones by their beginning, with an ellipsis where there are more of them."""
    more = ", …" if (len(texts) if total is None else total) > most else ""
    return Markdown(", ".join(markdown_code(text, LONGEST_EXAMPLE) for text in texts[:most]) + more)


def severities(counts: Iterable[tuple[str, int]]) -> Markdown:
    """`🔴 81 errors, 🟠 1 warning`."""
    return Markdown(", ".join(f"{ICONS[name]} {plural(number, name)}" for name, number in counts))


def condition(cause: Cause) -> Markdown:
    """The cause's conditions as inline code."""
    return Markdown(" and ".join(f"**{markdown_code(part, 80)}**" for part in parts(cause)))


def among(cause: Cause) -> Markdown:
    """Which trials a further cause is counted over, with their conditions as inline code; nothing for the first."""
    before = " or ".join(markdown_code(text, 80) for text in cause.beside)
    trials = cause.inside.evaluable + cause.outside.evaluable
    return Markdown(f"among the {trials:,} trials without {before}" if before else "")


def leading(sweep: SweepResult) -> Markdown:
    """The proven cause that explains most trials, in short: `lr > 0.1`: Diverged, 22 of 30."""
    cause = max(proven(sweep), key=lambda one: one.explains, default=None)
    if cause is None:
        return Markdown("–")
    return Markdown(f"{condition(cause)}: {markdown_text(cause.issue)}, {cause.explains} of {cause.of}")


def difference(cause: Cause) -> Markdown:
    """How far the shares inside and outside lie apart, in percentage points, with the 95 % interval."""
    inside, outside = cause.inside.share or 0.0, cause.outside.share or 0.0
    low, high = cause.difference
    return Markdown(f"{100 * (inside - outside):+.0f} ({100 * low:+.0f} to {100 * high:+.0f}) points")


def p_value(cause: Cause) -> Markdown:
    """The corrected p-value with two digits."""
    return Markdown("p &#60; 0.0001" if cause.p_value < 0.0001 else f"p = {cause.p_value:.2g}")


def evidence(ids: Sequence[str]) -> Markdown:
    """The ids that the report shows elsewhere, causes and issues, in brackets."""
    shown = [id_ for id_ in ids if id_[:1] in ("C", "I")]
    return Markdown(f" ({markdown_text(', '.join(shown))})" if shown else "")


def cited(one: Recommendation) -> Markdown:
    """The evidence ids of a recommendation in brackets, or nothing."""
    return Markdown(f" ({markdown_text(', '.join(one.evidence))})" if one.evidence else "")
