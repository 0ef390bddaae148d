"""The detectors at work: all that are wanted, over one sweep, in the order of their codes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hparam_ci.detectors.detector import (
    CouldNotLook,
    Detection,
    Detector,
    Evidence,
    SweepDetection,
    check_seen,
    check_texts,
)
from hparam_ci.detectors.registry import AFFECTED, all_detectors
from hparam_ci.inspection import Severity
from hparam_ci.selection import DEFAULT, Selection
from hparam_ci.sources.rows import Rows, both
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Mask

DEBUG = "HPARAM_CI_DEBUG"
FOUR = 4


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
            check_texts(evidence)
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


def _raised(error: Exception) -> str:
    return f"it raised {type(error).__name__}: {error}".rstrip(": ")
