"""The hyperparameters and categories that a clause names, each with what it says of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import BOUNDS, HIGH, LOW, LYING, OTHER, RAISING, TRIAL_NOUNS, WITHOUT
from hparam_ci.crew.relations import PHRASES, STATES, Relation, direction, is_left_unused, set_or_not, side_named
from hparam_ci.crew.text import Token
from hparam_ci.crew.values import close, is_cut, texts_of
from hparam_ci.inspection import Condition

_REACH = 9


_LEFT = 6


@dataclass(frozen=True, slots=True)
class Mention:
    """One hyperparameter in a sentence: `at` is the token, `numbers` the tokens of its values.

    `negated` where it stands after `without`, as in `without lr > 0.1`; `given` where a bare name stands after `with`.
    """

    at: int
    param: str
    relation: Relation
    numbers: tuple[int, ...] = ()
    level: str = ""
    negated: bool = False
    given: bool = False


def mentions(tokens: Sequence[Token], fact: Fact) -> list[Mention]:
    """Every mention of the fact's hyperparameters and categories, with its relation."""
    found = []
    taken: set[int] = set()
    for at, token in enumerate(tokens):
        if token.kind == "param":
            owners = {text: c.param for c in fact.conditions for text in texts_of(c)}
            strange = {i for i in _levels_after(tokens, at) if owners.get(tokens[i].name, token.name) != token.name}
            mention = _of_param(tokens[: min(strange, default=len(tokens))], at)
            taken.update(i for i in _levels_after(tokens, at) if i not in strange)
            found.append(mention)
    for at, token in enumerate(tokens):
        if token.kind == "level" and at not in taken:
            param = next((c.param for c in fact.conditions if token.name in texts_of(c)), "")
            if param:
                other = any(t.text in OTHER | WITHOUT for t in tokens[max(0, at - 2) : at])
                other = other or (at > 0 and tokens[at - 1].text == "not")
                other = other or _is_not(tokens[at + 1 : at + 3])
                found.append(Mention(at, param, "other" if other else "equal", level=token.name))
    found = [_joined(tokens, mention, found) for mention in found]
    unless = next((at for at, token in enumerate(tokens) if token.text == "unless"), len(tokens))
    found = [replace(one, negated=not one.negated) if one.at > unless else one for one in found]
    taken = {at for mention in found for at in mention.numbers}
    return found + _bare_cuts(tokens, fact, taken, found) + _bare_ranges(tokens, fact, taken)


def _bare_ranges(tokens: Sequence[Token], fact: Fact, taken: set[int]) -> list[Mention]:
    """`from 0.001 to 0.01` whose hyperparameter stands further off: the one whose range the fact is about."""
    owners = {amount.of for amount in fact.amounts if amount.unit in ("value", "searched")}
    intervals = {condition.param for condition in fact.conditions if condition.op in ("between", "outside")}
    owners = intervals if fact.conditions else owners
    if len(owners) != 1:
        return []
    found = []
    for at in range(len(tokens) - 2):
        ends = (at, at + 2)
        linked = tokens[at + 1].text in ("to", "and") and all(tokens[end].kind == "number" for end in ends)
        opened = bool(at) and (tokens[at + 1].text == "to" or tokens[at - 1].text in ("between", "outside"))
        percent = tokens[at + 3 : at + 4] != [] and tokens[at + 3].text == "%"
        if linked and opened and not percent and not set(ends) & taken:
            outside = "outside" in {token.text for token in tokens[max(0, at - 4) : at]}
            found.append(Mention(at, min(owners), "outside" if outside else "between", ends))
    return found


def _joined(tokens: Sequence[Token], mention: Mention, found: Sequence[Mention]) -> Mention:
    """`without a = 1 and b = 2` denies both."""
    before = [other for other in found if other.negated and other.at < mention.at]
    between = tokens[before[-1].at : mention.at] if before else []
    linked = bool(between) and between[-1].text in ("and", "with") and len(between) <= 5
    return replace(mention, negated=True) if linked and mention.relation != "named" else mention


def _is_value(token: Token, condition: Condition) -> bool:
    return isinstance(condition.value, int | float) and condition.value > 1 and close(token, float(condition.value))


