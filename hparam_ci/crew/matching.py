"""Which of a fact's numbers a written number can be, by value, unit and place in the sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hparam_ci.crew.facts import Amount, Fact, Pair, Role, measures_in
from hparam_ci.crew.language import HIGH, LOW
from hparam_ci.crew.quantities import Number, hours
from hparam_ci.crew.text import Token, plain
from hparam_ci.crew.values import close

_SLACK = 0.03  # how far "about" reaches, relative


@dataclass(frozen=True, slots=True)
class Match:
    """What a number can be in a fact: the role of its pair, and whether it is the affected trials or all of them."""

    role: Role | str
    part: str
    pair: Pair | None = None


def matches(number: Number, fact: Fact, tokens: Sequence[Token]) -> list[Match]:
    """Everything in the fact that the number can be; nothing where it is made up."""
    alone = number.of is None and number.unit != "%"
    if alone and any(_near(number.token, one) for one in _in_all(fact)) and not _is_whole(number, tokens):
        return []
    return _counted(number, fact, tokens) or _written(number, fact, tokens)


def _written(number: Number, fact: Fact, tokens: Sequence[Token]) -> list[Match]:
    """`150 times`, `largest 10%`, `best 21`: the number beside the same word in the fact's own text."""
    if number.of or number.bound or number.unit not in ("", "%", "times", "trials"):
        return []
    if fact.kind not in ("finding", "issue") and not (fact.kind == "advice" and not fact.conditions):
        return []
    text = re.escape(number.token.text)
    before, behind = tokens[max(0, number.at - 1) : number.at], tokens[number.at + 1 : number.at + 2]
    forms = [rf"\b{re.escape(one.text)} {text}(?![\d.])" for one in before if one.text in _RANKING]
    forms += [rf"(?<![\d.]){text} ?{re.escape(one.text)}(?!\w)" for one in behind if one.text in ("%", "times")]
    forms += [rf"\bgap of {text}(?!\.?\d)" for one in behind if one.text in _APART]
    message = plain(" ".join(fact.words))
    return [Match("amount", "written")] if any(re.search(form, message) for form in forms) else []


_RANKING = frozenset("best largest smallest top".split())
_APART = frozenset("below above lower higher under over apart".split())


def _counted(number: Number, fact: Fact, tokens: Sequence[Token]) -> list[Match]:
    if number.unit == "trial":
        return [Match("trial", "id")] if number.token.text in fact.trials else []
    if number.unit == "hours":
        return _times(number, fact, hours(number, tokens), tokens[number.at - 1].text if number.at else "")
    if number.of is not None and fact.kind in ("finding", "issue"):
        part, whole = (_amounts(replace(number, token=token), fact, "", 0.0) for token in (number.token, number.of))
        return [*part, *whole] if part and whole and number.token.value <= number.of.value else []
    if number.bound and number.unit not in ("%", "times", "p"):
        return _bounded(number, fact)
    if number.of is not None:
        return _whole(number, fact)
    return _alone(number, fact, tokens)


def _alone(number: Number, fact: Fact, tokens: Sequence[Token]) -> list[Match]:
    """The same for a number without another that it is out of."""
    slack = _SLACK if number.about else 0.0
    if number.unit == "%":
        return _shares(number, fact, tokens, slack)
    if number.unit == "points":
        return _amounts(number, fact, "points", 0.0) + _bounds(number, fact, tokens)
    if number.unit == "times":
        return _amounts(number, fact, "times", 0.1 if number.about else 0.0)
    if number.unit in ("issues", "sweeps", "kinds", "causes", "conditions"):
        return _amounts(number, fact, number.unit, slack)
    if number.unit == "p":
        return _p_value(number, fact, tokens)
    if number.at and tokens[number.at - 1].text == "best":  # `the best 19 trials`, not all that they are the best of
        return [Match(pair.role, "a", pair) for pair in fact.pairs if close(number.token, pair.a)]
    counts = [
        Match(pair.role, part, pair)
        for pair in fact.pairs
        for part, value in (("a", pair.a), ("n", pair.n), ("rest", pair.n - pair.a))
        if pair.role != "time" and close(number.token, value, slack)
    ]
    behind = {token.text for token in tokens[number.until + 1 : number.until + 2]}
    if fact.kind == "undetermined" and behind & {"more", "further", "additional"}:  # the trials that are needed
        return [Match("amount", "trials") for one in fact.amounts[1:] if close(number.token, one.value)]
    aimed = fact.kind == "advice" and any(number.token.value in (pair.a, pair.n) for pair in fact.pairs)
    bare = [] if aimed or _counts_pairs(fact) else _amounts(number, fact, "", slack)
    return counts + _amounts(number, fact, "trials", slack) + bare


