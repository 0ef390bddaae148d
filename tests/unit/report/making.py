"""Inspections made by hand, as large and as odd as a test wants them."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from hparam_ci import inspection
from hparam_ci.inspection import (
    Bucket,
    BucketTable,
    Cause,
    ColumnReading,
    Comparison,
    Compute,
    Condition,
    Count,
    DetectorResult,
    Dimension,
    Drivers,
    Exclusion,
    Finding,
    Gate,
    GoneCause,
    Importance,
    Inspection,
    Issue,
    LimitResult,
    Outcome,
    RateChange,
    Recommendation,
    SearchSpace,
    Severity,
    Skipped,
    Strength,
    SweepResult,
    Undetermined,
    Verdict,
)


def count(affected: int, evaluable: int) -> Count:
    return Count(affected=affected, evaluable=evaluable, low=0.0, high=1.0)


def detector(affected: int = 0, evaluable: int = 10, *, code: str = "HP101", issues: int = 0, **more: Any) -> Any:
    values: dict[str, Any] = {
        "code": code,
        "name": "nan-metric",
        "title": "NaN in a metric",
        "severity": "error",
        "rate": "nan_rate",
        "ran": True,
        "reason": "",
        "count": count(affected, evaluable),
        "trials": tuple(str(n) for n in range(min(affected, 10))),
        "issues": tuple(issue(n, code) for n in range(issues)),
    }
    return DetectorResult(**(values | more))


def issue(number: int, code: str = "HP101") -> Issue:
    return Issue(
        id=f"I{number}",
        code=code,
        trial=f"trial-{number}",
        line=number + 2,
        column="loss",
        value="nan",
        limit="",
        message="NaN in loss",
        params={"lr": "0.1"},
    )


def cause(number: int = 1, strength: Strength = "strong", explains: int = 3, of: int = 4) -> Cause:
    return Cause(
        id=f"C{number}",
        code="HP101",
        issue="NaN in a metric",
        conditions=(Condition(param="lr", op=">", value=0.1),),
        text="lr > 0.1",
        inside=count(explains, 5),
        outside=count(of - explains, 5),
        difference=(0.1, 0.6),
        risk_ratio=3.0,
        p_value=0.01,
        score=1.0,
        strength=strength,
        explains=explains,
        of=of,
        trials=("1", "2", "3"),
    )


def buckets(param: str, shares: list[tuple[int, int]], *, code: str = "HP101") -> BucketTable:
    made = tuple(
        Bucket(label=f"{n} to {n + 1}", trials=evaluable, counts={code: count(affected, evaluable)})
        for n, (affected, evaluable) in enumerate(shares)
    )
    return BucketTable(param=param, ordered=True, buckets=made)


def sweep(path: str = "a.csv", *detectors: DetectorResult, trials: int = 10, **more: Any) -> SweepResult:
    found = sum(d.count.affected for d in detectors)
    values: dict[str, Any] = {
        "path": path,
        "sha256": "0" * 64,
        "trials": trials,
        "affected": min(found, trials),
        "issues": found,
        "severities": {"error": found, "warning": 0, "notice": 0},
        "compute": None,
        "columns": (),
        "notes": (),
        "rates": (),
        "detectors": detectors,
        "causes": (),
        "undetermined": (),
        "buckets": (),
        "recommendations": (),
    }
    return SweepResult(**(values | more))


def sick(path: str = "a.csv", **more: Any) -> SweepResult:
    """A sweep with four of ten trials affected."""
    return sweep(path, detector(4, issues=4), **more)


def limit(path: str = "a.csv", result: Outcome = "fail", affected: int = 4, evaluable: int = 10, **more: Any) -> Any:
    values: dict[str, Any] = {
        "path": path,
        "rate": "nan_rate",
        "count": count(affected, evaluable),
        "warn": None,
        "fail": "10%",
        "result": result,
        "reason": f"reason of {path}",
    }
    return LimitResult(**(values | more))


def inspected(verdict: Verdict, *sweeps: SweepResult, limits: tuple[LimitResult, ...] = (), **more: Any) -> Inspection:
    fails_run = more.pop("fails_run", verdict in ("fail", "inconclusive"))
    reasons = more.pop("reasons", tuple(one.reason for one in limits if one.result not in ("pass", "not_checked")))
    values: dict[str, Any] = {
        "schema_version": inspection.SCHEMA_VERSION,
        "version": "0.0.0",
        "title": "Sweep inspection",
        "gate": Gate(verdict=verdict, fails_run=fails_run, reasons=reasons, limits=limits),
        "sweeps": sweeps,
        "skipped": (),
        "patterns": (),
    }
    return Inspection(**(values | more))


def crowd(sweeps: int = 400, text: str = "ünïcödé/日本語-🔥", many: int = 2_000) -> Inspection:
    """Many sweeps with long lists and names outside ASCII: 10,000 findings and so many columns in the first."""
    columns = tuple(
        ColumnReading(name=f"{text}-{n}", role="hyperparameter", confidence="low", reason=text) for n in range(many)
    )
    first = sweep(
        f"{text}/0.csv",
        *(detector(1_000, 5_000, code=f"HP{100 + n}", issues=1_000) for n in range(10)),
        trials=10_000,
        columns=columns,
        buckets=tuple(buckets(column.name, [(1, 10)] * 8) for column in columns),
        causes=tuple(cause(n) for n in range(300)),
        recommendations=tuple(recommendation(n) for n in range(300)),
        notes=tuple(f"{text} {n}" for n in range(300)),
        compute=Compute(hours=1e6, lost_hours=1e5, trials_with_duration=9_000),
        drivers=drivers([column.name for column in columns]),
        next_space=next_space([column.name for column in columns]),
    )
    others = [sick(f"{text}/{n}.csv", causes=(cause(n),)) for n in range(1, sweeps)]
    limits = tuple(limit(one.path) for one in (first, *others))
    skipped = tuple(Skipped(path=f"{text}/no/{n}.csv", reason=text, kind="unreadable") for n in range(1_000))
    return inspected("fail", first, *others, limits=limits, skipped=skipped)


KINDS: tuple[tuple[str, str, Severity], ...] = (
    ("HP101", "NaN in a metric", "error"),
    ("HP102", "Infinity in a metric", "error"),
    ("HP103", "Missing result", "warning"),
    ("HP104", "Failed trials", "error"),
    ("HP105", "Killed trials", "error"),
    ("HP106", "Timed out", "warning"),
    ("HP107", "Crash messages", "error"),
    ("HP108", "Rejected at once", "error"),
    ("HP201", "Diverged", "error"),
    ("HP202", "No learning", "error"),
    ("HP203", "Underfitting", "warning"),
    ("HP204", "Late divergence", "warning"),
    ("HP205", "Unstable metric", "notice"),
    ("HP206", "Plateau", "notice"),
    ("HP207", "Slow convergence", "notice"),
    ("HP301", "Overfitting", "warning"),
    ("HP302", "Overtraining", "warning"),
    ("HP303", "Suspiciously good", "warning"),
    ("HP304", "Calibration", "notice"),
    ("HP305", "Class imbalance", "warning"),
    ("HP306", "Implausible value", "error"),
    ("HP401", "Short runs", "notice"),
    ("HP402", "Unfinished", "notice"),
    ("HP403", "Wasteful runs", "notice"),
)
REMARKS = (
    ("HP404", "Lost compute", "34.2 of 88.8 hours (38.5%) went to trials with an issue"),
    (
        "HP501",
        "Best at the edge",
        "the best trial has lr 0.001, at the lower edge of 0.001 to 10: search down to 0.0001",
    ),
    ("HP502", "Never varied", "momentum is 0.9 in every trial"),
    ("HP505", "Winner within noise", "12 trials are within the seed noise of the best one"),
    ("HP507", "Failures in time", "18 of 20 failures lie in trials 100 to 124"),
)
LACKS = (
    "the file has no curves (one value a trial)",
    "no training metric beside a held-out one",
    "no status column",
    "no column says how long a trial ran",
)


def every_kind(firing: int = 20, *, trials: int = 240) -> SweepResult:
    """A sweep in which the first `firing` detectors of trials found something, and all others could not look."""
    detectors: list[DetectorResult] = []
    for place, (code, title, severity) in enumerate(KINDS):
        named: dict[str, Any] = {"code": code, "title": title, "severity": severity, "name": title.lower()}
        named["confidence"] = "low" if place % 7 == 6 else "high"
        if place < firing:
            issues = tuple(curved(n, code, drawn=place % 3 == 0) for n in range(10))
            seen = detector(10 + 7 * place % 60, trials, **named)
            detectors.append(msgspec.structs.replace(seen, issues=issues))
        else:
            detectors.append(detector(ran=False, reason=LACKS[place % len(LACKS)], **named))
    for code, title, message in REMARKS:
        found = Finding(id=f"S{len(detectors)}", code=code, column="", value="", limit="", message=message)
        named = {"code": code, "title": title, "severity": "notice", "scope": "sweep", "rate": ""}
        detectors.append(detector(0, 0, **named, findings=(found,)))
    counts = {code: count(7 * place % 12, 48) for place, (code, _, _) in enumerate(KINDS[:firing])}
    tables = [buckets(name, [(1, 48)] * 5) for name in ("lr", "batch_size", "optimizer", "dropout", "weight_decay")]
    for table in tables:
        for bucket in table.buckets:
            bucket.counts.update(counts)
    causes = (
        msgspec.structs.replace(cause(1, "certain", 26, 32), code="HP201", issue="Diverged"),
        msgspec.structs.replace(cause(2, "strong", 20, 20), code="HP104", issue="Failed trials"),
    )
    lost = tuple(
        Undetermined(code=code, issue=title, affected=10, reason="no hyperparameter separates the 10 from the others")
        for code, title, _ in KINDS[:firing]
        if code not in ("HP104", "HP201")
    )
    return sweep(
        "results/every_kind.csv",
        *detectors,
        trials=trials,
        affected=131,
        severities={"error": 300, "warning": 150, "notice": 90},
        buckets=tuple(tables),
        causes=causes if firing else (),
        undetermined=lost,
        recommendations=tuple(recommendation(n) for n in range(1, 12)) if firing else (),
        compute=Compute(hours=88.8, lost_hours=34.2, trials_with_duration=trials),
    )


def curved(number: int, code: str, *, drawn: bool) -> Issue:
    """An issue with numbers, of which the worst have a curve."""
    values = tuple(2.3 * 0.9**step if step < 20 else (10.0 ** (step - 18) if step < 28 else None) for step in range(32))
    message = f"val_loss is {1000 + number}.5; the lower quartile of the sweep is 0.575"
    return msgspec.structs.replace(
        issue(number, code),
        value=f"{1000 + number}.5",
        limit="3.07",
        message=message,
        params={},
        curve=values if drawn and number < 3 else (),
    )


def recommendation(number: int = 1) -> Recommendation:
    return Recommendation(
        id=f"R{number}",
        action="Keep lr at or below 0.1",
        reason="would have spared 3 of the 4 trials with NaN",
        evidence=(f"C{number}",),
        trials_saved=3,
        hours_saved=None,
    )


def drivers(names: list[str]) -> Drivers:
    """Each of these moves the objective, none by chance."""
    facts = tuple(
        Importance(
            param=n, share=0.1, low=0.0, high=0.3, p_value=0.01, noise=False, direction="interior", best=(1.0, 2.0)
        )
        for n in names
    )
    return Drivers(metric="val_loss", goal="minimize", trials=100, top=10, best=0.1, hyperparameters=facts)


def next_space(names: list[str]) -> SearchSpace:
    """Each of these is narrowed."""
    dimensions = tuple(
        Dimension(
            param=name,
            name=name,
            kind="float",
            searched=(0.0, 1.0),
            change="narrowed",
            reasons=("the best trials lie there",),
            low=0.2,
            high=0.5,
        )
        for name in names
    )
    excluded = (
        Exclusion(conditions=(Condition(param="lr", op=">", value=0.1),), text="lr > 0.1", issue="NaN", evidence="C1"),
    )
    return SearchSpace(
        metric="val_loss", goal="minimize", dimensions=dimensions, excluded=excluded, notes=("a note",), kept=0.3
    )


def compared(it: Inspection, text: str) -> Inspection:
    """The same against a baseline in which everything differs: a rate of each sweep, and as many causes and sweeps."""
    rates = tuple(
        RateChange(path=one.path, rate="nan_rate", before=count(0, 10), now=count(4, 10), p_value=0.01, rose=True)
        for one in it.sweeps
    )
    number = len(it.sweeps)
    comparison = Comparison(
        name=text,
        rates=rates,
        new_causes=tuple(f"C{n}" for n in range(number)),
        gone_causes=tuple(GoneCause(path=one.path, text=f"{text} > {one.path}", issue=text) for one in it.sweeps),
        new_sweeps=tuple(f"{text}/{n}" for n in range(number)),
        gone_sweeps=tuple(f"{text}/gone/{n}" for n in range(number)),
        unchanged=tuple(one.path for one in it.sweeps),
    )
    return msgspec.structs.replace(it, comparison=comparison)


OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
