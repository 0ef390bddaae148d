"""What the crew may know and say: an Inspection's aggregates as short facts with evidence ids.

A fact has two faces: `data`, the short JSON strings and numbers that a model sees, and typed values, against which
every sentence is checked. Ids are those of the Inspection (C3, I7, R1) and, for what has none there, V1 (verdict), O1
(overview of a sweep), D1 (issue counts), L1 (limit), U1 (cause undetermined), P1 (range of a hyperparameter).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Literal

from hparam_ci.inspection import (
    BucketTable,
    Cause,
    Condition,
    Count,
    DetectorResult,
    Finding,
    Inspection,
    Issue,
    LimitResult,
    Recommendation,
    SweepResult,
    Undetermined,
)
from hparam_ci.report import words
from hparam_ci.report.sanitize import one_line
from hparam_ci.wording import show_rate_name, show_share

Kind = Literal[
    "verdict", "sweep", "count", "limit", "cause", "hint", "undetermined", "advice", "range", "issue", "finding"
]
Role = Literal["inside", "outside", "explains", "count", "sweep", "limit", "time"]

SWEEPS = 3
CAUSES = 8
DETECTORS = 6
ADVICE = 5
TRIALS = 5
NAME = 40
TEXT = 120

Json = str | int | float | list[str] | dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Pair:
    """`a` of `n`; for times both are hours."""

    role: Role
    a: float
    n: float


@dataclass(frozen=True, slots=True)
class Amount:
    """A single number. Units: trials, %, points, bound (of an interval), times, p, hours, value (`of` what), a noun."""

    value: float
    unit: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    Attributes:
        id: what a sentence cites.
        kind: what sort of fact it is.
        sweep: number of the sweep from 0, or -1 for all.
        codes: detector codes of its issue; a limit can hold for several.
        data: what the model sees.
        conditions: of a cause, and of advice that follows from one.
        issue: title of its issue.
        trials: trial ids that it names.
        pairs: counts.
        amounts: other numbers.
        words: further text of ours or of the file that a sentence may repeat.
        rank: what a superlative compares: affected or explained trials.
        outcome: of the verdict or a limit.
    """

    id: str
    kind: Kind
    sweep: int
    data: dict[str, Json]
    codes: tuple[str, ...] = ()
    issue: str = ""
    conditions: tuple[Condition, ...] = ()
    trials: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    amounts: tuple[Amount, ...] = ()
    words: tuple[str, ...] = ()
    rank: float = 0.0
    outcome: str = ""

    @property
    def params(self) -> tuple[str, ...]:
        """Names of the hyperparameters that it is about, as a model sees them."""
        named = [condition.param for condition in self.conditions]
        return tuple(dict.fromkeys(named + [amount.of for amount in self.amounts if amount.of]))


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of one Inspection, and the names that a sentence may use only with the fact that has them."""

    by_id: dict[str, Fact]
    params: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    sweeps: tuple[str, ...] = ()
    paths: tuple[str, ...] = field(default=())

    def json(self) -> list[dict[str, Json]]:
        """What a model sees, one object a fact."""
        return [{"id": fact.id, **fact.data} for fact in self.by_id.values()]

    def of(self, *kinds: Kind) -> list[Fact]:
        """The facts of these kinds, in order."""
        return [fact for fact in self.by_id.values() if fact.kind in kinds]


def short(text: str, length: int = NAME) -> str:
    """Text from a file as one short visible line."""
    return one_line(text, length)


def gather(inspection: Inspection) -> Facts:
    """The facts of the sweeps that stand worst."""
    shown = [one.sweep for one in words.standings(inspection) if one.sweep.issues][:SWEEPS]
    numbers = {"D": 0, "L": 0, "U": 0, "P": 0}
    facts = [_verdict(inspection)]
    for index, sweep in enumerate(shown):
        for fact in _of_sweep(sweep, index, inspection.gate.limits):
            if fact.id in numbers:
                numbers[fact.id] += 1
                fact = replace(fact, id=f"{fact.id}{numbers[fact.id]}")  # noqa: PLW2901
            facts.append(fact)
    levels = {label for sweep in shown for table in sweep.buckets if not table.ordered for label in _levels(table)}
    return Facts(
        by_id={fact.id: fact for fact in facts},
        params=frozenset(_params(shown)),
        levels=frozenset(levels),
        sweeps=tuple(short(PurePosixPath(sweep.path).name) for sweep in shown),
        paths=tuple(sweep.path for sweep in shown),
    )


def _params(sweeps: Iterable[SweepResult]) -> Iterator[str]:
    for sweep in sweeps:
        yield from (short(column.name) for column in sweep.columns if column.role == "hyperparameter")
        yield from (short(table.param) for table in sweep.buckets)
        yield from (short(condition.param) for cause in sweep.causes for condition in cause.conditions)


def _levels(table: BucketTable) -> list[str]:
    return [short(bucket.label) for bucket in table.buckets if bucket.label != "not set"]


def _of_sweep(sweep: SweepResult, index: int, limits: Iterable[LimitResult]) -> Iterator[Fact]:
    """The facts of one sweep; ids of one letter are numbered by the caller."""
    name = short(PurePosixPath(sweep.path).name)
    causes = sweep.causes[:CAUSES]
    yield _sweep(sweep, index, name)
    for detector in words.flagged(sweep)[:DETECTORS]:
        yield _count(detector, index)
    judged = [limit for limit in limits if limit.path == sweep.path and limit.result in ("warn", "fail", "pass")]
    yield from (_limit(limit, sweep, index) for limit in judged)
    ranges = {table.param: _range(table, index) for table in sweep.buckets if table.ordered}
    known = {cause.id: _tried(_cause(cause, index), cause, ranges) for cause in causes}
    yield from known.values()
    yield from (_undetermined(one, index) for one in sweep.undetermined[:DETECTORS])
    for advice in sweep.recommendations[:ADVICE]:
        yield _advice(advice, [known[id_] for id_ in advice.evidence if id_ in known], index)
    named = {condition.param for cause in causes for condition in cause.conditions}
    yield from (fact for param, fact in ranges.items() if param in named)
    for detector in words.flagged(sweep)[:DETECTORS]:
        yield from (_issue(issue, detector, index) for issue in detector.issues[:1])
    yield from (_finding(finding, detector, index) for detector, finding in words.remarks(sweep)[:DETECTORS])


# --- one fact a function --------------------------------------------------------------------------


def _verdict(inspection: Inspection) -> Fact:
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


def _sweep(sweep: SweepResult, index: int, name: str) -> Fact:
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


def _count(detector: DetectorResult, index: int) -> Fact:
    shown = tuple(short(trial) for trial in detector.trials[:TRIALS])
    return Fact(
        id="D",
        kind="count",
        sweep=index,
        data={
            "issue": detector.title,
            "trials": _ratio(detector.count),
            "share": show_share(detector.count),
            "interval": f"{100 * detector.count.low:.1f} to {100 * detector.count.high:.1f}%",
            "examples": list(shown),
        },
        codes=(detector.code,),
        issue=detector.title,
        trials=shown,
        pairs=(_pair("count", detector.count),),
        amounts=(Amount(100 * detector.count.low, "bound"), Amount(100 * detector.count.high, "bound")),
        rank=detector.count.affected,
    )


def _limit(limit: LimitResult, sweep: SweepResult, index: int) -> Fact:
    bound = limit.fail if limit.result == "fail" or not limit.warn else limit.warn
    return Fact(
        id="L",
        kind="limit",
        sweep=index,
        data={
            "rate": show_rate_name(limit.rate),
            "trials": _ratio(limit.count),
            "share": show_share(limit.count),
            "limit": bound or "",
            "result": "within the limit" if limit.result == "pass" else "above the limit",
        },
        codes=tuple(d.code for d in sweep.detectors if d.rate == limit.rate),
        issue=show_rate_name(limit.rate),
        pairs=(_pair("limit", limit.count),),
        amounts=tuple(Amount(float(text.rstrip("%")), "%", "limit") for text in (limit.warn, limit.fail) if text),
        outcome=limit.result,
    )


def _cause(cause: Cause, index: int) -> Fact:
    hint = cause.strength == "suggestive"
    shown = tuple(short(trial) for trial in cause.trials[:TRIALS])
    inside, outside = cause.inside.share or 0.0, cause.outside.share or 0.0
    data: dict[str, Json] = {
        "issue": cause.issue,
        "condition": short(cause.text, TEXT),
        "with it": f"{_ratio(cause.inside)} ({show_share(cause.inside)})",
        "without it": f"{_ratio(cause.outside)} ({show_share(cause.outside)})",
        "explains": f"{cause.explains} of {cause.of}",
        "evidence": "hint, not proven" if hint else cause.strength,
        "examples": list(shown),
    }
    if cause.moves_with:
        data["moves together with"] = [short(name) for name in cause.moves_with[:TRIALS]]
    low, high = cause.difference
    amounts = [
        Amount(100 * (inside - outside), "points"),
        Amount(100 * low, "bound"),
        Amount(100 * high, "bound"),
        Amount(cause.p_value, "p"),
        Amount(len(cause.conditions), "conditions"),
    ]
    if outside:
        amounts.append(Amount(inside / outside, "times"))
    return Fact(
        id=cause.id,
        kind="hint" if hint else "cause",
        sweep=index,
        data=data,
        codes=(cause.code,),
        issue=cause.issue,
        conditions=tuple(_shown(condition) for condition in cause.conditions),
        trials=shown,
        pairs=(
            _pair("inside", cause.inside),
            _pair("outside", cause.outside),
            Pair("explains", cause.explains, cause.of),
        ),
        amounts=tuple(amounts),
        words=tuple(short(name) for name in cause.moves_with),
        rank=cause.explains,
        outcome=cause.strength,
    )


def _tried(fact: Fact, cause: Cause, ranges: dict[str, Fact]) -> Fact:
    """The fact with the range that its hyperparameters were tried in."""
    own = [ranges[condition.param] for condition in cause.conditions if condition.param in ranges]
    return replace(fact, amounts=fact.amounts + tuple(amount for one in own for amount in one.amounts))


def _undetermined(one: Undetermined, index: int) -> Fact:
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


def _advice(advice: Recommendation, causes: list[Fact], index: int) -> Fact:
    """Advice from causes takes over what they say, so that it cannot be turned round."""
    from_causes = tuple(condition for fact in causes for condition in fact.conditions)
    amounts = [Amount(advice.trials_saved, "trials")] if advice.trials_saved else []
    if advice.hours_saved:
        amounts.append(Amount(advice.hours_saved, "hours"))
    amounts += _measures_in(advice.reason)
    return Fact(
        id=advice.id,
        kind="advice",
        sweep=index,
        data={
            "advice": short(advice.action, 2 * TEXT),
            "reason": short(advice.reason, 2 * TEXT),
            "evidence": [id_ for id_ in advice.evidence if id_.startswith("C")],
        },
        codes=causes[0].codes if causes else (),
        issue=causes[0].issue if causes else "",
        conditions=from_causes,
        pairs=tuple(pair for fact in causes for pair in fact.pairs) + _pairs_in(advice.reason),
        amounts=tuple(amounts + [amount for fact in causes for amount in fact.amounts]),
        words=(advice.action, advice.reason),
        rank=advice.trials_saved,
        outcome=causes[0].outcome if causes else "",
    )


def _range(table: BucketTable, index: int) -> Fact:
    name = short(table.param)
    labels = [bucket.label for bucket in table.buckets if bucket.label != "not set"]
    ends = [part for label in (labels[:1] + labels[-1:]) for part in label.split(" to ")]
    numbers = [float(end) for end in ends if re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", end)]
    tried = f"{ends[0]} to {ends[-1]}" if ends else "nothing"
    return Fact(
        id="P",
        kind="range",
        sweep=index,
        data={"hyperparameter": name, "tried": short(tried)},
        amounts=tuple(Amount(number, "value", name) for number in ([numbers[0], numbers[-1]] if numbers else [])),
        words=(name,),
    )


def _issue(issue: Issue, detector: DetectorResult, index: int) -> Fact:
    message = short(issue.message, TEXT)
    return Fact(
        id=issue.id,
        kind="issue",
        sweep=index,
        data={"issue": detector.title, "trial": short(issue.trial), "what": message},
        codes=(detector.code,),
        issue=detector.title,
        trials=(short(issue.trial),),
        amounts=_amounts_in(message),
        words=(message, issue.column),
    )


def _finding(finding: Finding, detector: DetectorResult, index: int) -> Fact:
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
        amounts=_amounts_in(message),
        words=(message, detector.title, finding.column),
    )


def _pairs_in(text: str) -> tuple[Pair, ...]:
    """The counts `a of n` in a text of ours; whose they are, the text says itself."""
    found = re.findall(r"(?<![\w.])(\d+) of (?:the )?(\d+)(?![\w.])", text)
    return tuple(Pair("explains", int(a), int(n)) for a, n in found if int(n))


def _measures_in(text: str) -> list[Amount]:
    """Percentages, times and other numbers in a text of ours."""
    shares = [Amount(float(number), "%") for number in re.findall(r"(\d+(?:\.\d+)?)%", text)]
    times = [
        Amount(float(number) / per_hour, "hours")
        for number, unit in re.findall(r"(\d+(?:\.\d+)?) (seconds?|minutes?|hours?)", text)
        for per_hour in ({"s": 3600, "m": 60, "h": 1}[unit[0]],)
    ]
    return [*shares, *times, *_amounts_in(text)]


def _amounts_in(message: str) -> tuple[Amount, ...]:
    numbers = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])", message)
    return tuple(Amount(float(number), "") for number in numbers)


def _shown(condition: Condition) -> Condition:
    """The condition with its texts as a model sees them."""
    value = condition.value
    if isinstance(value, str):
        value = short(value)
    elif isinstance(value, tuple):
        value = tuple(short(item) if isinstance(item, str) else item for item in value)
    return Condition(param=short(condition.param), op=condition.op, value=value, low=condition.low, high=condition.high)


def _pair(role: Role, count: Count) -> Pair:
    return Pair(role, count.affected, count.evaluable)


def _ratio(count: Count) -> str:
    return f"{count.affected} of {count.evaluable}"
