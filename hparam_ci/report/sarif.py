"""The Inspection as SARIF 2.1.0 (OASIS, 2020), for code scanning: a result for each sick trial, finding and cause."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from hparam_ci.inspection import DetectorResult, Inspection, Issue, SweepResult
from hparam_ci.report import words
from hparam_ci.report.sanitize import plain_text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "notice": "note"}
MOST_RESULTS = 5_000  # GitHub shows 5,000 results of a run and refuses more than 25,000


def sarif(inspection: Inspection) -> str:
    """The text of the SARIF file; sweeps stand worst first, and at most MOST_RESULTS results are written."""
    sweeps = [standing.sweep for standing in words.standings(inspection)]
    results = [result for sweep in sweeps for result in _results(sweep)]
    run = {
        "tool": {"driver": {"name": "hparam-inspector", "version": inspection.version, "rules": _rules(sweeps)}},
        "results": results[:MOST_RESULTS],
        "properties": {"verdict": inspection.verdict, "results": len(results)},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rules(sweeps: list[SweepResult]) -> list[dict[str, Any]]:
    """The detectors that say anything, by code."""
    said = {d.code: d for sweep in sweeps for d in sweep.detectors if d.count.affected or d.findings}
    return [
        {
            "id": code,
            "name": said[code].name,
            "shortDescription": {"text": plain_text(said[code].title)},
            "defaultConfiguration": {"level": LEVELS[said[code].severity]},
        }
        for code in sorted(said)
    ]


def _results(sweep: SweepResult) -> Iterator[dict[str, Any]]:
    by_code = {d.code: d for d in sweep.detectors}
    for cause in words.proven(sweep):
        inside, outside = cause.inside, cause.outside
        text = (
            f"{cause.text} → {cause.issue}: {inside.affected} of {inside.evaluable} trials with it, "
            f"{outside.affected} of {outside.evaluable} without"
            f"{f', {cause.among}' if cause.beside else ''}"
        )
        yield _result(by_code[cause.code], sweep.path, f"cause:{cause.text}", text)
    for d in sweep.detectors:
        for finding in d.findings:
            yield _result(d, sweep.path, f"sweep:{finding.column}", finding.message)
        for issue in d.issues:
            yield _result(d, sweep.path, f"trial:{issue.trial}", _said(d, issue), issue.line)


def _said(d: DetectorResult, issue: Issue) -> str:
    rest = d.count.affected - len(d.issues)
    more = f" ({rest} more trials like it)" if rest > 0 and issue is d.issues[0] else ""
    return f"trial {issue.trial}: {issue.message}{more}"


def _result(d: DetectorResult, path: str, what: str, text: str, line: int = 1) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": quote(path)}, "region": {"startLine": max(1, line)}}
    identity = hashlib.sha256("\0".join((d.code, path, what)).encode("utf-8", "surrogatepass")).hexdigest()
    return {
        "ruleId": d.code,
        "level": LEVELS[d.severity],
        "message": {"text": plain_text(text)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"hparamInspector/v1": identity[:32]},
    }
