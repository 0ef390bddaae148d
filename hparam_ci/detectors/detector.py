"""What a detector is, and where they are found: every module of this package that defines `DETECTOR`, and plugins."""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import numpy as np

from hparam_ci.detectors._plugins import plugins
from hparam_ci.inspection import Confidence, Severity
from hparam_ci.selection import DEFAULT, Selection
from hparam_ci.sources.rows import Rows, both
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats, Mask

Options = Mapping[str, float]
AFFECTED = "affected_rate"
DEBUG = "HPARAM_CI_DEBUG"
FOUR = 4
NO_DETECTORS = ("api", "detector")  # modules of this package that define none


@dataclass(frozen=True, slots=True)
class DetectorOption:
    """A number that a user may set; `unit` says what it counts."""

    name: str
    default: float
    unit: str
    help: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why one trial was flagged, or the sweep: the column, its value, the limit, and one sentence.

    `column` is a name in the table; where the sweep has its curve, the report draws it for the worst trials.
    """

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
        badness: (n,) larger is worse: which of the flagged trials a report shows first; None for file order.
    """

    flagged: Mask
    at_risk: Mask
    evidence: Callable[[int], Evidence]
    badness: Floats | None = None

    def worst_first(self, most: int | None = None) -> list[int]:
        """The flagged rows, worst first, at most so many of them; in file order among equals."""
        rows = np.flatnonzero(self.flagged)
        if self.badness is not None:
            rows = rows[np.argsort(-np.nan_to_num(self.badness[rows], nan=-np.inf), kind="stable")]
        first: list[int] = rows[:most].tolist()
        return first


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """Something about the sweep as a whole, with the rows of the trials that show it (none where all do)."""

    evidence: Evidence
    rows: Sequence[int] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SweepDetection:
    """What a detector of the sweep as a whole saw; without findings it looked and all was well."""

    findings: tuple[Finding, ...] = ()


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
        trials: what its trials are called in a sentence: `trials with NaN`. Empty for a rule about the sweep.
        severity: of each issue; trials with an error or a warning count as affected.
        rate: the rate that its trials count towards, as thresholds name it. Empty for a rule about the sweep.
        summary: one sentence on what it flags.
        why: why it matters.
        advice: what to try.
        source: where the rule comes from.
        look: sweep, options and the detections of lower codes to what was seen.
        options: its numbers with their defaults.
        confidence: how sure such an issue is: high where the file says it, low where it is a guess from the shape.
        scope: whether it flags trials, or says something of the sweep as a whole.
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
    look: Callable[[Sweep, Options, Mapping[str, Detection]], Detection | SweepDetection | CouldNotLook]
    options: tuple[DetectorOption, ...] = ()
    confidence: Confidence = "high"
    scope: Literal["trial", "sweep"] = "trial"

    def run(
        self, sweep: Sweep, options: Options, earlier: Mapping[str, Detection]
    ) -> Detection | SweepDetection | CouldNotLook:
        """Look at a sweep with the given options over the defaults; what is beyond the largest double is infinite."""
        chosen = {option.name: option.default for option in self.options} | dict(options)
        with np.errstate(over="ignore"):
            return self.look(sweep, chosen, earlier)


@dataclass(frozen=True, slots=True)
class IssueTable:
    """What all detectors saw: columnar, one boolean array a detector over the sweep's rows.

    Attributes:
        sweep: the trials.
        selection: which detectors were wanted, and how severe they are.
        seen: code to what a detector of trials saw.
        found: code to what a detector of the sweep saw.
        not_seen: code to why a detector could not look.
        broken: code to the error that a detector raised: it says nothing of the sweep, good or bad.
        ignored: code to why the configuration leaves a detector out.
    """

    sweep: Sweep
    selection: Selection = DEFAULT
    seen: dict[str, Detection] = field(default_factory=dict)
    found: dict[str, SweepDetection] = field(default_factory=dict)
    not_seen: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)

    def severity(self, detector: Detector) -> Severity:
        """The severity of a detector's issues in this sweep."""
        return self.selection.severities.get(detector.name, detector.severity)

    def why_not(self, code: str) -> str:
        """Why a detector did not look; empty where it did."""
        return self.ignored.get(code) or self.broken.get(code) or self.not_seen.get(code, "")

    def evidence(self, code: str, row: int) -> Evidence:
        """Why a detector flagged a trial; what went wrong where the detector cannot say."""
        try:
            evidence = self.seen[code].evidence(row)
            _check_texts(evidence)
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            return Evidence("", "", "", f"no evidence: {_raised(error)}")
        return evidence

    def counts_towards(self, detector: Detector, rate: str) -> bool:
        """Whether a detector's trials count towards a rate."""
        if detector.scope == "sweep":
            return False
        return detector.rate == rate or (rate == AFFECTED and self.severity(detector) != "notice")

    def affected(self) -> Mask:
        """(n,) trials with at least one issue of severity warning or error."""
        mask = np.zeros(len(self.sweep), bool)
        for detector in all_detectors():
            if detector.code in self.seen and self.severity(detector) != "notice":
                mask |= self.seen[detector.code].flagged
        return mask


