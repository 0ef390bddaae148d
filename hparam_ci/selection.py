"""Which detectors are wanted for a sweep, with which options and severities, and why one is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from hparam_ci.columns import SELECTION_KEYS
from hparam_ci.errors import SettingsError, unknown
from hparam_ci.inspection import Severity

if TYPE_CHECKING:
    from hparam_ci.detectors.detector import Detector

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "notice")
IGNORED = "ignored by configuration"
NOT_SELECTED = "not selected by configuration"


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user wants of the detectors.

    Attributes:
        select: codes, beginnings of codes or names; empty for all.
        ignore: the same to the reason that was given, which may be empty.
        options: detector name to the options that differ from the defaults.
        severities: detector name to the severity that differs from its own.
        files: a glob over the paths of the sweeps for which this holds.
    """

    select: tuple[str, ...] = ()
    ignore: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    files: str = "*"

    def why_ignored(self, code: str, name: str) -> str | None:
        """Why a detector does not run; None where it does. The longest pattern that matches it decides."""
        chosen = max((len(pattern) for pattern in self.select if _matches(pattern, code, name)), default=0)
        ignored = max(
            (pattern for pattern in self.ignore if _matches(pattern, code, name)), key=len, default=""
        )  # fmt: skip
        if ignored and len(ignored) >= chosen:
            reason = self.ignore[ignored]
            return f"{IGNORED}: {reason}" if reason else IGNORED
        return NOT_SELECTED if self.select and not chosen else None

    def then(self, other: Selection) -> Selection:
        """This selection with a later one laid over it."""
        names = {*self.options, *other.options}
        options = {name: {**self.options.get(name, {}), **other.options.get(name, {})} for name in names}
        return Selection(
            other.select or self.select,
            {**self.ignore, **other.ignore},
            options,
            {**self.severities, **other.severities},
        )


DEFAULT = Selection()


def selection_for(path: str, selections: Iterable[Selection]) -> Selection:
    """What holds for the sweep at a path: later selections win."""
    merged = DEFAULT
    for selection in selections:
        if fnmatchcase(path, selection.files):
            merged = merged.then(selection)
    return merged


def _matches(pattern: str, code: str, name: str) -> bool:
    return name == pattern.lower() or code.startswith(pattern.upper())


# --- as people write it ---------------------------------------------------------------------------


def named(text: str) -> dict[str, str]:
    """Patterns and their reasons: one `HP401: reason` a line, or several patterns with commas between them."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        patterns, _, reason = line.partition(":")
        for pattern in patterns.split(","):
            if pattern.strip():
                found[pattern.strip()] = reason.strip()
    return found


def selection(section: Mapping[str, Any], place: str) -> Selection:
    """What one section of the configuration says of detectors.

    Raises:
        SettingsError: names the place, the value and what is allowed.
    """
    if not any(section.get(key) for key in SELECTION_KEYS):
        return DEFAULT
    from hparam_ci.detectors.detector import all_detectors

    detectors = all_detectors()
    select, ignore = (_patterns(section.get(key), f"{place}: {key}") for key in ("select", "ignore"))
    check_patterns(select, detectors, f"{place}: select")
    check_patterns(ignore, detectors, f"{place}: ignore")
    options, severities = _detectors(section.get("detectors") or {}, detectors, f"{place}: detectors")
    return Selection(tuple(select), ignore, options, severities, str(section.get("files", "*")))


def check_patterns(patterns: Iterable[str], detectors: Sequence[Detector], where: str) -> None:
    """Refuse a pattern that no detector has as its code, as the beginning of its code, or as its name.

    Raises:
        SettingsError: with the nearest that exists.
    """
    for pattern in patterns:
        if not any(_matches(pattern, detector.code, detector.name) for detector in detectors):
            unknown(pattern, [name for d in detectors for name in (d.name, d.code)], where)


def _patterns(given: Any, where: str) -> dict[str, str]:
    if not given:
        return {}
    if isinstance(given, str):
        return named(given)
    if isinstance(given, Mapping):
        return {str(pattern): " ".join(str(reason or "").split()) for pattern, reason in given.items()}
    if isinstance(given, list) and all(isinstance(pattern, str) for pattern in given):
        return dict.fromkeys(given, "")
    raise SettingsError(f"{where}: must be codes or names of detectors, or a mapping of them to the reason.")


def _detectors(
    given: Any, detectors: Sequence[Detector], where: str
) -> tuple[dict[str, dict[str, float]], dict[str, Severity]]:
    if not isinstance(given, Mapping):
        raise SettingsError(f"{where}: must map a detector's name to its options.")
    by_name = {detector.name: detector for detector in detectors}
    options: dict[str, dict[str, float]] = {}
    severities: dict[str, Severity] = {}
    for name, chosen in given.items():
        if name not in by_name:
            unknown(str(name), list(by_name), where)
        known = [*(option.name for option in by_name[name].options), "severity"]
        if not isinstance(chosen, Mapping):
            raise SettingsError(f"{where}: {name}: must be a mapping; options: {', '.join(known)}.")
        for key, value in chosen.items():
            if key == "severity":
                severities[name] = _severity(value, f"{where}: {name}")
            elif key not in known:
                unknown(str(key), known, f"{where}: {name}")
            else:
                options.setdefault(name, {})[str(key)] = _number(value, f"{where}: {name}: {key}")
    return options, severities


def _severity(value: Any, where: str) -> Severity:
    for severity in SEVERITIES:
        if value == severity:
            return severity
    raise SettingsError(f"{where}: severity: {str(value)[:80]!r} is not supported; allowed: {', '.join(SEVERITIES)}.")


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise SettingsError(f"{where}: {str(value)[:80]!r} is not a number from 0 up.")
    return float(value)