def _bare_cuts(tokens: Sequence[Token], fact: Fact, taken: set[int], known: Sequence[Mention] = ()) -> list[Mention]:
    """`above 0.1` whose hyperparameter stands further off: the one that has this threshold."""
    cuts = [condition for condition in fact.conditions if condition.op in ("<=", ">")]
    found = []
    for at, token in enumerate(tokens):
        if token.kind != "number" or at in taken or at == 0 or (tokens[at + 1 : at + 2] and tokens[at + 1].text == "%"):
            continue
        same = next((c for c in fact.conditions if c.op == "==" and _is_value(token, c)), None)
        if same and not _is_count(tokens, at) and all(one.param != same.param or not one.numbers for one in known):
            found.append(Mention(at, same.param, "equal", (at,)))
            continue
        lead = _without_bounds(tokens[:at])
        than = lead[-1:] == ["than"]
        relation = side_named(lead[-1 - than : len(lead) - than])
        if relation and _is_denied_bound(lead):
            relation = "low" if relation == "high" else "high"
        cut = next((condition for condition in cuts if is_cut(token, condition)), None)
        if relation and cut and not _is_count(tokens, at):
            found.append(Mention(at, cut.param, relation, (at,)))
    return found


def _without_bounds(before: Sequence[Token]) -> list[str]:
    """The words before a number, but for `the threshold of`."""
    texts = [token.text for token in before]
    while texts and texts[-1] in BOUNDS:
        texts.pop()
    return texts


def _is_denied_bound(before: Sequence[str]) -> bool:
    """`did not exceed 0.1`, `could not go above 0.1`, and not `did not diverge above 0.1`."""
    words = [text for text in before[-6:] if text not in LYING]
    if words[-1:] == ["than"]:
        words = words[:-1]
    return words[-2:-1] in (["not"], ["never"], ["cannot"])


@dataclass(frozen=True, slots=True)
class _Value:
    """The numbers of a mention, the words that lead to them, and those that follow."""

    numbers: tuple[int, ...]
    lead: list[str]
    after: list[str]


def _of_param(tokens: Sequence[Token], at: int) -> Mention:
    name = tokens[at].name
    left = _left(tokens, at)
    right = _until_next(tokens, at + 1)
    value = _value_after(tokens, at, right) or _value_before(tokens, at)
    if value and len(value.numbers) == 2:
        outside = "outside" in value.lead or _is_denied(left, "outside")
        without = _is_denied(left, "without", "no")
        return Mention(at, name, "outside" if outside else "between", value.numbers, negated=without)
    levels = [token.name for token in right if token.kind == "level"]
    lead = value.lead if value else _until_purpose([token.text for token in _words_until_number(right)])
    described = bool(left) and left[-1] in _ADJECTIVES and _is_denied(left[:-1], "without")
    lacked = _is_denied(left, "without", "no", "outside") or is_left_unused(left)
    negated = (lacked and bool(value or levels)) or described
    relation = None if negated else set_or_not(left, lead, bare=not value and not levels)
    if relation in ("missing", "set") and _is_denied(left, "without") and STATES & set(lead[:3]):
        negated = True
    if relation is None:
        relation = direction(left, lead if value else _described(lead), value.after if value else [])
        relation = relation or (None if value or levels else _side_before(tokens, at))
    if relation is None and levels:
        first = next(at for at, token in enumerate(right) if token.kind == "level")
        leading = {token.text for token in right[:first]}
        other = bool((OTHER | {"not", "never"}) & leading) or _is_not(right[first + 1 : first + 3])
        return Mention(at, name, "other" if other else "equal", level=levels[0], negated=negated)
    if value and relation in ("high", "low") and _is_torn(relation, left, _side_before(tokens, at)):
        relation = "torn"
    if relation in ("high", "low") and value and "not" in lead and "or" in value.after[:2]:
        negated = not negated  # `is not 120 or fewer`
    if relation is None and value:
        relation = "other" if (OTHER | {"not", "never"}) & set(lead) else "equal"
    if relation is None and {"different", "another", "other"} & set(left[-3:]):
        relation = "other"
    used = left[-1:] in (["with"], ["using"], ["enabling"], ["adding"]) or _is_used(lead)
    given = relation is None and used
    numbers = value.numbers if value else ()
    return Mention(at, name, relation or "named", numbers, levels[0] if levels else "", negated, given)


def _is_used(lead: list[str]) -> bool:
    """`clipping was used`, `should be used`, `has been used`."""
    return any(pair[1] == "used" and pair[0] in _BEING for pair in pairwise(lead[:3]))