def _counts_pairs(fact: Fact) -> bool:
    """Whether the numbers in the fact's text are those of its pairs, or a share of the searched space."""
    return fact.kind == "advice" and bool(fact.conditions)


def _shares(number: Number, fact: Fact, tokens: Sequence[Token], slack: float) -> list[Match]:
    """The shares that a percentage is, or what is left of them where trials are said to be fine."""
    number = replace(number, bound=0) if fact.kind == "limit" else number  # what follows `above` is the limit
    if {"interval", "confidence"} & {token.text for token in tokens} and _range_of(number, tokens):
        return _bounds(number, fact, tokens)
    given_up = {"give", "gives", "giving"} & {token.text for token in tokens[max(0, number.at - 4) : number.at]}
    behind = tokens[number.until + 1 : number.until + 6]
    base = next((token.text for token in behind if token.text not in _OF_ALL), "")
    if given_up or base in ("space", "importance"):
        return _amounts(number, fact, "%", 0.0) + _bounds(number, fact, tokens)
    own = [] if _counts_pairs(fact) else _amounts(number, fact, "%", 0.0)
    if base in ("hours", "compute") or (base == "time" and _LOST & {token.text for token in tokens}):
        spent = [pair for pair in fact.pairs if pair.role == "time" and number.fits(100 * pair.a / pair.n, slack / 3)]
        return [Match("time", "share", pair) for pair in spent] + own
    timed = bool({token.text for token in behind} & {"compute", "time", "hours", "minutes", "seconds", "budget"})
    pairs = [pair for pair in fact.pairs if pair.n and (pair.role != "time" or timed)]
    found = [pair for pair in pairs if number.fits(100 * pair.a / pair.n, slack / 3)]
    if number.bound and not number.base:
        roles = {pair.role for pair in pairs} & {"inside", "explains"}
        if {pair.role for pair in found} & {"inside", "explains"} not in (set(), roles):
            return []  # it is true of one share, and it is open which is meant
    others = [p for p in pairs if not found and not number.bound and close(number.token, 100 - 100 * p.a / p.n)]
    shares = [Match(p.role, "share", p) for p in found] + [Match(p.role, "other", p) for p in others]
    return shares + own + _bounds(number, fact, tokens)


_OF_ALL = frozenset("of the all its this that total whole entire searched search tried explored".split())


_LOST = frozenset("lost wasted spent useful".split())


def _bounded(number: Number, fact: Fact) -> list[Match]:
    """The affected trials that a count in `more than 25 of 31` is passed by, and not by far."""
    return [
        Match(pair.role, "pair" if number.of else "a", pair)
        for pair in fact.pairs
        if pair.role != "time"
        and (number.of is None or number.of.value == pair.n)
        and 0 < (pair.a - number.token.value) * number.bound <= max(1.0, 0.15 * pair.a)
    ]


def _whole(number: Number, fact: Fact) -> list[Match]:
    """The counts that `a of n` is; in words, `nine out of ten` is a share as well."""
    assert number.of is not None
    pairs = [pair for pair in fact.pairs if pair.role != "time" and pair.n]
    exact = [pair for pair in pairs if (number.token.value, number.of.value) == (pair.a, pair.n)]
    others = [pair for pair in pairs if (number.token.value, number.of.value) == (pair.n - pair.a, pair.n)]
    if not exact and others:
        return [Match(pair.role, "other", pair) for pair in others]
    rounded = number.of.value == 10 or (number.of.value in (3, 4, 5) and not number.token.text.isdigit())
    if exact or not rounded or any(pair.n <= 20 for pair in pairs):
        return [Match(pair.role, "pair", pair) for pair in exact]
    share = 100 * number.token.value / number.of.value
    return [Match(pair.role, "share", pair) for pair in pairs if abs(100 * pair.a / pair.n - share) <= 3.5]


