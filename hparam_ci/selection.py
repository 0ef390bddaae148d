"""Which detectors are wanted for a sweep, with which options and severities, and why one is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from hparam_ci.columns import SELECTION_KEYS
from hparam_ci.errors import SettingsError, nearest, unknown
from hparam_ci.inspection import Severity

if TYPE_CHECKING:
    from hparam_ci.detectors.detector import Detector

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "notice")
IGNORED = "ignored by configuration"
NOT_SELECTED = "not selected by configuration"
LARGEST = 1e300  # of an option's value


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user wants of the detectors. A pattern is a code or the beginning of one, in capitals.

    Attributes:
        select: patterns; empty for all.
        ignore: pattern to the reason that was given, which may be empty.
        options: detector name to the options that differ from the defaults.
        severities: detector name to the severity that differs from its own.
        files: a glob over the paths of the sweeps for which this holds.
    """

    select: tuple[str, ...] = ()
    ignore: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    files: str = "*"

    def why_ignored(self, code: str) -> str | None:
        """Why a detector does not run; None where it does. The longest pattern decides, and `ignore` among equals."""
        chosen = max((len(pattern) for pattern in self.select if code.startswith(pattern)), default=0)
        ignored = max((pattern for pattern in self.ignore if code.startswith(pattern)), key=len, default="")
        if ignored and len(ignored) >= chosen:
            reason = self.ignore[ignored]
            return f"{IGNORED}: {reason}" if reason else IGNORED
        return NOT_SELECTED if self.select and not chosen else None

    def then(self, other: Selection) -> Selection:
        """This selection with a later one laid over it.

        A later `select` replaces an earlier one and takes back what was ignored by the same pattern; a later `ignore`
        adds to an earlier one.
        """
        names = dict.fromkeys((*self.options, *other.options))
        kept = {pattern: reason for pattern, reason in self.ignore.items() if pattern not in other.select}
        return Selection(
            other.select or self.select,
            kept | dict(other.ignore),
            {name: {**self.options.get(name, {}), **other.options.get(name, {})} for name in names},
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


# --- as people write it ---------------------------------------------------------------------------


def named(text: str) -> dict[str, str]:
    """Patterns and their reasons: one `HP401: reason` a line, or several patterns with commas between them."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        patterns, _, reason = line.partition(":")
        for pattern in patterns.split(","):
            if pattern.strip():
                found[pattern.strip()] = _one_line(reason)
    return found


def selection(section: Mapping[str, Any], label: Callable[[str], str], files: str = "*") -> Selection:
    """What one section of the configuration, or the inputs and flags, say of detectors.

    Args:
        section: may have `select`, `ignore` and `detectors`.
        label: how the user wrote a key, for messages (`--ignore`, `my.yml: ignore`).
        files: a glob over the paths of the sweeps for which it holds.

    Raises:
        SettingsError: names the place, the value and what is allowed.
    """
    if all(section.get(key) is None for key in SELECTION_KEYS):
        return DEFAULT
    from hparam_ci.detectors.registry import all_detectors

    detectors = all_detectors()
    select = _patterns(_without_reasons(section.get("select"), label("select")), label("select"))
    ignore = _patterns(section.get("ignore"), label("ignore"))
    options, severities = _detectors(section.get("detectors"), detectors, label("detectors"))
    return Selection(
        tuple(_as_codes(select, detectors, label("select"))),
        _as_codes(ignore, detectors, label("ignore")),
        options,
        severities,
        files,
    )


def _patterns(given: Any, where: str) -> dict[str, str]:
    """Patterns as they were written, to their reasons."""
    if given is None:
        return {}
    if isinstance(given, str):
        return named(given)
    if isinstance(given, Mapping) and all(reason is None or isinstance(reason, str) for reason in given.values()):
        return {str(pattern): _one_line(reason or "") for pattern, reason in given.items()}
    if isinstance(given, list) and all(isinstance(item, str | Mapping) for item in given):
        return {pattern: reason for item in given for pattern, reason in _patterns(item, where).items()}
    raise SettingsError(
        f"{where}: {str(given)[:80]!r} must be codes or names of detectors, or a mapping of them to the reason."
    )


def _without_reasons(given: Any, where: str) -> Any:
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, Mapping) or (isinstance(item, str) and ":" in item):
            raise SettingsError(f"{where}: {str(item)[:80]!r} takes no reason; write the code or name alone.")
    return given


def _one_line(reason: str) -> str:
    return " ".join(reason.split())


def _as_codes(patterns: Mapping[str, str], detectors: Sequence[Detector], where: str) -> dict[str, str]:
    """The same with each name as its code.

    Raises:
        SettingsError: a pattern that no detector has as its name, its code or the beginning of its code.
    """
    codes = {detector.name: detector.code for detector in detectors}
    found = {}
    for pattern, reason in patterns.items():
        code = codes.get(pattern.lower(), pattern.upper())
        if not any(known.startswith(code) for known in codes.values()):
            near = nearest(pattern, [*codes, *codes.values()])
            hint = f"did you mean {near!r}?" if near else "`hparam-ci rules` lists all."
            raise SettingsError(f"{where}: there is no detector {pattern[:80]!r}; {hint}")
        found[code] = reason
    return found


def _detectors(
    given: Any, detectors: Sequence[Detector], where: str
) -> tuple[dict[str, dict[str, float]], dict[str, Severity]]:
    if given is None:
        return {}, {}
    if not isinstance(given, Mapping):
        raise SettingsError(f"{where}: must map names of detectors to their options.")
    by_name = {detector.name: detector for detector in detectors}
    options: dict[str, dict[str, float]] = {}
    severities: dict[str, Severity] = {}
    for name, chosen in given.items():
        if name not in by_name:
            unknown(str(name), list(by_name), where)
        if chosen is None:
            continue
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
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST:
        raise SettingsError(f"{where}: {str(value)[:80]!r} is not a number from 0 up.")
    return float(value)