_BEING = frozenset("is are was were be been being".split())


def _described(lead: list[str]) -> list[str]:
    """What is said of the values, and not `reduces` and its like, which are said of what follows."""
    said = [text for at, text in enumerate(lead) if text not in _ACTING or lead[at - 1 : at] == ["be"]]
    return [text for text in said if text not in _LEADING][:3]


_LEADING = frozenset("be set kept to a an too very".split())
_ACTING = frozenset("reduce reduces increase increases raise raises decrease decreases cut boost".split())


def _is_not(behind: Sequence[Token]) -> bool:
    """`adamw is not`, `adamw was not`."""
    return [token.text for token in behind] in (["is", "not"], ["are", "not"], ["was", "not"])


def _is_torn(relation: Relation, left: list[str], before: Relation | None) -> bool:
    """`small lr above 0.1`, `low values for lr above 0.1`, `raise lr to at most 0.1`."""
    said = side_named(_adjective(left)) or before
    return said not in (None, relation) or (relation == "low" and bool(RAISING & set(left[-2:])))


def _adjective(left: list[str]) -> list[str]:
    """The adjective before a name, as in `small values of lr`."""
    words = [text for text in left if text not in _VALUES and text not in ("of", "the", "a")]
    return [word for word in words[-1:] if word in _ADJECTIVES]


_VALUES = frozenset("value values setting settings".split())


def _side_before(tokens: Sequence[Token], at: int) -> Relation | None:
    """`low values for lr`, `higher values should be used for lr`."""
    place = at - 2 if at and tokens[at - 1].text == "the" else at - 1
    if place < 0 or tokens[place].text != "for":
        return None
    for before, token in reversed(list(pairwise(tokens[:place]))):
        if token.kind not in ("word", "issue"):
            return None
        if token.text in _VALUES:
            return side_named([before.text])
    return None


_ADJECTIVES = frozenset("high higher low lower large larger small smaller big bigger tiny".split())


def _is_denied(left: list[str], *words: str) -> bool:
    """Whether `without` and its like lead to the mention, as in `without this combination of lr > 0.1 and adamw`."""
    found = next((text for text in reversed(left) if text not in _REGION), "")
    return found in words


_REGION = frozenset(
    "this that these the of a combination region pair pairing corner band zone interval range setting settings "
    "area both".split()
)


def _until_purpose(texts: list[str]) -> list[str]:
    """Without `to cut overfitting`, which says what for, and not without `to a low value`."""
    purposes = (at for at, text in enumerate(texts) if text == "to" and not _is_to_values(texts, at))
    return texts[: next(purposes, len(texts))]


def _is_to_values(texts: list[str], at: int) -> bool:
    """`set to a low value`, and not `leads to a low rate`."""
    rest = [text for text in texts[at + 1 :] if text not in BOUNDS - {"value"}]
    led = texts[max(0, at - 1)] in LYING | {"to"}
    return led and rest[:1] != [] and rest[0] in _ADJECTIVES and not _VALUES.isdisjoint(rest[1:2])


def _words_until_number(right: Sequence[Token]) -> Sequence[Token]:
    first = next((i for i, token in enumerate(right) if token.kind == "number"), len(right))
    return right[:first]


def _value_after(tokens: Sequence[Token], at: int, right: Sequence[Token]) -> _Value | None:
    """`lr > 0.1`, `lr of 0.1 or more`, `lr between 0.1 and 0.2`."""
    lead = _words_until_number(right)
    first = len(lead)
    if first == len(right) or not _joins(lead) or _is_count(right, first):
        return None
    texts = [token.text for token in lead]
    second = next((i for i in range(first + 1, min(first + 3, len(right))) if right[i].kind == "number"), None)
    if second is not None:
        link = [token.text for token in right[first + 1 : second]]
        ranged = {"between", "from", "outside"} & set(texts)
        if (ranged and {"to", "and"} & set(link)) or (link == ["to"] and (not texts or texts[-1] in _RANGING)):
            return _Value((at + 1 + first, at + 1 + second), texts, [])
    return _Value((at + 1 + first,), texts, [token.text for token in right[first + 1 :]])


_RANGING = frozenset("band region zone interval window to range within in of over across : =".split())


