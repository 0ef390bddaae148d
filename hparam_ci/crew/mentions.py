"""What a sentence says of a hyperparameter: which of its values, and whether those are the sick or the healthy ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import (
    AVOID,
    BETTER,
    HIGH,
    KEEP,
    LOW,
    LOWERING,
    NONE,
    OTHER,
    RAISING,
    SWITCHING_OFF,
    WITHOUT,
    WORSE,
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
        cut = next((condition for condition in cuts if _is_cut(token, condition)), None)
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


# --- the side of a cause -----------------------------------------------------------------------------


def side(mention: Mention, condition: Condition, fact: Fact, tokens: Sequence[Token]) -> int | None:
    """+1 where the mention names the values inside the condition, -1 outside, 0 neither; None contradicts it."""
    found = _side_of(mention, condition, fact, tokens)
    return -found if found and mention.negated else found


def _side_of(mention: Mention, condition: Condition, fact: Fact, tokens: Sequence[Token]) -> int | None:
    op, relation = condition.op, mention.relation
    values = [tokens[i] for i in mention.numbers]
    if relation == "named":
        return 0
    if op in ("missing", "set"):
        return {("missing", "missing"): 1, ("set", "set"): 1, ("missing", "set"): -1, ("set", "missing"): -1}.get(
            (op, relation)
        )
    if relation in ("missing", "set"):
        return _of_switch(relation, condition)
    if op in ("<=", ">") and relation == "between":
        return _of_range(condition, values, [amount.value for amount in fact.amounts if amount.of == mention.param])
    if op in ("<=", ">"):
        return _of_cut(mention, condition, values, tokens)
    if op in ("between", "outside"):
        return _of_interval(relation, condition, values)
    return _of_choice(mention, condition, values)


def _of_cut(mention: Mention, condition: Condition, values: Sequence[Token], tokens: Sequence[Token]) -> int | None:
    if mention.relation not in ("high", "low"):
        near = {token.text for token in tokens[max(0, mention.at - 4) : mention.at + 6]}
        is_bound = {"threshold", "cutoff", "boundary", "limit", "bound", "beyond"} & near
        return 0 if values and is_bound and all(_is_cut(value, condition) for value in values) else None
    if not all(_is_cut(value, condition) for value in values):
        return None
    return 1 if (mention.relation == "high") == (condition.op == ">") else -1


def _of_switch(relation: Relation, condition: Condition) -> int | None:
    """Enabled and disabled are the values of a switch."""
    value = str(condition.value).lower()
    if condition.op not in ("==", "!=") or value not in ("true", "false"):
        return None
    same = (relation == "set") == (value == "true")
    return 1 if same == (condition.op == "==") else -1


def _of_range(condition: Condition, values: Sequence[Token], tried: Sequence[float]) -> int | None:
    """A range from one end of what was tried to the threshold lies on one side of it."""
    low, high = sorted(values, key=lambda token: token.value)
    if not tried:
        return None
    if _is_cut(high, condition) and close(low, min(tried)):
        return 1 if condition.op == "<=" else -1
    if _is_cut(low, condition) and close(high, max(tried)):
        return 1 if condition.op == ">" else -1
    return None


def _is_cut(number: Token, condition: Condition) -> bool:
    """The threshold itself, rounded as written, or any value between the two trials that it lies between."""
    value = condition.value
    if isinstance(value, int | float) and close(number, float(value)):
        return True
    low, high = condition.low, condition.high
    return low is not None and high is not None and low <= number.value < high


def _of_interval(relation: Relation, condition: Condition, values: Sequence[Token]) -> int | None:
    if relation not in ("between", "outside") or not isinstance(condition.value, tuple):
        return None
    ends = sorted(float(end) for end in condition.value)
    given = sorted(values, key=lambda token: token.value)
    if len(given) != 2 or not all(close(token, end) for token, end in zip(given, ends, strict=True)):
        return None
    return 1 if relation == condition.op else -1


def _of_choice(mention: Mention, condition: Condition, values: Sequence[Token]) -> int | None:
    wanted = texts_of(condition)
    if mention.level.lower() in ("true", "false") and mention.level not in wanted and len(wanted) == 1:
        return _of_switch("set" if mention.level.lower() == "true" else "missing", condition)
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


def texts_of(condition: Condition) -> tuple[str, ...]:
    """The condition's values as texts: categories as they are, numbers as they would print."""
    value = condition.value
    values = value if isinstance(value, tuple) else (value,)
    return tuple(item if isinstance(item, str) else f"{item:.6g}" for item in values if item is not None)


def _same(number: Token, text: str) -> bool:
    try:
        return close(number, float(text))
    except ValueError:
        return False


def close(number: Token, value: float, slack: float = 0.0) -> bool:
    """Whether a number as it is written is `value`, rounded to the digits that are written."""
    tolerance = max(number.step * (1 + 1e-9), abs(value) * max(slack, 1e-9))
    return abs(number.value - value) <= tolerance


# --- the mood of a sentence -----------------------------------------------------------------------------


