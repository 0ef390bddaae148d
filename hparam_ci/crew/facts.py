"""What the crew may know and say: an Inspection's aggregates as short facts with evidence ids.

A fact has two faces: `data`, the short JSON strings and numbers that a model sees, and typed values, against which
every sentence is checked. Ids are those of the Inspection (C3, I7, R1) and, for what has none there, V1 (verdict), O1
(overview of a sweep), D1 (issue counts), L1 (limit), U1 (cause undetermined), P1 (range of a hyperparameter), M1
(what a hyperparameter has to do with the best trials), N1 (the next search space).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from hparam_ci.inspection import Condition, Count
from hparam_ci.report.sanitize import one_line

Kind = Literal[
    "verdict",
    "sweep",
    "count",
    "limit",
    "cause",
    "hint",
    "undetermined",
    "advice",
    "range",
    "issue",
    "finding",
    "importance",
    "space",
]
Role = Literal["inside", "outside", "explains", "count", "sweep", "limit", "time"]

NAME = 40
TEXT = 120
TRIALS = 5

Json = str | int | float | list[str] | dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Pair:
    """`a` of `n`; for times both are hours."""

    role: Role
    a: float
    n: float


@dataclass(frozen=True, slots=True)
class Amount:
    """A single number.

    Units: trials, %, points, bound (of an interval), times, p, hours, value and searched (`of` what), a noun.
    """

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
        levels: choices that it speaks for: those of the best trials, or of the next search.
        dropped: choices that the next search leaves out.
        stays: advice not to give the values up, because the best trials have them too, but to treat them otherwise.
        outcome: of the verdict or a limit; how certain a cause is; where the best trials lie; what changes in a range.
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
    levels: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    stays: bool = False
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


def pair_of(role: Role, count: Count) -> Pair:
    """A count as a pair."""
    return Pair(role, count.affected, count.evaluable)


def ratio(count: Count) -> str:
    """`26 of 31`."""
    return f"{count.affected} of {count.evaluable}"


def amounts_in(text: str) -> tuple[Amount, ...]:
    """The bare numbers in a text."""
    numbers = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])", text)
    return tuple(Amount(float(number), "") for number in numbers)


def measures_in(text: str) -> tuple[Amount, ...]:
    """Percentages, times and other numbers in a text of ours."""
    shares = [Amount(float(number), "%") for number in re.findall(r"(?<![\d.])(?<! to )(\d+(?:\.\d+)?)%", text)]
    times = [
        Amount(float(number) / per_hour, "hours")
        for number, unit in re.findall(r"(\d+(?:\.\d+)?) (seconds?|minutes?|hours?)", text)
        for per_hour in ({"s": 3600, "m": 60, "h": 1}[unit[0]],)
    ]
    ends = [Amount(float(end), "bound") for pair in re.findall(r"([\d.]+) to ([\d.]+)%", text) for end in pair]
    return (*shares, *ends, *times, *amounts_in(text))
