"""Limits on rates, as people write them: `5%`, `0.05`, `results/*.csv | nan_rate: 1%/5%`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from hparam_ci.errors import SettingsError, unknown

RATE_FORM = "a percentage such as 5% or a share such as 0.05"
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,12})?)\s*%")
_SHARE = re.compile(r"(?:0?\.[0-9]{1,14}|[01](?:\.0{1,14})?)")


def parse_rate(text: str) -> Fraction:
    """`5%` or `0.05` as an exact fraction.

    Raises:
        ValueError: not in that form, or outside 0 % to 100 %; the message says what is allowed.
    """
    text = text.strip()
    if len(text) > 20:
        raise ValueError(f"{text[:20]!r}… is not a rate; write {RATE_FORM}")
    if match := _PERCENT.fullmatch(text):
        rate = Fraction(match[1]) / 100
    elif _SHARE.fullmatch(text) and text != "1":
        rate = Fraction(text)
    elif re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise ValueError(f"{text!r} could mean {text} % or a share; write {text}% or a share such as 0.05")
    else:
        raise ValueError(f"{text!r} is not a rate; write {RATE_FORM}")
    if rate > 1:
        raise ValueError(f"{text!r} is more than 100%; write {RATE_FORM}, between 0% and 100%")
    return rate


def show_rate(rate: Fraction) -> str:
    """An exact rate for people: `5%`, `2.5%`."""
    return f"{float(rate * 100):.6g}%"


@dataclass(frozen=True, slots=True)
class Limit:
    """Limits on one rate; a rate above `fail` fails, above `warn` warns. `asked` is False for a built-in default."""

    rate: str
    fail: Fraction | None
    warn: Fraction | None = None
    glob: str | None = None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class RateOption:
    """The scalar limit of one rate and its built-in default."""

    rate: str
    option: str
    default: str
    meaning: str


RATE_OPTIONS = (
    RateOption("nan_rate", "max_nan_rate", "10%", "trials that logged NaN or infinity in a metric"),
    RateOption("failed_rate", "max_failed_rate", "20%", "trials that failed, crashed, timed out or were killed"),
    RateOption("divergence_rate", "max_divergence_rate", "10%", "trials whose loss is finite but exploded"),
    RateOption("overfitting_rate", "max_overfitting_rate", "", "trials that overfit"),
    RateOption("short_run_rate", "max_short_run_rate", "", "trials that ended far too early"),
)


def default_limits() -> tuple[Limit, ...]:
    """The limits that hold where the user set none."""
    return tuple(Limit(o.rate, parse_rate(o.default), asked=False) for o in RATE_OPTIONS if o.default)


def scalar_limit(option: RateOption, value: Fraction | Literal["default"] | None) -> Limit:
    """The limit that a `max_*` option sets; its built-in one where the user set none."""
    if value == "default":
        return Limit(option.rate, parse_rate(option.default) if option.default else None, asked=False)
    return Limit(option.rate, value)


_THRESHOLD = re.compile(r"(?:(?P<glob>[^|]+)\|)?\s*(?P<rate>[a-z_]+)\s*:\s*(?P<limits>.+)")


def threshold(line: str, where: str, known_rates: tuple[str, ...]) -> Limit:
    """One line of `thresholds`.

    Raises:
        SettingsError: not in the form `rate: fail`, `rate: warn/fail` or `glob | rate: …`.
    """
    match = _THRESHOLD.fullmatch(line)
    if not match:
        raise SettingsError(
            f"{where}: cannot read {line[:80]!r}; "
            "write `nan_rate: 5%`, `nan_rate: 1%/5%` or `results/*.csv | nan_rate: 5%`."
        )
    if match["rate"] not in known_rates:
        unknown(match["rate"], list(known_rates), where)
    parts = match["limits"].split("/")
    try:
        limits = [parse_rate(part) for part in parts]
    except ValueError as error:
        raise SettingsError(f"{where}: {match['rate']}: {error}.") from None
    if len(limits) > 2 or (len(limits) == 2 and limits[0] > limits[1]):
        raise SettingsError(f"{where}: {line[:80]!r}: write warn/fail with warn not above fail, such as 1%/5%.")
    glob = match["glob"].strip() if match["glob"] else None
    return Limit(match["rate"], limits[-1], limits[0] if len(limits) == 2 else None, glob)