def detect(sweep: Sweep, selection: Selection = DEFAULT) -> IssueTable:
    """Run the detectors that are wanted, in the order of their codes.

    An error in one of them is noted and costs the findings of no other; with HPARAM_CI_DEBUG set it is raised.

    Args:
        sweep: the trials.
        selection: which detectors, with the options and severities that differ from the defaults.
    """
    table = IssueTable(sweep, selection)
    for detector in all_detectors():
        if (reason := selection.why_ignored(detector.code)) is not None:
            table.ignored[detector.code] = reason
            continue
        try:
            seen = detector.run(sweep, selection.options.get(detector.name, {}), table.seen)
            check_seen(seen, len(sweep))
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            table.broken[detector.code] = _raised(error)
            continue
        if isinstance(seen, CouldNotLook):
            table.not_seen[detector.code] = seen.reason
        elif isinstance(seen, SweepDetection):
            table.found[detector.code] = seen
        else:
            table.seen[detector.code] = seen
    return table


def combinations(seen: Sequence[Detection], n: int) -> Rows:
    """(n,) a number from 0 for which of these issues each trial shows and could have shown, in their order."""
    total = np.zeros(n, np.intp)
    for start in range(0, len(seen), FOUR):
        states = np.zeros(n, np.uint8)  # two bits an issue
        for one in seen[start : start + FOUR]:
            states = states * 4 + one.at_risk + (one.flagged & one.at_risk)
        total = both(total, states.astype(np.intp))
    return total


def check_seen(seen: object, n: int) -> None:
    """Hold what a detector returned to its contract.

    Raises:
        TypeError: neither a detection nor a reason why there is none, or evidence that is no text.
        ValueError: masks, or rows, of another sweep than one of `n` trials.
    """
    if isinstance(seen, Detection):
        _check_masks(seen, n)
    elif isinstance(seen, SweepDetection):
        for finding in seen.findings:
            _check_texts(finding.evidence)
            if len(finding.rows) and not 0 <= min(finding.rows) <= max(finding.rows) < n:
                raise ValueError(f"a finding names a row that is none of the {n} trials")
    elif not isinstance(seen, CouldNotLook):
        raise TypeError(f"look() returned {type(seen).__name__}, not Detection, SweepDetection or CouldNotLook")


def _check_masks(seen: Detection, n: int) -> None:
    for name, mask in (("flagged", seen.flagged), ("at_risk", seen.at_risk)):
        if np.shape(mask) != (n,) or mask.dtype != bool:
            raise ValueError(f"{name} must be {n} booleans, one a trial")
    if (seen.flagged & ~seen.at_risk).any():
        raise ValueError("a trial is flagged that is not at risk")
    if seen.badness is not None and np.shape(seen.badness) != (n,):
        raise ValueError(f"badness must be {n} numbers, one a trial")


def _check_texts(evidence: Evidence) -> None:
    if not all(isinstance(getattr(evidence, name), str) for name in Evidence.__slots__):
        raise TypeError("evidence must be four texts")


def _raised(error: Exception) -> str:
    return f"it raised {type(error).__name__}: {error}".rstrip(": ")


@cache
def all_detectors() -> tuple[Detector, ...]:
    """All detectors by code. A new file in this package is enough to add one; other packages add theirs by entry
    point.

    Raises:
        SettingsError: a detector of another package that cannot be used.
    """
    package = __name__.rpartition(".")[0]
    path = importlib.import_module(package).__path__
    modules = [
        importlib.import_module(f"{package}.{info.name}")
        for info in pkgutil.iter_modules(path)
        if info.name not in NO_DETECTORS and not info.name.startswith("_")
    ]
    own: list[Detector] = [module.DETECTOR for module in modules]
    return tuple(sorted([*own, *plugins(own, Detector)], key=lambda detector: detector.code))


@cache
def rate_names() -> tuple[str, ...]:
    """The rates that detectors count towards, and `affected_rate`, which all but notices count towards."""
    return (*dict.fromkeys(detector.rate for detector in all_detectors() if detector.rate), AFFECTED)


def find_detector(name: str) -> Detector | None:
    """A detector by code or name, whatever the case."""
    wanted = name.lower()
    return next((d for d in all_detectors() if wanted in (d.code.lower(), d.name)), None)
