"""One clause against one fact: its issue, its hyperparameters on their side, its counts, its direction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from hparam_ci.crew.counts import counted_sides, counts_all_with_issue
from hparam_ci.crew.denials import stray_denial
from hparam_ci.crew.directions import misdirection
from hparam_ci.crew.facts import Fact, measures_in
from hparam_ci.crew.language import NONE, SHARES
from hparam_ci.crew.limits import wrong_limit
from hparam_ci.crew.mentions import Mention, mentions
from hparam_ci.crew.mood import mood_of, outcome
from hparam_ci.crew.quotes import is_quoted
from hparam_ci.crew.ranges import aims_apart, choices_in, is_outlook
from hparam_ci.crew.shares import untrue_share
from hparam_ci.crew.sides import pronoun_side, side_of, stated_side
from hparam_ci.crew.text import Token, place_of, plain
from hparam_ci.crew.values import texts_of


def disagreement(tokens: Sequence[Token], fact: Fact, *, compared: bool = False) -> str | None:
    """Where the clause, perhaps a comparison's second half, departs from the fact; None if it does not."""
    if is_quoted(tokens, fact):
        return None
    part = part_about(tokens, fact)
    if part is None:
        return "it is about another issue"
    fact = part
    found = mentions(tokens, fact)
    strange = [
        one for one in found if one.param not in (*fact.params, *fact.words) and not _worded(tokens[one.at].text, fact)
    ]
    if foreign := next((token.text for token in tokens if token.kind == "level" and not _owns(fact, token)), ""):
        return f"it does not speak of {foreign}"
    if strange:
        return f"it does not speak of {strange[0].param}"
    values = frozenset(at for mention in found for at in mention.numbers)
    if is_outlook(fact):
        problem = aims_apart(tokens, found, fact)
        values |= choices_in(tokens, fact)
        if problem or not fact.conditions:
            return (
                problem
                or counted_sides(tokens, fact, values)[1]
                or untrue_share(tokens, fact, set())
                or stray_denial(tokens, fact, set())
            )
    return _of_cause(tokens, found, fact, values, compared=compared)


def _owns(fact: Fact, level: Token) -> bool:
    """Whether the category is one of the fact's."""
    texts = {text for condition in fact.conditions for text in texts_of(condition)} | {*fact.levels, *fact.dropped}
    switch = {text.lower() for text in texts} & {"true", "false"} and level.name.lower() in ("true", "false")
    return level.name in texts or bool(switch) or _worded(level.text, fact)


def _of_cause(
    tokens: Sequence[Token], found: Sequence[Mention], fact: Fact, values: frozenset[int], *, compared: bool
) -> str | None:
    """The same, once issue and hyperparameters are the fact's: the sides, the counts, the direction."""
    sides, problem = _sides(tokens, found, fact)
    if problem:
        return problem
    counted, problem = counted_sides(tokens, fact, values)
    if problem:
        return problem
    if counted and not sides and any(mention.relation == "named" for mention in found):
        if not _spells_out(tokens, fact):
            return "it does not say for which values that holds"
        sides = {1}
    if sides == {1} and counts_all_with_issue(tokens, fact, values):
        return "it counts all trials with the issue"
    if sides and counted and sides != counted:
        return "its counts belong to the other side of the condition"
    return (
        misdirection(tokens, found, fact, counted, compared=compared)
        or untrue_share(tokens, fact, sides or counted)
        or wrong_limit(tokens, fact)
        or stray_denial(tokens, fact, sides or counted)
        or _compared(tokens, fact, sides or counted)
        or _of_the_rest(tokens, found, fact, sides, counted)
    )


