"""On which side of a cause the values lie that a sentence names: the sick one, the healthy one, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile, pairwise

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import BOUNDS, HIGH, LOW
from hparam_ci.crew.mentions import Mention
from hparam_ci.crew.relations import Relation
from hparam_ci.crew.text import Token
from hparam_ci.crew.values import close, is_cut, texts_of
from hparam_ci.inspection import Condition


def side_of(mention: Mention, condition: Condition, fact: Fact, tokens: Sequence[Token]) -> int | None:
    """+1 where the mention names the values inside the condition, -1 outside, 0 neither; None contradicts it."""
    found = _unnegated(mention, condition, fact, tokens)
    return -found if found and mention.negated else found


def _unnegated(mention: Mention, condition: Condition, fact: Fact, tokens: Sequence[Token]) -> int | None:
    op, relation = condition.op, mention.relation
    tried = [amount.value for amount in fact.amounts if amount.of == mention.param]
    values = [tokens[i] for i in mention.numbers]
    if relation == "named" and not (mention.given and _is_switch(condition)):
        return 0
    if relation == "named":
        relation = "set"
    if op in ("missing", "set"):
        return None if relation not in ("missing", "set") else 1 if relation == op else -1
    if relation in ("missing", "set"):
        return _of_switch(relation, condition)
    if op in ("<=", ">") and relation == "between":
        return _of_range(condition, values, tried)
    if op in ("<=", ">"):
        return _of_cut(mention, condition, values, tokens)
    if op in ("between", "outside"):
        return _of_interval(relation, condition, values)
    return _of_choice(mention, condition, values, tokens, tried)


def _of_cut(mention: Mention, condition: Condition, values: Sequence[Token], tokens: Sequence[Token]) -> int | None:
    if mention.relation not in ("high", "low"):
        near = {token.text for token in tokens[max(0, mention.at - 4) : mention.at + 6]}
        is_bound = {"threshold", "cutoff", "boundary", "limit", "bound", "beyond", "line", "dividing", "border"} & near
        return 0 if values and is_bound and all(is_cut(value, condition) for value in values) else None
    if not all(is_cut(value, condition) for value in values):
        return None
    return 1 if (mention.relation == "high") == (condition.op == ">") else -1


def _of_switch(relation: Relation, condition: Condition) -> int | None:
    """Enabled and disabled are the values of a switch."""
    if condition.op not in ("==", "!=") or not _is_switch(condition):
        return None
    same = (relation == "set") == (str(condition.value).lower() == "true")
    return 1 if same == (condition.op == "==") else -1


def _is_switch(condition: Condition) -> bool:
    """Whether the condition is about something being on or off: not set, True, False or 0."""
    return condition.op in ("missing", "set") or str(condition.value).lower() in ("true", "false", "0", "0.0")


def _of_range(condition: Condition, values: Sequence[Token], tried: Sequence[float]) -> int | None:
    """A range from one end of what was tried to the threshold lies on one side of it."""
    low, high = sorted(values, key=lambda token: token.value)
    if not tried:
        return None
    if is_cut(high, condition) and close(low, min(tried)):
        return 1 if condition.op == "<=" else -1
    if is_cut(low, condition) and close(high, max(tried)):
        return 1 if condition.op == ">" else -1
    return None


def _of_interval(relation: Relation, condition: Condition, values: Sequence[Token]) -> int | None:
    if relation not in ("between", "outside") or not isinstance(condition.value, tuple):
        return None
    ends = sorted(float(end) for end in condition.value)
    given = sorted(values, key=lambda token: token.value)
    if len(given) != 2 or not all(close(token, end) for token, end in zip(given, ends, strict=True)):
        return None
    return 1 if relation == condition.op else -1


def _of_extreme(mention: Mention, condition: Condition, tried: Sequence[float]) -> int | None:
    """`long contexts`, where the longest that was tried is the one."""
    if not tried or not isinstance(condition.value, int | float):
        return None
    ends = {"high": max(tried), "low": min(tried)}
    if condition.value not in ends.values() or min(tried) == max(tried):
        return None
    return 1 if ends[mention.relation] == condition.value else -1


def _is_beyond(mention: Mention, tokens: Sequence[Token]) -> bool:
    """Whether the value itself is left out: `below 4096`, and not `at or below` or `not above`."""
    near = [token.text for token in tokens[max(0, mention.numbers[0] - 5) : mention.numbers[0]]]
    beyond = near[-1:] in (["below"], ["under"], ["above"], ["over"], ["beyond"], ["<"], [">"], ["than"])
    return beyond and "or" not in near[-3:] and not {"no", "not", "never"} & set(near)


def _of_choice(
    mention: Mention, condition: Condition, values: Sequence[Token], tokens: Sequence[Token], tried: Sequence[float]
) -> int | None:
    wanted = texts_of(condition)
    if mention.level.lower() in ("true", "false") and mention.level not in wanted and len(wanted) == 1:
        true = (mention.level.lower() == "true") == (mention.relation == "equal")
        return _of_switch("set" if true else "missing", condition)
    if mention.relation in ("high", "low") and condition.op == "==" and not values:
        return _of_extreme(mention, condition, tried)
    if mention.relation in ("high", "low") and condition.op in ("==", "!=") and values:
        beyond = _is_beyond(mention, tokens) and all(any(_same(value, text) for text in wanted) for value in values)
        beyond = beyond and not (mention.relation == "low" and any(value.value == 0 for value in values))
        ends = (min(tried), max(tried)) if tried else ()
        beyond = beyond and not (ends and all(one.value == ends[mention.relation == "high"] for one in values))
        return (-1 if condition.op == "==" else 1) if beyond else None
    if mention.relation not in ("equal", "other"):
        return None
    if values:
        matches = all(any(_same(value, text) for text in wanted) for value in values)
    elif mention.level:
        matches = mention.level in wanted
    else:
        matches = mention.relation == "other"  # `another optimizer` names no value, and needs none
    if not matches:
        return None
    inside = (mention.relation == "equal") == (condition.op in ("==", "in"))
    return 1 if inside else -1


def _same(number: Token, text: str) -> bool:
    try:
        return close(number, float(text)) and (number.value != 0 or float(text) == 0)
    except ValueError:
        return False


def pronoun_side(tokens: Sequence[Token], fact: Fact) -> int:
    """The side of `trials below that`, `at or above it`, `a lower one`, where it is the same of all thresholds."""
    if any(condition.op == "outside" for condition in fact.conditions) and (found := _of_gap(tokens)):
        return found
    ops = {condition.op for condition in fact.conditions} & {"<=", ">"}
    if len(ops) != 1 or (len(fact.conditions) > 1 and any(token.kind == "param" for token in tokens)):
        return 0
    for at, token in enumerate(tokens):
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        beyond = token.text in _BEYOND and _ends_bare(tokens[at + 1 :])
        bare = not any(one.kind in ("number", "param") for one in tokens[at + 1 : at + 2])
        ends = token.text in ("above", "below") and bare and [one.text for one in tokens[max(0, at - 1) : at]] == ["or"]
        one = token.text in HIGH | LOW and following in ("one", "ones") and not any(t.kind == "param" for t in tokens)
        it_is = token.text in HIGH | LOW and [t.text for t in tokens[max(0, at - 2) : at]] == ["it", "is"]
        if beyond or ends or one or it_is:
            side = 1 if (token.text in HIGH) == (">" in ops) else -1
            return -side if {"without", "not"} & {one.text for one in tokens[max(0, at - 2) : at]} else side
    return 0


def _ends_bare(following: Sequence[Token]) -> bool:
    """Whether `below` leads to no value of its own: `those below`, `below it`, `below the threshold`."""
    rest = list(dropwhile(lambda token: token.text in BOUNDS, following))
    if not rest or rest[0].kind in ("mark", "issue") or rest[0].text in _PRONOUNS | _AUXILIARY:
        return True
    return rest[0].kind == "number" and rest[1:2] != [] and rest[1].text == "of" and len(rest) < len(following)


def _of_gap(tokens: Sequence[Token]) -> int:
    """A bare `outside` or `within`, where the condition itself lies outside a range."""
    for at, token in enumerate(tokens):
        if token.text in ("outside", "within", "inside") and (
            at + 1 == len(tokens) or tokens[at + 1].kind == "mark" or tokens[at + 1].text in ("it", "that", "this")
        ):
            return 1 if token.text == "outside" else -1
    return 0


_PRONOUNS = frozenset("that it this".split())
_AUXILIARY = frozenset("did do had have was were is are went go".split())
_BEYOND = frozenset("above below over under beyond beneath".split())


def stated_side(tokens: Sequence[Token]) -> int:
    """+1 for `with it`, -1 for `without it`, 0 where nothing of the kind is said."""
    texts = [token.text for token in tokens]
    for at, text in enumerate(texts):
        following = texts[at + 1 : at + 2]
        if text == "without" and (
            following in ([], ["it"], ["that"], ["this"], ["either"], ["them"], ["both"], ["these"], ["those"])
            or (following and not tokens[at + 1].name and following[0] in ";:,.)")
        ):
            return -1
        if text in ("otherwise", "elsewhere") or (text == "else" and texts[at - 1].startswith(("every", "any"))):
            return -1
        valued = any(
            one.kind == "number" and after.text in ("to", "and") for one, after in pairwise(tokens[at + 1 : at + 7])
        )
        if (
            text == "outside"
            and not valued
            and (following in ([], ["it"], ["that"], ["this"], ["the"], [","], [")"], ["of"]))
        ):
            return -1
        if text in ("rest", "remainder", "absence") and texts[max(0, at - 1) : at] in (["the"], ["its"]):
            return -1
        if text in ("other", "others", "remaining") and (
            following in ([], ["trials"], ["trial"], ["runs"], ["run"], ["cases"], [","], [")"], [";"])
            or tokens[at + 1].kind == "number"
        ):
            return -1
        if text in ("inside", "presence"):
            return 1
        if text == "with" and following in ([], ["."], [")"], ["it"], ["both"], ["this"], ["them"]):
            return 1
    return 0