def mood(tokens: Sequence[Token], mention: Mention) -> Mood:
    """What the sentence says of the values that the mention names: advice goes by the nearest cue before it."""
    crossed = False  # a `when` or `with`, behind which stands what the advice holds for
    for at in range(mention.at - 1, -1, -1):
        token = tokens[at]
        if token.text == ";" or (token.kind in ("param", "level") and crossed):
            return "none" if crossed else _outcome(tokens)
        crossed = crossed or token.text in _CONTEXT
        in_context = token.text.endswith("ing") and at > 0 and tokens[at - 1].text in ("when", "while", "if")
        if token.kind in ("word", "sign") and not in_context and (found := _cue(tokens, at, mention)):
            return found
    return _outcome(tokens)


def _cue(tokens: Sequence[Token], at: int, mention: Mention) -> Mood | None:
    """What the word at `at` says of what follows it, if it gives advice."""
    text = tokens[at].text
    forbidden = bool({token.text for token in tokens[max(0, at - 2) : at]} & AVOID)
    if text in RAISING | LOWERING and _is_verb(tokens, at, mention):
        return "avoid" if forbidden else "keep"
    if text in AVOID and not (text in ("not", "never") and not _commands(tokens, at)):
        return "avoid"
    if text not in KEEP:
        return None
    if forbidden:
        return "avoid"
    if _is_command(tokens, at):
        return "keep"
    return _of_gerund(tokens, at) if text.endswith("ing") else None


def _of_gerund(tokens: Sequence[Token], at: int) -> Mood:
    """`Keeping lr low avoids it` goes by the outcome; `start by keeping lr low` is advice, `caused by keeping` not."""
    outcome = _outcome(tokens)
    blames = {token.text for token in tokens[max(0, at - 3) : at]} & (WORSE | {"due", "explained", "result"})
    if outcome == "none" or (tokens[at - 1].text == "by" and at and not blames):
        return "keep"
    return outcome


_CONTEXT = frozenset("when whenever if where for with alongside using while under".split())
_BEFORE_COMMAND = frozenset("to should must and , : ; then next instead better ( rather always".split())


def _is_command(tokens: Sequence[Token], at: int) -> bool:
    """Whether a verb such as use or keep tells somebody to do it: it stands first, or after `to` and its like."""
    text = tokens[at].text
    if (
        (text.endswith(("ing", "ed", "s")) and text != "focus")
        or text in ("kept", "start")
        or tokens[at + 1].text == "space"
    ):
        return False
    return at == 0 or tokens[at - 1].text in _BEFORE_COMMAND


def _is_verb(tokens: Sequence[Token], at: int, mention: Mention) -> bool:
    """Whether raise, lower and their like tell somebody to do it, as in `lower the lr`, not in `lower lr values`."""
    before = tokens[at - 1].text if at else ""
    if before in ("a", "an", "the", "any", "this", "every", "much", "far", "even"):
        return False
    if tokens[at].text != "lower":
        return True
    if at and before not in _BEFORE_COMMAND and before not in AVOID:
        return False
    return tokens[at + 1].text == "the" or _outcome(tokens[mention.at :]) == "none"


def _commands(tokens: Sequence[Token], at: int) -> bool:
    """Whether `not` forbids: do not use, should not exceed."""
    around = {token.text for token in tokens[max(0, at - 1) : at]}
    return bool(around & {"do", "should", "must", "does"}) and any(
        token.text in KEEP | RAISING | LOWERING | {"go", "exceed"} for token in tokens[at + 1 : at + 3]
    )


def _outcome(tokens: Sequence[Token]) -> Mood:
    """Whether what follows is said to be bad or good."""
    texts = [token.text for token in tokens if token.kind == "word"]
    issue = any(token.kind == "issue" for token in tokens)
    negative = any(_denies(tokens, at) for at in range(len(tokens)))
    better = bool((BETTER - {"lower", "less", "better"}) & set(texts)) or "less often" in " ".join(texts)
    worse = bool((WORSE - {"higher", "raise"}) & set(texts)) or issue
    if better or negative:
        return "better"
    return "worse" if worse else "none"


def _denies(tokens: Sequence[Token], at: int) -> bool:
    """Whether no, none or not stands before what is wrong with a trial."""
    if tokens[at].text in NONE:
        return tokens[at + 1 : at + 2] == [] or tokens[at + 1].kind != "param"
    following = tokens[at + 1 : at + 4]
    if not following or following[0].text in ("set", "proven"):
        return False
    return tokens[at].text == "not" and any(
        token.kind == "issue" or token.text in ("show", "occur", "affected", "happen") for token in following
    )


def expected(mood_: Mood) -> int:
    """The side that the mood is right about: +1 the sick one, -1 the healthy one, 0 none."""
    return {"avoid": 1, "worse": 1, "keep": -1, "better": -1, "none": 0}[mood_]


def stated_side(tokens: Sequence[Token]) -> int:
    """+1 for `with it`, -1 for `without it`, 0 where nothing of the kind is said."""
    texts = [token.text for token in tokens]
    for at, text in enumerate(texts):
        following = texts[at + 1 : at + 2]
        if text == "without" and (
            following in ([], ["it"], ["that"], ["this"], ["either"], ["them"], ["both"])
            or (following and not tokens[at + 1].name and following[0] in ";,.)")
        ):
            return -1
        if text in ("otherwise", "elsewhere"):
            return -1
        if text == "outside" and (following in ([], ["it"], ["that"], ["this"], ["the"], [","], [")"], ["of"])):
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
        if text == "with" and following in (["it"], ["both"]):
            return 1
    return 0
