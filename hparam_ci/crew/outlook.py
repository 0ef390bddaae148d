"""Facts of where to search: what was tried, what moves the objective, and the next search space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from hparam_ci.crew.facts import TEXT, Amount, Fact, Json, short
from hparam_ci.inspection import BucketTable, Dimension, Drivers, Exclusion, Importance, Value
from hparam_ci.report import outlook as told


def tried(table: BucketTable, index: int) -> Fact:
    """The range in which an ordered hyperparameter was tried."""
    name = short(table.param)
    lows = [bucket.low for bucket in table.buckets if bucket.low is not None]
    highs = [bucket.high for bucket in table.buckets if bucket.high is not None]
    ends = (min(lows), max(highs)) if lows and highs else ()
    return Fact(
        id="P",
        kind="range",
        sweep=index,
        data={"hyperparameter": name, "tried": told.span(*ends) if ends else "nothing"},
        amounts=tuple(Amount(end, "value", name) for end in ends),
        words=(name,),
    )


def importance(one: Importance, drivers: Drivers, index: int) -> Fact:
    """How much one hyperparameter decides which trials are best: an association."""
    name = short(one.param)
    data: dict[str, Json] = {"hyperparameter": name, "moves": short(drivers.metric)}
    if one.noise:
        data["importance"] = "no more than chance"
        return Fact(
            id="M",
            kind="importance",
            sweep=index,
            data=data,
            words=(name, short(drivers.metric), "importance important matters noise"),
            outcome="noise",
        )
    data |= {"importance": told.importance(one), "best trials": short(told.best(one))}
    return Fact(
        id="M",
        kind="importance",
        sweep=index,
        data=data,
        amounts=(
            Amount(100 * one.share, "%", name),
            Amount(100 * one.low, "bound"),
            Amount(100 * one.high, "bound"),
            *(Amount(end, "value", name) for end in one.best or ()),
        ),
        words=(name, short(drivers.metric), "importance important matters intermediate"),
        levels=_texts(one.levels),
        rank=one.share,
        outcome=one.direction,
    )


def dimension(one: Dimension, index: int) -> Fact:
    """What the next search does with one hyperparameter."""
    name = short(one.param)
    return Fact(
        id="N",
        kind="space",
        sweep=index,
        data={
            "hyperparameter": name,
            "searched": short(told.searched(one), TEXT),
            "next": short(told.proposed(one), TEXT),
            "change": one.change,
            "because": [short(reason, TEXT) for reason in one.reasons],
        },
        amounts=tuple(_ends(one, name)),
        words=(name,),
        levels=_texts(one.choices),
        dropped=_texts(value for value in one.searched if one.kind == "choice" and value not in one.choices),
        outcome=one.change,
    )


def exclusion(one: Exclusion, cause: Fact, index: int) -> Fact:
    """A region that the next search leaves out, on the word of a cause."""
    return replace(
        cause,
        id="N",
        kind="space",
        sweep=index,
        data={"left out of the next search": short(one.text, TEXT), "because": f"{one.issue} ({cause.id})"},
        outcome=cause.outcome,
    )


def _texts(values: Iterable[Value]) -> tuple[str, ...]:
    return tuple(short(told.values([value])) for value in values)


def _ends(one: Dimension, name: str) -> Iterator[Amount]:
    """The ends of the next range and of the searched one, low before high."""
    if one.kind == "choice":
        return
    yield from (Amount(end, "value", name) for end in (one.low, one.high) if end is not None)
    yield from (Amount(float(end), "searched", name) for end in one.searched if isinstance(end, int | float))