def part_about(tokens: Sequence[Token], fact: Fact) -> Fact | None:
    """The fact, or the part of a remark that is about the clause's issues; None where it has none."""
    named = {token.name for token in tokens if token.kind == "issue"}
    if not fact.codes or not named - set(fact.codes) or _is_verdict_clause(tokens, fact):
        return fact
    if fact.kind != "finding":
        return None
    issues = [token for token in tokens if token.kind == "issue"]
    texts = [token.text for token in tokens]
    whole = {"lost", "sick"} & set(texts) or any(
        after.kind == "number" and one.text in ("of", "the") for one, after in pairwise(tokens)
    )
    message = plain(fact.words[0]) if whole else _OF_ALL_SICK.sub("", plain(fact.words[0]))
    parts = [part for part in re.split(r";|\.\s", message) if all(place_of(one, part) >= 0 for one in issues)]
    return (
        replace(fact, codes=(), amounts=measures_in(" ".join(parts)), words=(*parts, *fact.words[1:]))
        if parts
        else None
    )


_OF_ALL_SICK = re.compile(r"^of [\d.]+ \w+ that sick trials took, ")


def _spells_out(tokens: Sequence[Token], fact: Fact) -> bool:
    """Whether the clause speaks of a combination of all its hyperparameters, as `lr and optimizer together`."""
    named = {token.name for token in tokens if token.kind == "param"}
    return len(fact.conditions) > 1 and all(condition.param in named for condition in fact.conditions)


def _sides(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact) -> tuple[set[int], str | None]:
    """The sides of the cause that the clause names: by its hyperparameters, and by `with it` and `without it`."""
    sides: set[int] = set()
    advised = remedied = False
    for mention in found:
        problem, side = _mention(tokens, mention, fact)
        if problem:
            return sides, problem
        mood = mood_of(tokens, mention)
        if side == -1 and mood == "keep":
            advised = True
        elif side:
            sides.add(side)
        remedied = remedied or (side == -1 and mood == "better" and not any(one.negated for one in found))
    if problem := _bare_blank(tokens, found, fact, sides):
        return sides, problem
    if (advised or remedied) and len(sides) > 1:  # keep lr low when the optimizer is adamw
        sides = set()
    if meant := pronoun_side(tokens, fact):
        sides.add(meant)
    elif stated := stated_side(tokens):
        sides.add(-stated if advised else stated)  # `keep lr below 0.1: 5 of 9 trials outside this range failed`
    return sides, "it mixes the two sides of the condition" if len(sides) > 1 else None


def _worded(name: str, fact: Fact) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain(text)) for text in fact.words)


def _is_verdict_clause(tokens: Sequence[Token], fact: Fact) -> bool:
    """Whether `fail` is a verdict; a limit is that of the rate which is named, and of no other."""
    texts = {token.text for token in tokens}
    named = {
        token.name
        for token, behind in pairwise([*tokens, Token("mark", ".")])
        if token.kind == "issue" and (token.text not in _VERDICTS or behind.text in ("rate", "trials", "share", "runs"))
    }
    if fact.kind == "limit":
        return bool(texts & {"gate", "verdict", "limit", "limits"}) and named <= set(fact.codes)
    return fact.kind == "verdict" and bool(texts & {"gate", "verdict", "limit", "limits"})


_VERDICTS = frozenset("fail fails failed failing".split())


def _bare_blank(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact, sides: set[int]) -> str | None:
    """`momentum and clipping`: beside a value, a name alone says that it is set."""
    blank = {c.param for c in fact.conditions if c.op == "missing"}
    on = {c.param for c in fact.conditions if c.op == "==" and str(c.value).lower() == "true"}
    zero = {c.param for c in fact.conditions if c.op == "==" and str(c.value).lower() in ("0", "0.0", "false")}
    told = {m.param for m in found if m.relation != "named" or m.given}
    for mention in found:
        if mention.param in on - told and _CURING & {token.text for token in tokens[mention.at + 1 : mention.at + 2]}:
            return f"it says that {mention.param} is harmful"
        if mention.param not in (blank | zero) - told:
            continue
        mood = mood_of(tokens, mention)
        if mood == "avoid":
            return f"its advice on {mention.param} contradicts it"
        left_out = tokens[mention.at - 1].text in ("out", "no", "of") and mention.at > 0
        if (
            mood == "worse"
            and not left_out
            and _CAUSING & {token.text for token in tokens[mention.at + 1 : mention.at + 2]}
        ):
            return f"it says that {mention.param} is harmful"
        if sides and mood != "keep" and mention.param in blank:
            return f"it says that {mention.param} is set"
    return None


