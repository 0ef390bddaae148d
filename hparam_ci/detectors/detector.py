"""What a detector is, and where they are found: every module of this package that defines `DETECTOR`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from hparam_ci.inspection import Severity
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Mask

Options = Mapping[str, float]
AFFECTED = "affected_rate"


@dataclass(frozen=True, slots=True)
class DetectorOption:
    """A number that a user may set; `unit` says what it counts."""

    name: str
    default: float
    unit: str
    help: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why one trial was flagged: the column, its value, the limit, and one sentence."""

    column: str
    value: str
    limit: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """What a detector saw in a sweep of n trials.

    Attributes:
        flagged: (n,) trials with the issue; a subset of `at_risk`.
        at_risk: (n,) trials that could have shown it.
        evidence: row to its evidence; asked only for the rows that a report shows.
    """

    flagged: Mask
    at_risk: Mask
    evidence: Callable[[int], Evidence]


@dataclass(frozen=True, slots=True)
class CouldNotLook:
    """Why a detector did not run; never to be read as a pass."""

    reason: str


@dataclass(frozen=True, slots=True)
class Detector:
    """One rule.

    Attributes:
        code: stable, `HP101`.
        name: stable, `nan-metric`.
        title: for people: `NaN in a metric`.
        trials: what its trials are called in a sentence: `trials with NaN`.
        severity: of each issue; trials with an error or a warning count as affected.
        rate: the rate that its trials count towards, as thresholds name it.
        summary: one sentence on what it flags.
        why: why it matters.
        advice: what to try.
        source: where the rule comes from.
        look: sweep, options and the detections of lower codes to what was seen.
        options: its numbers with their defaults.
    """

    code: str
    name: str
    title: str
    trials: str
    severity: Severity
    rate: str
    summary: str
    why: str
    advice: str
    source: str
    look: Callable[[Sweep, Options, Mapping[str, Detection]], Detection | CouldNotLook]
    options: tuple[DetectorOption, ...] = ()

    def run(self, sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
        """Look at a sweep with the given options over the defaults."""
        return self.look(sweep, {option.name: option.default for option in self.options} | dict(options), earlier)


@dataclass(frozen=True, slots=True)
class IssueTable:
    """What all detectors saw: columnar, one boolean array a detector over the sweep's rows."""

    sweep: Sweep
    seen: dict[str, Detection] = field(default_factory=dict)
    not_seen: dict[str, str] = field(default_factory=dict)

    def affected(self) -> Mask:
        """(n,) trials with at least one issue of severity warning or error."""
        mask = np.zeros(len(self.sweep), bool)
        for detector in all_detectors():
            if detector.severity != "notice" and detector.code in self.seen:
                mask |= self.seen[detector.code].flagged
        return mask


def detect(sweep: Sweep, options: Mapping[str, Options]) -> IssueTable:
    """Run every detector, in the order of their codes.

    Args:
        sweep: the trials.
        options: detector name to the options that differ from the defaults.
    """
    table = IssueTable(sweep)
    for detector in all_detectors():
        seen = detector.run(sweep, options.get(detector.name, {}), table.seen)
        if isinstance(seen, CouldNotLook):
            table.not_seen[detector.code] = seen.reason
        else:
            table.seen[detector.code] = seen
    return table


@cache
def all_detectors() -> tuple[Detector, ...]:
    """All detectors by code. A new file in this package is enough to add one."""
    package = __name__.rpartition(".")[0]
    path = importlib.import_module(package).__path__
    modules = [
        importlib.import_module(f"{package}.{info.name}")
        for info in pkgutil.iter_modules(path)
        if info.name != "detector" and not info.name.startswith("_")
    ]
    return tuple(sorted((module.DETECTOR for module in modules), key=lambda detector: detector.code))


@cache
def rate_names() -> tuple[str, ...]:
    """The rates that detectors count towards, and `affected_rate`, which all but notices count towards."""
    return (*dict.fromkeys(detector.rate for detector in all_detectors()), AFFECTED)


def counts_towards(detector: Detector, rate: str) -> bool:
    """Whether a detector's trials count towards a rate."""
    return detector.rate == rate or (rate == AFFECTED and detector.severity != "notice")


def find_detector(name: str) -> Detector | None:
    """A detector by code or name, whatever the case."""
    wanted = name.lower()
    return next((d for d in all_detectors() if wanted in (d.code.lower(), d.name)), None)