def _value_before(tokens: Sequence[Token], at: int) -> _Value | None:
    """`at most 120 warmup_steps`, `120 warmup_steps or fewer`, `between 11 and 14 layers`."""
    number = at - 1
    if number < 0 or tokens[number].kind != "number" or (number and tokens[number - 1].text in ("of", "/")):
        return None
    before = [token.text for token in tokens[max(0, number - 3) : number]]
    after = [token.text for token in tokens[at + 1 : at + 4]]
    if before[-1:] in (["and"], ["to"]) and number > 1 and tokens[number - 2].kind == "number":
        opens = tokens[number - 3].text if number > 2 else ""
        return _Value((number - 2, number), [opens], []) if opens in ("between", "from", "outside") else None
    lead = [text for text in before if text in _JOINING]
    if side_named(lead) or any(phrase in " ".join(before) for phrase, _ in PHRASES) or after[:1] == ["or"]:
        return _Value((number,), lead, after)
    return None


_BREAKS = frozenset("and or with where when under for if while than , ; : ( )".split())


def _left(tokens: Sequence[Token], at: int) -> list[str]:
    """The few words that belong to the mention and stand before it."""
    found: list[str] = []
    for place in range(at - 1, max(0, at - _LEFT) - 1, -1):
        token = tokens[place]
        if token.kind not in ("word", "sign") or token.text in _BREAKS:
            if token.text in ("without", "with") and not found:
                found.append(token.text)
            break
        found.append("value" if is_noun(tokens, place) else token.text)
    return found[::-1]


def is_noun(tokens: Sequence[Token], at: int) -> bool:
    """Whether `setting` is a value, as in `a high setting of lr`."""
    return tokens[at].text == "setting" and at > 0 and tokens[at - 1].text in _ADJECTIVES


def _until_next(tokens: Sequence[Token], start: int) -> list[Token]:
    """The tokens that can belong to the mention before `start`."""
    found: list[Token] = []
    for at, token in enumerate(tokens[start : start + _REACH], start):
        if token.text == "(" and not {one.kind for one in found} & {"number", "sign"} and _opens_value(tokens, at):
            found.append(token)
            continue
        if token.kind in ("param", "issue") or token.text in (";", ",", ":", "(", ")", "and", "while", "with"):
            if token.text == "and" and found and found[-1].kind == "number":
                found.append(token)
                continue
            break
        found.append(token)
    return found


def _opens_value(tokens: Sequence[Token], at: int) -> bool:
    """`(> 0.1)`, `(120 or fewer)`: a bracket with a value."""
    inside = tokens[at + 1 : at + 4]
    if not inside or inside[0].text in HIGH | LOW | {"=", "at"}:
        return bool(inside)
    return (
        len(inside) > 2
        and inside[0].kind == "number"
        and inside[1].text == "or"
        and inside[2].text in HIGH | LOW | {"more"}
    )


def _levels_after(tokens: Sequence[Token], at: int) -> set[int]:
    reach = len(_until_next(tokens, at + 1))
    return {i for i in range(at + 1, at + 1 + reach) if tokens[i].kind == "level"}


_JOINING = frozenset(
    "of is was at to equals equal set values value threshold the than or a between from outside in range = cutoff "
    "tried sampled searched explored ran covers near around about ( above below over under exceeding exceeds "
    "beyond up no most least not never other roughly approximately are were beneath exceed exceeded higher lower "
    "greater larger smaller fewer less more > < >= <= != ~ - search space ranges interval bounds grid window "
    "only down narrows widens moves shrinks starts begins ends stops now "
    "lowered raised reduced increased decreased will be should must band region zone lies lie sits falls ranging "
    "running being stays stay set kept "
    "limited restricted capped held length longer shorter "
    "did does pass cross fall deeper past crosses crossed passes passed reaches".split()
)


def _joins(between: Sequence[Token]) -> bool:
    """Whether what stands between a name and a number makes the number its value."""
    return all(token.kind == "level" or token.text in _JOINING | LYING | BOUNDS for token in between)


_MEASURES = frozenset("times x fold points percentage percent percentage-point percentage-points".split())


def _is_count(right: Sequence[Token], first: int) -> bool:
    following = [token.text for token in right[first + 1 : first + 3]]
    if following[:1] in (["of"], ["/"], ["%"]):
        return True
    if following == ["out", "of"] and any(token.kind == "number" for token in right[first + 3 : first + 6]):
        return True
    return bool(following) and (following[0] in TRIAL_NOUNS | _MEASURES or following == ["-", "fold"])
