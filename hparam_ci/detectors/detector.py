"""What a detector is, and what it may return: what it saw of the trials, of the sweep, or why it could not look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hparam_ci.inspection import Confidence, Severity
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Floats, Mask

Options = Mapping[str, float]


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
            check_texts(finding.evidence)
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


def check_texts(evidence: Evidence) -> None:
    """Hold evidence to its contract.

    Raises:
        TypeError: something in it is no text.
    """
    if not all(isinstance(getattr(evidence, name), str) for name in Evidence.__slots__):
        raise TypeError("evidence must be four texts")
