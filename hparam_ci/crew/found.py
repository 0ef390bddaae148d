"""Facts of what was found: verdict, sweeps, counts, limits, single issues, remarks, and causes that cannot be told."""

from __future__ import annotations

from collections.abc import Iterator

from hparam_ci.crew.facts import TEXT, TRIALS, Amount, Fact, Json, Pair, amounts_in, pair_of, ratio, short
from hparam_ci.inspection import (
    DetectorResult,
    Finding,
    Inspection,
    Issue,
    LimitResult,
    SweepResult,
    Undetermined,
)
from hparam_ci.report import words
from hparam_ci.wording import show_rate_name, show_share


def verdict(inspection: Inspection) -> Fact:
    """What the gate decided."""
    return Fact(
        id="V1",
        kind="verdict",
        sweep=-1,
        data={
            "verdict": inspection.verdict,
            "trials": f"{inspection.affected} of {inspection.trials} affected",
            "sweeps": len(inspection.sweeps),
        },
        pairs=(Pair("sweep", inspection.affected, inspection.trials),),
        amounts=(Amount(len(inspection.sweeps), "sweeps"), Amount(inspection.issues, "issues")),
        outcome=inspection.verdict,
    )


def sweep(sweep: SweepResult, index: int, name: str) -> Fact:
    """The overview of a sweep."""
    proven = words.proven(sweep)
    data: dict[str, Json] = {
        "sweep": name,
        "trials": f"{sweep.affected} of {sweep.trials} affected",
        "issues": sweep.issues,
        "kinds of issue": len(words.flagged(sweep)),
        "causes": len(proven),
    }
    pairs = [Pair("sweep", sweep.affected, sweep.trials)]
    if sweep.compute:
        data["time lost"] = words.lost(sweep.compute)
        pairs.append(Pair("time", sweep.compute.lost_hours, sweep.compute.hours))
    return Fact(
        id=f"O{index + 1}",
        kind="sweep",
        sweep=index,
        data=data,
        pairs=tuple(pairs),
        amounts=(
            Amount(sweep.issues, "issues"),
            Amount(len(words.flagged(sweep)), "kinds"),
            Amount(len(proven), "causes"),
        ),
        words=(name,),
    )


def count(detector: DetectorResult, index: int) -> Fact:
    """How many trials have an issue."""
    shown = tuple(short(trial) for trial in detector.trials[:TRIALS])
    return Fact(
        id="D",
        kind="count",
        sweep=index,
        data={
            "issue": detector.title,
            "trials": ratio(detector.count),
            "share": show_share(detector.count),
            "interval": f"{100 * detector.count.low:.1f} to {100 * detector.count.high:.1f}%",
            "examples": list(shown),
        },
        codes=(detector.code,),
        issue=detector.title,
        trials=shown,
        pairs=(pair_of("count", detector.count),),
        amounts=(Amount(100 * detector.count.low, "bound"), Amount(100 * detector.count.high, "bound")),
        rank=detector.count.affected,
    )


def limit(limit: LimitResult, sweep: SweepResult, index: int) -> Fact:
    """A rate against its limit."""
    bound = limit.fail if limit.result == "fail" or not limit.warn else limit.warn
    return Fact(
        id="L",
        kind="limit",
        sweep=index,
        data={
            "rate": show_rate_name(limit.rate),
            "trials": ratio(limit.count),
            "share": show_share(limit.count),
            "limit": bound or "",
            "result": "within the limit" if limit.result == "pass" else "above the limit",
        },
        codes=tuple(d.code for d in sweep.detectors if d.rate == limit.rate),
        issue=show_rate_name(limit.rate),
        pairs=(pair_of("limit", limit.count),),
        amounts=tuple(_bounds(limit)),
        rank=float(limit.result != "pass"),
        outcome=limit.result,
    )


def _bounds(limit: LimitResult) -> Iterator[Amount]:
    """The limits in percent, and how many times each of them is reached."""
    for text in (limit.warn, limit.fail):
        if text:
            bound = float(text.rstrip("%"))
            yield Amount(bound, "%", "limit")
            if bound and limit.count.share is not None:
                yield Amount(100 * limit.count.share / bound, "times")


def undetermined(one: Undetermined, index: int) -> Fact:
    """An issue whose cause cannot be told."""
    data: dict[str, Json] = {"issue": one.issue, "affected trials": one.affected, "cause": "undetermined"}
    amounts = [Amount(one.affected, "trials")]
    if one.more_trials is not None:
        data["more trials needed"] = one.more_trials
        amounts.append(Amount(one.more_trials, "trials"))
    else:
        data["reason"] = short(one.reason, TEXT)
    return Fact(
        id="U",
        kind="undetermined",
        sweep=index,
        data=data,
        codes=(one.code,),
        issue=one.issue,
        amounts=tuple(amounts),
        words=() if one.more_trials is not None else (one.reason,),
    )


def issue(issue: Issue, detector: DetectorResult, index: int) -> Fact:
    """One trial's issue."""
    message = short(issue.message, TEXT)
    return Fact(
        id=issue.id,
        kind="issue",
        sweep=index,
        data={"issue": detector.title, "trial": short(issue.trial), "what": message},
        codes=(detector.code,),
        issue=detector.title,
        trials=(short(issue.trial),),
        amounts=amounts_in(message),
        words=(message, issue.column),
    )


def finding(finding: Finding, detector: DetectorResult, index: int) -> Fact:
    """What a detector says of the sweep as a whole; a sentence may repeat it."""
    message = short(finding.message, 2 * TEXT)
    return Fact(
        id=finding.id,
        kind="finding",
        sweep=index,
        data={"remark": detector.title, "what": message},
        codes=(detector.code,),
        issue=detector.title,
        trials=tuple(short(trial) for trial in finding.trials[:TRIALS]),
        amounts=amounts_in(message),
        words=(message, detector.title, finding.column),
    )
