"""What a sentence says of a hyperparameter: which of its values, and whether those are the sick or the healthy ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import (
    HIGH,
    LOW,
    OTHER,
    SWITCHING_OFF,
    WITHOUT,
)
from hparam_ci.crew.text import Token
from hparam_ci.inspection import Condition

Relation = Literal["high", "low", "equal", "other", "missing", "set", "between", "outside", "named"]
Mood = Literal["avoid", "keep", "worse", "better", "none"]

_REACH = 7
_LEFT = 3


@dataclass(frozen=True, slots=True)
class Mention:
    """One hyperparameter in a sentence: `at` is the token, `numbers` the tokens of its values.

    `negated` where it stands after `without`, as in `without lr > 0.1`.
    """

    at: int
    param: str
    relation: Relation
    numbers: tuple[int, ...] = ()
    level: str = ""
    negated: bool = False


def mentions(tokens: Sequence[Token], fact: Fact) -> list[Mention]:
    """Every mention of the fact's hyperparameters and categories, with its relation."""
    found = []
    taken: set[int] = set()
    for at, token in enumerate(tokens):
        if token.kind == "param":
            mention = _of_param(tokens, at, fact)
            taken.update(_levels_after(tokens, at))
            found.append(mention)
    for at, token in enumerate(tokens):
        if token.kind == "level" and at not in taken:
            param = next((c.param for c in fact.conditions if token.name in texts_of(c)), "")
            if param:
                other = any(t.text in OTHER | WITHOUT | {"not"} for t in tokens[max(0, at - 2) : at])
                found.append(Mention(at, param, "other" if other else "equal", level=token.name))
    found = [_joined(tokens, mention, found) for mention in found]
    return found + _bare_cuts(tokens, fact, {at for mention in found for at in mention.numbers})


def _joined(tokens: Sequence[Token], mention: Mention, found: Sequence[Mention]) -> Mention:
    """`without a = 1 and b = 2` denies both."""
    before = [other for other in found if other.negated and other.at < mention.at]
    between = tokens[before[-1].at : mention.at] if before else []
    linked = bool(between) and between[-1].text == "and" and len(between) <= 5
    return replace(mention, negated=True) if linked and mention.relation != "named" else mention


def _bare_cuts(tokens: Sequence[Token], fact: Fact, taken: set[int]) -> list[Mention]:
    """`above 0.1` whose hyperparameter stands further off: the one that has this threshold."""
    cuts = [condition for condition in fact.conditions if condition.op in ("<=", ">")]
    found = []
    for at, token in enumerate(tokens):
        if token.kind != "number" or at in taken or at == 0 or (tokens[at + 1 : at + 2] and tokens[at + 1].text == "%"):
            continue
        relation = _side([tokens[at - 1].text]) or (
            _side([tokens[at - 2].text]) if tokens[at - 1].text == "than" else None
        )
        cut = next((condition for condition in cuts if is_cut(token, condition)), None)
        if relation and cut and not _is_count(tokens, at):
            low = tokens[max(0, at - 2)].text == "or" or tokens[at - 1].text in ("below", "under", "<", "<=")
            found.append(Mention(at, cut.param, "low" if low and relation == "low" else relation, (at,)))
    return found


def _of_param(tokens: Sequence[Token], at: int, fact: Fact) -> Mention:
    name = tokens[at].name
    left = _left(tokens, at)
    right = _until_next(tokens, at + 1)
    levels = [token.name for token in right if token.kind == "level"]
    first = next((i for i, token in enumerate(right) if token.kind == "number"), None)
    before = [token.text for token in (right if first is None else right[:first])]
    after_number = [token.text for token in right[(first or 0) + 1 :]] if first is not None else []
    is_value = first is not None and _joins(right[:first]) and not _is_count(right, first)
    numbers = tuple(at + 1 + i for i in ([first] if is_value and first is not None else []))
    if is_value and first is not None:
        second = next((i for i in range(first + 1, min(first + 3, len(right))) if right[i].kind == "number"), None)
        if second is not None and {"to", "and"} & {token.text for token in right[first + 1 : second]}:
            ends = (*numbers, at + 1 + second)
            kind: Relation = "outside" if "outside" in before else "between"
            if kind == "outside" or {"between", "from"} & set(before):
                return Mention(at, name, kind, ends)
    negated = left[-1:] in (["without"], ["no"]) and bool(is_value or levels)
    relation = None if negated else _unset(left, before)
    if relation is None:
        relation = _direction(left, before if is_value or first is None else before[:3], after_number)
    if relation is None and levels:
        other = OTHER & set(before) or "not" in before
        return Mention(at, name, "other" if other else "equal", level=levels[0], negated=negated)
    if relation is None and is_value:
        relation = "other" if OTHER & set(before) else "equal"
    if relation is None and {"different", "another", "other"} & set(left):
        relation = "other"
    level = levels[0] if levels else ""
    return Mention(at, name, relation or "named", numbers if is_value else (), level, negated)


_BREAKS = frozenset("and or with where when under for if while than , ; : ( )".split())