def _mention(tokens: Sequence[Token], mention: Mention, fact: Fact) -> tuple[str | None, int]:
    """The side of the cause that the mention names."""
    conditions = [c for c in fact.conditions if c.param == mention.param]
    if not conditions:
        return _of_range(mention, fact), 0
    sides = [side_of(mention, condition, fact, tokens) for condition in conditions]
    right = [one for one in sides if one is not None]
    if not right:
        return f"it says something else of {mention.param}", 0
    return None, right[0]


def _of_range(mention: Mention, fact: Fact) -> str | None:
    """Of a hyperparameter without a condition nothing is known but its name."""
    if mention.relation == "named" or (fact.kind == "advice" and not mention.numbers):
        return None
    return f"it says nothing of such values of {mention.param}"


def _compared(tokens: Sequence[Token], fact: Fact, sides: set[int]) -> str | None:
    """More often, less often: the sick side is the one with more."""
    joined = (
        " ".join(token.text for token in tokens if token.kind != "mark").replace("or fewer", "").replace("or less", "")
    )
    joined = re.sub(r"\b(?:fewer|less|more) than (?=[\d.]+ %|half|a (?:third|quarter|fifth|tenth))", "", joined)
    if fact.kind not in ("cause", "hint", "advice") or not sides:
        return None
    side = next(iter(sides))
    leading = re.match(
        r"(?:far |much |well |way |even )?(less|fewer|lower|more|higher|greater) than (?![\d.]|half|one|two|three|a )",
        joined,
    )
    if leading and (leading[1] in ("less", "fewer", "lower")) == (side < 0):
        return "it is the other side that has more of them"
    if _RARER.search(joined) or re.search(r"\b(?:less|fewer|lower|rarer)(?: than the .*)?$", joined):
        return "it is the side with more of them" if side == 1 else None
    if _LIKELIER.search(joined):
        return "it is the side with fewer of them" if side == -1 else None
    return None


def _of_the_rest(
    tokens: Sequence[Token], found: Sequence[Mention], fact: Fact, sides: set[int], counted: set[int]
) -> str | None:
    """`trials without it diverged`: the other side alone is not what the issue comes from."""
    told = counted or sides != {-1} or any(mention.relation != "named" for mention in found)
    texts = {token.text for token in tokens}
    vague = texts & {*SHARES, *NONE} or (texts & {"some", "also", "too", "still"} and _has_others(fact))
    if told or vague or fact.kind not in ("cause", "hint") or not any(token.kind == "issue" for token in tokens):
        return None
    return "it blames the other side" if outcome(tokens) == "worse" else None


def _has_others(fact: Fact) -> bool:
    """Whether trials without the condition fell sick, too."""
    return any(pair.role == "outside" and pair.a for pair in fact.pairs)


_CAUSING = frozenset("causes caused leads led produces produced triggers triggered means meant makes made".split())


_CURING = frozenset("prevents prevented avoids avoided stops stopped cures eliminates reduces".split())


_RARER = re.compile(
    r"\b(?:less (?:often|frequent\w*|common\w*|likely)|fewer|rarer|lower (?:rate|share)|"
    r"(?:points?|times|x|fold) (?:lower|less))\b"
)
_LIKELIER = re.compile(
    r"\b(?:more (?:often|frequent\w*|common\w*|likely)|likelier|higher (?:rate|share)|"
    r"(?:points?|times|x|fold) (?:higher|more))\b"
)
