"""How numbers, rates and shares are written, in messages and reports alike."""

from __future__ import annotations

from hparam_ci.inspection import Count


def plural(number: int, noun: str) -> str:
    """`1 trial`, `2 trials`, `3 matches`."""
    ending = "" if number == 1 else "es" if noun.endswith("ch") else "s"
    return f"{number} {noun}{ending}"


def show_share(count: Count) -> str:
    """A share for people, to a tenth of a percent, never rounded to 0 or 100 % unless it is; a dash without one."""
    if not count.evaluable:
        return "–"
    percent = 100 * count.affected / count.evaluable
    if 0 < percent < 0.1:
        return "<0.1%"
    if 99.9 < percent < 100:
        return ">99.9%"
    return f"{percent:.1f}%".replace(".0%", "%")


def show_number(value: float, digits: int = 4) -> str:
    """A number for people, to so many digits; below ten million it is written out, without a power of ten."""
    short = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e+" in short and abs(value) < WRITTEN_OUT else short


def show_rate_name(rate: str) -> str:
    """A rate's name for people: `NaN or Inf rate`."""
    return RATE_TITLES.get(rate, rate.replace("_", " ").capitalize())


WRITTEN_OUT = 10_000_000

RATE_TITLES = {
    "nan_rate": "NaN or Inf rate",
    "failed_rate": "Failed rate",
    "divergence_rate": "Divergence rate",
    "overfitting_rate": "Overfitting rate",
    "short_run_rate": "Short-run rate",
    "missing_rate": "Missing-result rate",
    "unfinished_rate": "Unfinished rate",
    "wasteful_rate": "Wasteful-run rate",
    "affected_rate": "Affected rate",
}