def _left(tokens: Sequence[Token], at: int) -> list[str]:
    """The few words that belong to the mention and stand before it."""
    found: list[str] = []
    for token in reversed(tokens[max(0, at - _LEFT) : at]):
        if token.kind not in ("word", "sign") or token.text in _BREAKS:
            if token.text in ("without", "with") and not found:
                found.append(token.text)
            break
        found.append(token.text)
    return found[::-1]


def _until_next(tokens: Sequence[Token], start: int) -> list[Token]:
    """The tokens that can belong to the mention before `start`."""
    found: list[Token] = []
    for at, token in enumerate(tokens[start : start + _REACH], start):
        if token.text == "(" and not found and tokens[at + 1 : at + 2] and tokens[at + 1].text in HIGH | LOW | {"="}:
            found.append(token)
            continue
        if token.kind in ("param", "issue") or token.text in (";", ",", ":", "(", ")", "and", "while", "with"):
            if token.text == "and" and found and found[-1].kind == "number":
                found.append(token)
                continue
            break
        found.append(token)
    return found


def _levels_after(tokens: Sequence[Token], at: int) -> set[int]:
    reach = len(_until_next(tokens, at + 1))
    return {i for i in range(at + 1, at + 1 + reach) if tokens[i].kind == "level"}


_JOINING = frozenset(
    "of is was at to equals equal set values value threshold the than or a between from outside in range = cutoff "
    "tried sampled searched explored ran covers near around about ( above below over under exceeding exceeds "
    "beyond up no most least not other roughly approximately are were beneath exceed exceeded higher lower "
    "greater larger smaller less more > < >= <= != ~ -".split()
)


def _joins(between: Sequence[Token]) -> bool:
    """Whether what stands between a name and a number makes the number its value."""
    return all(token.kind == "level" or token.text in _JOINING for token in between)


def _is_count(right: Sequence[Token], first: int) -> bool:
    following = [token.text for token in right[first + 1 : first + 3]]
    if following[:1] in (["of"], ["/"], ["%"], ["out"]):
        return True
    return bool({"trials", "runs", "times", "points", "cases"} & set(following[:1]))


def _unset(left: list[str], before: list[str]) -> Relation | None:
    words = set(before)
    if {"unset", "missing", "blank", "disabled"} & words or ("not" in words and "set" in words):
        return "missing"
    if "off" in before[:2] or SWITCHING_OFF & set(left[-2:]):
        return "missing"
    if (
        "without" in left[-2:]
        or {"lack", "lacks", "lacked", "lacking"} & set(left)
        or left[-1:] == ["no"]
        or {"unset", "missing"} & set(left[-2:])
    ):
        return "missing"
    is_set = "set" in before[:3] and before[before.index("set") + 1 :][:1] not in (["to"], ["at"])
    if is_set or ({"set", "setting", "enable", "enabling"} & set(left[-2:]) and "to" not in before[:4]):
        return "set"
    if "enabled" in before[:3]:
        return "set"
    return None


def _direction(left: list[str], before: list[str], after: list[str]) -> Relation | None:
    """High or low, from the words that lead to the value, else from those before the name or after the value."""
    joined = " ".join(before)
    for phrase, relation in _PHRASES:
        if phrase in joined:
            return relation
    if after[:2] in (["or", "more"], ["or", "above"], ["or", "higher"]):
        return "high"
    if {"cap", "capping", "capped", "limit", "limiting", "restrict"} & set(left) and before[:1] in (["at"], ["to"]):
        return "low"
    side = _side(before)
    if side is None and after[:2] in (["or", "more"], ["or", "above"], ["or", "higher"], ["or", "larger"]):
        side = "high"
    if side is None and after[:2] in (["or", "less"], ["or", "below"], ["or", "lower"], ["or", "smaller"]):
        side = "low"
    return side or _side(list(reversed(left)))


_PHRASES: tuple[tuple[str, Relation], ...] = (
    ("not above", "low"),
    ("not over", "low"),
    ("no more than", "low"),
    ("no higher than", "low"),
    ("no larger than", "low"),
    ("at most", "low"),
    ("up to", "low"),
    ("not below", "high"),
    ("no less than", "high"),
    ("at least", "high"),
)


def _side(texts: Sequence[str]) -> Relation | None:
    for text in texts:
        if text in HIGH:
            return "high"
        if text in LOW:
            return "low"
    return None


def texts_of(condition: Condition) -> tuple[str, ...]:
    """The condition's values as texts: categories as they are, numbers as they would print."""
    value = condition.value
    values = value if isinstance(value, tuple) else (value,)
    return tuple(item if isinstance(item, str) else f"{item:.6g}" for item in values if item is not None)


def close(number: Token, value: float, slack: float = 0.0) -> bool:
    """Whether a number as it is written is `value`, rounded to the digits that are written."""
    tolerance = max(number.step * (1 + 1e-9), abs(value) * max(slack, 1e-9))
    return abs(number.value - value) <= tolerance


def is_cut(number: Token, condition: Condition) -> bool:
    """The threshold itself, rounded as written, or any value between the two trials that it lies between."""
    value = condition.value
    if isinstance(value, int | float) and close(number, float(value)):
        return True
    low, high = condition.low, condition.high
    return low is not None and high is not None and low <= number.value < high