def _amounts(number: Number, fact: Fact, unit: str, slack: float) -> list[Match]:
    return [
        Match("amount", amount.of or unit)
        for amount in fact.amounts
        if amount.unit == unit
        and (
            number.fits(amount.value, slack)
            if unit == "times" or (unit == "%" and number.bound)
            else close(number.token, amount.value, slack)
        )
    ]


def _bounds(number: Number, fact: Fact, tokens: Sequence[Token]) -> list[Match]:
    """The ends of a confidence interval, where the sentence speaks of one."""
    near = {token.text for token in tokens[max(0, number.at - 6) : number.until + 6]}
    bounds = [amount.value for amount in fact.amounts if amount.unit == "bound"]  # low, high, low, high ...
    if ends := _range_of(number, tokens):
        intervals = zip(bounds[::2], bounds[1::2], strict=True)
        found = sum(close(ends[0], low) and close(ends[1], high) for low, high in intervals)
    else:
        found = sum(close(number.token, bound) for bound in bounds) if "bound" in near else 0
    return [Match("amount", "bound")] * found


def _range_of(number: Number, tokens: Sequence[Token]) -> tuple[Token, Token] | None:
    """Both ends of the range that the number is in, such as `83 to 100%`."""
    behind, before = list(tokens[number.until + 1 : number.until + 3]), list(tokens[max(0, number.at - 3) : number.at])
    if len(behind) == 2 and behind[0].text in ("to", "and") and behind[1].kind == "number":
        return (number.token, behind[1]) if number.token.value <= behind[1].value else None
    before = [token for token in before if token.text != "%"]
    linked = len(before) > 1 and before[-1].text in ("to", "and") and before[-2].kind == "number"
    return (before[-2], number.token) if linked and before[-2].value <= number.token.value else None


def _times(number: Number, fact: Fact, unit: float, before: str) -> list[Match]:
    """The time lost, or all of it where `of` or `the` stands before."""
    found = []
    whole_too = number.of is None and before in ("of", "the", "all", "total", "in", "from", "their", "its")
    for pair in fact.pairs:
        if pair.role != "time":
            continue
        for value in (pair.a, pair.n) if whole_too else (pair.a,):
            whole = number.of is None or _near(number.of, pair.n / unit)
            beyond = not number.bound or (value / unit - number.token.value) * number.bound > 0
            if whole and beyond and _near(number.token, value / unit):
                found.append(Match("time", "a", pair))
    own = [amount.value / unit for amount in fact.amounts if amount.unit == "hours"]
    own += [value / unit for value in _in_all(fact)]
    if number.of is not None and not (fact.kind == "finding" and any(_near(number.of, value) for value in own)):
        return found
    passed = [value for value in own if not number.bound or (value - number.token.value) * number.bound > 0]
    return found + [Match("amount", "hours") for value in passed if _near(number.token, value)]


def _in_all(fact: Fact) -> list[float]:
    """The time of which a remark tells the parts, in its own unit and in hours."""
    lead = re.match(r"of [\d.]+ (?:seconds|minutes|hours)", str(fact.data.get("what", "")))
    return [amount.value for amount in measures_in(lead[0])] if lead else []


def _is_whole(number: Number, tokens: Sequence[Token]) -> bool:
    """`of the 25.2 hours`, and `25.2 hours went into sick trials`: not the part of one issue."""
    before = [token.text for token in tokens[max(0, number.at - 3) : number.at]]
    return "of" in before[-2:] or not any(token.kind == "issue" for token in tokens)


def _near(token: Token, value: float) -> bool:
    """Times are shown with three digits, so a number with fewer is right as well."""
    return close(token, value) or close(token, float(f"{value:.3g}"))


def _p_value(number: Number, fact: Fact, tokens: Sequence[Token]) -> list[Match]:
    before = [token.text for token in tokens[max(0, number.at - 2) : number.at]]
    sign = before[0] if before[-1:] == ["than"] else before[-1]
    written = number.token
    return [
        Match("amount", "p")
        for amount in fact.amounts
        if amount.unit == "p"
        and (
            amount.value < written.value
            if sign in LOW
            else amount.value > written.value
            if sign in HIGH
            else close(written, amount.value)
        )
    ]


def amount_of(fact: Fact, unit: str) -> Amount | None:
    """The fact's first amount of a unit."""
    return next((amount for amount in fact.amounts if amount.unit == unit), None)
