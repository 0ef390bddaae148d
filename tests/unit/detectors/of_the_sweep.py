"""What a detector of the sweep as a whole says of a few columns."""

from __future__ import annotations

from hparam_ci.detectors.detector import Finding
from hparam_ci.detectors.registry import find_detector
from hparam_ci.detectors.run import detect
from hparam_ci.selection import Selection
from hparam_ci.sources.sweep import Sweep


def findings(sweep: Sweep, name: str, **options: float) -> tuple[Finding, ...]:
    """The findings of one detector, which must have looked; checks what holds for every finding."""
    detector = find_detector(name)
    assert detector is not None
    table = detect(sweep, Selection(options={name: options}))
    assert detector.code in table.found, table.not_seen.get(detector.code)
    found = table.found[detector.code].findings
    for finding in found:
        assert finding.evidence.message
        assert len(set(finding.rows)) == len(finding.rows)
        assert set(finding.rows) <= set(range(len(sweep)))
    return found


def why_not(sweep: Sweep, code: str) -> str:
    """Why a detector could not look."""
    return detect(sweep).not_seen[code]
